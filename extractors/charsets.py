"""Bytes of a feed or page to text, whatever their header says about the charset."""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9._-]{2,40})""", re.IGNORECASE)
# What browsers make of these names (WHATWG Encoding): every real page that says latin-1 or ascii means windows-1252.
_MEANT = {
    "iso-8859-1": "windows-1252",
    "latin-1": "windows-1252",
    "latin1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
}


def decode_bytes(body: bytes, content_type: str | None = None) -> str:
    """Text of `body`. The bytes themselves are believed first: a byte order mark, then valid UTF-8 (which hardly happens by accident),
    then almost valid UTF-8, then what the header and the document declare, last windows-1252. Never raises."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _declared(body, content_type)
    lenient = body.decode("utf-8", errors="replace")
    # A page cut within a character, or with one bad advertisement, is still UTF-8: its non-ASCII letters decode, few bytes do not.
    broken = lenient.count("\ufffd")
    sound = sum(1 for char in lenient if char > "\x7f") - broken
    if broken * 10 <= sound:
        return lenient
    for name in (*declared, "windows-1252"):
        try:
            return body.decode(name, errors="strict" if name != "windows-1252" else "replace")
        except (UnicodeDecodeError, LookupError):
            continue
    return lenient


def _declared(body: bytes, content_type: str | None) -> list[str]:
    found = [match[1] for match in _DECLARED.finditer((content_type or "").encode("ascii", "ignore"))]
    found += [match[1] for match in _DECLARED.finditer(body[:2048])]
    names = [raw.decode("ascii").lower() for raw in found]
    # UTF-8 was already refused, and utf-16 without a mark is not declared readably in single bytes.
    return [_MEANT.get(name, name) for name in names if name not in {"utf-8", "utf8"} and not name.startswith("utf-16")]
