"""Segment files: their names, the locks on them, and what a killed process left at their end.

Each writer has a segment of its own, one a day: the first of `keoson-YYYYMMDD-00.warc.gz`, `-01` … that nobody else is writing to. So a
day has as many segments as there were writers at the same time. An archive that shares its ledger with others, on other machines, has a
name of its own in those of its segments (`keoson-YYYYMMDD-3fa9c1-00.warc.gz`): the ledger knows a page by the segment's name and the offset.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from extractors.errors import ArchiveError

# Larger than any record, since a page is capped at 50 MB: the last whole record begins within this many bytes of the end.
_TAIL_BYTES = 64 * 1024 * 1024
_MEMBER = re.compile(rb"\x1f\x8b\x08")
# A number after `-k` is given to what retention kept of a segment.
_SEGMENT = re.compile(r"keoson-(?P<day>\d{8})(-[0-9a-f]{6})?-\d{2,}(-k\d+)?\.warc\.gz")


def is_segment(name: str) -> bool:
    """Whether this may be the name of a segment (of a file in the archive's folder, never of one elsewhere)."""
    return _SEGMENT.fullmatch(name) is not None


def segment_day(name: str) -> date:
    """The day (UTC) on which a segment was written. ArchiveError when it is no segment's name."""
    match = _SEGMENT.fullmatch(name)
    if match is None:
        raise ArchiveError(f"{name!r} is no name of an archive segment")
    try:
        return date.fromisoformat(match["day"])
    except ValueError as error:
        raise ArchiveError(f"{name!r} is no name of an archive segment: {error}") from error


def segments(folder: Path) -> list[Path]:
    """All segments, oldest first."""
    found = [path for path in folder.iterdir() if is_segment(path.name)] if folder.is_dir() else []
    return sorted(found, key=lambda path: (segment_day(path.name), path.name))


def kept_name(path: Path) -> str:
    """The first free name for what retention keeps of a segment: its own with `-k` and a number."""
    stem = re.sub(r"(-k\d+)?\.warc\.gz$", "", path.name)
    return next(name for name in (f"{stem}-k{number + 1}.warc.gz" for number in _numbers()) if not path.with_name(name).exists())


@dataclass(slots=True)
class OpenSegment:
    """A segment that this process alone appends to. `end` is where its last whole record ends."""

    path: Path
    day: date
    stream: BinaryIO
    end: int

    def append(self, content: bytes) -> None:
        """Write and sync. Raises ArchiveError, and leaves the segment as it was, when that fails."""
        try:
            written = 0
            while written < len(content):  # an unbuffered stream may take less than it is given
                written += self.stream.write(memoryview(content)[written:])
            os.fsync(self.stream.fileno())
        except OSError as error:
            os.ftruncate(self.stream.fileno(), self.end)
            raise ArchiveError(f"{self.path} cannot be written: {error.strerror}") from error
        self.end += len(content)

    def close(self) -> None:
        """Leave the segment to others."""
        self.stream.close()


def name_of_archive(folder: Path) -> str:
    """Six hexadecimal digits by chance, the same for all who write to this archive from now on."""
    place = folder / "name"
    if not place.exists():
        name = secrets.token_hex(3)
        mine = folder / f"name.{name}"
        mine.write_text(name, encoding="ascii")
        with suppress(FileExistsError):  # another was first
            os.link(mine, place)
        mine.unlink()
    name = place.read_text(encoding="ascii").strip()
    if re.fullmatch(r"[0-9a-f]{6}", name) is None:
        raise ArchiveError(f"{place} holds no name of an archive (six hexadecimal digits): delete it, and it is made anew")
    return name


def take_segment(folder: Path, day: date, name: str = "") -> OpenSegment:
    """The first segment of the day that nobody is writing to, cut off behind its last whole record; a new one if there is none."""
    stem = f"keoson-{day:%Y%m%d}" + (f"-{name}" if name else "")
    for number in _numbers():
        path = folder / f"{stem}-{number:02}.warc.gz"
        stream = _locked(path)
        if stream is None:
            continue
        end = last_whole_record(path)
        if end is None:  # not a segment of ours any more: leave it for a human, begin another
            stream.close()
            continue
        stream.truncate(end)
        return OpenSegment(path, day, stream, end)
    raise AssertionError("numbers do not end")


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


def _locked(path: Path) -> BinaryIO | None:
    """The file, to append to, or None while another has it."""
    while True:
        # Unbuffered: a buffer that still holds half of a failed write would be written later, at the wrong place.
        stream = path.open("ab", buffering=0)
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            return None
        if path.exists() and path.stat().st_ino == os.fstat(stream.fileno()).st_ino:
            return stream
        stream.close()  # deleted between opening and locking


def last_whole_record(path: Path) -> int | None:
    """Byte offset at which the last whole record ends, 0 for an empty or wholly torn segment, None when no record is found."""
    size = path.stat().st_size
    if size == 0:
        return 0
    begin = max(0, size - _TAIL_BYTES)
    with path.open("rb") as stream:
        stream.seek(begin)
        tail = stream.read()
    for match in reversed(list(_MEMBER.finditer(tail))):
        decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            content = decoder.decompress(tail[match.start() :])
        except zlib.error:
            continue  # three bytes that look like the start of a member, inside another
        if decoder.eof and content.startswith(b"WARC/1."):
            return size - len(decoder.unused_data)
    return 0 if begin == 0 and tail[:3] == b"\x1f\x8b\x08"[: len(tail)] else None
