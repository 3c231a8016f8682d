"""What newspapers put around a story: header lines, lead prefixes, photo credits, captions, signatures.

They are marked, not cut, so that every offset stays true; the taggers decide what each is worth (a caption may hold a fact that the
story leaves out). The habits of 25 outlets are listed in the table of notes/sources.md, section B; the texts that these rules were read
against are the gold set's.

Known gaps: a related headline that stands bare inside the body is not marked; a credit without `Ảnh:` is seen only as initials (`N.X`) or
capitals (`THANH LỘC`) at the end of a line without a full stop; Lao and Khmer signatures have no capitals to be known by.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from extractors.normalise import name_key
from extractors.records import Span

_LINE = re.compile(r"[^\n]+")
_DASH = r"[-–—]"
_UPPER = "A-ZĐÀ-ÖØ-ÝĂŨƠƯẠ-Ỹ"  # the last range holds small letters too; each use is anchored so that this does not matter

# Our own marker line of text files, `date 2024-12` or `date 2024-12-24`.
_STAMP = re.compile(r"[ \t]*date \d{4}-\d{2}(?:-\d{2})?\b[ \t]*")
_DATE = re.compile(
    r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? \d{1,2}, \d{4}\b"
    r"|\b\d{1,2} (?:tháng|Tháng) \d{1,2},? (?:năm )?\d{4}\b"
)
_CLOCK = re.compile(r"\b\d{1,2}(?::\d{2}){1,2}\b|\b\d{1,2}h\d{2}\b")
_HEADER_WORDS = re.compile(
    r"\b(?:Thứ (?:Hai|Ba|Tư|Năm|Sáu|Bảy)|Chủ nhật|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|GMT|UTC|Published|Posted|Updated|Cập nhật|Ngày đăng|AM|PM|ngày)\b"
    r"|ວັນທີ|ວັນ\w+|[+\-–—|•·,:()/.0-9]",
    re.IGNORECASE,
)
_LANGUAGE_SWITCH = re.compile(r"(?:Tiếng Việt|English|ລາວ|ພາສາລາວ|Français)(?:\s*[|/]\s*(?:Tiếng Việt|English|ລາວ|ພາສາລາວ|Français|中文))+")

_AGENCIES = "VNA|TTXVN|KPL|AKP|LPAN|Xinhua|VNS|NDO"
_PREFIX = re.compile(
    # (Baonghean.vn) -   (Congan.nghean.gov.vn)-   (QNO) -   (GLO)-   (THTG) 265 học viên   (LPAN)A delegate
    rf"\((?:[A-Za-zĐ][\w-]*(?:\.[\w-]+)*\.(?:vn|la|kh|com|net|org|test)|[A-ZĐ]{{2,8}}\d?)\)\s*{_DASH}?\s*"
    # (Dân trí) -   (VTC News) -
    rf"|\([{_UPPER}][\w ]{{1,20}}\)\s*{_DASH}\s*"
    # QTO -   ĐNO -   HNN.VN -   NDO/VNA –
    rf"|(?!BĐBP|UBND|HĐND|CHDCND|UBMTTQ)[A-ZĐ]{{2,6}}(?:\.VN)?(?:/[A-ZĐ]{{2,6}})?\s+{_DASH}\s+"
    # Vientiane (VNA) –   Quang Tri (VNA) -
    rf"|[{_UPPER}][\w'. ]{{1,30}} ?\((?:{_AGENCIES})\)\s*{_DASH}\s*"
    # VIENTIANE —
    r"|[A-Z][A-Z .]{3,24}\s—\s+"
)
_PREFIX_LINES = 6  # title, summary and caption may stand before the lead

_CREDIT_WORD = r"(?:Ảnh|ẢNH|ảnh|Nguồn ảnh|Photos?|PHOTO|Picture|Image|ພາບ|ຮູບພາບ|ຮູບ|រូបថត|រូបភាព|图片来源|图)"
_CREDIT_PAREN = re.compile(
    rf"\((?:{_CREDIT_WORD}|Nguồn|Source)(?:\s[^():\n]{{0,25}})?\s*[:.：][^()\n]{{1,60}}\)\.?|\((?:Ảnh|Photo)[^()\n:]{{0,20}}\)\.?"
)
_CREDIT_TAIL = re.compile(rf"(?:(?<=[\s.)…”\"–-])|^)(?:{_CREDIT_WORD}(?: (?:by|tư liệu|minh họa|minh hoạ))?\s*[:：]\s*[^\n:]{{1,48}})$")
_INITIALS_TAIL = re.compile(r"(?<=\s)(?:[A-ZĐ]\.(?:[A-ZĐ]\.)?[A-ZĐ][a-zà-ỹ]{0,7}|[A-ZĐ]\.[A-ZĐÀ-Ỹ]{2,8})\s*$")
_CAPTION_OPENING = re.compile(r"(?:Ảnh tư liệu|Ảnh minh họa|Ảnh minh hoạ|Trong ảnh|File photo|Chú thích ảnh|ພາບ|ຮູບພາບ)\s*[:.：]")
_CAPTION_LENGTH = 260
_SENTENCE_END = re.compile(r"[.!?…:;]['\"”’)]*$")

_SOURCE_LINE = re.compile(
    r"(?:Theo|Nguồn|Source|Translated by|Dịch|ຂ່າວ|ທີ່ມາ|By|Reporting by)\s*:?\s+[^\n]{2,60}|(?:ຂ່າວ|ທີ່ມາ)\s*[:：][^\n]{1,60}"
)
_SIGNATURE_LENGTH = 45
_BYLINE = 4  # words
_OWN_OPENING = 20
_TAIL_SIGNATURE = re.compile(
    rf"(?<=[.!?…”\"])\s+(?:[A-ZĐ]\.[A-ZĐÀ-Ỹ][A-ZĐÀ-Ỹa-zà-ỹ]{{0,9}}|VNA|TTXVN|VNS|KPL|PV)\s*$|\./\.\s*(?:{_DASH}?\s*(?:{_AGENCIES}))?\s*$"
)


def mark_spans(text: str, prefixes: Sequence[str] = (), *, title: str = "", signatures: Sequence[str] = ()) -> tuple[Span, ...]:
    """The stretches of NFC `text` that are not the story itself, in order and without overlaps.

    `prefixes` are the outlet's own lead prefixes (`(QNO) -`), `signatures` its own last lines or their openings (`VNS`, an invitation to
    follow the site), both in addition to the shapes known here. A first line equal to `title` is a
    header, as are a `date YYYY-MM` stamp, lines of date and clock, and a section name between the stamp and the lead prefix.
    """
    lines = [(match.start(), match.end()) for match in _LINE.finditer(text) if match[0].strip()]
    own = _own_prefixes(prefixes)
    spans = _headers(text, lines, own, title)
    spans += _lead_prefix(text, lines, own, spans)
    spans += _credits_and_captions(text, lines)
    spans += _signatures(text, lines, spans, signatures)
    return _without_overlaps(text, spans)


def _own_prefixes(prefixes: Sequence[str]) -> re.Pattern[str] | None:
    """The outlet's prefixes with any dash and any blanks, so that `(QNO) -` also finds `(QNO)–`."""
    shapes = [r"\s*".join(_DASH if piece in {"-", "–", "—"} else re.escape(piece) for piece in prefix.split()) for prefix in prefixes]
    return re.compile(rf"(?:{'|'.join(shapes)})\s*") if shapes else None


def _prefix_at(text: str, start: int, end: int, own: re.Pattern[str] | None) -> re.Match[str] | None:
    while start < end and text[start].isspace():
        start += 1
    return (own.match(text, start, end) if own else None) or _PREFIX.match(text, start, end)


def _headers(text: str, lines: list[tuple[int, int]], own: re.Pattern[str] | None, title: str) -> list[Span]:
    spans: list[Span] = []
    title_key = name_key(title)
    for number, (start, end) in enumerate(lines[:5]):
        line = text[start:end].strip()
        stamp = _STAMP.match(text, start, end) if number == 0 else None
        if stamp:
            spans.append(Span("header", start, _stamp_end(text, stamp, end, own, alone=len(lines) == 1)))
        elif (
            (title_key and number < 3 and len(line) < 2 * len(title) and name_key(line) == title_key)
            or _LANGUAGE_SWITCH.fullmatch(line)
            or _is_dateline(line)
        ):
            spans.append(Span("header", start, end))
    return spans


def _stamp_end(text: str, stamp: re.Match[str], end: int, own: re.Pattern[str] | None, *, alone: bool) -> int:
    """Where the header that opens with a stamp ends: before a lead prefix on the same line, at the line's end if the rest is a section
    or site name, else right after the stamp."""
    for opening in re.finditer(r"\(|\b[A-ZĐ]{2,6}(?:\.VN)?\s", text[stamp.end() : min(end, stamp.end() + 300)]):
        found = _prefix_at(text, stamp.end() + opening.start(), end, own)
        if found and (own is None or found.re is own or re.search(_DASH, found[0]) or opening.start() == 0):
            return found.start()
    rest = text[stamp.end() : end].strip()
    return end if len(rest) <= 60 and not alone and not _SENTENCE_END.search(rest) else stamp.end()


def _is_dateline(line: str) -> bool:
    """A line of a full date, perhaps with a clock, a weekday and a name, and hardly anything else."""
    if len(line) > 90 or not _DATE.search(line):
        return False
    rest = _HEADER_WORDS.sub(" ", _CLOCK.sub(" ", _DATE.sub(" ", line)))
    words = rest.split()
    # What may remain is an author or a site: few words, all with a capital (Lao has none, so there only little may remain).
    return len(words) <= 5 and all(not word[0].islower() for word in words) and sum(map(len, words)) <= 35


def _lead_prefix(text: str, lines: list[tuple[int, int]], own: re.Pattern[str] | None, headers: list[Span]) -> list[Span]:
    """The first line (or header's end) that opens with a prefix."""
    starts = [(start, end) for start, end in lines[:_PREFIX_LINES]]
    starts = [(max([start, *(span.end for span in headers if span.start <= start < span.end)]), end) for start, end in starts]
    for start, end in starts:
        found = _prefix_at(text, start, end, own)
        # A line that is nothing but capitals and a dash (`MAI - DUY`) is a credit, unless it is the bracketed prefix of the line below.
        if found and (found.end() < end or found[0].startswith("(")):
            return [Span("prefix", found.start(), found.end())]
    return []


def _credits_and_captions(text: str, lines: list[tuple[int, int]]) -> list[Span]:
    spans: list[Span] = []
    for number, (start, end) in enumerate(lines):
        line = text[start:end]
        credit = _CREDIT_TAIL.search(line.rstrip()) or (_INITIALS_TAIL.search(line) if len(lines) > 1 else None)
        parens = list(_CREDIT_PAREN.finditer(line))
        spans += [Span("credit", start + found.start(), start + found.end()) for found in parens]
        if credit is None and parens and not line[parens[-1].end() :].strip():
            credit = parens[-1]
        elif credit is not None:
            spans.append(Span("credit", start + credit.start(), end))
        if credit is None:
            if _CAPTION_OPENING.match(line.lstrip("( ")) and len(line) <= _CAPTION_LENGTH:
                spans.append(Span("caption", start, end))
            continue
        before = line[: credit.start()].strip(" (")
        if before:
            # A short text before the credit is its caption; a paragraph of several sentences is the story with a credit glued on.
            if len(before) <= _CAPTION_LENGTH and len(re.findall(r"[.!?]\s+(?=[\w(])", before)) == 0 and len(lines) > 1:
                spans.append(Span("caption", start, start + credit.start()))
        elif number > 0:
            above_start, above_end = lines[number - 1]
            above = text[above_start:above_end].strip()
            if len(above) <= _CAPTION_LENGTH and not _SENTENCE_END.search(above) and not above.isupper():
                spans.append(Span("caption", above_start, above_end))
    return spans


def _signatures(text: str, lines: list[tuple[int, int]], marked: list[Span], own: Sequence[str]) -> list[Span]:
    spans: list[Span] = []
    # A byline stands alone above the line that opens with the paper's prefix.
    prefixes = {span.start for span in marked if span.kind == "prefix"}
    for (start, end), (following, _) in pairwise(lines[1:_PREFIX_LINES]):
        if following in prefixes and len(text[start:end].split()) <= _BYLINE and _is_name(text[start:end].strip()):
            spans.append(Span("signature", start, end))
    # The last four lines: sidebars such as `Tin cùng chuyên mục` may follow the name. The first line is never a signature.
    for start, end in reversed(lines[1:][-4:]):
        line = text[start:end].strip()
        if any(span.start <= start < span.end for span in marked):
            continue
        if _SOURCE_LINE.fullmatch(line) or _is_name(line) or _is_own_signature(line, own):
            spans.append(Span("signature", start, end))
        elif _SENTENCE_END.search(line) and len(line) > _SIGNATURE_LENGTH:
            break
    if lines:
        start, end = lines[-1] if not spans else max((line for line in lines if line[0] < spans[-1].start), default=lines[-1])
        tail = _TAIL_SIGNATURE.search(text, start, end)
        if tail:
            spans.append(Span("signature", tail.start(), end))
    return spans


def _is_own_signature(line: str, own: Sequence[str]) -> bool:
    """A whole line, or the opening of one if it is long: a last sentence may well begin with the paper's name."""
    return any(line == signature or (len(signature) >= _OWN_OPENING and line.startswith(signature)) for signature in own)


def _is_name(line: str) -> bool:
    """`Ngọc Thi`, `NGÔ HUY`, `Ngọc Diễm – Lê Hoài`, `TTXVN`: at most six words, all with capitals, no digit, no full stop at the end."""
    words = re.split(rf"\s+|\s*(?:{_DASH}|/|&|,)\s*", line)
    return (
        len(line) <= _SIGNATURE_LENGTH
        and len(words) <= 7
        and not re.search(r"\d|[.!?:;…]$", line)
        and all(not word or word[0].isupper() or word == "và" for word in words)
        and line[0].isupper()
    )


def _without_overlaps(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """Spans in order, without white space at their edges; of two that overlap the one marked first (the surer rule) keeps the stretch."""
    kept: list[Span] = []
    for span in spans:
        kept += [
            piece
            for piece in [_trimmed(text, span)]
            if piece and all(piece.end <= other.start or piece.start >= other.end for other in kept)
        ]
    return tuple(sorted(kept, key=lambda span: span.start))


def _trimmed(text: str, span: Span) -> Span | None:
    start, end = span.start, span.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(span.kind, start, end) if start < end else None
