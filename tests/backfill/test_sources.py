"""Each source of a backfill against the past of the sample press."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.backfill.conftest import MakeHome
from tests.backfill.past_press import PastPress


def test_sitemaps_of_a_range_give_its_articles_and_no_other_page_is_asked_for(past: PastPress, make_home: MakeHome) -> None:
    home = make_home(past)
    past.server.requests_seen.clear()
    dry = home.run("truongson", since="2024-04", until="2024-06", dry_run=True)
    wanted = past.of("truongson", "2024-04", "2024-05", "2024-06")
    assert (dry.found, dry.known, dry.waiting) == (len(wanted), 0, len(wanted)) == (6, 0, 6)
    assert {(month.month, month.found) for month in dry.months} == {("2024-04", 2), ("2024-05", 2), ("2024-06", 2)}
    asked = [request.path for request in past.server.requests_seen]
    assert sorted(asked) == ["/robots.txt", "/sitemap-2024-04.xml", "/sitemap-2024-05.xml", "/sitemap-2024-06.xml", "/sitemap-index.xml"]
    done = home.run("truongson", since="2024-04", until="2024-06")
    assert done.complete
    assert done.counts_add_up
    assert done.run is not None
    assert (done.run.newly_indexed, done.run.rejected) == (4, {"gone": 2})
    assert home.urls() == {one.url for one in wanted if one.there}
    asked = [request.path for request in past.server.requests_seen][len(asked) :]
    # What the dry run has found out is not asked for again.
    assert not [path for path in asked if path.endswith(".xml")]
    again = home.run("truongson", since="2024-04", until="2024-06")
    assert (again.found, again.known, again.taken) == (6, 6, 0)


def test_articles_carry_the_date_and_the_provinces_of_then(past: PastPress, make_home: MakeHome) -> None:
    home = make_home(past)
    home.run("truongson", since="2025-06", until="2025-07")
    articles = {document["url"]: document for document in home.documents()}
    told = past.of("truongson", "2025-06", "2025-07")
    assert len(told) == 4
    for one in told:
        assert articles[one.url]["published"][:10] == one.published.date().isoformat()
        # Quảng Nam ended with June 2025: before, reports are of it; after, of Đà Nẵng, into which a search of today rolls it up.
        of_then, of_today = ("VN-27", "VN-48-2025") if one.month == "2025-06" else ("VN-48-2025", "VN-48-2025")
        assert of_then in articles[one.url]["admin1_id"]
        assert of_today in articles[one.url]["admin1_today_id"]


def test_a_listing_is_paged_through_until_the_range_is_passed(past: PastPress, make_home: MakeHome) -> None:
    home = make_home(past)
    past.server.requests_seen.clear()
    done = home.run("champapost", source="listing", since="2025-01", until="2025-03")
    wanted = past.of("champapost", "2025-01", "2025-02", "2025-03")
    assert done.complete
    assert home.urls() == {one.url for one in wanted}
    assert done.found == len(wanted) == 6
    pages = [request.path for request in past.server.requests_seen if request.path.startswith("/news/")]
    # 24 articles of 2025 stand on the first three pages; two pages beyond the range end it.
    assert pages == ["/news/", "/news/page/2/", "/news/page/3/", "/news/page/4/", "/news/page/5/"]


def test_a_csv_of_addresses(past: PastPress, make_home: MakeHome, tmp_path: Path) -> None:
    home = make_home(past)
    wanted = past.of("truongson", "2023-01")
    others = past.of("truongson", "2023-02")
    with (tmp_path / "list.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Title", "URL", "Published"])
        writer.writerows([one.title, one.url, one.published.isoformat()] for one in [*wanted, *others])
        writer.writerow(["not ours", "http://elsewhere.example/a.html", ""])
        writer.writerow(["no address", "mailto:a@b.test", ""])
        writer.writerow(["no date", wanted[0].url, "yesterday"])
    done = home.run(source="urls", since="2023-01", until="2023-01", files=[tmp_path / "list.csv"])
    assert home.urls() == {one.url for one in wanted}
    assert done.counts == {"lines": 7, "host of no outlet": 1, "no address": 1, "date not readable": 1, "outside the range": 2}
    assert done.found == 2


def test_ndjson_and_bare_addresses(past: PastPress, make_home: MakeHome, tmp_path: Path) -> None:
    home = make_home(past)
    one, two = past.of("truongson", "2023-03")
    lines = [json.dumps({"link": one.url, "date": one.published.isoformat()}), "{broken", json.dumps({"link": None})]
    (tmp_path / "list.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "bare.txt").write_text(f"\ufeff{two.url}\n\n", encoding="utf-8")
    done = home.run(files=[tmp_path / "list.ndjson", tmp_path / "bare.txt"])
    assert home.urls() == {one.url, two.url}
    assert done.counts == {"lines": 3, "line not readable": 1, "no address": 1}
