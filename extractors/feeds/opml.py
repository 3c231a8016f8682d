"""OPML: the list of feeds that a feed reader exports."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from extractors.charsets import decode_bytes
from extractors.errors import InputError
from extractors.feeds.sniffing import sound_xml, what_came
from extractors.feeds.titles import absolute_address, plain_text


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed in the list: its address, the home page (None if missing), and what the reader called it."""

    url: str
    home: str | None
    title: str


def parse_opml(body: bytes, name: str) -> tuple[Outline, ...]:
    """The feeds of an OPML file, each address once, folders entered. InputError, which names the file, if it is none or lists no feed."""
    text = decode_bytes(body)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True)
    try:
        root = etree.fromstring(sound_xml(text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise InputError(f"{name} is no OPML file, but {what_came(text)}")
    found: dict[str, Outline] = {}
    for element in root.iter("outline"):
        values = {str(key).lower(): str(value) for key, value in element.attrib.items()}
        url = absolute_address(values.get("xmlurl", ""), "")
        if url is not None:
            home = absolute_address(values.get("htmlurl", ""), url)
            found.setdefault(url, Outline(url, home, plain_text(values.get("title") or values.get("text") or "")))
    if not found:
        raise InputError(f"{name} lists no feed: no outline in it has an xmlUrl")
    return tuple(found.values())
