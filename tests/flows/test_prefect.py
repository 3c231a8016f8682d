"""The flow under a real Prefect server, and the deployment file against what the flow takes."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
import yaml

from tests.flows import sample
from tests.flows.conftest import Site

pytestmark = pytest.mark.prefect
ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "outlets").mkdir()
    sample.write_outlets(tmp_path / "outlets")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEOSON_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KEOSON_OUTLET_FOLDERS", json.dumps([str(tmp_path / "outlets")]))
    monkeypatch.setenv("KEOSON_HOST_OVERRIDES", json.dumps(site.overrides))
    monkeypatch.setenv("KEOSON_HOST_DELAY_SECONDS", "0")
    monkeypatch.setenv("KEOSON_EXTRACTION_WORKERS", "1")
    monkeypatch.setenv("KEOSON_FETCH_ATTEMPTS", "1")
    monkeypatch.setenv("KEOSON_BATCH_SIZE", "5")
    return tmp_path


def test_the_flow_completes_and_leaves_its_summary(prefect_server: None, site: Site, environment: Path) -> None:
    from prefect.artifacts import Artifact
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import TaskRunFilter

    from flows.ingest import ARTIFACT, ingest

    sample.publish(site)
    state = ingest(return_state=True)
    assert state.is_completed(), state.message
    result = state.result()
    assert (result["newly_indexed"], result["pending"], result["seen"]) == (12, 0, 17)
    artifact = Artifact.get(ARTIFACT)
    assert artifact is not None
    assert "| newly indexed | 12 |" in str(artifact.data)
    assert "Counts add up: yes" in str(artifact.data)
    with get_client(sync_client=True) as client:
        runs = client.read_task_runs(task_run_filter=TaskRunFilter())
    assert {run.state_name for run in runs} == {"Completed"}
    assert {run.name.rpartition("-")[0] or run.name for run in runs} >= {"fetch_batch", "index_batch"}
    assert len(runs) > 5
    again = ingest(return_state=True)
    assert again.is_completed()
    assert again.result()["newly_indexed"] == 0
    assert sum(key.startswith("articles/") for key in sample.contents(environment / "home")) == 12


def test_the_flow_fails_when_every_feed_does(prefect_server: None, site: Site, environment: Path) -> None:
    from flows.ingest import ingest

    state = ingest(return_state=True)
    assert state.is_failed()
    assert "all 3 feeds failed" in str(state.message)


def test_the_deployment_calls_the_flow_as_it_is(prefect_server: None) -> None:
    from flows.ingest import ingest

    deployment, _ = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    module, _, name = deployment["entrypoint"].partition(":")
    assert ROOT / module == Path(inspect.getfile(ingest.fn))
    assert name == ingest.fn.__name__
    assert set(deployment["parameters"]) == set(inspect.signature(ingest.fn).parameters)
    ingest.validate_parameters(deployment["parameters"])
    (schedule,) = deployment["schedules"]
    assert (schedule["cron"], schedule["timezone"]) == ("*/10 * * * *", "Asia/Ho_Chi_Minh")
    assert deployment["concurrency_limit"]["limit"] == 1
