"""The gazetteer: every place the taggers know, with the time in which it existed.

`places.csv` (countries, provinces, districts, prefectures, border gates) and `communes.csv` are built by `scripts/build_gazetteer.py`.
Ids are ISO 3166-1 and 3166-2 codes while the unit is unchanged; Vietnamese units formed on 2025-07-01 are `VN-<statistics code>-2025`;
ids below the province are ours. Correct a spelling in one cell of the sources in `scripts/gazetteer/`, then build again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Place:
    """A unit of the gazetteer. `valid_from`, `valid_to` are its first and last day (`YYYY-MM-DD`), None where it has no known end."""

    id: str
    name: str
    kind: str
    country: str
    admin1_id: str | None
    lat: float | None
    lon: float | None
    valid_from: str | None
    valid_to: str | None
    successor: str | None = None
    former_names: tuple[tuple[str, str], ...] = ()
    spellings: tuple[str, ...] = ()

    def valid_on(self, date: str) -> bool:
        """Whether the unit existed on `date` (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`, compared at that precision)."""
        width = len(date)
        return not ((self.valid_from and date < self.valid_from[:width]) or (self.valid_to and date > self.valid_to[:width]))

    def name_on(self, date: str | None) -> str:
        """The canonical name as of `date`: Thừa Thiên Huế until 2024-12-31, Huế from then on."""
        for name, last_day in self.former_names:
            if date and date <= last_day[: len(date)]:
                return name
        return self.name


class Gazetteer:
    """All places by id. `today_id` follows the chain of successors to the unit of today."""

    def __init__(self, places: dict[str, Place]) -> None:
        self.places = places

    def __iter__(self) -> Iterator[Place]:
        return iter(self.places.values())

    def unit(self, place_id: str) -> Place:
        """The place with this id; KeyError when there is none."""
        return self.places[place_id]

    def today_id(self, place_id: str) -> str:
        """The id of the unit this one belongs to today: VN-27 (Quảng Nam) -> VN-48-2025 (Đà Nẵng)."""
        while successor := self.places[place_id].successor:
            place_id = successor
        return place_id

    def admin1(self, place: Place) -> Place | None:
        """The province-level unit `place` lies in (itself for a province), None for a country."""
        return self.places[place.admin1_id] if place.admin1_id else None


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def read_places(path: Path) -> Iterator[Place]:
    """The rows of a gazetteer file as records."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.reader(handle)
        header = next(reader)
        at = {name: header.index(name) if name in header else -1 for name in ("successor", "former_names", "spellings")}
        for cells in reader:
            former = cells[at["former_names"]] if at["former_names"] >= 0 else ""
            spellings = cells[at["spellings"]] if at["spellings"] >= 0 else cells[1]
            yield Place(
                cells[0], cells[1], cells[2], cells[3], cells[4] or None, _number(cells[5]), _number(cells[6]), cells[7] or None, cells[8] or None,
                (cells[at["successor"]] or None) if at["successor"] >= 0 else None,
                tuple((name, day) for name, _, day in (part.partition("|") for part in former.split(";") if part)),
                tuple(spellings.split(";")),
            )  # fmt: skip


@lru_cache(maxsize=1)
def packaged_gazetteer() -> Gazetteer:
    """The gazetteer as it comes with Keoson, read once: about 14,500 places."""
    return Gazetteer({place.id: place for name in ("places.csv", "communes.csv") for place in read_places(HERE / name)})


_own: dict[str, tuple[str, ...]] = {}


def spell_also(spellings: dict[str, tuple[str, ...]]) -> bool:
    """Set the operator's spellings by place id, for `load_gazetteer`; whether they are others than before (see `own_spellings`)."""
    if spellings == _own:
        return False
    _own.clear()
    _own.update(spellings)
    return True


@lru_cache(maxsize=1)
def load_gazetteer() -> Gazetteer:
    """The gazetteer in use: the packaged one, with the operator's spellings where he has given some."""
    packaged = packaged_gazetteer()
    if not _own:
        return packaged
    own = {
        place_id: replace(place, spellings=(*place.spellings, *_own[place_id]))
        for place_id in _own
        for place in (packaged.places[place_id],)
    }
    return Gazetteer({**packaged.places, **own})
