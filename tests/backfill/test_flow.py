"""The flow `backfill` under a real Prefect server, its deployment, and how it is submitted."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.warc_files import write_warc
from flows.backfill.plan import PLAN, make_plan
from tests.backfill.conftest import TODAY, MakeHome
from tests.backfill.past_press import PastPress
from tests.backfill.test_warc import pages

pytestmark = pytest.mark.prefect
ROOT = Path(__file__).parents[2]


def test_the_flow_does_what_the_command_does(
    prefect_server: None, past: PastPress, make_home: MakeHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.artifacts import Artifact

    from flows.backfill.flow import ARTIFACT, backfill

    home = make_home(past)
    for name, value in {
        "KEOSON_HOME": str(home.settings.home),
        "KEOSON_OUTLET_FOLDERS": json.dumps([str(ROOT / "keoson" / "press" / "outlets")]),
        "KEOSON_HOST_OVERRIDES": json.dumps(home.settings.host_overrides),
        "KEOSON_HOST_DELAY_SECONDS": "0",
        "KEOSON_EXTRACTION_WORKERS": "1",
        "KEOSON_BATCH_SIZE": "3",
    }.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "crawl.warc.gz"
    write_warc(path, pages(past, "truongson", "2023-01", "2023-02"), "ccnews")
    (tmp_path / "list.txt").write_text("\n".join(one.url for one in past.of("truongson", "2023-03")), encoding="utf-8")
    outlets = {"truongson": past.outlets["truongson"]}
    for file, new in ((path, 4), (tmp_path / "list.txt", 2)):
        plan = PLAN.dump_python(make_plan(outlets, source=None, since=None, until=None, files=[file], today=TODAY), mode="json")
        dry: Any = backfill(plan, dry_run=True, return_state=True)
        assert dry.is_completed(), dry.message
        assert dry.result()["waiting"] == new
        state: Any = backfill(plan, return_state=True)
        assert state.is_completed(), state.message
        assert (state.result()["taken"], state.result()["run"]["newly_indexed"], state.result()["complete"]) == (new, new, True)
    assert home.urls() == {one.url for one in past.of("truongson", "2023-01", "2023-02", "2023-03")}
    artifact: Any = Artifact.get(ARTIFACT)
    assert artifact is not None
    assert "Counts add up: yes; complete: yes" in str(artifact.data)


def test_the_deployment_is_of_the_flow_and_has_no_schedule(prefect_server: None) -> None:
    from flows.backfill.flow import DEPLOYMENT, backfill

    (deployment,) = [
        one for one in yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"] if one["name"] == "backfill"
    ]
    module, _, name = deployment["entrypoint"].partition(":")
    assert ROOT / module == Path(inspect.getfile(backfill.fn))
    assert (name, f"{backfill.name}/{deployment['name']}") == (backfill.fn.__name__, DEPLOYMENT)
    assert set(deployment["parameters"]) <= set(inspect.signature(backfill.fn).parameters)
    assert "schedules" not in deployment


def test_submitting_needs_a_deployment_and_makes_a_run_of_it(prefect_server: None, past: PastPress) -> None:
    from prefect.client.orchestration import get_client

    from extractors.errors import SettingsError
    from flows.backfill.flow import backfill, submit

    plan = make_plan(past.outlets, source=None, since="2024", until=None, today=TODAY)
    with pytest.raises(SettingsError, match="has no deployment backfill/backfill: run `prefect deploy --all`"):
        submit(plan, dry_run=True)
    with get_client(sync_client=True) as client:
        client.create_deployment(client.create_flow(backfill), "backfill")
        submitted = submit(plan, dry_run=True)
        (run,) = [one for one in client.read_flow_runs() if one.name == submitted]
    assert run.parameters == {"plan": PLAN.dump_python(plan, mode="json"), "dry_run": True}
