"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parent.parent / "scripts" / "elasticsearch-local"
_POSTGRESQL = Path(__file__).parent.parent / "scripts" / "postgresql-local"
_HOW = "set KEOSON_TEST_ELASTICSEARCH_URL to a test server, or give scripts/elasticsearch-local what it asks for (Maven, a JDK 21 or later)"


def pytest_configure() -> None:
    """A shell that starts tests in the background has them ignore SIGINT, and all that they start: tests of Ctrl-C would wait for ever."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """The address of a real Elasticsearch: the one in KEOSON_TEST_ELASTICSEARCH_URL, else one of scripts/elasticsearch-local.

    One that was not running before is stopped at the end. Without a server the test is skipped, with the way to get one; under CI it fails.
    """
    given = os.environ.get("KEOSON_TEST_ELASTICSEARCH_URL")
    if given:
        with urllib.request.urlopen(given, timeout=10) as answer:
            assert answer.status == 200
        yield given
        return
    running = subprocess.run([str(_SCRIPT), "status"], capture_output=True).returncode == 0
    started = subprocess.run([str(_SCRIPT), "start"], capture_output=True, text=True)
    if started.returncode != 0:
        reason = f"no Elasticsearch: {started.stderr.strip()[-500:]}; {_HOW}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    yield started.stdout.strip().splitlines()[-1]
    if not running:
        subprocess.run([str(_SCRIPT), "stop"], check=True)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a real PostgreSQL whose databases tests may create: KEOSON_TEST_POSTGRESQL_URL, else scripts/postgresql-local.

    One that was not running before is stopped at the end. Without a server the test is skipped, with the way to get one; under CI it fails.
    """
    given = os.environ.get("KEOSON_TEST_POSTGRESQL_URL")
    if given:
        yield given
        return
    running = subprocess.run([str(_POSTGRESQL), "status"], capture_output=True).returncode == 0
    # Not through pipes: the server would inherit them, and reading them would last as long as it runs.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        code = subprocess.run([str(_POSTGRESQL), "start"], stdout=out, stderr=errors).returncode
        out.seek(0)
        errors.seek(0)
        said, complaint = out.read().strip(), errors.read().strip()
    if code != 0:
        reason = f"no PostgreSQL: {complaint[-500:]}; set KEOSON_TEST_POSTGRESQL_URL to a test server, or install one (apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    yield said.splitlines()[-1]
    if not running:
        subprocess.run([str(_POSTGRESQL), "stop"], check=True, capture_output=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def new_ledger_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Gives the address of another empty database with each call: once with SQLite, once with a real PostgreSQL."""
    numbers = count(1)
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / f'ledger-{next(numbers)}.sqlite'}"
        return
    import psycopg

    url: str = request.getfixturevalue("postgresql_url")
    made: list[str] = []
    with psycopg.connect(url, autocommit=True) as server:

        def new_address() -> str:
            name = f"keoson_test_{uuid.uuid4().hex[:12]}"
            server.execute(f'CREATE DATABASE "{name}"'.encode())
            made.append(name)
            return f"{url.rpartition('/')[0]}/{name}"

        yield new_address
        for name in made:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    """A real Prefect server, for the tests of one module: its address in the environment would turn later command lines into flows."""
    with pytest.MonkeyPatch.context() as patch:
        # With analytics on, a telemetry INSERT races the server's start ("database is locked", notes/flow.md section 2).
        patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        patch.setenv("DO_NOT_TRACK", "1")
        patch.setenv("PREFECT_LOGGING_LEVEL", "ERROR")
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=120):
            yield
