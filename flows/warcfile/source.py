"""The bytes of a WARC file, inflated where it is gzip, with the places at which gzip members begin.

Memory is bounded by what the reader asks to be held: input comes in small pieces, and a member is inflated only as far as is asked for.
"""

from __future__ import annotations

import zlib
from collections import deque
from typing import BinaryIO

# Small, because what follows a member in its piece is copied once for each member in it.
_PIECE = 64 * 1024
_INFLATED_AT_ONCE = 1024 * 1024
# How far back a damaged member is searched for the members that it swallowed; longer ones are searched from their last piece on.
_HELD_BACK = 16 * 1024 * 1024
_MAGIC = b"\x1f\x8b\x08"
_GZIP = zlib.MAX_WBITS | 16
RECORD = b"WARC/1."
_TORN = "it ends in the middle of gzip data"
_BETWEEN = b"\r\n\r\n" + RECORD


class Source:
    """`buffer` holds the bytes from `position` (in inflated bytes) on, as many as `fill` was asked for, or more.

    `broken` says why nothing more can be inflated where the source stands (a torn or damaged member); `resume` goes on behind it.
    """

    def __init__(self, stream: BinaryIO, offset: int = 0) -> None:
        self._stream = stream
        self._raw = stream.read(_PIECE)
        self._raw_at = offset
        self._ended = False
        self.gzip = self._raw[:2] == _MAGIC[:2]
        self._decoder = zlib.decompressobj(_GZIP) if self.gzip else None
        self._member: list[bytes] = []
        self._member_at = offset
        self._gave_all = False
        self.buffer = bytearray()
        self.position = 0 if self.gzip else offset
        # Starts of members that lie at or behind `position`: (inflated position, offset in the file).
        self.members: deque[tuple[int, int]] = deque([(self.position, offset)])
        self.broken: str | None = None

    @property
    def torn(self) -> bool:
        """Whether it is broken because the file ends too early."""
        return self.broken == _TORN

    @property
    def filled_to(self) -> int:
        """Inflated position behind the last byte in the buffer."""
        return self.position + len(self.buffer)

    def fill(self, count: int) -> bool:
        """Hold at least `count` bytes. False when there are not as many: at the end, or where the source is broken."""
        while len(self.buffer) < count:
            if not self._more():
                return False
        return True

    def drop(self, count: int) -> None:
        """Go `count` bytes on, which the buffer must hold."""
        del self.buffer[:count]
        self.position += count
        while len(self.members) > 1 and self.members[1][0] <= self.position:
            self.members.popleft()

    def ends_member(self) -> int | None:
        """The offset in the file at which the present member ends, when it has no byte left and its checksum is right; else None."""
        while not self.buffer and self._decoder is not None and self.broken is None:
            self._inflate()
        if self.buffer:
            start, offset = self.members[0]
            return offset if self.gzip and start == self.position else None
        return self._raw_at if self.gzip and self._decoder is None else None

    def find_record(self) -> bool:
        """Go to the next place behind `position` at which a record begins, over whatever is broken. False at the end of the file."""
        searched = 0
        while True:
            begins = [start - self.position for start, _ in self.members if self.position < start <= self.filled_to - len(RECORD)]
            inside = [begin for begin in begins if self.buffer.startswith(RECORD, begin)]
            between = self.buffer.find(_BETWEEN, max(0, searched - len(_BETWEEN)))
            found = min([*inside, *([between + 4] if between >= 0 else [])], default=None)
            if found is not None:
                self.drop(found)
                return True
            searched = len(self.buffer)
            if searched > _INFLATED_AT_ONCE * 4:  # bounded, whatever the junk: the last bytes may be the beginning of what is sought
                self.drop(searched - len(_BETWEEN))
                searched = 0
            if self._more():
                continue
            if self.broken is None:
                self.drop(len(self.buffer))
                return False
            if not self.resume():
                return False
            if self.fill(len(RECORD)) and self.buffer.startswith(RECORD):
                return True

    def resume(self) -> bool:
        """Forget what is left of a broken member and go to the next one that begins with a record. False at the end of the file."""
        self.drop(len(self.buffer))
        self.broken = None
        raw = b"".join(self._member) + self._raw
        raw_at = self._raw_at + len(self._raw) - len(raw)
        if raw_at == self._member_at:
            raw, raw_at = raw[1:], raw_at + 1
        self._member.clear()
        while True:
            found = raw.find(_MAGIC)
            if (found >= 0 and len(raw) - found > 1024) or (found >= 0 and self._ended):
                raw, raw_at = raw[found:], raw_at + found
                if _begins_record(raw):
                    self._raw, self._raw_at = raw, raw_at
                    self._begin_member()
                    return True
                raw, raw_at = raw[1:], raw_at + 1
                continue
            if self._ended:
                self._raw, self._raw_at, self._decoder = b"", raw_at + len(raw), None
                return False
            kept = found if found >= 0 else max(0, len(raw) - 2)
            raw, raw_at = raw[kept:], raw_at + kept
            piece = self._stream.read(_PIECE)
            self._ended = not piece
            raw += piece

    def _more(self) -> bool:
        """Add to the buffer. False when nothing can be added."""
        if not self.gzip:
            return self._more_plain()
        before = len(self.buffer)
        while len(self.buffer) == before:
            if self.broken is not None or (self._decoder is None and not self._next_member()):
                return False
            self._inflate()
        return True

    def _more_plain(self) -> bool:
        if not self._raw and not self._read():
            return False
        self.buffer += self._raw
        self._raw_at += len(self._raw)
        self._raw = b""
        return True

    def _next_member(self) -> bool:
        while len(self._raw) < len(_MAGIC) and not self._ended:
            rest = self._raw
            self._read()
            self._raw = rest + self._raw
        if not self._raw:
            return False
        if not self._raw.startswith(_MAGIC):
            self.broken = _TORN if _MAGIC.startswith(self._raw) else "what follows a gzip member is none"
            return False
        self._begin_member()
        return True

    def _inflate(self) -> None:
        """Inflate one piece of the present member into the buffer."""
        decoder = self._decoder
        if decoder is None:
            raise AssertionError("no member is open")
        if not self._raw and not self._gave_all and not self._read():
            self.broken = _TORN
            return
        piece = self._raw
        before = decoder.copy() if self._member else None
        try:
            inflated = decoder.decompress(piece, _INFLATED_AT_ONCE)
        except zlib.error as error:
            self.buffer += _sound_part(before or zlib.decompressobj(_GZIP), piece)
            self.broken = f"its gzip data are damaged ({error})"
            return
        # What zlib could not give at once may wait inside it, with no input left.
        self._gave_all = len(inflated) == _INFLATED_AT_ONCE
        self._raw = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
        used = len(piece) - len(self._raw)
        self._raw_at += used
        self.buffer += inflated
        if decoder.eof:
            self._decoder = None
            self._member.clear()
            return
        self._member.append(piece[:used])
        if sum(map(len, self._member)) > _HELD_BACK:
            del self._member[:-1]

    def _begin_member(self) -> None:
        self._decoder = zlib.decompressobj(_GZIP)
        self._member_at, self._gave_all = self._raw_at, False
        self._member.clear()
        if self.members[-1] != (self.filled_to, self._raw_at):
            self.members.append((self.filled_to, self._raw_at))
        self.drop(0)

    def _read(self) -> bool:
        self._raw = b"" if self._ended else self._stream.read(_PIECE)
        self._ended = not self._raw
        return not self._ended


def _begins_record(raw: bytes) -> bool:
    try:
        return zlib.decompressobj(_GZIP).decompress(raw, len(RECORD)).startswith(RECORD)
    except zlib.error:
        return False


def _sound_part(decoder: zlib._Decompress, piece: bytes) -> bytes:
    """What a damaged piece gives up to the damage (zlib throws that away when it finds the damage in the same call)."""
    found = bytearray()
    for start in range(0, len(piece), 64):
        try:
            found += decoder.decompress(piece[start : start + 64])
        except zlib.error:
            break
    return bytes(found)
