"""What some text is, in words for an error message, and the XML repairs that both XML kinds of feed need."""

from __future__ import annotations

import re

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_ENDLESS_TAG = re.compile(r"<[^<>]{20000,}>?")
_TITLE = re.compile(r"<title[^>]*>([^<]{1,80})", re.IGNORECASE)


def what_came(text: str) -> str:
    """`an HTML page titled "..."`, `JSON`, `an XML document <urlset>`, …"""
    head = _DECLARATION.sub("", text[:4000]).lstrip()
    if head[:1] in {"{", "["}:
        return "JSON"
    root = _ROOT.search(re.sub(r"<!--.*?-->|<!DOCTYPE[^>]*>|<\?[^>]*\?>", " ", head, flags=re.DOTALL))
    if re.match(r"<!doctype html", head, re.IGNORECASE) or (root and root[1].lower() in {"html", "head", "body", "script", "meta", "div"}):
        title = _TITLE.search(text[:20000])
        return f'an HTML page titled "{" ".join(title[1].split())}"' if title else "an HTML page without a title"
    if root:
        return f"an XML document <{root[1]}>"
    return f"text that is no feed ({' '.join(text[:60].split())!r})" if text.strip() else "nothing but white space"


def without_endless_tags(text: str) -> str:
    """Without tags of more than 20,000 characters: parsers compare their attributes with each other, 200,000 of them for minutes."""
    return _ENDLESS_TAG.sub("", text)


def sound_xml(text: str) -> str:
    """Without the declaration (the bytes are decoded already, and declarations lie: VietnamBiz says utf-16 and sends UTF-8) and without
    the control characters that XML forbids."""
    return _FORBIDDEN.sub("", _DECLARATION.sub("", text)).lstrip()


def whole_entries(text: str, root: str, entry: str, most: int | None = None) -> tuple[str, bool]:
    """Text cut after its last whole entry if the root's end tag never came (or after `most` entries), and whether it was cut.

    Otherwise a lenient parser would read an address cut in its middle, which is another address. `root` and `entry` are patterns of names.
    """
    ends = [end.end() for end in re.finditer(rf"</(?:{entry})\s*>", text)]
    if most is not None and len(ends) > most:
        return text[: ends[most - 1]], True
    if re.search(rf"</(?:{root})\s*>", text[-2000:]) or re.search(rf"<(?:{root})\b[^<>]*/>\s*$", text[-2000:]):
        return text, False
    return (text[: ends[-1]] if ends else ""), True
