"""Plain text files as articles: what `keoson tag` reads besides HTML."""

from __future__ import annotations

import re
from dataclasses import replace

from extractors.conventions import mark_spans
from extractors.errors import InputError, NoTextError
from extractors.language import detect_language
from extractors.normalise import normalise_text
from extractors.records import Article, PublishDate

# " date 2024-12" or " date 2024-12-31" opens the files of the seeds; a dateline or page header with a full date opens others.
_DATE_LINE = re.compile(r"\s*date (?P<value>\d{4}(?:-\d{2}){0,2})(?!\d)")
_HEADER = re.compile(
    r"(?:\d{1,2}[:hg]\d{2}|thứ \w+|chủ nhật|ngày|cập nhật|published|updated|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|\||-|,|\s|:|/|\.|\d|gmt|\+|•|am|pm)*", re.I
)  # fmt: skip
_DAY = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>(?:19|20)\d{2})(?!\d)|(?<!\d)(?P<iso>(?:19|20)\d{2}-\d{2}-\d{2})(?!\d)"
)
_ENGLISH_DAY = re.compile(
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December) (?P<day>\d{1,2}),? (?P<year>(?:19|20)\d{2})"
)
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_PRECISION = {4: "year", 7: "month", 10: "day"}

# A saved page has no address of its own, and an article's must be one of the web: RFC 2606 keeps .invalid free for that.
_NO_ADDRESS = "http://saved-page.invalid/page"


def decode_text(data: bytes, name: str) -> str:
    """UTF-8 text of a file; InputError naming the file and the offset when it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not UTF-8 at byte {error.start}; convert it first, for example: iconv -f WINDOWS-1258 -t UTF-8 {name}"
        ) from error


def publish_date(value: str, source: str) -> PublishDate:
    """A PublishDate from `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; InputError for anything else."""
    if not re.fullmatch(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?", value):
        raise InputError(f"{value!r} is no date: write YYYY, YYYY-MM or YYYY-MM-DD")
    return PublishDate(value, _PRECISION[len(value)], source)  # type: ignore[arg-type]


def article_from_text(
    text: str, *, article_id: str, published: str | None = None, language: str | None = None, outlet_id: str = "file"
) -> Article:
    """An article from a plain text. `published` wins over a date at the head of the text (` date YYYY-MM[-DD]` or a header line)."""
    text = normalise_text(text)
    date = publish_date(published, "argument") if published else header_date(text)
    title = text.strip().split("\n", 1)[0][:200]
    return Article(article_id, "", outlet_id, title, text, language or detect_language(text), date, mark_spans(text))


def header_date(text: str) -> PublishDate | None:
    """The publish date that the head of a text states: the first line when it is a header line, or ` date …`."""
    if match := _DATE_LINE.match(text):
        return PublishDate(match["value"], _PRECISION[len(match["value"])], "header")  # type: ignore[arg-type]
    for line in (line.strip() for line in text.split("\n")[:3]):
        if not line or len(line) > 80:
            continue
        day = _DAY.search(line)
        english = _ENGLISH_DAY.search(line)
        if day and _HEADER.match(line[: day.start()]) and len(_HEADER.match(line[: day.start()]).group()) >= day.start() - 1:  # type: ignore[union-attr]
            value = day["iso"] or f"{day['year']}-{int(day['month']):02d}-{int(day['day']):02d}"
            return PublishDate(value, "day", "header") if _is_day(value) else None
        if english and english.start() < 20 and len(line) < 60:
            value = f"{english['year']}-{_MONTHS.index(english['month']) + 1:02d}-{int(english['day']):02d}"
            return PublishDate(value, "day", "header") if _is_day(value) else None
    return None


def _is_day(value: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", value))


def article_from_html(data: bytes, *, article_id: str, name: str, published: str | None = None) -> Article:
    """An article from a saved HTML page; InputError when it holds no article text."""
    from datetime import UTC, datetime

    from extractors.article import extract_article
    from extractors.records import Outlet, Page

    # A saved page has no fetch time; this one, far ahead, keeps its own publish date from being refused as lying in the future.
    page = Page(_NO_ADDRESS, _NO_ADDRESS, 200, (("content-type", "text/html"),), data, datetime(2100, 1, 1, tzinfo=UTC))
    outlet = Outlet("file", "file", "vi", "VN", "", (), "Asia/Ho_Chi_Minh", ())
    try:
        article = extract_article(page, outlet, None)
    except NoTextError as error:
        raise InputError(f"{name}: no article text found in this page") from error
    return replace(article, id=article_id, url="", published=publish_date(published, "argument") if published else article.published)
