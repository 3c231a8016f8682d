"""What is asked of an index and what it answers: plain frozen values, the same for every backend."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args

from extractors.errors import InputError
from mappings.fields import Kind, facet_fields, filter_fields

Sort = Literal["relevance", "date"]

# Elasticsearch refuses from + size beyond its result window of 10,000; both backends keep the same limit, `export` has none.
WINDOW = 10_000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search.

    `text` empty matches every document. `filters` maps a field to the values of which one must be there; different fields must all match.
    Names (persons, organizations, provinces, outlets) are compared without diacritics. `date_from` (inclusive) and `date_to` (exclusive)
    select documents whose date, as precisely as it is known, overlaps that stretch: one of `2024-12` overlaps 2024-12-15; one without a
    date never matches. `facets` are fields to count, at most `facet_size` values each. Sorted by relevance, or by date with the latest
    first and undated documents last; without text relevance says nothing, so the order is by date. Ties are ordered by id, falling.
    """

    kind: Kind
    text: str = ""
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    facets: tuple[str, ...] = ()
    size: int = 10
    offset: int = 0
    sort: Sort = "relevance"
    highlight: bool = True
    facet_size: int = 50

    def __post_init__(self) -> None:
        """Raise InputError for a field that cannot be filtered or counted, and for sizes out of range."""
        if self.kind not in get_args(Kind):
            raise InputError(f"unknown kind of document {self.kind!r}: use one of {', '.join(get_args(Kind))}")
        for name, values in self.filters.items():
            if name not in filter_fields(self.kind):
                raise InputError(f"{self.kind} cannot be filtered by {name!r}: use one of {', '.join(filter_fields(self.kind))}")
            if not values:
                raise InputError(f"the filter {name!r} has no value: give one, or leave it out")
        for name in self.facets:
            if name not in facet_fields(self.kind):
                raise InputError(f"{self.kind} have no facet {name!r}: use one of {', '.join(facet_fields(self.kind))}")
        if self.sort not in get_args(Sort):
            raise InputError(f"unknown order {self.sort!r}: use one of {', '.join(get_args(Sort))}")
        if self.size < 0 or self.offset < 0 or self.size + self.offset > WINDOW:
            raise InputError(f"a search shows results 0 to {WINDOW}: narrow it, or export the index")
        if not 1 <= self.facet_size <= WINDOW:
            raise InputError(f"facet_size {self.facet_size} is not within 1 and {WINDOW}")
        if self.date_from and self.date_to and self.date_from >= self.date_to:
            raise InputError(f"the time from {self.date_from} until {self.date_to} (exclusive) is empty")


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found. `snippet` is a stretch of its text as HTML: `&`, `<` and `>` escaped, the words found within `<mark>`."""

    id: str
    score: float
    source: dict[str, Any]
    snippet: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`total` counts every match exactly; `facets` maps a field to (value, documents), the most frequent first, then by value."""

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[tuple[str, int], ...]]
