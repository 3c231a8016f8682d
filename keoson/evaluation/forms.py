"""The wire shapes: marks of the gold set (both formats) and objects of `keoson tag --json`, validated where they enter.

Predictions may carry further fields, which are ignored; marks of the gold set may not, because an unknown key there is a typing error.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from extractors.records import EventType, PersonKind, Status

Topic = Literal[
    "drugs", "border", "immigration", "trafficking", "crime", "cyber", "terrorism", "defence",
    "trade", "education", "health", "agriculture", "culture", "disaster", "party_politics", "other",
]  # fmt: skip
OrganizationKind = Literal[
    "police", "border_guard", "military", "government", "party", "mass_organization",
    "health", "education", "business", "media", "court", "other",
]  # fmt: skip
Language = Literal["vi", "en", "lo"]
Part = Literal["train", "development", "test"]
PARTS: tuple[Part, ...] = ("train", "development", "test")

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def _is_date(value: str) -> str:
    if not _DATE.fullmatch(value):
        raise ValueError("no date: YYYY-MM-DD, YYYY-MM or YYYY is wanted")
    return value


Date = Annotated[str, AfterValidator(_is_date)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Name = Annotated[str, Field(min_length=1)]


class Form(BaseModel):
    """Base of what is read from outside: frozen, unknown keys ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Quote(Form):
    """Evidence with its offsets in the text."""

    start: int = Field(ge=0)
    end: int
    quote: Name


class LocationForm(Form):
    """Where an event took place; `admin1` is the canonical province."""

    name: Name
    admin1: str | None
    country: Country | None


class PartyForm(Form):
    """A side taking part in an event. The old format has countries and provinces without a name."""

    name: str
    admin1: str | None
    country: Country | None


class AmountForm(Form):
    """A number with its unit (ISO 4217 for money)."""

    value: float
    unit: str
    what: str = ""
    background: bool = False


class EventForm(Form):
    """One event of a text. `evidence` are quotes, or quotes with offsets."""

    type: EventType
    status: Status
    date_start: Date | None
    date_end: Date | None
    date_text: str | None = None
    location: LocationForm | None
    parties: tuple[PartyForm, ...]
    persons: tuple[str, ...] = ()
    documents: tuple[Name, ...]
    amounts: tuple[AmountForm, ...]
    topics: tuple[Topic, ...]
    evidence: tuple[Name | Quote, ...]


class PersonForm(Form):
    """A person named in the text, rank and role as written."""

    name: Name
    rank: str | None
    role: str | None
    organization: str | None = None
    country: Country | None
    kind: PersonKind | None = None
    evidence: Quote | None = None


class OrganizationForm(Form):
    """An organization named in the text. The old format has the name only."""

    name: Name
    kind: str | None = None
    admin1: str | None = None
    country: Country | None = None
    evidence: Quote | None = None


class PlaceForm(Form):
    """A place named in the text; `id` is a gazetteer id or None."""

    name: Name
    id: str | None
    admin1: str | None
    country: Country | None
    evidence: Quote | None = None


class TagsForm(Form):
    """One object of `keoson tag --json`: what is scored."""

    id: str
    relevant: bool
    events: tuple[EventForm, ...]
    persons: tuple[PersonForm, ...]
    organizations: tuple[OrganizationForm, ...]
    places: tuple[PlaceForm, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GoldLocation(_Strict, LocationForm):
    """A marked location."""


class GoldParty(_Strict, PartyForm):
    """A marked party: named as written."""

    name: Name


class GoldAmount(_Strict, AmountForm):
    """A marked amount; all four fields are stated."""

    what: str
    background: bool


class GoldEvent(_Strict, EventForm):
    """A marked event; evidence are exact quotes, at least one."""

    date_text: str | None
    location: GoldLocation | None
    parties: tuple[GoldParty, ...]
    persons: tuple[str, ...]
    amounts: tuple[GoldAmount, ...]
    evidence: tuple[Name, ...] = Field(min_length=1)


class GoldPerson(_Strict):
    """A marked person."""

    name: Name
    rank: str | None
    role: str | None
    organization: str | None
    country: Country | None
    kind: PersonKind


class GoldOrganization(_Strict):
    """A marked organization."""

    name: Name
    kind: OrganizationKind
    admin1: str | None
    country: Country | None


class GoldPlace(_Strict):
    """A marked place."""

    name: Name
    id: str | None
    admin1: str | None
    country: Country | None


class GoldLine(_Strict):
    """A line of `gold.jsonl` in the format of issue 4."""

    id: Name
    lang: Language
    relevant: bool
    event_group: str | None
    events: tuple[GoldEvent, ...]
    persons: tuple[GoldPerson, ...]
    organizations: tuple[GoldOrganization, ...]
    places: tuple[GoldPlace, ...]
    notes: str


class IndexLine(_Strict):
    """A line of `index.jsonl`: where the facts of an item come from. The first 39 items have no outlet, group or kind of negative."""

    id: Name
    url: str
    published: Date | None
    chars: int
    text_kind: str
    outlet: str | None = None
    event_group: str | None = None
    hard_negative: str | None = None


class OldPerson(_Strict):
    """A person of the old format; `side` is the country represented."""

    name: Name
    rank: str | None
    role: str | None
    side: Country | None


class OldAmount(_Strict):
    """An amount of the old format; `(background)` stands in `what`."""

    value: float
    unit: str
    what: str


class OldAdmin1(_Strict):
    """A province taking part, in the old format."""

    name: Name
    country: Country


class OldLine(_Strict):
    """A line of `gold.jsonl` in the single-event format of the first 39 items."""

    id: Name
    lang: Language
    relevant: bool
    event_types: tuple[EventType, ...]
    background_types: tuple[EventType, ...]
    status: Status | None
    date_start: Date | None
    date_end: Date | None
    location: GoldLocation | None
    countries: tuple[Country, ...]
    admin1: tuple[OldAdmin1, ...]
    organizations: tuple[Name, ...]
    persons: tuple[OldPerson, ...]
    documents: tuple[Name, ...]
    amounts: tuple[OldAmount, ...]
    topics: tuple[Topic, ...]
    notes: str
    url: str = ""
    published: Date | None = None
