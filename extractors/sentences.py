"""Where sentences begin and end, and which lines are not the story.

A sentence is a span of the text; nothing is cut out. `kind` is `body`, or `related` for boxes of links to other stories ("Tin liên quan"),
which never count as something the article reports (annotation guide, section 3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from extractors.anchored import matches_at
from extractors.records import Span

# The first sentences of a story, which tell what it is about.
LEAD = 2

_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:TP|TS|ThS|PGS|GS|BS|Ths|CN|KS|Tx|TX|Q|P|H|St|Mr|Mrs|Ms|Dr|Gen|Col|Maj|Lt|Capt|Sgt|No|Nos|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|Prof|Assoc|vs|Tr|Th|Đ|TT|T|[A-ZĐ]|(?:[A-ZĐ]\.)+[A-ZĐ])\.$"
)
_END = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s|$)|[.!?…][\"”’']*(?=[A-ZĐÁÀẢÃẠÂĂÊÔƠƯ][a-zà-ỹ]|A [a-z])|/\.(?=\s|$)")
_SIGN = re.compile("[.!?…/]")  # each match of _END opens with one
_BLANKS = re.compile(r"\s*")
_RELATED = re.compile(
    r"^\W*(?:tin liên quan|tin, bài liên quan|tin bài liên quan|bài liên quan|tin cùng chuyên mục|cùng chuyên mục|tin tiêu điểm|tin khác|tin nổi bật|tin mới|đọc thêm|xem thêm"
    r"|đọc nhiều|tin đọc nhiều|có thể bạn quan tâm|bài đọc nhiều|chủ đề liên quan|từ khóa|tags?|related(?: news| stories| articles| topics)?|see also|read more|read also|also read|more (?:news|stories)|most read"
    r"|you may also like|recommended(?: for you| stories| news)?|you might also like|trending|editor['’]s picks?|latest news|ຂ່າວທີ່ກ່ຽວຂ້ອງ|ຂ່າວອື່ນໆ|ຂ່າວອື່ນ|ອ່ານເພີ່ມ)\b\s*(?P<rest>[:：]?.*)$",
    re.I,
)


# No sentence that a person wrote is longer; a text without signs is cut, so that what is done once a sentence stays linear in the text.
_LONGEST = 3000


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the text: its span, the number of its paragraph, and whether it belongs to the story."""

    start: int
    end: int
    paragraph: int
    kind: Literal["body", "header", "caption", "related"]


def split_sentences(text: str, spans: tuple[Span, ...] = ()) -> list[Sentence]:
    """The sentences of `text` in order. `spans` are the marked spans of the article (header, caption, …)."""
    marked = [(span.start, span.end, span.kind) for span in spans if span.kind in ("header", "caption")]
    found: list[Sentence] = []
    related = False
    at = 0
    for number, line in enumerate(text.split("\n")):
        start, at = at, at + len(line) + 1
        if not line.strip():
            continue
        kind: Literal["body", "header", "caption", "related"] = "body"
        if heading := _RELATED.match(line):
            # "Tin tiêu điểm: A; B" is a box of one line; a bare heading opens a box of short lines.
            related = len(heading["rest"].strip(" :：.")) < 3
            kind = "related"
        elif related:
            # Teasers are headlines: short, and without a full stop at the end. A real paragraph closes the box.
            if len(line) > 220 or (len(line) > 140 and line.rstrip().endswith(".")):
                related = False
            else:
                kind = "related"
        if kind == "body":
            for span_start, span_end, span_kind in marked:
                if span_start <= start < span_end and span_end >= start + len(line.rstrip()) - 1:
                    kind = "header" if span_kind == "header" else "caption"
        for left, right in _sentences_of_line(line):
            for piece in range(left, right, _LONGEST):
                found.append(Sentence(start + piece, start + min(piece + _LONGEST, right), number, kind))
    return found


def _sentences_of_line(line: str) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    begin = 0
    for match in matches_at(_END, line, [sign.start() for sign in _SIGN.finditer(line)]):
        if match.group().startswith(".") and _ABBREVIATION.search(line, max(begin, match.start() - 12), match.start() + 1):
            continue
        following = _BLANKS.match(line, match.end())
        if following and line[following.end() : following.end() + 1].islower() and not match.group().startswith(("!", "?")):
            continue
        if line[begin : match.end()].strip():
            out.append((begin, match.end()))
        begin = match.end()
    if line[begin:].strip():
        out.append((begin, len(line)))
    return [(right - len(line[left:right].lstrip()), left + len(line[left:right].rstrip())) for left, right in out]
