"""From a document to what the engines index: checked against the field table, with the derived fields that searching needs."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from extractors.errors import InputError, SearchIndexError
from extractors.normalise import name_key
from mappings.analysis import abbreviations, searchable
from mappings.fields import Field, Kind, field_of, fields_by_name

Value = str | int | bool

# Undated documents come last when the latest come first.
_UNDATED = "0000-00-00"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be written: `source`, its JSON, is given back as it is; `values` are indexed, by engine field (lists of plain
    values)."""

    id: str
    source: bytes
    values: dict[str, list[Value]]


def prepare(kind: Kind, document: Mapping[str, Any]) -> Prepared:
    """Check a document and derive its search fields. Missing and None values are left out.

    Raises SearchIndexError, naming document and field, for a field that is not in the table or a value of another type.
    """
    known = fields_by_name(kind)
    document_id = document.get("id")
    if not isinstance(document_id, str) or not document_id:
        raise SearchIndexError(f"a document of {kind} has no id")
    source: dict[str, Any] = {}
    values: dict[str, list[Value]] = {}
    marked: list[str] = []
    for name, value in document.items():
        if name not in known:
            raise SearchIndexError(f"{kind} {document_id}: the field table has no {name!r}")
        if value is None:
            continue
        source[name] = value
        field = known[name]
        if field.kind == "stored":
            continue
        single = _checked(kind, document_id, field, value)
        if field.kind == "text":
            folded, exact = searchable(str(value))
            values[f"{name}_folded"], values[f"{name}_exact"] = [folded], [exact]
            marked.append(str(value))
            continue
        if field.kind in ("key", "name"):
            single = [unicodedata.normalize("NFC", str(one)) for one in single]
        values[name] = single
        if field.kind == "name":
            values[f"{name}_key"] = sorted({_key(str(one)) for one in single})
    if "date" in source and "date_until" not in source:
        raise SearchIndexError(f"{kind} {document_id}: 'date' without 'date_until'")
    values["abbreviations"] = list(abbreviations("\n".join(marked)))
    values["order"] = [f"{source.get('date_time') or source.get('date') or _UNDATED} {document_id}"]
    # Written as JSON here and nowhere else: what comes back must be the same from both backends, and what is no JSON be refused by both.
    try:
        written = json.dumps(source, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(error.object[error.start]):04X}"
        raise SearchIndexError(
            f"{kind} {document_id}: its text holds {half}, half of a surrogate pair: read its page with another charset"
        ) from error
    return Prepared(document_id, written, values)


# Names of provinces, offices and outlets come again in most documents.
_key = lru_cache(maxsize=1 << 14)(name_key)


def _checked(kind: Kind, document_id: str, field: Field, value: Any) -> list[Value]:
    if field.many and isinstance(value, str):
        raise SearchIndexError(f"{kind} {document_id}: {field.name!r} takes a list, not {value!r}")
    found = list(value) if field.many else [value]
    for one in found:
        if field.kind == "flag":
            fits = isinstance(one, bool)
        elif field.kind == "number":
            fits = isinstance(one, int) and not isinstance(one, bool)
        elif field.kind == "day":
            fits = isinstance(one, str) and len(one) == 10 and _is_day(one)
        else:
            fits = isinstance(one, str)
        if not fits:
            raise SearchIndexError(f"{kind} {document_id}: {field.name!r} ({field.kind}) cannot hold {one!r}")
    return found


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def filter_values(kind: Kind, name: str, wanted: Iterable[str]) -> tuple[str, list[Value]]:
    """The engine field and its values for a filter. InputError for a value that the field cannot hold."""
    field = field_of(kind, name)
    values = [unicodedata.normalize("NFC", value) for value in wanted]
    match field.kind:
        case "name":
            return f"{name}_key", [name_key(value) for value in values]
        case "flag":
            if any(value not in ("true", "false") for value in values):
                raise InputError(f"{name} is true or false, not {', '.join(values)}")
            return name, [value == "true" for value in values]
        case "number":
            if not all(value.lstrip("-").isdecimal() for value in values):
                raise InputError(f"{name} is a number, not {', '.join(values)}")
            return name, [int(value) for value in values]
        case _:
            return name, list(values)
