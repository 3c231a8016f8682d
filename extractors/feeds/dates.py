"""Dates as feeds write them, to instants.

feedparser reads `ICT` and zoneless ISO as UTC, seven hours wrong, and does not read `GMT+7`, zoneless RFC 822 or M/D/Y (lessons.md, 1),
so dates are read here and nowhere else. Shapes, all seen in the feeds of notes/sources.md, section A:

    Mon, 14 Sep 2026 08:00:00 +0700 | +07 | +07:00 | GMT+7 | ICT | nothing (the feed's zone); two-digit years
    2026-09-14T08:00:00+07:00 | 2026-09-14 08:00 (the feed's zone) | 2026-09-14 (its midnight)
    9/14/2026 6:44:00 PM (month first, as the clock's AM or PM tells) | 14/9/2026 18:44 | 18:44 14/09/2026 (day first)
    14 tháng 9, 2026 | September 14, 2026
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Hours east of Greenwich: RFC 822's own names, and the one that feeds of this region write.
_ZONES = {"gmt": 0, "ut": 0, "utc": 0, "z": 0, "ict": 7}
_ZONES |= {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\b|SA\b|CH\b)?"
_ZONE = r"(?P<zone>(?:GMT|UTC)?\s*[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]{1,4}\b)?"
_RFC822 = re.compile(rf"\b(?P<day>\d{{1,2}})[ -](?P<name>[A-Za-z]{{3,9}})\.?,?[ -](?P<year>\d{{4}}|\d{{2}})(?:,?\s+{_CLOCK}\s*\(?{_ZONE})?")
_ISO = re.compile(rf"(?<!\d)(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})(?:[T ]\s*{_CLOCK}\s*\(?{_ZONE})?")
_SLASHED = re.compile(
    rf"(?<![\d/.-])(?P<first>\d{{1,2}})[/.-](?P<second_number>\d{{1,2}})[/.-](?P<year>\d{{4}}|\d{{2}})(?!\d)(?:\W*{_CLOCK}\s*\(?{_ZONE})?"
)
_VIETNAMESE = re.compile(rf"(?P<day>\d{{1,2}}) [Tt]háng (?P<month>\d{{1,2}})(?:,| năm)? (?P<year>\d{{4}})(?:\W*{_CLOCK}\s*\(?{_ZONE})?")
_MONTH_FIRST = re.compile(r"\b([A-Z][a-z]{2,8})\.? (\d{1,2}), (\d{4})\b")  # December 29, 2021
_CLOCK_BEFORE = re.compile(rf"^\D*{_CLOCK}")


def parse_feed_date(raw: str, time_zone: str) -> datetime | None:
    """The instant (UTC) that `raw` names, reading a clock without a zone in `time_zone` (IANA name); None if it names none."""
    raw = _MONTH_FIRST.sub(r"\2 \1 \3", " ".join(raw.split())[:120])
    for shape in (_ISO, _RFC822, _VIETNAMESE, _SLASHED):
        found = shape.search(raw)
        if found:
            return _instant(found.groupdict(), raw, ZoneInfo(time_zone))
    return None


def _instant(parts: dict[str, str | None], raw: str, zone: tzinfo) -> datetime | None:
    day_parts = _year_month_day(parts, american=re.search(r"\b[AaPp]\.?[Mm]\b", raw) is not None)
    if day_parts is None:
        return None
    # `18:44 14/09/2026`: a clock that stands before its date.
    clock = parts if parts["hour"] or not (before := _CLOCK_BEFORE.match(raw)) else {**parts, **before.groupdict()}
    hour, minute, second = (int(clock[name] or 0) for name in ("hour", "minute", "second"))
    half = (clock["half"] or "").lower().replace(".", "")  # SA and CH: sáng and chiều
    # `18:44 PM` is said too: a half of the day means something only on a twelve-hour clock.
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in {"pm", "ch"} else 0)
    offset = _offset(parts["zone"], zone)
    if offset is None:
        return None
    try:
        return datetime(*day_parts, hour, minute, second, tzinfo=offset).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _year_month_day(parts: dict[str, str | None], *, american: bool) -> tuple[int, int, int] | None:
    written = parts["year"] or "0"
    year = int(written)
    if len(written) == 2:
        year += 2000 if year < 70 else 1900
    # The web is younger than 1990, and years 8320 and 9999 exist in feeds (lessons.md, 3).
    if not 1990 <= year <= 2100:
        return None
    if name := parts.get("name"):
        prefix = name[:3].lower()
        return (year, _MONTHS.index(prefix) + 1, int(parts["day"] or 0)) if prefix in _MONTHS else None
    if "first" in parts:
        first, second = int(parts["first"] or 0), int(parts["second_number"] or 0)
        # A clock with AM or PM is American, and so is the order of its date; otherwise this region writes the day first.
        month_first = (american and first <= 12) or second > 12
        return (year, first, second) if month_first else (year, second, first)
    return year, int(parts["month"] or 0), int(parts["day"] or 0)


def _offset(written: str | None, zone: tzinfo) -> tzinfo | None:
    """The zone as written, the feed's own if none is, None for a name that could be any of several."""
    if not written:
        return zone
    name = written.strip().lower()
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    number = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", name)
    if not number:
        return None
    hours, minutes = int(number[2]), int(number[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    return timezone((1 if number[1] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
