"""Pages of WARC files: decoded, filtered, counted; what cannot be read is told."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest

from benchmarks.pages import make_pages
from benchmarks.warc_files import Layout, Packing, write_warc
from extractors.records import Page
from flows.archive import Archive, PageRef
from flows.warc import WarcFault, WarcPage, read_warc
from tests.flows.warc_records import DATE, address, html, packed, page_record, record, response

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def pages_of(content: bytes, **options: object) -> tuple[list[WarcPage], list[WarcFault], dict[str, int]]:
    """What a file of this content gives."""
    skipped: Counter[str] = Counter()
    found = list(read_warc(io.BytesIO(content), name="some.warc", skipped=skipped, **options))  # type: ignore[arg-type]
    return [one for one in found if isinstance(one, WarcPage)], [one for one in found if isinstance(one, WarcFault)], dict(skipped)


@pytest.mark.parametrize("packing", ["records", "file", "no"])
@pytest.mark.parametrize("layout", ["keoson", "ccnews"])
def test_the_pages_of_our_layout_and_of_common_crawl_news(tmp_path: Path, layout: Layout, packing: Packing) -> None:
    made = [page for _, page in make_pages(15)]
    path = tmp_path / "CC-NEWS-20261101000000-00001.warc.gz"
    assert write_warc(path, made, layout, packing=packing) == 15
    pages, faults, skipped = pages_of(path.read_bytes())
    assert not faults
    assert skipped == {"warcinfo": 1} | ({"request": 15, "metadata": 15} if layout == "ccnews" else {})
    assert [(one.page.url, one.page.body, one.page.fetched_at, one.page.status) for one in pages] == [
        (page.url, page.body, page.fetched_at, 200) for page in made
    ]
    for one in pages:
        headers = dict(one.page.headers)
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert not {"content-encoding", "content-length", "transfer-encoding"} & headers.keys()


def test_only_wanted_hosts_are_decoded(tmp_path: Path) -> None:
    made = [page for _, page in make_pages(20)]
    path = tmp_path / "some.warc.gz"
    write_warc(path, made, "ccnews")
    asked: list[str] = []

    def wanted(url: str) -> bool:
        asked.append(url)
        return "songlam" in url

    pages, faults, skipped = pages_of(path.read_bytes(), wanted=wanted)
    mine = [page.url for page in made if "songlam" in page.url]
    assert [one.page.url for one in pages] == mine
    assert 0 < len(mine) < 20
    assert asked == [page.url for page in made]
    assert (faults, skipped) == ([], {"warcinfo": 1, "request": 20, "metadata": 20, "not wanted": 20 - len(mine)})


def test_standard_input_is_read_as_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "some.warc.gz"
    write_warc(path, (page for _, page in make_pages(10)), "ccnews")
    program = (
        "import sys; from flows.warc import read_warc\nfor one in read_warc(sys.stdin.buffer, name='-'): print(one.page.url, one.offset)"
    )
    with path.open("rb") as stream:
        ran = subprocess.run(
            ["sh", "-c", f'cat | "{sys.executable}" -c "$PROGRAM"'],
            stdin=stream,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PROGRAM": program},
            cwd=Path(__file__).parents[2],
        )
    pages, _, _ = pages_of(path.read_bytes())
    assert ran.stdout.splitlines() == [f"{one.page.url} {one.offset}" for one in pages]


def chunked(body: bytes) -> bytes:
    """As on the wire, in chunks of 10 bytes."""
    parts = [body[start : start + 10] for start in range(0, len(body), 10)]
    return b"".join(b"%x; some=thing\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def bare_deflate(body: bytes) -> bytes:
    """deflate as some servers misunderstand it."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


BODY = html(1) * 20


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (("Content-Encoding: gzip",), packed(BODY)),
        (("content-encoding: X-GZIP",), packed(BODY)),
        (("Content-Encoding: deflate",), zlib.compress(BODY)),
        (("Content-Encoding: deflate",), bare_deflate(BODY)),
        (("Content-Encoding: br",), brotli.compress(BODY)),
        (("Transfer-Encoding: chunked",), chunked(BODY)),
        (("Transfer-Encoding: chunked", "Content-Encoding: gzip"), chunked(packed(BODY))),
        (("Content-Encoding: deflate, gzip",), packed(zlib.compress(BODY))),
        # decoded by the crawler, which left the headers as they were
        (("Content-Encoding: gzip", "Transfer-Encoding: chunked", "Content-Length: 7"), BODY),
        (("Content-Encoding: br",), BODY),
        (("Content-Encoding: deflate",), b"\xef\xbb\xbf\r\n" + BODY),
        (("Transfer-Encoding: chunked",), b"2026-03-04\r\n" + BODY),
        (("Transfer-Encoding: chunked",), b"a\r\n" + BODY),
        (("Content-Encoding: identity",), BODY),
        (("Content-Encoding: UTF-8",), BODY),
    ],
)
def test_bodies_are_given_as_a_browser_would_see_them(headers: tuple[str, ...], body: bytes) -> None:
    content = record("response", address(1), response(1, body, "Content-Type: text/html", *headers))
    pages, faults, _ = pages_of(packed(content))
    assert not faults
    assert pages[0].page.body.endswith(BODY)
    assert len(pages[0].page.body) <= len(BODY) + 12


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        (("Content-Encoding: gzip",), packed(BODY)[:-9], "ends in the middle"),
        (("Content-Encoding: gzip",), packed(BODY)[:10] + b"\xff\xff\xff", "not compressed"),
        (("Content-Encoding: gzip",), packed(bytes(3_000_000)), "larger than 1000000"),
        (("Content-Encoding: br",), brotli.compress(bytes(3_000_000)), "larger than 1000000"),
        (("Content-Encoding: br",), brotli.compress(BODY)[:-4], "ends in the middle"),
        (("Content-Encoding: br",), b"no brotli", "not the brotli"),
        (("Content-Encoding: deflate",), b"no deflate", "not compressed"),
        (("Content-Encoding: zstd",), b"\x28\xb5\x2f\xfd", "'zstd', which is not read"),
        (("Transfer-Encoding: chunked",), chunked(BODY)[:-30], "chunks"),
        (("Transfer-Encoding: chunked",), chunked(BODY)[:40] + b"junk" + chunked(BODY)[44:], "chunks"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_told_with_its_address(headers: tuple[str, ...], body: bytes, said: str) -> None:
    bad = record("response", address(1), response(1, body, "Content-Type: text/html", *headers))
    pages, (fault,), _ = pages_of(packed(page_record(0)) + packed(bad) + packed(page_record(2)), max_bytes=1_000_000)
    assert [one.page.url for one in pages] == [address(0), address(2)]
    assert (fault.reason, fault.address, fault.offset) == ("bad_encoding", address(1), len(packed(page_record(0))))
    assert said in fault.message
    assert str(fault).startswith(f"some.warc at {fault.offset}: ")


def test_what_is_no_page_is_counted_by_what_it_is() -> None:
    others = [
        record("warcinfo", "", b"software: x\r\n"),
        record("request", address(1), b"GET / HTTP/1.1\r\n\r\n"),
        record("metadata", address(1), b"x: y"),
        record("resource", address(1), html(1)),
        record("conversion", address(1), b"text"),
        record("response", "dns:a.test", b"20260304 a.test. 300 IN A 127.0.0.1", Content_Type="text/dns"),
        record("response", address(1), response(1, status="404 Not Found")),
        record("response", address(1), response(1, status="301 Moved")),
        record("response", address(1), response(1, b"%PDF-1.7", "Content-Type: application/pdf")),
        record("response", address(1), response(1, b"{}", "Content-Type:application/json;charset=utf-8")),
        record("response", address(1), response(1, b"GIF89a", "X: y")),
    ]
    pages, faults, skipped = pages_of(b"".join(packed(one) for one in others))
    assert (pages, faults) == ([], [])
    assert skipped == dict.fromkeys(
        ("warcinfo", "request", "metadata", "resource", "conversion", "not http", "status 404", "status 301"), 1
    ) | {"not html": 3}


@pytest.mark.parametrize(
    ("headers", "body", "fields"),
    [
        (("Content-Type: TEXT/HTML;charset=x",), html(1), {}),
        (("Content-Type: application/xhtml+xml",), html(1), {}),
        (("X: y",), b"\xef\xbb\xbf\n<!DOCTYPE html>" + html(1), {}),
        (("X: y",), html(1), {"WARC_Identified_Payload_Type": "text/html"}),
    ],
)
def test_html_is_known_by_its_header_or_else_by_how_it_begins(headers: tuple[str, ...], body: bytes, fields: dict[str, str]) -> None:
    pages, _, skipped = pages_of(record("response", address(1), response(1, body, *headers), **fields))
    assert [one.page.body for one in pages] == [body]
    assert skipped == {}


@pytest.mark.parametrize(
    ("bad", "reason", "said"),
    [
        (record("response", address(1), b"no http at all"), "bad_http", "no status line"),
        (record("response", address(1), b""), "bad_http", "no status line"),
        (record("response", address(1), response(1), WARC_Date="yesterday"), "bad_record", "'yesterday'"),
        (record("response", address(1), response(1), WARC_Date=""), "bad_record", "None"),
        (record("response", address(1), response(1), length=9), "wrong_length", "Content-Length of 9"),
        (record("response", address(1), response(1), length="x"), "bad_record", "'x', which is no number"),
    ],
)
def test_a_bad_record_is_a_fault_and_the_others_are_read(bad: bytes, reason: str, said: str) -> None:
    for pack in (packed, bytes):
        pages, (fault,), _ = pages_of(pack(page_record(0)) + pack(bad) + pack(page_record(2)))
        assert [one.page.url for one in pages] == [address(0), address(2)]
        assert (fault.reason, fault.address, fault.offset) == (reason, address(1), len(pack(page_record(0))))
        assert said in fault.message


def test_damage_to_what_nobody_wants_is_counted_and_no_fault() -> None:
    request = record("request", address(1), b"GET / HTTP/1.1\r\n\r\n", length=3)
    other = record("response", "http://b.test/", response(1), length=3)
    pages, faults, skipped = pages_of(packed(request) + packed(other) + packed(page_record(2)), wanted=lambda url: "a.test" in url)
    assert ([one.page.url for one in pages], faults) == ([address(2)], [])
    assert skipped == {"request, wrong_length": 1, "not wanted": 1}


def test_a_torn_file_gives_its_whole_pages_and_says_where_it_ends() -> None:
    content = b"".join(packed(page_record(number)) for number in range(4))
    pages, (fault,), _ = pages_of(content[:-20])
    assert [one.page.url for one in pages] == [address(0), address(1), address(2)]
    assert (fault.reason, fault.offset) == ("torn", sum(one.length or 0 for one in pages))


def test_a_file_that_is_no_warc_is_one_fault() -> None:
    pages, (fault,), skipped = pages_of(packed(b"address\nhttp://a.test/\n"))
    assert (pages, skipped, fault.reason) == ([], {}, "not_warc")


def test_times_are_taken_as_utc_and_addresses_without_brackets() -> None:
    one = record("response", f"<{address(1)}>", response(1), WARC_Date="2026-03-04T12:06:07+07:00")
    two = record("response", address(2), response(2), WARC_Date="2026-03-04T05:06:07", WARC_Truncated="length")
    pages, _, _ = pages_of(one + two)
    assert [(page.page.url, page.page.fetched_at, page.truncated) for page in pages] == [(address(1), AT, None), (address(2), AT, "length")]


# Revisits

REVISIT = {"WARC_Refers_To_Target_URI": address(1), "WARC_Refers_To_Date": DATE}
REVISIT_OF_3 = {"WARC_Refers_To_Target_URI": address(3), "WARC_Refers_To_Date": DATE}
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nEtag: x\r\n\r\n"


@pytest.mark.parametrize("block", [NOT_MODIFIED, b"", response(1, b"")])
@pytest.mark.parametrize("fields", [REVISIT, {"WARC_Payload_Digest": "sha1:ABC"}])
@pytest.mark.parametrize("pack", [packed, bytes])
def test_a_revisit_takes_its_body_from_the_same_file(block: bytes, fields: dict[str, str], pack: type[bytes]) -> None:
    first = record("response", address(1), response(1, packed(BODY), "Content-Type: text/html", "Content-Encoding: gzip"))
    first = first.replace(b"WARC-Type", b"WARC-Payload-Digest: sha1:ABC\r\nWARC-Type", 1)
    again = record("revisit", address(1), block, **(fields | {"WARC_Date": "2026-04-01T00:00:00Z"}))
    pages, faults, _ = pages_of(pack(first) + pack(page_record(2)) + pack(again) + pack(page_record(3)))
    assert not faults
    assert [one.page.url for one in pages] == [address(1), address(2), address(1), address(3)]
    assert [one.revisit for one in pages] == [False, False, True, False]
    assert pages[2].page.body == pages[0].page.body == BODY
    assert pages[2].page.fetched_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert dict(pages[2].page.headers)["content-type"].startswith("text/html")


@pytest.mark.parametrize("block", [NOT_MODIFIED, response(1, b"")])
@pytest.mark.parametrize("pack", [packed, bytes])
def test_a_revisit_takes_its_body_from_before_the_place_at_which_reading_goes_on(block: bytes, pack: type[bytes]) -> None:
    """A backfill that was stopped reads a file on from its middle. What is damaged before that was told then."""
    before = [page_record(1), record("metadata", address(1), b"x: y"), page_record(2), record("response", "dns:a.test", b"", length=-1)]
    behind = [
        page_record(3),
        record("revisit", address(1), block, **REVISIT),
        record("revisit", address(4), block, **REVISIT_OF_3),
        page_record(5),
    ]
    content = b"".join(map(pack, [*before, *behind]))
    stream, offset = io.BytesIO(content), sum(len(pack(one)) for one in before)
    stream.seek(offset)
    skipped: Counter[str] = Counter()
    found = list(read_warc(stream, name="some.warc", offset=offset, skipped=skipped))
    assert [one.page.url if isinstance(one, WarcPage) else str(one) for one in found] == [address(one) for one in (3, 1, 4, 5)]
    whole = [one for one in read_warc(io.BytesIO(content), name="some.warc") if isinstance(one, WarcPage)]
    assert found == whole[2:]
    assert not skipped, "what stands before is not counted twice"


def test_a_revisit_whose_body_is_nowhere_is_a_fault(tmp_path: Path) -> None:
    again = packed(record("revisit", address(1), NOT_MODIFIED, **REVISIT))
    unknown = packed(record("revisit", address(3), response(3, b""), WARC_Payload_Digest=f"sha256:{'0' * 64}"))
    with Archive(tmp_path) as archive:
        pages, faults, _ = pages_of(packed(page_record(2)) + again + unknown, archive=archive)
    assert [one.page.url for one in pages] == [address(2)]
    assert [(one.reason, one.address) for one in faults] == [("revisit_unresolved", address(1)), ("revisit_unresolved", address(3))]
    assert address(1) in faults[0].message


def test_revisits_on_standard_input_are_faults_without_the_archive() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    content = packed(page_record(1)) + packed(record("revisit", address(1), NOT_MODIFIED, **REVISIT))
    page, fault = read_warc(Pipe(content), name="-")
    assert isinstance(page, WarcPage)
    assert isinstance(fault, WarcFault)
    assert fault.reason == "revisit_unresolved"


def test_our_own_archive_is_read_whole_and_places_are_references(tmp_path: Path) -> None:
    days = iter([AT, AT.replace(day=5)])
    made = [page for _, page in make_pages(6)]
    again = [Page(f"{page.url}?again", page.final_url, 200, page.headers, page.body, AT) for page in made]
    with Archive(tmp_path, now=lambda: next(days)) as archive:
        refs = archive.append_all(made) + archive.append_all(again)
        found: list[WarcPage] = []
        for path in sorted(tmp_path.glob("*.warc.gz")):
            with path.open("rb") as stream:
                for one in read_warc(stream, name=str(path), archive=archive):
                    assert isinstance(one, WarcPage), one
                    found.append(one)
        assert [one.page for one in found] == made + again
        assert [one.revisit for one in found] == [False] * 6 + [True] * 6
        places = [(Path(one.name).name, one.offset, one.length) for one in found]
        assert places == [(ref.segment, ref.offset, ref.length) for ref in refs]
        assert archive.read(PageRef(*places[7], refs[7].digest)) == again[1]  # type: ignore[arg-type]
