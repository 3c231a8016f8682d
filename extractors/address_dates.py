"""The date that an article's address carries: `/2024/12/24/`, Thanh Niên's `-185241224…`, Bộ Công an's unix seconds.

An outlet's file says in `address_dates` what its addresses look like: strftime codes between literal characters, tried in order.

    %Y %y %m %d %H %M %S    digits of a date and clock; digits after %S are fractions of the second
    %s                      ten digits of unix seconds

The table of notes/sources.md, end of section B, states those of the catalogue: `-185%y%m%d%H%M%S` (Thanh Niên), `-%Y%m%d%H%M%S` (Dân trí,
VTV), `-%s` (Bộ Công an), `/%Y%m/` (Báo Quảng Trị, Báo Đắk Lắk). Other outlets are read by shapes that can hardly mean anything else.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from extractors.records import Outlet, Precision, PublishDate

_CODES = {
    "Y": r"(?P<Y>(?:19|20)\d{2})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>[01]\d)",
    "d": r"(?P<d>[0-3]\d)",
    "H": r"(?:[01]\d|2[0-3])",
    "M": r"[0-5]\d",
    "S": r"[0-5]\d\d{0,6}",
    "s": r"(?P<s>[1-2]\d{9})",
}
_GENERAL = ("/%Y/%m/%d", "/%Y-%m-%d", "/%Y%m%d", "-%Y%m%d%H%M%S", "_%Y%m%d%H%M%S", "-185%y%m%d%H%M%S", "/%Y/%m/", "/%Y%m/")
_PRECISIONS: dict[int, Precision] = {4: "year", 7: "month", 10: "day"}
_OLDEST = date(1995, 1, 1)  # the web press of this region is younger


@cache
def compile_address_date(shape: str) -> re.Pattern[str]:
    """The regular expression of one of an outlet's `address_dates`. ValueError for an unknown code, or a shape that names no year."""
    pieces: list[str] = []
    codes: list[str] = []
    for literal, code in re.findall(r"([^%]+)|%(.?)", shape):
        if literal:
            pieces.append(re.escape(literal))
            continue
        if code not in _CODES or code in codes:
            raise ValueError(f"{shape!r}: %{code} is no code of a date in an address, or stands twice; there are %{' %'.join(_CODES)}")
        codes.append(code)
        pieces.append(_CODES[code])
    if not {"Y", "y", "s"} & set(codes):
        raise ValueError(f"{shape!r} names no year: %Y, %y or %s is needed")
    if "d" in codes and "m" not in codes:
        raise ValueError(f"{shape!r} has a day (%d) without its month (%m)")
    # Digits right before or after would make it a longer number, which is no date.
    before, after = r"(?<!\d)" if shape[0] == "%" else "", r"(?!\d)" if shape[-2] == "%" else ""
    return re.compile(before + "".join(pieces) + after)


def date_in_address(url: str, outlet: Outlet, *, latest: date | None = None) -> PublishDate | None:
    """The date in an address, to the day, month or year that its shape tells, in the outlet's zone; None if there is none.

    None too for dates after `latest` and before 1995. The shapes of the outlet come first, then the general ones. `source` is `address`.
    """
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    for shape in (*outlet.address_dates, *_GENERAL):
        for found in compile_address_date(shape).finditer(path):
            dated = _date(found.groupdict(), outlet.time_zone)
            if dated is None:
                continue
            day, length = dated
            # Digits that are a date but an impossible one mean something else, and so does a part of them.
            if day < _OLDEST or (latest is not None and day > latest):
                return None
            return PublishDate(day.isoformat()[:length], _PRECISIONS[length], "address")
    return None


def _date(parts: dict[str, str | None], time_zone: str) -> tuple[date, int] | None:
    """First day that the digits name, and how many characters of its ISO form they tell."""
    if seconds := parts.get("s"):
        return datetime.fromtimestamp(int(seconds), UTC).astimezone(ZoneInfo(time_zone)).date(), 10
    year = parts.get("Y") or f"20{parts.get('y')}"
    month, day = parts.get("m"), parts.get("d")
    try:
        return date(int(year), int(month or 1), int(day or 1)), 10 if day else 7 if month else 4
    except ValueError:
        return None
