"""The records of any WARC file, in order, with what is damaged told instead of lost.

warcio stops for good at the first damage and does not read files that are one gzip member; here reading goes on at the next record, and
every stretch that gives none is a Damage. A test holds the two, and a third reader, against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Literal

from flows.warcfile.source import RECORD, Source

Reason = Literal["not_warc", "torn", "damaged", "wrong_length", "bad_record", "bad_http", "bad_encoding", "too_large", "revisit_unresolved"]
Fields = Mapping[str, str]

_HEAD_BYTES = 256 * 1024
_NAME = re.compile(r"[!-9;-~]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ONCE = frozenset({"warc-type", "warc-target-uri", "warc-date", "warc-record-id", "content-length"})
_END_OF_HEAD = b"\r\n\r\n"
# First bytes of what people hand over by mistake.
_KNOWN = (
    (b"\x28\xb5\x2f\xfd", "compressed with zstd: decompress it with `zstd -d` and hand it over again"),
    (b"BZh", "compressed with bzip2: decompress it with `bunzip2` and hand it over again"),
    (b"\xfd7zXZ", "compressed with xz: decompress it with `unxz` and hand it over again"),
    (b"PK\x03\x04", "a zip archive: unpack it, and hand over the WARC files in it"),
    (b"filedesc://", "an ARC file, the format before WARC: convert it with `warcio recompress`"),
)


@dataclass(frozen=True, slots=True)
class Record:
    """`fields` are the WARC header's, names in lower case; `block` is what follows it, None when it was not wanted.

    `offset` and `length` are the record's place in the file. In a file that is one gzip member, `length` is None and `offset` counts
    in what is inflated.
    """

    fields: Fields
    block: bytes | None
    offset: int
    length: int | None


@dataclass(frozen=True, slots=True)
class Damage:
    """From `offset` on there is no whole record up to the next one. `fields` are those of the record that could not be read, if known."""

    offset: int
    reason: Reason
    message: str
    fields: Fields | None = None


def read_records(
    stream: BinaryIO, *, wanted: Callable[[Fields], bool] | None = None, max_bytes: int = 64_000_000, offset: int = 0
) -> Iterator[Record | Damage]:
    """The records of a WARC file, plain or gzip; the stream is read once and need not seek, and stands at `offset` of its file.

    `wanted(fields)` decides whether a record's block is given. No more than one record is held, of `max_bytes` at most.
    """
    source = Source(stream, offset)
    if not _is_warc(source):
        torn = source.torn and not source.buffer
        yield _torn(source, offset, None) if torn else Damage(offset, "not_warc", _what_it_is(source))
        return
    while True:
        _skip_blank_lines(source)
        if not source.buffer and not source.fill(1):
            if source.broken is None:
                return
            yield _torn(source, _place(source), None)
            if not source.find_record():
                return
            continue
        found = _read_record(source, wanted, max_bytes)
        yield found
        if isinstance(found, Damage) and not source.find_record():
            return


def _read_record(source: Source, wanted: Callable[[Fields], bool] | None, max_bytes: int) -> Record | Damage:
    """The record that begins here. The source then stands behind it; after a Damage, somewhere before the next record."""
    place, member = _place(source), source.members[0]
    begins_member = source.gzip and member[0] == source.position
    head = _head(source)
    if head is None:
        if source.broken is not None or len(source.buffer) < _HEAD_BYTES:
            return _torn(source, place, None)
        return Damage(place, "bad_record", f"no WARC header ends within {_HEAD_BYTES} bytes")
    fields = _parse_fields(head)
    if fields is None:
        return Damage(place, "bad_record", "it does not begin with a WARC header")
    try:
        size = int(fields["content-length"])
    except (KeyError, ValueError):
        return Damage(place, "bad_record", f"its Content-Length is {fields.get('content-length')!r}, which is no number", fields)
    if size < 0:
        return Damage(place, "bad_record", f"its Content-Length is {size}", fields)
    if size > max_bytes:
        return Damage(place, "too_large", f"it says that it has {size} bytes, more than the {max_bytes} that are read", fields)
    start = len(head) + len(_END_OF_HEAD)
    whole = source.fill(start + size)
    swallowed = _swallowed(source, start, size)
    if swallowed is not None:
        return Damage(place, "wrong_length", f"another record begins within the {size} bytes that it says to have", fields)
    if not whole:
        return _torn(source, place, fields)
    source.fill(start + size + 4)
    end = source.buffer[start + size : start + size + 4]
    if end != _END_OF_HEAD and not (len(end) < 4 and _END_OF_HEAD.startswith(end)):  # whole, even if the file is torn behind it
        source.drop(start)  # a record may begin within what its length covers
        return Damage(place, "wrong_length", f"it does not end where its Content-Length of {size} says", fields)
    block = bytes(source.buffer[start : start + size]) if wanted is None or wanted(fields) else None
    length = start + size + len(end)
    source.drop(length)
    if not source.gzip:
        return Record(fields, block, place, length)
    ended = source.ends_member()
    if source.broken is not None and begins_member and not source.buffer:  # a member without its checksum
        return _torn(source, place, fields)
    return Record(fields, block, place, ended - member[1] if begins_member and ended is not None else None)


def _place(source: Source) -> int:
    """Where the source stands in the file, or, inside of a gzip member, in what is inflated."""
    position, offset = source.members[0]
    return offset if source.gzip and position == source.position else source.position


def _torn(source: Source, place: int, fields: Fields | None) -> Damage:
    if source.broken is None:
        return Damage(place, "torn", "the file ends in the middle of it", fields)
    return Damage(place, "torn" if source.torn else "damaged", source.broken, fields)


def _is_warc(source: Source) -> bool:
    source.fill(64)
    _skip_blank_lines(source)
    return source.buffer.startswith(RECORD[: len(source.buffer)]) and bool(source.buffer)


def _what_it_is(source: Source) -> str:
    if source.broken is not None and not source.buffer:
        return f"it is no WARC file: {source.broken}"
    if not source.buffer:
        return "it is empty"
    begin = bytes(source.buffer[:40])
    known = next((what for magic, what in _KNOWN if begin.startswith(magic)), None)
    packed = "inside of its gzip " if source.gzip else ""
    return f"{packed}it is {known}" if known else f"{packed}it is no WARC file: it begins with {begin.decode('latin-1')!r}"


def _skip_blank_lines(source: Source) -> None:
    while source.fill(2) and source.buffer.startswith(b"\r\n"):
        source.drop(2)


def _head(source: Source) -> bytes | None:
    """The WARC header without its empty line, or None when it does not end. Nothing is dropped."""
    looked = 0
    while True:
        end = source.buffer.find(_END_OF_HEAD, max(0, looked - 3))
        if end >= 0:
            return bytes(source.buffer[:end])
        looked = len(source.buffer)
        if looked >= _HEAD_BYTES or not source.fill(looked + 1):
            return None


def _parse_fields(head: bytes) -> dict[str, str] | None:
    version, *lines = head.decode("utf-8", errors="replace").split("\r\n")
    if not version.startswith(RECORD.decode()) or _CONTROL.search(head):
        return None
    fields: dict[str, str] = {}
    last = ""
    for line in lines:
        if line[:1] in (" ", "\t") and last:  # a folded line
            fields[last] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        if not colon:
            return None
        known = _field_name(name)
        if known is None or (known in _ONCE and known in fields):  # two headers that damage has made one
            return None
        last = known
        fields[last] = value.strip()
    return fields


@lru_cache(maxsize=256)
def _field_name(name: str) -> str | None:
    """In lower case, if it is one: a file writes the same dozen for each of its records."""
    lower = name.strip().lower()
    return lower if _NAME.fullmatch(lower) else None


def _swallowed(source: Source, start: int, size: int) -> int | None:
    """Where a member that is a record of its own begins within a record's block."""
    for position, _ in list(source.members):
        begin = position - source.position
        if 0 < begin < start + size and source.buffer.startswith(RECORD, begin):
            return begin
    return None
