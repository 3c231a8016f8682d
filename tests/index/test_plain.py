"""Records as dicts: what `dataclasses.asdict` says, whatever the record."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.pages import make_pages
from extractors.article import extract_article
from extractors.tagging import tag_article
from mappings.plain import plain


@dataclass(frozen=True)
class Odd:
    inner: Any
    many: list[Any] = field(default_factory=list)
    named: dict[str, Any] = field(default_factory=dict)


def test_what_asdict_gives() -> None:
    one = Odd(Odd(1), [Odd(2.5), (Odd(None), "x", b"y")], {"a": Odd(True), "b": {3: [Odd("z")]}})
    assert plain(one) == asdict(one)


def test_tags_and_spans_as_asdict_gives_them() -> None:
    for outlet, page in make_pages(8):
        article = extract_article(page, outlet, None)
        tags = tag_article(article)
        assert plain(tags) == asdict(tags)
        assert [plain(span) for span in article.spans] == [asdict(span) for span in article.spans]
