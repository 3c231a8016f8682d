"""Values over a pipe between two processes."""

from __future__ import annotations

import multiprocessing
import re
from dataclasses import FrozenInstanceError, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.article import extract_article
from extractors.errors import EvidenceError
from extractors.records import Evidence, Page, Span
from extractors.tagging import tag_article
from flows.extraction import Extracted, Failed
from flows.wire import receive, send
from keoson.press.rendering import render_site
from keoson.press.sites import press_folder, read_sites


@dataclass(frozen=True, slots=True)
class _One:
    only: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Empty:
    pass


@dataclass
class _Counted:
    """Takes its second field from nobody: it cannot be made again by its class alone."""

    name: str
    seen: int = field(default=0, init=False)


def _over(value: Any) -> Any:
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        send(ours, value)
        return receive(theirs)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "ready",
        ("result", Failed("no_text", "a list of links")),
        [_One((1, 2)), _One(()), _Empty()],
        {"path": Path("/archive"), "at": datetime(2026, 3, 1, 12, tzinfo=UTC), "shape": re.compile("a+")},
    ],
    ids=["none", "text", "answer", "records of few fields", "other values"],
)
def test_what_is_sent_arrives(value: object) -> None:
    assert _over(value) == value


def test_an_article_with_all_its_tags_arrives_as_it_was() -> None:
    site = next(iter(read_sites(press_folder())))
    pages = [
        Page(address, address, 200, (("content-type", resource.content_type),), resource.body, datetime(2026, 11, 1, tzinfo=UTC))
        for address, resource in render_site(site)
        if address in {site.address(slug) for slug in site.articles}
    ]
    articles = [extract_article(page, site.outlet, None) for page in pages]
    sent = [Extracted(article, tag_article(article)) for article in articles]
    assert sum(len(one.tags.reports) for one in sent) > 1
    arrived = _over(sent)
    assert arrived == sent
    with pytest.raises(FrozenInstanceError):
        arrived[0].article.title = "other"


def test_a_record_that_its_class_refuses_does_not_arrive() -> None:
    broken = Evidence(0, 3, "abc")
    object.__setattr__(broken, "end", 9)
    with pytest.raises(EvidenceError):
        _over((Span("header", 0, 1), broken))


def test_a_field_that_no_argument_gives_is_kept() -> None:
    counted = _Counted("feed")
    counted.seen = 7
    assert _over(counted).seen == 7
