"""XML as feeds send it, made well-formed, so that feedparser reads it with expat.

feedparser 6.0.14 falls back to a parser of its own for anything else, which takes time with the square of what is wrong: a tag of 200,000
attributes (2 MB) had not ended after eight minutes. Here bare ampersands, HTML's entities, stray `<` and prefixes that nobody declared are
put right; if the document still is not well-formed, each of its entries is recovered on its own by libxml2, in linear time, so that a tag
left open in one does not swallow the next.
"""

from __future__ import annotations

import re
from html.entities import html5
from itertools import islice, zip_longest
from xml.parsers import expat

from lxml import etree

from extractors.feeds.sniffing import without_endless_tags

_NOT_AN_ENTITY = re.compile(r"&(?!#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{1,30};)")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,30}));")
_NOT_A_TAG = re.compile(r"<(?![A-Za-z_/!?])|<(?=[A-Za-z_/][^<>]*(?:<|$))")
_TEXT = 20_000  # characters: what is kept of a summary is 1,000
_SHORT_TEXT = 2_000
_LONG_TEXTS = frozenset({"title", "description", "summary", "content", "encoded", "link", "guid", "id"})
_CHILDREN = 500
MOST_ENTRIES = 2_000  # of a feed, as Media Cloud has it (notes/lessons.md)
_BUILT_IN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ROOT = re.compile(r"<((?:[A-Za-z_][\w.-]*:)?(?:rss|feed|RDF|channel))(?=[\s/>])([^<>]*)>?")
_ENTRY = re.compile(r"<((?:[A-Za-z_][\w.-]*:)?(?:item|entry))(?=[\s>])[^<>]*>")
# Elements whose content is text or escaped markup; feeds also put bare markup there.
_TEXTS = re.compile(
    r"<(/?)(title|link|guid|id|description|summary|content|content:encoded|pubDate|published|updated|dc:date|item|entry)(?=[\s>])[^<>]*>"
)
_MARKUP = frozenset({"description", "summary", "content", "content:encoded"})
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]")
_DECLARED = re.compile(r"\bxmlns:([A-Za-z_][\w.-]*)\s*=")
# feedparser breaks on the name of a namespace that has a space inside.
_SPACED = re.compile(r"""(\bxmlns(?::[\w.-]+)?\s*=\s*)("[^"<>]*"|'[^'<>]*')""")
# What feedparser knows these prefixes for; feeds forget to declare them.
_SPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def well_formed(xml: str) -> bytes | None:
    """The feed in well-formed UTF-8 without declaration, document type or entities of its own; None if it has no root of a feed."""
    xml = _SPACED.sub(lambda match: match[1] + "".join(match[2].split()), xml)
    comments = re.match(r"(?:\s*<!--.*?-->)*", xml, re.DOTALL)
    # Only the root's own tag begins the feed: what stands before is a declaration, a comment, or a warning of the server's program.
    root_tag = _ROOT.search(xml, comments.end() if comments else 0)
    if root_tag is None:
        return None
    prefixes = set(_PREFIX.findall(xml)) - set(_DECLARED.findall(xml)) - {"xml", "xmlns"}
    spaces = "".join(f' xmlns:{prefix}="{_SPACES.get(prefix, f"urn:undeclared:{prefix}")}"' for prefix in sorted(prefixes))
    opening = f"<{root_tag[1]}{spaces}{xml[root_tag.end(1) : root_tag.end()]}"
    sound = _sound_text(opening + xml[root_tag.end() :]).encode("utf-8", "replace")
    root = _parse(sound, recover=False)
    if root is None:
        root = _recovered(opening, root_tag[1], xml[root_tag.end() :])
    if root is None:
        return None
    _shorten(root)
    plain = etree.tostring(root, encoding="utf-8")
    return plain if _is_well_formed(plain) else None


def _parse(xml: bytes, *, recover: bool) -> etree._Element | None:
    parser = etree.XMLParser(
        recover=recover, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        return None


def _recovered(opening: str, name: str, rest: str) -> etree._Element | None:
    """The root with its entries, each parsed leniently on its own."""
    opening = _sound_text(opening).rstrip("/>") + ">"
    root = _parse(f"{opening}</{name}>".encode("utf-8", "replace"), recover=True)
    if root is None:
        return None
    into = etree.SubElement(root, "channel") if name == "rss" else root
    starts = list(islice(_ENTRY.finditer(rest), MOST_ENTRIES + 1))
    for start, following in zip_longest(starts[:MOST_ENTRIES], starts[1:]):
        piece = rest[start.start() : following.start() if following else len(rest)]
        ended = re.search(rf"</{re.escape(start[1])}\s*>", piece)
        piece = piece[: ended.start()] if ended else piece
        parsed = _parse(f"{opening}{_sound_text(_wrapped(piece))}</{start[1]}></{name}>".encode("utf-8", "replace"), recover=True)
        if parsed is not None and len(parsed):
            into.append(parsed[0])
    return root


def _wrapped(entry: str) -> str:
    """An entry whose texts end where the next begins, with bare markup inside them in CDATA sections."""
    pieces: list[str] = []
    at = 0
    inside: re.Match[str] | None = None
    for tag in _TEXTS.finditer(entry):
        if inside is None or (not tag[1] and inside[2] not in _MARKUP):
            if inside is not None and "<![CDATA[" not in entry[inside.end() : tag.start()]:  # a title that never ended
                pieces += [entry[at : tag.start()], f"</{inside[2]}>"]
                at = tag.start()
            inside = None if tag[1] or tag[0].endswith("/>") or tag[2] in {"item", "entry"} else tag
        elif tag[1] and tag[2] == inside[2]:
            content = entry[inside.end() : tag.start()]
            if "<" in content and "<![CDATA[" not in content:
                pieces += [entry[at : inside.end()], "<![CDATA[", content.replace("]]>", "]] >"), "]]>"]
                at = tag.start()
            inside = None
    return "".join(pieces) + entry[at:]


def _shorten(root: etree._Element) -> None:
    """Cut what no entry can need: feedparser takes seconds for a description of megabytes, an author's name of 20,000 characters (which it
    searches for an address of mail), or an item of 100,000 titles."""
    for element in root.iter("*"):
        name = element.tag.rpartition("}")[2]
        if len(element) > _CHILDREN and name not in {"rss", "channel", "feed", "RDF"}:
            del element[_CHILDREN:]
        most = _TEXT if name in _LONG_TEXTS else _SHORT_TEXT
        if element.text and len(element.text) > most:
            element.text = element.text[:most]
        if element.tail and len(element.tail) > _TEXT:
            element.tail = element.tail[:_TEXT]


def _sound_text(xml: str) -> str:
    """Outside of CDATA sections every `&` begins an entity that XML knows, and every `<` a tag of bearable length."""
    pieces: list[str] = []
    at = 0
    while (opening := xml.find("<![CDATA[", at)) >= 0 and (closing := xml.find("]]>", opening)) >= 0:
        pieces += [_sound_piece(xml[at:opening]), xml[opening : closing + 3]]
        at = closing + 3
    pieces.append(_sound_piece(xml[at:]))
    return "".join(pieces)


def _sound_piece(xml: str) -> str:
    # Constant replacements first: four million bare ampersands cost seconds if a function is called for each.
    xml = _ENTITY.sub(_as_xml, _NOT_AN_ENTITY.sub("&amp;", xml))
    return _NOT_A_TAG.sub("&lt;", without_endless_tags(xml))


def _as_xml(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        meant = html5.get(f"{name};")
        if name in _BUILT_IN:
            return found[0]
        return "".join(f"&#{ord(char)};" for char in meant) if meant else f"&amp;{name};"
    number = int(decimal) if decimal else int(hexadecimal, 16)
    allowed = number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or 0x10000 <= number <= 0x10FFFF
    return f"&#{number};" if allowed else ""


def _is_well_formed(plain: bytes) -> bool:
    # As feedparser will read it, with namespaces: libxml2 lets names through that expat refuses.
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(plain, True)
    except expat.ExpatError:
        return False
    return True
