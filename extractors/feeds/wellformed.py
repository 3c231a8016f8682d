"""XML as feeds send it, made well-formed, so that feedparser reads it with expat.

feedparser 6.0.14 falls back to a parser of its own for anything else, which takes time with the square of what is wrong: a tag of 200,000
attributes (2 MB) had not ended after eight minutes. libxml2 recovers in linear time and has limits on depth and length of its own. What its
recovery would lose is put right before: bare ampersands, HTML's entities, prefixes that nobody declared. Tags of more than 20,000
characters are left out: their attributes are compared with each other.
"""

from __future__ import annotations

import re
from html.entities import html5
from xml.parsers import expat

from lxml import etree

_NOT_AN_ENTITY = re.compile(r"&(?!#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{1,30};)")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,30}));")
_NOT_A_TAG = re.compile(r"<(?![A-Za-z_/!?])|<(?=[A-Za-z_/][^<>]*(?:<|$))")
_ENDLESS_TAG = re.compile(r"<[^<>]{20000,}>?")
_TEXT = 20_000  # characters: what is kept of a summary is 1,000
_CHILDREN = 500
_BUILT_IN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ROOT = re.compile(r"<(?![?!])([A-Za-z_][\w.:-]*)")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]")
_DECLARED = re.compile(r"\bxmlns:([A-Za-z_][\w.-]*)\s*=")
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
    """The document in well-formed UTF-8 without declaration, document type or entities of its own; None if there is no element in it."""
    comments = re.match(r"(?:\s*<!--.*?-->)*", xml, re.DOTALL)
    root_tag = _ROOT.search(xml, comments.end() if comments else 0)
    if root_tag is None:
        return None
    prefixes = set(_PREFIX.findall(xml)) - set(_DECLARED.findall(xml)) - {"xml", "xmlns"}
    spaces = "".join(f' xmlns:{prefix}="{_SPACES.get(prefix, f"urn:undeclared:{prefix}")}"' for prefix in sorted(prefixes))
    # The root's own tag is where the document begins: what stands before is a declaration, a comment, or an error message of the server.
    declared = xml[root_tag.start() : root_tag.end()] + spaces + xml[root_tag.end() :]
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(_sound_text(declared).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    _shorten(root)
    plain = etree.tostring(root, encoding="utf-8")
    return plain if _is_well_formed(plain) else None


def _shorten(root: etree._Element) -> None:
    """Cut texts and children that no entry can need: feedparser takes seconds for a description of megabytes or an item of 100,000 titles."""
    for element in root.iter("*"):
        if len(element) > _CHILDREN and element.tag.rpartition("}")[2] not in {"rss", "channel", "feed", "RDF"}:
            del element[_CHILDREN:]
        if element.text and len(element.text) > _TEXT:
            element.text = element.text[:_TEXT]
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
    return _NOT_A_TAG.sub("&lt;", _ENDLESS_TAG.sub("", xml))


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
