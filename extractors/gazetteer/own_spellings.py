"""An operator's own spellings of places, over the packaged ones: a CSV file with the columns `id` and `spelling`."""

from __future__ import annotations

import csv
from pathlib import Path

from extractors.errors import InputError
from extractors.gazetteer import load_gazetteer, packaged_gazetteer, spell_also


def use_own_spellings(path: Path) -> int:
    """From now on every tagger and search of this process knows the spellings in `path`; how many they are.

    Call it before texts are read. InputError names file, line and remedy for a file that is no such CSV, an unknown id or an empty spelling.
    """
    known = packaged_gazetteer().places
    own: dict[str, tuple[str, ...]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            if not {"id", "spelling"} <= set(reader.fieldnames or ()):
                raise InputError(f"{path}: its first line must name the columns id and spelling")
            for row in reader:
                place_id, spelling = (row["id"] or "").strip(), (row["spelling"] or "").strip()
                if place_id not in known:
                    raise InputError(
                        f"{path}, line {reader.line_num}: no place has the id {place_id!r}; `keoson tag --json` shows ids of places"
                    )
                if len(spelling) < 2:
                    raise InputError(f"{path}, line {reader.line_num}: the spelling of {place_id} must have two letters or more")
                own[place_id] = (*own.get(place_id, ()), spelling)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as CSV in UTF-8: {error}") from error
    if spell_also(own):
        from extractors.gazetteer.names import forget_names

        load_gazetteer.cache_clear()
        forget_names()
    return sum(len(spellings) for spellings in own.values())
