"""Titles and summaries as feeds write them to plain text."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

from extractors.normalise import normalise_text

_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|$)", re.DOTALL)
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]{0,2000}>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def plain_text(raw: str, limit: int = 1000) -> str:
    """One line without markup, entities (escaped once or twice) or CDATA wrappers, NFC, at most `limit` characters."""
    # Enough for the markup around `limit` characters: the expressions below take quadratic time on megabytes of `<!--`.
    text = raw[: 20 * limit]
    # Twice: Thanh Niên and VietnamBiz escape what is escaped already, and Báo Đà Nẵng escapes a CDATA section.
    for _ in range(2):
        text = _TAG.sub(" ", _CDATA.sub(r"\1", text))
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    text = _TAG.sub(" ", _CDATA.sub(r"\1", text))
    return " ".join(normalise_text(text).split())[:limit].rstrip()


def absolute_address(link: str, base_url: str) -> str | None:
    """The absolute http(s) address of a link, or None for what is none (`javascript:`, `mailto:`, a malformed host)."""
    cleaned = html.unescape(re.sub(r"[\x00-\x1f\x7f]", "", link)).strip()
    if not cleaned or cleaned.startswith("#"):
        return None
    try:
        address = urljoin(base_url, cleaned)
    except ValueError:
        return None
    return address if address.lower().startswith(("http://", "https://")) else None


def linked_address(link: str | None, guid: str | None, base_url: str) -> str | None:
    """The absolute address of an entry: of its link, else of a guid that is itself one."""
    address = absolute_address(link or "", base_url)
    if address is None and guid and guid.lower().startswith(("http://", "https://")):
        address = absolute_address(guid, base_url)
    return address
