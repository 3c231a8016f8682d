"""A small press for the pipeline's tests: outlets, their feeds and pages, and a program that ingests them in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from extractors.records import Feed, Outlet
from flows.pipeline import ingest
from flows.settings import Settings
from mappings import open_index
from tests.flows.conftest import Site

HOSTS = {"bao-bac": "bao-bac.test", "bao-nam": "bao-nam.test"}


def outlets() -> dict[str, Outlet]:
    """Two outlets; the first has two feeds, which share an article."""
    made = {}
    for name, host in HOSTS.items():
        feeds = [Feed(f"{name}/{section}", name, f"http://{host}/{section}.rss", "rss") for section in ("tin", "an-ninh")]
        made[name] = Outlet(
            name, name, "vi", "VN", f"http://{host}/", (host,), "Asia/Ho_Chi_Minh", tuple(feeds if name == "bao-bac" else feeds[:1])
        )
    return made


def rss(*lines: tuple[str, str]) -> bytes:
    """An RSS feed of (address, title)."""
    items = "".join(
        f"<item><title>{title}</title><link>{url}</link><guid>{url}</guid><pubDate>Thu, 12 Mar 2026 08:00:00 +0700</pubDate></item>"
        for url, title in lines
    )
    head = "<title>Tin</title><link>http://a.test/</link><description>Tin</description>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def story(title: str, *paragraphs: str) -> str:
    """A page with an article, between things that are none."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title></head><body><nav><a href="/">Đầu</a></nav>'
        f"<article><h1>{title}</h1>{body}</article><footer>Liên hệ</footer></body></html>"
    )


def meeting(day: int, place: str) -> tuple[str, ...]:
    """The paragraphs of a report on a meeting of two provincial police forces."""
    return (
        f"Ngày {day}/3/2026, tại {place}, Công an tỉnh Quảng Trị (Việt Nam) và Công an tỉnh Savannakhet (Lào) tổ chức hội nghị giao ban.",
        "Tại hội nghị, hai bên đánh giá kết quả phối hợp bảo đảm an ninh trật tự khu vực biên giới trong sáu tháng vừa qua.",
        "Kết thúc hội nghị, hai bên ký kết biên bản hợp tác về phòng, chống tội phạm ma túy và trao đổi thông tin trong thời gian tới.",
    )


def publish(site: Site, count: int = 6) -> None:
    """Put the sample press on a site: `count` stories for each outlet, duplicates, a page without text, one gone, a foreign one."""
    for name, host in HOSTS.items():
        lines = []
        for number in range(count):
            url, title = f"http://{host}/bai-{number}.html", f"Hội nghị giao ban lần thứ {number} của công an hai tỉnh"
            lines.append((url, title))
            site.html(f"{host}/bai-{number}.html", story(title, *meeting(1 + 5 * number, "thành phố Đông Hà")))
        if name == "bao-bac":
            lines += [
                (f"http://{host}/trong.html", "Trang trống"),
                (f"http://{host}/mat.html", "Bài đã gỡ"),
                ("http://other.test/x", "Nơi khác"),
            ]
            site.html(f"{host}/trong.html", "<!DOCTYPE html><html><head><title>Trang trống</title></head><body></body></html>")
            site.answers[f"{host}/an-ninh.rss"] = (200, {"Content-Type": "application/rss+xml"}, rss(lines[0], lines[1]))
        site.answers[f"{host}/tin.rss"] = (200, {"Content-Type": "application/rss+xml"}, rss(*lines))


def contents(home: Path) -> dict[str, dict[str, Any]]:
    """Every document of the embedded index in a home, by kind and id, without the time of fetching."""
    index = open_index(home=home)
    index.ensure()
    try:
        return {
            f"{kind}/{document['id']}": {name: value for name, value in document.items() if name != "fetched_at"}
            for kind in ("articles", "reports", "events")
            for document in index.export(kind)  # type: ignore[arg-type]
        }
    finally:
        index.close()


def write_outlets(folder: Path) -> None:
    """The same outlets as TOML files."""
    for outlet in outlets().values():
        name = outlet.id.replace("-", "_")
        lines = [f'{key} = "{getattr(outlet, key)}"' for key in ("name", "language", "country", "homepage", "time_zone")]
        lines += [f'id = "{name}"', f'hosts = ["{outlet.hosts[0]}"]']
        for feed in outlet.feeds:
            lines += ["[[feeds]]", f'id = "{feed.id.replace("/", "_").replace("-", "_")}"', 'kind = "rss"', f'url = "{feed.url}"']
        (folder / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    """Ingest the sample press with settings given as JSON; say each stage and step, so that a test can kill us there."""

    class Said:
        def started(self, stage: str, total: int) -> None:
            print(f"started {stage}", flush=True)

        def advanced(self, stage: str, count: int = 1) -> None:
            print(f"advanced {stage}", flush=True)

        def ended(self, stage: str) -> None:
            print(f"ended {stage}", flush=True)

    ingest(Settings.load(**json.loads(sys.argv[1])), outlets(), progress=Said())


if __name__ == "__main__":
    main()
