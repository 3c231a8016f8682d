"""A backfill in a process of its own, which says how far it is, so that a test can kill it there."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from flows.settings import Settings
from mappings import open_index


def start(settings: Settings, told: dict[str, Any]) -> subprocess.Popen[str]:
    """Begin a backfill of the past of the sample press; `told` are the arguments of its plan, with `only` for the outlets;
    `ingest` makes it an ingest of the sample press instead."""
    words = json.dumps({"settings": settings.model_dump(mode="json", exclude_unset=True), "plan": told})
    return subprocess.Popen(
        [sys.executable, "-m", "tests.backfill.running", words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )


def contents(settings: Settings, *, with_feed: bool = True) -> dict[str, dict[str, Any]]:
    """Every document of the index by kind and id, without the time of fetching, and perhaps without the feed it came by."""
    left_out = {"fetched_at"} if with_feed else {"fetched_at", "feed", "feed_id"}
    index = open_index(**settings.index_location)
    index.ensure()
    with closing(index):
        return {
            f"{kind}/{document['id']}": {name: value for name, value in document.items() if name not in left_out}
            for kind in ("articles", "reports", "events")
            for document in index.export(kind)
        }


def main() -> None:
    """Do what the first argument says; print each step."""
    from flows.backfill.composition import backfill
    from flows.backfill.plan import make_plan
    from flows.pipeline import ingest
    from keoson.press.server import PressServer
    from tests.backfill.conftest import TODAY
    from tests.backfill.past_press import past_outlets

    told = json.loads(sys.argv[1])
    plan = told["plan"]
    press = PressServer().base_outlets
    if plan.get("ingest"):
        ingest(Settings(**told["settings"]), press, all_feeds=True)
        return
    outlets = {**press, **past_outlets(press)}
    only = plan.pop("only", None) or list(outlets)
    plan["files"] = [Path(name) for name in plan.get("files", ())]

    class Said:
        def at(self, stage: str, done: int, total: int) -> None:
            print(f"{stage} {done} {total}", flush=True)

    made = make_plan({name: outlets[name] for name in only}, today=TODAY, **({"source": None, "since": None, "until": None} | plan))
    backfill(Settings(**told["settings"]), outlets, made, progress=Said())


if __name__ == "__main__":
    main()
