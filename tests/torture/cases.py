"""Case files: what a misbehaving outlet serves, and what the ingest must make of it.

One TOML file a case, `cases/<id>.toml`; its outlet is `<id>` on the host `<id with dashes>.torture.test`. `{host}` stands for that host in
every address, body and header. What a file does not say is ordinary: one RSS feed at `/tin.rss`, no robots.txt, and a story of its own at
each `/bai-….html`. A case has a round of ingest for each `[[expect]]`, 25 hours after the one before; `[[serve]]` may begin in a later round.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from extractors import records
from flows.health import Verdict

FOLDER = Path(__file__).parent / "cases"
DOMAIN = "torture.test"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseFeed(_Strict):
    """A feed of the outlet; its id is `<case>/<name of the path>`."""

    path: str = "/tin.rss"
    kind: records.FeedKind = "rss"
    time_zone: str = "Asia/Ho_Chi_Minh"
    article_pattern: str | None = None
    entries_a_day: float | None = None

    @property
    def name(self) -> str:
        return self.path.partition("?")[0].strip("/").rpartition("/")[2].partition(".")[0] or "home"


class Served(_Strict):
    """One address and what it answers, from `round` on. `behaviour` names a function of `behaviours.py`; `given` is what it is told."""

    path: str
    host: str = "{host}"
    round: int = 1
    status: int = 200
    type: str | None = None
    headers: dict[str, str] = {}
    body: str = ""
    items: str = Field(default="", description="the items of an ordinary RSS feed, in place of `body`")
    charset: str = "utf-8"
    behaviour: str | None = None
    given: dict[str, Any] = {}


class ExpectedEntry(_Strict):
    """What the ledger and the index must say of an entry; what is left out is not looked at."""

    outcome: Literal["indexed", "duplicate", "rejected", "quarantined", "pending"] = "indexed"
    reason: str | None = None
    title: str | None = Field(default=None, description="as the feed's entry has it")
    headline: str | None = Field(default=None, description="as the article has it")
    published: datetime | Literal["none"] | None = None
    raw: str | None = None
    article_published: str | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    version: int | None = None
    language: str | None = None


class Expected(_Strict):
    """What must stand after a round. `entries` is the whole list unless `whole` is false; keys are paths, or addresses on other hosts.

    With several feeds a key begins with the feed's name and a blank.
    """

    feed: str | None = None
    feeds: dict[str, str] = {}
    error: str | None = Field(default=None, description="regular expression that the failed feed's error matches")
    health: dict[str, Verdict] = Field(default={}, description="what `keoson outlets --health` says of a feed")
    entries: dict[str, ExpectedEntry] = {}
    whole: bool = True
    counts: dict[str, int] = {}
    requests: dict[str, int] = Field(default={}, description="how often a path was asked for, since the first round")


class Case(_Strict):
    """A misbehaving outlet."""

    id: str
    title: str
    stands_for: tuple[str, ...] = Field(min_length=1)
    language: str = "vi"
    country: str = "VN"
    time_zone: str = "Asia/Ho_Chi_Minh"
    hosts: tuple[str, ...] = ()
    names: dict[str, tuple[str, ...]] = Field(default={}, description="names with a resolver: one address a look-up, the last for ever")
    slow: bool = Field(default=False, description="costs seconds: left out where runs are repeated")
    fickle: bool = Field(default=False, description="answers depend on what was asked before: a run killed in between sees others")
    feeds: tuple[CaseFeed, ...] = (CaseFeed(),)
    serve: tuple[Served, ...] = ()
    expect: tuple[Expected, ...] = Field(min_length=1)

    @property
    def host(self) -> str:
        return f"{self.id.replace('_', '-')}.{DOMAIN}"

    def outlet(self) -> records.Outlet:
        """The outlet as the ingest is given it."""
        feeds = tuple(
            records.Feed(
                f"{self.id}/{feed.name}",
                self.id,
                feed.path.replace("{host}", self.host) if feed.path.startswith("http") else f"http://{self.host}{feed.path}",
                feed.kind,
                time_zone=feed.time_zone,
                article_pattern=feed.article_pattern,
                entries_a_day=feed.entries_a_day,
            )
            for feed in self.feeds
        )
        hosts = (self.host, *(host.replace("{host}", self.host) for host in self.hosts))
        return records.Outlet(self.id, self.title, self.language, self.country, f"http://{self.host}/", hosts, self.time_zone, feeds)


def read_case(path: Path) -> Case:
    """One case file. Raises pydantic's ValidationError for a wrong one."""
    return Case.model_validate({"id": path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))})


def read_cases(*, slow: bool = True, fickle: bool = True) -> list[Case]:
    """All cases, by name, with or without those that are slow or fickle."""
    cases = [read_case(path) for path in sorted(FOLDER.glob("*.toml"))]
    return [case for case in cases if (slow or not case.slow) and (fickle or not case.fickle)]
