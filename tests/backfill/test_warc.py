"""Backfill from WARC files: both layouts, filters, what is known, standard input, and every damage counted."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.warc_files import Layout, Packing, write_warc
from extractors.errors import InputError
from extractors.records import Page
from flows.archive import Archive
from flows.backfill.warcs import page_language
from flows.settings import claim_home
from tests.backfill.conftest import MakeHome
from tests.backfill.past_press import PastArticle, PastPress
from tests.flows.warc_records import packed, record, response

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)


def pages(past: PastPress, outlet_id: str, *months: str) -> Iterator[Page]:
    """Articles of the past as a crawler stored them."""
    for one in past.of(outlet_id, *months):
        host, _, path = one.url.removeprefix("http://").partition("/")
        body = past.server.answer(host, f"/{path}").body
        yield Page(one.url, one.url, 200, (("content-type", "text/html; charset=utf-8"),), body, AT)


def foreign() -> Page:
    url = "http://elsewhere.example/a.html"
    return Page(url, url, 200, (("content-type", "text/html"),), b"<html><body><p>Not ours.</p></body></html>", AT)


@pytest.mark.parametrize(("layout", "packing"), list(itertools.product(("keoson", "ccnews"), ("records", "file", "no"))))
def test_pages_of_our_outlets_are_taken_in_and_nothing_is_fetched(
    past: PastPress, make_home: MakeHome, tmp_path: Path, layout: Layout, packing: Packing
) -> None:
    home = make_home(past, batch_size=2)
    path = tmp_path / "crawl.warc.gz"
    write_warc(
        path, [*pages(past, "truongson", "2023-01", "2023-02"), foreign(), *pages(past, "champapost", "2023-01")], layout, packing=packing
    )
    past.server.requests_seen.clear()
    dry = home.run(files=[path], dry_run=True)
    assert (dry.found, dry.known, dry.waiting) == (6, 0, 6)
    done = home.run(files=[path])
    assert past.server.requests_seen == []
    assert done.complete
    assert done.counts_add_up
    assert (done.found, done.known, done.taken) == (6, 0, 6)
    assert done.counts["not wanted"] == 1
    assert home.urls() == {one.url for one in [*past.of("truongson", "2023-01", "2023-02"), *past.of("champapost", "2023-01")]}
    again = home.run(files=[path])
    assert (again.found, again.known, again.taken) == (6, 6, 0)


def test_dates_in_addresses_and_languages_choose_pages(past: PastPress, make_home: MakeHome, tmp_path: Path) -> None:
    home = make_home(past)
    path = tmp_path / "crawl.warc.gz"
    write_warc(path, [*pages(past, "truongson", "2023-01"), *pages(past, "champapost", "2023-01", "2023-03")], "ccnews")
    english = home.run(files=[path], languages=["en"], since="2023-03", until="2023-03")
    assert home.urls() == {one.url for one in past.of("champapost", "2023-03")}
    assert (english.counts["other languages"], english.counts["not wanted"]) == (2, 2)


def test_the_language_of_a_page_is_that_of_its_text_and_not_the_declared_one(past: PastPress) -> None:
    (vietnamese, *_), (english, *_) = pages(past, "truongson", "2023-01"), pages(past, "champapost", "2023-01")
    assert (page_language(vietnamese), page_language(english)) == ("vi", "en")
    lying = Page("http://a.test/", "http://a.test/", 200, (), vietnamese.body.replace(b'lang="vi"', b'lang="en"'), AT)
    assert page_language(lying) == "vi"


def test_our_own_archive_is_not_copied(past: PastPress, make_home: MakeHome, tmp_path: Path) -> None:
    home = make_home(past)
    claim_home(home.settings.home, demo=True)
    with Archive(home.settings.archive_folder) as archive:
        archive.append_all(list(pages(past, "truongson", "2023-01", "2023-02")))
    (segment,) = sorted(home.settings.archive_folder.glob("*.warc.gz"))
    size = segment.stat().st_size
    done = home.run(files=[segment])
    assert (done.taken, len(home.urls())) == (4, 4)
    assert segment.stat().st_size == size
    assert sorted(home.settings.archive_folder.glob("*.warc.gz")) == [segment]


def test_a_stored_page_takes_the_place_of_one_that_is_gone(past: PastPress, make_home: MakeHome, tmp_path: Path) -> None:
    home = make_home(past)
    gone = past.of("truongson", "2024-05")
    assert home.run("truongson", since="2024-05", until="2024-05").run.rejected == {"gone": 2}  # type: ignore[union-attr]
    stored = [
        Page(one.url, one.url, 200, page.headers, page.body, AT)
        for one, page in zip(gone, pages(past, "truongson", "2024-06"), strict=True)
    ]
    write_warc(tmp_path / "crawl.warc.gz", stored, "ccnews")
    done = home.run(files=[tmp_path / "crawl.warc.gz"])
    assert (done.found, done.known, done.taken) == (2, 0, 2)
    assert done.counts_add_up
    assert home.urls() == {one.url for one in gone}


def test_standard_input(past: PastPress, make_home: MakeHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = make_home(past)
    write_warc(tmp_path / "crawl.warc.gz", pages(past, "truongson", "2023-01"), "ccnews")

    class Piped:
        buffer = NoSeek((tmp_path / "crawl.warc.gz").read_bytes())

    monkeypatch.setattr("sys.stdin", Piped())
    assert home.run(source="warc", files=[Path("-")]).taken == 2
    assert len(home.urls()) == 2


class NoSeek(io.BytesIO):
    """Bytes that come once, as through a pipe."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation("a pipe does not seek")


HOST = "http://truongson.press.test"


def page(past: PastPress, one: PastArticle, **fields: str) -> bytes:
    """The record of an article's page."""
    return record("response", one.url, response(1, past.server.answer("truongson.press.test", urlsplit(one.url).path).body), **fields)


def test_damage_and_other_records_are_counted_and_all_whole_pages_taken(past: PastPress, make_home: MakeHome, tmp_path: Path) -> None:
    one, two, three, four, five, six = past.of("truongson", "2023-01", "2023-02", "2023-03")
    body = past.server.answer("truongson.press.test", urlsplit(two.url).path).body
    sha1 = "sha1:" + base64.b32encode(hashlib.sha1(body).digest()).decode()
    members = [
        page(past, one),
        page(past, two, WARC_Payload_Digest=sha1),
        record("request", three.url, b"GET / HTTP/1.1\r\n\r\n"),
        record("metadata", three.url, b"x: y"),
        record("response", "dns:truongson.press.test", b"20260304 a.test. 300 IN A 127.0.0.1", Content_Type="text/dns"),
        record("response", f"{HOST}/a.pdf", response(1, b"%PDF-1.7", "Content-Type: application/pdf")),
        record("response", f"{HOST}/b.html", response(1, status="404 Not Found")),
        record("response", f"{HOST}/c.html", b"no http at all"),
        record("response", three.url, response(1), length=9),
        # The page of another address, stored by reference: to a body of this file, and to one that is nowhere.
        record("revisit", three.url, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", WARC_Payload_Digest=sha1),
        record("revisit", four.url, b"", WARC_Payload_Digest="sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        page(past, five),
        page(past, five),
        page(past, six),
    ]
    (tmp_path / "crawl.warc.gz").write_bytes(b"".join(map(packed, members))[:-200])
    home = make_home(past)
    done = home.run(files=[tmp_path / "crawl.warc.gz"])
    assert done.counts == {
        "request": 1, "metadata": 1, "not wanted": 1, "not html": 1, "status 404": 1, "damage: bad_http": 1, "damage: wrong_length": 1,
        "damage: revisit_unresolved": 1, "damage: torn": 1,
    }  # fmt: skip
    assert (done.found, done.known, done.taken) == (5, 1, 4)
    assert len(done.faults) == 4
    assert done.counts_add_up
    assert home.urls() == {one.url, two.url, three.url, five.url}
    # A file that was read to its damaged end is done: reading it again would find the same.
    assert done.complete


def test_a_file_that_is_no_warc_is_told(past: PastPress, make_home: MakeHome, tmp_path: Path) -> None:
    home = make_home(past)
    (tmp_path / "a.warc.gz").write_bytes(b"\x1f\x8bnot gzip at all, whatever the name says")
    (tmp_path / "b.warc").write_bytes(b"<html>a page</html>" * 50)
    (tmp_path / "c.warc").write_bytes(b"")
    write_warc(tmp_path / "d.warc.gz", pages(past, "truongson", "2023-01"), "ccnews")
    files = [tmp_path / name for name in ("a.warc.gz", "b.warc", "c.warc", "d.warc.gz")]
    done = home.run(files=files)
    assert [address for address, _ in done.failures] == [str(path) for path in files[:3]]
    assert all("holds no WARC record" in error for _, error in done.failures)
    assert done.taken == 2
    assert not done.complete
    with pytest.raises(InputError, match="is not a file"):
        home.run(files=[tmp_path / "none.warc"])
