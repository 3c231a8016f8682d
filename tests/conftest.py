"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parent.parent / "scripts" / "elasticsearch-local"
_HOW = "set KEOSON_TEST_ELASTICSEARCH_URL to a test server, or give scripts/elasticsearch-local what it asks for (Maven, a JDK 21 or later)"


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
