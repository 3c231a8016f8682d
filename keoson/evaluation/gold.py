"""Reads a folder of the gold set (`gold.jsonl`, `index.jsonl`, `texts/<id>.txt`), in the format of issue 4 or the single-event one."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from extractors.errors import InputError
from extractors.normalise import normalise_text
from extractors.records import EventType
from keoson.evaluation.forms import (
    AmountForm,
    EventForm,
    GoldLine,
    IndexLine,
    OldLine,
    OrganizationForm,
    PartyForm,
    PersonForm,
    PlaceForm,
    TagsForm,
)

Model = TypeVar("Model", bound=BaseModel)

# Below this a text is short. Lao is written without spaces between words: 1,600 characters are about 400 words.
LONG_WORDS = 400
LONG_LAO_CHARACTERS = 1600


class GoldError(InputError):
    """A file of the gold set cannot be used: the message names file, id and field, never a text."""


@dataclass(frozen=True, slots=True)
class GoldItem:
    """A text with its marks. `form` is `events` (issue 4) or `single` (the first 39, which mark neither places nor evidence)."""

    id: str
    text: str
    lang: str
    marks: TagsForm
    form: Literal["events", "single"]
    url: str
    outlet: str | None
    published: str | None
    event_group: str | None
    hard_negative: str | None
    notes: str

    @property
    def long(self) -> bool:
        """Whether the text has the length of a full article: 400 words, or 1,600 characters in Lao."""
        if self.lang == "lo":
            return len(self.text) >= LONG_LAO_CHARACTERS
        return len(self.text.split()) >= LONG_WORDS


def read_gold(folder: Path) -> list[GoldItem]:
    """The items of `folder`, in the order of `gold.jsonl`. GoldError naming file, id and field for anything unreadable."""
    path = folder / "gold.jsonl"
    index = {line.id: line for line in read_lines(folder / "index.jsonl", IndexLine)}
    items = [_item(folder, path, record, index) for record in json_lines(path)]
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise GoldError(f"{path}: {item.id}: stands twice")
        seen.add(item.id)
    if unmarked := sorted(set(index) - seen):
        raise GoldError(f"{folder / 'index.jsonl'}: {unmarked[0]}: has no marks in gold.jsonl")
    return items


def read_lines(path: Path, model: type[Model]) -> list[Model]:
    """Every line of a JSON-lines file as `model`."""
    return [parse(model, record, path) for record in json_lines(path)]


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file. GoldError for a missing file, a line that is no object, or one without an id."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise GoldError(f"{path}: {error.strerror}; a gold folder has gold.jsonl, index.jsonl and texts/") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise GoldError(f"{path}:{number}: no JSON: {error}") from error
        if not isinstance(record, dict) or not isinstance(record.get("id"), str):
            raise GoldError(f"{path}:{number}: an object with an id is wanted")
        yield record


def parse(model: type[Model], record: dict[str, Any], source: Path | str) -> Model:
    """`record` as `model`; the error names source, id and every wrong field, and no value (it may come from the test part)."""
    try:
        return model.model_validate(record)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False, include_url=False))
        raise GoldError(f"{source}: {record.get('id', 'no id')}: {wrong}") from error


def read_text(path: Path) -> str:
    """The text of an item, which must already be in the one normal form that offsets count in."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise GoldError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise GoldError(f"{path}: not UTF-8 at byte {error.start}") from error
    if normalise_text(text) != text:
        raise GoldError(f"{path}: not normalised (NFC, plain spaces and newlines, no invisible characters); write normalise_text(text)")
    return text


def is_test_part(folder: Path, outlets: Iterable[str | None]) -> bool:
    """Whether `folder` is the part whose texts and marks are not shown: by its name, or by the outlets in it wherever it lies."""
    if folder.resolve().name == "test":
        return True
    parts = folder.resolve().parent / "outlet_parts.csv"
    if not parts.exists():
        return False
    known = read_outlet_parts(parts)
    return any(outlet is not None and known.get(outlet) == "test" for outlet in outlets)


def read_outlet_parts(path: Path) -> dict[str, str]:
    """`outlet_parts.csv`: outlet -> part."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["outlet"]: row["part"] for row in csv.DictReader(handle)}


def _item(folder: Path, path: Path, record: dict[str, Any], index: dict[str, IndexLine]) -> GoldItem:
    entry = index.get(record["id"])
    if entry is None:
        raise GoldError(f"{folder / 'index.jsonl'}: {record['id']}: has no line")
    text = read_text(folder / "texts" / f"{record['id']}.txt")
    if entry.chars != len(text):
        raise GoldError(f"{folder / 'index.jsonl'}: {entry.id}: chars is {entry.chars}, the text has {len(text)}")
    if "event_types" in record:
        old = parse(OldLine, record, path)
        return _assembled(entry, text, old.lang, marks_of_old(old), "single", old.notes)
    line = parse(GoldLine, record, path)
    if line.event_group != entry.event_group:
        raise GoldError(f"{path}: {line.id}: event_group differs from index.jsonl")
    return _assembled(entry, text, line.lang, marks_of_line(line), "events", line.notes)


def _assembled(entry: IndexLine, text: str, lang: str, marks: TagsForm, form: Literal["events", "single"], notes: str) -> GoldItem:
    return GoldItem(
        id=entry.id,
        text=text,
        lang=lang,
        marks=marks,
        form=form,
        url=entry.url,
        outlet=entry.outlet,
        published=entry.published,
        event_group=entry.event_group,
        hard_negative=entry.hard_negative,
        notes=notes,
    )


def marks_of_line(line: GoldLine) -> TagsForm:
    """The marks in the form that predictions have, so that one scorer serves for both."""
    return TagsForm(
        id=line.id,
        relevant=line.relevant,
        events=line.events,
        persons=tuple(PersonForm(**person.model_dump()) for person in line.persons),
        organizations=tuple(OrganizationForm(**organization.model_dump()) for organization in line.organizations),
        places=tuple(PlaceForm(**place.model_dump()) for place in line.places),
    )


def marks_of_old(old: OldLine) -> TagsForm:
    """The single-event format as events: each type is one event with the item's date, place and parties; the item's documents, amounts
    and topics go with the first; background types are background events without a date. Nothing in it says where the evidence stands.
    """
    with_province = {province.country for province in old.admin1}
    parties = tuple(PartyForm(name="", admin1=province.name, country=province.country) for province in old.admin1)
    parties += tuple(PartyForm(name="", admin1=None, country=country) for country in old.countries if country not in with_province)
    amounts = tuple(AmountForm(value=one.value, unit=one.unit, what=one.what, background="(background)" in one.what) for one in old.amounts)
    status = old.status or "background"
    events = []
    # An item with background types only still has the item's parties, place and amounts: the first background event carries them.
    for position, type_ in enumerate(old.event_types or old.background_types[:1]):
        first = position == 0
        events.append(
            EventForm(
                type=type_,
                status=status if old.event_types else "background",
                date_start=old.date_start,
                date_end=old.date_end,
                location=old.location,
                parties=parties,
                documents=old.documents if first else (),
                amounts=amounts if first else (),
                topics=old.topics if first else (),
                evidence=(),
            )
        )
    for type_ in old.background_types if old.event_types else old.background_types[1:]:
        events.append(_undated(type_))
    return TagsForm(
        id=old.id,
        relevant=old.relevant,
        events=tuple(events),
        persons=tuple(PersonForm(name=one.name, rank=one.rank, role=one.role, country=one.side) for one in old.persons),
        organizations=tuple(OrganizationForm(name=name) for name in old.organizations),
        places=(),
    )


def _undated(type_: EventType) -> EventForm:
    return EventForm(
        type=type_,
        status="background",
        date_start=None,
        date_end=None,
        location=None,
        parties=(),
        documents=(),
        amounts=(),
        topics=(),
        evidence=(),
    )
