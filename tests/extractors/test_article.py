"""Pages to articles: what is refused, which title and date win, and that any charset is read."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.addresses import article_id
from extractors.article import extract_article
from extractors.charsets import decode_bytes
from extractors.errors import ExtractionError, NoTextError
from extractors.records import Entry, Outlet, Page, PublishDate

OUTLET = Outlet("baomau", "Báo Mẫu", "vi", "VN", "https://baomau.test", ("baomau.test",), "Asia/Ho_Chi_Minh", (), prefixes=("(BM) -",))
FETCHED = datetime(2026, 11, 1, 12, tzinfo=UTC)
PARAGRAPHS = (
    "(BM) - Sáng nay, hai đồn biên phòng gặp nhau bên suối để bàn chuyện dọn mốc và sửa đường mòn trước mùa mưa.",
    "Trưởng bản kể rằng năm ngoái nước lớn làm trôi cầu gỗ, trẻ con phải nghỉ học nửa tháng vì không sang sông được.",
    "Hai bên hẹn tuần sau cùng đi khảo sát, mang theo thợ mộc của cả hai bản và ít vật liệu để dựng lại nhịp giữa.",
)


def html(paragraphs: tuple[str, ...] = PARAGRAPHS, head: str = "<title>Hai đồn dọn mốc | Báo Mẫu</title>", more: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body><nav><a href='/'>Trang chủ</a></nav><article>{body}</article>{more}</body></html>"
    )


def page(
    body: str | bytes, url: str = "https://baomau.test/tin/hai-don-1001.html", content_type: str | None = "text/html; charset=utf-8"
) -> Page:
    headers = () if content_type is None else (("content-type", content_type),)
    return Page(url, url, 200, headers, body.encode() if isinstance(body, str) else body, FETCHED)


def entry(**values: object) -> Entry:
    return replace(Entry("baomau_rss", "https://baomau.test/x", "Tiêu đề trong nguồn tin"), **values)  # type: ignore[arg-type]


def test_an_article_with_its_text_title_language_and_spans() -> None:
    article = extract_article(page(html()), OUTLET, None)
    assert article.text == "\n".join(PARAGRAPHS)
    assert (article.title, article.language, article.outlet_id) == ("Hai đồn dọn mốc", "vi", "baomau")
    assert (article.id, article.url) == (
        article_id("http://www.baomau.test/tin/hai-don-1001.html"),
        "https://baomau.test/tin/hai-don-1001.html",
    )
    assert [(span.kind, article.text[span.start : span.end]) for span in article.spans] == [("prefix", "(BM) -")]


def test_the_final_address_is_the_articles() -> None:
    redirected = replace(page(html()), url="https://baomau.test/old-1.html")
    assert extract_article(redirected, OUTLET, None).url == "https://baomau.test/tin/hai-don-1001.html"


@pytest.mark.parametrize(
    "content_type", [None, "text/html", "text/html; charset=iso-8859-1", "text/html; charset=windows-1258", "image/jpeg", "??"]
)
@pytest.mark.parametrize("head", ["", '<meta charset="windows-1252">', '<meta charset="utf-8">'])
def test_utf8_is_read_whatever_is_declared(content_type: str | None, head: str) -> None:
    article = extract_article(page(html(head=head), content_type=content_type), OUTLET, None)
    assert article.text == "\n".join(PARAGRAPHS)


def test_decomposed_text_becomes_nfc() -> None:
    assert extract_article(page(unicodedata.normalize("NFD", html())), OUTLET, None).text == "\n".join(PARAGRAPHS)


def test_charsets() -> None:
    assert decode_bytes("Đồn".encode("utf-16")) == "Đồn"
    assert decode_bytes("\ufeffĐồn".encode()) == "Đồn"
    assert decode_bytes(("Đồn biên phòng, " * 5).encode()[:-1] + "đ".encode()[:1]) == "Đồn biên phòng, " * 4 + "Đồn biên phòng,\ufffd"
    assert decode_bytes("caf\xe9 \xe0 la fronti\xe8re".encode("latin-1"), "text/html; charset=ISO-8859-1") == "café à la frontière"
    vietnamese = unicodedata.normalize("NFC", decode_bytes(b"<meta charset=windows-1258>\xd0\xf4\xecn", "text/html"))
    assert vietnamese == "<meta charset=windows-1258>Đốn"
    assert decode_bytes(b"\xff\x00\xc3(", "text/html; charset=no-such-charset")


@given(st.binary(max_size=100), st.one_of(st.none(), st.text(max_size=30)))
def test_decoding_never_raises(body: bytes, content_type: str | None) -> None:
    decode_bytes(body, content_type)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty body"),
        (b" \n", "empty body"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xff\xd8\xff\xe0 JFIF", "JPEG"),
        (b"PK\x03\x04", "office document"),
        (b'<?xml version="1.0"?><rss version="2.0"></rss>', "feed or sitemap"),
        (b"just words", "no HTML"),
        (html(()).encode(), "no article text"),
        (html(("Mời xem ảnh.", "Ảnh: T.D")).encode(), "no article text"),
        (b"<html><body><script>document.cookie='D1N=1';location.reload()</script></body></html>", "no article text"),
    ],
)
def test_pages_without_article_text(body: bytes, said: str) -> None:
    with pytest.raises(NoTextError, match=said) as caught:
        extract_article(page(body), OUTLET, None)
    assert "https://baomau.test/tin/hai-don-1001.html" in str(caught.value)


def test_home_pages_and_lists_of_links_are_no_articles() -> None:
    with pytest.raises(NoTextError, match="home page"):
        extract_article(page(html(), url="https://baomau.test/"), OUTLET, None)
    teasers = "".join(f"<li><a href='/{n}.html'>Tin số {n}: {PARAGRAPHS[n % 3]}</a></li>" for n in range(20))
    with pytest.raises(NoTextError, match="list of links"):
        extract_article(page(f"<html><body><div><ul>{teasers}</ul></div></body></html>"), OUTLET, None)


def test_links_in_the_story_do_not_make_it_a_list() -> None:
    linked = tuple(text.replace("hai đồn biên phòng gặp nhau", "<a href='/x'>hai đồn biên phòng gặp nhau</a>") for text in PARAGRAPHS)
    assert extract_article(page(html(linked)), OUTLET, None).text == "\n".join(PARAGRAPHS)


def test_a_short_bulletin_is_an_article() -> None:
    assert extract_article(page(html(PARAGRAPHS[:1])), OUTLET, None).text == PARAGRAPHS[0]


def test_an_address_that_is_none_is_an_extraction_error() -> None:
    with pytest.raises(ExtractionError, match="no http"):
        extract_article(page(html(), url="file:///tin/a.html"), OUTLET, None)


def test_an_early_end_tag_does_not_end_the_page() -> None:
    assert extract_article(page(html().replace("<html>", "<html></html>")), OUTLET, None).text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Hai đồn dọn mốc - baomau.test</title>", "Hai đồn dọn mốc"),
        ('<meta property="og:title" content="Hai đồn dọn mốc">', "Hai đồn dọn mốc"),
        ("<title>Báo Mẫu</title>", "Tiêu đề trong nguồn tin"),
        ("", "Tiêu đề trong nguồn tin"),
    ],
)
def test_titles(head: str, title: str) -> None:
    assert extract_article(page(html(head=head)), OUTLET, entry()).title == title


def test_a_title_with_a_dash_is_whole_if_the_headline_or_the_feed_says_so() -> None:
    head = "<title>Hai đồn - hai bản - Báo Mẫu</title>"
    with_headline = html(head=head).replace("<article>", "<h1>Hai đồn - hai bản</h1><article>")
    assert extract_article(page(with_headline), OUTLET, None).title == "Hai đồn - hai bản"
    assert extract_article(page(html(head=head)), OUTLET, entry(title="Hai đồn - hai bản")).title == "Hai đồn - hai bản"


META = '<title>Hai đồn dọn mốc</title><meta property="article:published_time" content="2026-09-14T20:00:00+07:00">'


def date_of(body: str, from_feed: Entry | None = None, url: str = "https://baomau.test/tin/hai-don-1001.html") -> PublishDate | None:
    return extract_article(page(body, url=url), OUTLET, from_feed).published


def test_the_feeds_date_comes_first_in_the_outlets_zone() -> None:
    found = date_of(html(head=META), entry(published=datetime(2026, 9, 13, 18, 30, tzinfo=UTC)))
    assert found == PublishDate("2026-09-14T01:30:00+07:00", "time", "feed")


def test_then_the_pages() -> None:
    assert date_of(html(head=META), entry()) == PublishDate("2026-09-14", "day", "page")


def test_a_date_of_the_future_is_refused() -> None:
    assert date_of(html(head=META), entry(published=datetime(2026, 11, 4, tzinfo=UTC))) == PublishDate("2026-09-14", "day", "page")
    assert date_of(html(head=META.replace("2026-09-14", "2027-09-14"))) is None
    assert date_of(html(), url="https://baomau.test/2027/01/02/tin.html") is None


def test_then_a_header_line() -> None:
    assert date_of(html(("Thứ Hai, 14/09/2026, 08:05", *PARAGRAPHS))) == PublishDate("2026-09-14", "day", "header")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/2026/09/14/hai-don.html", PublishDate("2026-09-14", "day", "address")),
        ("/tin/hai-don-20260914080512345.htm", PublishDate("2026-09-14", "day", "address")),
        ("/tin/hai-don-185260914080512345.htm", PublishDate("2026-09-14", "day", "address")),
        ("/thoi-su/202609/hai-don-3f2a/", PublishDate("2026-09", "month", "address")),
        ("/tin/hai-don-20261399.html", None),
        ("/tin/hai-don-1001.html", None),
    ],
)
def test_last_the_address(path: str, expected: PublishDate | None) -> None:
    assert date_of(html(), url=f"https://baomau.test{path}") == expected


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_pages_give_an_article_or_an_extraction_error(data: st.DataObject) -> None:
    body = html(head=META).encode()
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body)))
        until = data.draw(st.integers(at, min(len(body), at + 60)))
        body = (
            body[:at]
            + data.draw(st.one_of(st.binary(max_size=6), st.sampled_from([b"<", b"</p>", b"\x00", b"<table>", b"&#0;"])))
            + body[until:]
        )
    try:
        article = extract_article(page(body), OUTLET, None)
    except ExtractionError:
        return
    assert article.text == unicodedata.normalize("NFC", article.text)
    assert all(one.end <= other.start for one, other in pairwise(article.spans))
