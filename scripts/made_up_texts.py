"""Texts made up for training, and what is marked of them: snippets (`snippets.tsv`) and articles (`articles.txt`).

A snippet is a line: language, types told and text, parted by tabs; `bg:` before a type told as background, `-` for none. An article opens with a line
`##### language<tab>types<tab>day of publication`, types as in the snippets. Of a relevant one that line goes on, all parted by tabs: the parties of what it
tells as happening or planned, `CC/Province` or `CC/` joined by `;`; the venue of the main event, `words|CC|Province`, `words||` between two countries,
`-` for none; its date and its status.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from extractors.classifiers.sentence_features import BACKGROUND
from extractors.tagging import LANGUAGES

ARTICLE = "##### "
_FIELDS = 7


@dataclass(frozen=True, slots=True)
class MadeUpArticle:
    """An article with its marks. `parties` (countries and provinces) and `venue` (name, country, province) are None where they are not marked, or there is none."""

    language: str
    told: set[str]
    published: str | None
    text: str
    parties: set[tuple[str, str | None]] | None
    venue: tuple[str, str | None, str | None] | None


def read_snippets(file: Path, types: Container[str]) -> Iterator[tuple[str, set[str], str]]:
    """Language, types told and text of each snippet. SystemExit for other lines."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        language, _, rest = line.partition("\t")
        labels, _, text = rest.partition("\t")
        told = _types(labels)
        if language not in LANGUAGES or not text or not _known(told, types):
            raise SystemExit(
                f"{file}, line {number}: expected a language, types joined by + (or -) and a text, parted by tabs, not {line[:60]!r}"
            )
        yield language, told, text


def read_articles(file: Path, types: Container[str]) -> Iterator[MadeUpArticle]:
    """The articles of a file. SystemExit for a file of another form."""
    pieces = file.read_text(encoding="utf-8").split(ARTICLE)
    if pieces[0].strip():
        raise SystemExit(f"{file}: expected a line {ARTICLE!r} before each article, not {pieces[0][:60]!r}")
    for piece in pieces[1:]:
        head, _, text = piece.partition("\n")
        fields = head.strip().split("\t")
        language, labels, published, parties, venue, *_ = [*fields, "", "", "", "", ""]
        told = _types(labels)
        if language not in LANGUAGES or not text.strip() or not _known(told, types) or len(fields) not in (2, 3, _FIELDS):
            raise SystemExit(
                f"{file}: expected a language, types joined by + (or -) and a day, and of a relevant article its parties, venue, date and status, "
                f"parted by tabs, and a text, not {head[:60]!r}"
            )
        marked = len(fields) == _FIELDS
        yield MadeUpArticle(language, told, published or None, text.strip(), _parties(parties) if marked else None, _venue(venue))


def _types(labels: str) -> set[str]:
    return set() if labels == "-" else set(labels.split("+"))


def _known(told: set[str], types: Container[str]) -> bool:
    return all(label.removeprefix(BACKGROUND) in types for label in told)


def _parties(cell: str) -> set[tuple[str, str | None]]:
    split = [part.strip().partition("/") for part in cell.split(";") if part.strip() not in ("", "-")]
    return {(country, admin1 or None) for country, _, admin1 in split}


def _venue(cell: str) -> tuple[str, str | None, str | None] | None:
    name, _, where = cell.partition("|")
    country, _, admin1 = where.partition("|")
    return (name, country or None, admin1 or None) if name not in ("", "-") else None
