"""What operators and outlets get wrong: a clear message or a counted outcome, and an end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from extractors.errors import InputError
from extractors.records import Feed
from flows.backfill.plan import BackfillPlan, make_plan
from flows.backfill.walking import date_in_name
from flows.ledger import Ledger
from keoson.press.rendering import Resource
from tests.backfill.conftest import TODAY, Home, MakeHome
from tests.backfill.past_press import PATTERN, PastPress, links, past_press, xml

HOME = "http://truongson.press.test"


@pytest.fixture
def press() -> Iterator[PastPress]:
    """A past that a test may change."""
    made = past_press()
    with made.server:
        yield made


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"since": "2024-05", "until": "2024-04"}, "--since 2024-05 lies after --until 2024-04: exchange them"),
        ({"since": "2027"}, "--since 2027 lies in the future: today is 2026-11-22"),
        ({"since": "2024", "until": "2026-12"}, "--until 2026-12 lies in the future"),
        ({"since": "24/12/2024"}, "write it YYYY-MM-DD, YYYY-MM or YYYY"),
        ({"since": "2024-02-30"}, "is no date"),
        ({}, "--source sitemap needs --since"),
        ({"source": "listing"}, "--source listing needs --since"),
        ({"source": "rss", "since": "2024"}, "unknown source 'rss': use one of sitemap, listing, urls, warc"),
        ({"source": "warc"}, "--source warc needs files"),
        ({"source": "sitemap", "since": "2024", "files": [Path(__file__)]}, "takes no files"),
        ({"files": [Path("no-such.csv")]}, "no-such.csv is not a file"),
        ({"files": [Path(__file__), Path(__file__)]}, "is given twice"),
        ({"files": [Path(__file__)], "languages": ["vi"]}, "--language chooses pages of WARC files"),
        ({"files": [Path("-")], "source": "warc", "languages": ["de"]}, "unknown language 'de'"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_the_reason(told: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as refused:
        make_plan({}, **({"source": None, "since": None, "until": None} | told), today=TODAY)  # type: ignore[arg-type]
    assert said in str(refused.value)


def test_a_range_means_all_its_days() -> None:
    plan = make_plan({}, source=None, since="2024-02", until="2024-03", today=TODAY)
    assert (plan.since, plan.until) == ("2024-02-01", "2024-03-31")
    assert make_plan({}, source=None, since="2026", until="2026", today=TODAY).until == "2026-12-31"
    assert [day for day in ("2024-01", "2024-02", "2024", "2024-03-31", "2024-04-01", "2023", None) if plan.covers(day)] == [
        "2024-02", "2024", "2024-03-31", None,
    ]  # fmt: skip
    assert BackfillPlan("sitemap", "2026-10-15", "2026-12-31", ()).whole_months(TODAY) == ["2026-11", "2026-12"]
    assert BackfillPlan("sitemap", "2024-02-01", "2024-03-30", ()).whole_months(date(2026, 1, 1)) == ["2024-02"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("/sitemap-2024-03.xml", "2024-03"),
        ("/sitemaps/202403.xml", "2024-03"),
        ("/sitemaps/2024/03/12.xml", "2024-03-12"),
        ("/news_20240312.xml.gz", "2024-03-12"),
        ("/sitemap-2024-3.xml", "2024"),
        ("/sitemap.xml?year=2024", "2024"),
        ("/sitemap-posts-17.xml", None),
        ("/sitemap-1202403.xml", None),
    ],
)
def test_the_date_in_a_sitemaps_name(name: str, day: str | None) -> None:
    assert date_in_name(f"{HOME}{name}") == day


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("title,day\nA,2024-01-01\n", "has no column of addresses: its columns are title,day".replace(",", ", ", 1)),
        ('{"title": "A"}\n{"title": "B"}\n', "its objects have no address: their keys are title"),
    ],
)
def test_a_list_without_addresses_is_refused_and_leaves_nothing_to_resume(
    press: PastPress, make_home: MakeHome, tmp_path: Path, content: str, said: str
) -> None:
    home = make_home(press)
    (tmp_path / "list.csv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        home.run(files=[tmp_path / "list.csv"])
    assert said in str(refused.value)
    assert str(tmp_path / "list.csv") in str(refused.value)
    assert unfinished(home) == []


def unfinished(home: Home) -> list[int]:
    with Ledger(home.settings.ledger_address) as ledger:
        return [job.id for job in ledger.backfills.unfinished()]


def test_a_list_with_wild_lines_gives_what_is_readable(press: PastPress, make_home: MakeHome, tmp_path: Path) -> None:
    home = make_home(press)
    (one, two) = press.of("truongson", "2023-01")
    lines = [b"url;title", one.url.encode() + b";\xff\xfe", b'"no end', b"x" * 200_000, b"\x00", two.url.encode()]
    (tmp_path / "list.csv").write_bytes(b"\r\n".join(lines))
    done = home.run(files=[tmp_path / "list.csv"], dry_run=True)
    assert done.counts_add_up
    assert done.found >= 1


def test_sitemaps_that_lead_to_each_other_for_ever_come_to_an_end(press: PastPress, make_home: MakeHome) -> None:
    index = f"{HOME}/sitemap-index.xml"
    deeper = {f"{HOME}/deep-{number}.xml": xml("sitemapindex", [(f"{HOME}/deep-{number + 1}.xml", None)]) for number in range(20)}
    for address, resource in deeper.items():
        press.server.replace(address, resource)
    press.server.replace(index, xml("sitemapindex", [(index, None), (f"{HOME}/sitemap-2024-06.xml", None), (f"{HOME}/deep-0.xml", None)]))
    home = make_home(press)
    done = home.run("truongson", since="2024-06", until="2024-06", dry_run=True)
    assert done.found == 2
    assert [error for _, error in done.failures] == [f"{HOME}/deep-3.xml: sitemap indexes lead to each other, 4 deep: left out"]
    asked = [request.path for request in press.server.requests_seen]
    assert asked.count("/sitemap-index.xml") == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><body>Not found</body></html>", "where a sitemap was expected"),
        (b"", "empty body"),
        (b"\x1f\x8bnot gzip", "cannot be unpacked"),
        (b'<?xml version="1.0"?><urlset><url><loc>http://truong', "truncated"),
    ],
)
def test_a_sitemap_that_is_none_is_told_and_the_others_are_read(press: PastPress, make_home: MakeHome, body: bytes, said: str) -> None:
    press.server.replace(f"{HOME}/sitemap-2024-06.xml", Resource(body, "application/xml"))
    home = make_home(press)
    done = home.run("truongson", since="2024-06", until="2024-07", dry_run=True)
    assert done.found == 2
    ((address, error),) = done.failures
    assert address == f"{HOME}/sitemap-2024-06.xml"
    assert said in error


def test_the_sitemaps_of_an_outlet_that_names_none_are_those_of_robots_txt(press: PastPress, make_home: MakeHome) -> None:
    outlets = {"truongson": replace(press.outlets["truongson"], sitemaps=())}
    home = make_home(press, outlets=outlets)
    robots = f"User-agent: *\nAllow: /\nSitemap: {HOME}/sitemap-index.xml\nSitemap: http://elsewhere.example/s.xml\n"
    press.server.replace(f"{HOME}/robots.txt", Resource(robots.encode(), "text/plain"))
    told = home.run(since="2024-06", until="2024-06", dry_run=True)
    assert told.found == 2
    # A foreign host is not asked, whoever names it.
    assert [address for address, _ in told.failures] == ["http://elsewhere.example/s.xml"]


@pytest.mark.parametrize("way", ["the same page", "round and round", "always next"])
def test_a_listing_whose_pages_repeat_for_ever_comes_to_an_end(press: PastPress, make_home: MakeHome, way: str) -> None:
    home_page, articles = "http://champapost.press.test", press.of("champapost")
    for number in range(1, 60):
        shown = {"the same page": articles[-6:], "round and round": articles[number % 3 * 8 :][:8], "always next": articles[-8:]}[way]
        address = f"{home_page}/news/" if number == 1 else f"{home_page}/news/page/{number}/"
        press.server.replace(address, links(shown))
    home = make_home(press)
    done = home.run("champapost", source="listing", since="2023-01", dry_run=True)
    asked = [request.path for request in press.server.requests_seen if request.path.startswith("/news/")]
    assert len(asked) <= 5
    assert len(asked) == len(set(asked))
    assert done.found == len({one.url for one in articles[-6:]} if way == "the same page" else shown_of(way, press))
    assert done.places == {"done": len(asked)}


def shown_of(way: str, press: PastPress) -> set[str]:
    articles = press.of("champapost")
    return {one.url for one in (articles[-8:] if way == "always next" else articles[:24])}


def test_a_listing_that_is_away_is_told(press: PastPress, make_home: MakeHome) -> None:
    away = Feed("champapost_news", "champapost", "http://champapost.press.test/no/", "listing", article_pattern=PATTERN)
    outlets = {"champapost": replace(press.outlets["champapost"], feeds=(away,))}
    home = make_home(press, outlets=outlets)
    done = home.run(source="listing", since="2025-01", dry_run=True)
    assert [address for address, _ in done.failures] == ["http://champapost.press.test/no/"]
    with pytest.raises(InputError, match="no listing and no date_archives"):
        make_home(press, outlets={"truongson": press.outlets["truongson"]}, name="other").run(source="listing", since="2025-01")


def test_archives_by_day_are_asked_for_the_days_of_the_range(press: PastPress, make_home: MakeHome) -> None:
    day = press.of("truongson", "2024-06")[0].published
    press.server.replace(f"{HOME}/ngay/{day:%Y-%m-%d}.html", links([press.of("truongson", "2024-06")[0]]))
    outlet = replace(press.outlets["truongson"], date_archives=(f"{HOME}/ngay/%Y-%m-%d.html",), article_pattern=r"-\d{7}\.html$")
    home = make_home(press, outlets={"truongson": outlet})
    press.server.requests_seen.clear()
    done = home.run(source="listing", since=f"{day:%Y-%m-%d}", until=f"{day:%Y-%m-%d}", dry_run=True)
    assert (done.found, done.months[0].month) == (1, f"{day:%Y-%m}")
    asked = [request.path for request in press.server.requests_seen]
    assert asked == ["/robots.txt", f"/ngay/{day:%Y-%m-%d}.html"]
    month = home.run(source="listing", since="2024-06", until="2024-06", dry_run=True)
    # 29 days without a page of theirs are days without news.
    assert (month.found, month.places, month.counts["listings ended"]) == (1, {"done": 30}, 29)
