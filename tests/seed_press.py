"""The five real articles that lie beside the repository (../shared), wrapped into pages of an outlet of their own. Nothing of them is kept here."""

from __future__ import annotations

import calendar
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

from extractors.records import Feed, Outlet
from keoson.press.rendering import Resource

SHARED = Path(__file__).parent.parent.parent / "shared"
HOST = "hatgiong.press.test"
_DATE = re.compile(r"\s*date (\d{4})-(\d{2})\s")


@dataclass(frozen=True)
class Seed:
    """One article: its paragraphs, its month of publication if it states one, and what the gold set says is in it."""

    id: str
    paragraphs: tuple[str, ...]
    published: datetime | None
    gold: dict[str, Any]

    @property
    def url(self) -> str:
        return f"http://{HOST}/tin/{self.id.replace('_', '-')}.html"


def read_seeds() -> list[Seed]:
    """The seeds, or none when they are not beside the repository."""
    if not (SHARED / "seeds").is_dir():
        return []
    gold = [json.loads(line) for line in (SHARED / "goldset" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()]
    seeds = []
    for one in gold:
        text = (SHARED / "seeds" / f"{one['id']}.txt").read_text(encoding="utf-8")
        published = None
        if stated := _DATE.match(text):
            year, month = int(stated[1]), int(stated[2])
            # Only the month is known: its last day is after everything the article can tell of.
            published = datetime(year, month, calendar.monthrange(year, month)[1], 3, tzinfo=UTC)
            text = text[stated.end() :]
        seeds.append(Seed(one["id"], tuple(line.strip() for line in text.splitlines() if line.strip()), published, one))
    return seeds


def outlet() -> Outlet:
    """The outlet that publishes the seeds."""
    feed = Feed("hatgiong_rss", "hatgiong", f"http://{HOST}/tin.rss", "rss")
    return Outlet(
        "hatgiong", "Hạt giống", "vi", "VN", f"http://{HOST}/", (HOST,), "Asia/Ho_Chi_Minh", (feed,), prefixes=("(QNO)", "(Baonghean.vn)")
    )


def resources(seeds: list[Seed]) -> dict[str, Resource]:
    """The feed and the pages, by address."""
    items = "".join(
        f"<item><title>Bài số {number}</title><link>{seed.url}</link>"
        + (f"<pubDate>{format_datetime(seed.published)}</pubDate>" if seed.published else "")
        + "</item>"
        for number, seed in enumerate(seeds, 1)
    )
    rss = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Hạt giống</title><link>http://{HOST}/</link><description>x</description>{items}</channel></rss>'
    pages = {seed.url: Resource(_page(number, seed).encode(), "text/html; charset=utf-8") for number, seed in enumerate(seeds, 1)}
    return {f"http://{HOST}/tin.rss": Resource(rss.encode(), "application/rss+xml")} | pages


def _page(number: int, seed: Seed) -> str:
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in seed.paragraphs)
    dated = f'<meta property="article:published_time" content="{seed.published.isoformat()}">' if seed.published else ""
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Bài số {number}</title>{dated}</head><body>'
        '<nav><a href="/">Trang chủ</a> <a href="/an-ninh">An ninh</a></nav>'
        f'<article><h1>Bài số {number}</h1>{body}</article><aside><a href="/khac">Tin khác trong ngày</a></aside><footer>Liên hệ tòa soạn</footer></body></html>'
    )
