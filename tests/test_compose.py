"""docker-compose.yml against the Compose specification and its own promises. Nothing is started: that needs a Docker engine."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
ONE_SHOT = {name for name, service in COMPOSE["services"].items() if service.get("restart") == "no"}


def complaints(document: dict[str, Any]) -> list[str]:
    # check-jsonschema carries the schema of compose-spec/compose-spec unchanged, with its checksum and licence.
    schema = json.loads(files("check_jsonschema.builtin_schemas").joinpath("vendor", "compose-spec.json").read_text(encoding="utf-8"))
    validator = validator_for(schema)
    return [f"{error.json_path}: {error.message}" for error in validator(schema).iter_errors(document)]


def test_it_follows_the_compose_specification() -> None:
    assert complaints(COMPOSE) == []


def test_the_specification_would_notice_a_misspelling() -> None:
    broken = {**COMPOSE, "services": {"x": {"image": "elasticsearch:9.4.3", "helthcheck": {}}}}
    assert complaints(broken)


def test_every_variable_is_in_the_example() -> None:
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))
    example = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines() if re.match(r"\w+=", line)
    )
    assert used == set(example)
    assert len(example["KIBANA_ENCRYPTION_KEY"]) >= 32


def test_no_password_stands_in_the_file() -> None:
    secrets = [line for line in TEXT.splitlines() if re.search(r"^\s+\w*(PASSWORD|ENCRYPTIONKEY)\w*:", line)]
    assert len(secrets) >= 6
    assert all("${" in line and ":?" in line for line in secrets)


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_images_are_pinned_ports_are_local_and_servers_have_health_checks(name: str) -> None:
    service = COMPOSE["services"][name]
    assert re.search(r":\d+\.\d+\.\d+(-[\w.]+)?$", service["image"])
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert ("healthcheck" in service) == (name not in ONE_SHOT)


def test_dependencies_wait_for_what_they_need() -> None:
    for name, service in COMPOSE["services"].items():
        for needed, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
            assert how["condition"] == wanted, f"{name} needs {needed}"


def test_named_volumes_are_declared() -> None:
    used = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", ())}
    assert used == set(COMPOSE["volumes"])
