"""An outlet that does everything wrong, beside one good article in each feed that can be read."""

from __future__ import annotations

from dataclasses import dataclass

from extractors.records import Feed, Outlet
from keoson.press.rendering import Resource

HOST = "loi.press.test"
_HTML = "text/html; charset=utf-8"
_RSS = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True)
class BadFeed:
    """A feed, and whether it can be read all the same."""

    body: bytes
    content_type: str
    status: int = 200
    readable: bool = False


def _page(title: str, body: str) -> str:
    return f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'


def _story(place: str) -> str:
    return _page(
        f"Trao tặng thiết bị ở {place}",
        f"<article><h1>Trao tặng thiết bị ở {place}</h1><p>Ngày 12/3/2026, tại {place}, Công an tỉnh Quảng Trị trao tặng Công an tỉnh Savannakhet (Lào) "
        "mười bộ máy vi tính cùng hai máy in để làm việc ở các cụm bản.</p><p>Đại diện đơn vị nhận quà bày tỏ lời cảm ơn và cho biết số thiết bị "
        "sẽ được đưa về các trạm ngay trong tuần này.</p></article>",
    )


def _rss(*slugs: str) -> str:
    items = "".join(
        f"<item><title>Trao tặng thiết bị ở {slug}</title><link>http://{HOST}/{slug}.html</link><pubDate>Fri, 13 Mar 2026 08:00:00 +0700</pubDate></item>"
        for slug in slugs
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Tin</title><link>http://{HOST}/</link><description>x</description>{items}</channel></rss>'


FEEDS = {
    "html": BadFeed(_page("Trang chủ", "<p>Không phải nguồn tin.</p>").encode(), _HTML),
    "empty": BadFeed(b"", _RSS),
    "missing": BadFeed(b"<html><body>404</body></html>", _HTML, 404),
    "truncated": BadFeed(_rss("cat-ngang", "mat-nua").encode()[:-150], _RSS, readable=True),
    "charset": BadFeed(_rss("sai-bang-ma").encode("utf-8"), "application/rss+xml; charset=iso-8859-1", readable=True),
    "lying": BadFeed(_rss("noi-doi", "khong-bai", "la-anh", "khong-con").encode(), "image/png", readable=True),
}

_PAGES = {
    "cat-ngang": Resource(_story("Lao Bảo").encode(), _HTML),
    "mat-nua": Resource(_story("Sê Pôn").encode(), _HTML),
    # says windows-1252 in the header; the bytes and the page's own meta are UTF-8
    "sai-bang-ma": Resource(_story("Đakrông").encode(), "text/html; charset=windows-1252"),
    "noi-doi": Resource(_story("Hướng Hóa").encode(), "image/jpeg"),
    "khong-bai": Resource(_page("Danh mục", "<nav><a href='/a'>A</a></nav>").encode(), _HTML),
    "la-anh": Resource(b"\x89PNG\r\n\x1a\n" + bytes(400), _HTML),
    "khong-con": Resource(b"<html><body>404</body></html>", _HTML, status=404),
}

ARTICLES = ("cat-ngang", "sai-bang-ma", "noi-doi")
REJECTED = {"khong-bai": "no_text", "la-anh": "no_text", "khong-con": "gone"}


def outlet() -> Outlet:
    """The outlet, with a feed for each kind of mistake."""
    feeds = tuple(Feed(f"loi_{name}", "loi", f"http://{HOST}/{name}.rss", "rss") for name in FEEDS)
    return Outlet("loi", "Báo Lỗi", "vi", "VN", f"http://{HOST}/", (HOST,), "Asia/Ho_Chi_Minh", feeds)


def resources() -> dict[str, Resource]:
    """Everything the outlet serves, by address."""
    feeds = {f"http://{HOST}/{name}.rss": Resource(feed.body, feed.content_type, status=feed.status) for name, feed in FEEDS.items()}
    return feeds | {f"http://{HOST}/{slug}.html": page for slug, page in _PAGES.items()}
