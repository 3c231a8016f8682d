from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from extractors.errors import ArchiveError
from extractors.records import Page
from flows.archive import Archive, ArchiveBusyError, PageRef, last_whole_record
from flows.archive.index import NAME
from flows.archive.segments import name_of_archive, segment_day

AT = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
SEGMENT = "keoson-20260304-00.warc.gz"


def page(number: int, body: bytes | None = None) -> Page:
    address = f"http://a.test/{number}"
    return Page(address, f"{address}?x=1", 200, (("content-type", "text/html"),), body or f"<p>text {number}</p>".encode(), AT)


def noise(number: int, size: int) -> bytes:
    """Bytes that do not compress away."""
    return random.Random(number).randbytes(size)


names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)
values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30).map(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(body=st.binary(max_size=3000), headers=st.lists(st.tuples(names, values), max_size=5), status=st.integers(200, 599))
def test_what_was_appended_is_read_back(tmp_path: Path, body: bytes, headers: list[tuple[str, str]], status: int) -> None:
    stored = Page("http://a.test/asked", "http://a.test/final", status, tuple(headers), body, AT)
    with Archive(tmp_path) as archive:
        ref = archive.append(stored)
    assert Archive(tmp_path).read(ref) == stored


def test_segments_are_daily_and_two_other_libraries_read_them(tmp_path: Path) -> None:
    days = [datetime(2026, 1, day, 23, tzinfo=UTC) for day in (1, 1, 1, 2)]
    clock = iter(days)
    with Archive(tmp_path, now=lambda: next(clock)) as archive:
        refs = [archive.append(one) for one in (page(0), page(1), page(2, page(0).body), page(3))]
    first, last = "keoson-20260101-00.warc.gz", "keoson-20260102-00.warc.gz"
    assert [ref.segment for ref in refs] == [first, first, first, last]
    wanted = [
        ("warcinfo", None, b""),
        ("response", "http://a.test/0?x=1", page(0).body),
        ("response", "http://a.test/1?x=1", page(1).body),
        ("revisit", "http://a.test/2?x=1", b""),
    ]
    with (tmp_path / first).open("rb") as stream:
        by_warcio = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read(), record.http_headers)
            for record in ArchiveIterator(stream, check_digests="raise")
        ]
    assert [(*one[:2], b"" if one[0] == "warcinfo" else one[2]) for one in by_warcio] == wanted
    assert all(one[3].get_header("content-type") == "text/html" for one in by_warcio[1:])
    with (tmp_path / first).open("rb") as stream:
        by_fastwarc = []
        for record in FastIterator(stream, parse_http=False):
            kind = record.headers["WARC-Type"]
            assert record.verify_block_digest(consume=False)
            if kind != "warcinfo":
                record.parse_http()
                assert record.http_content_type == "text/html"
            by_fastwarc.append((kind, record.headers.get("WARC-Target-URI"), b"" if kind == "warcinfo" else record.reader.read()))
            if kind == "response":
                assert record.headers["WARC-Payload-Digest"].startswith("sha256:")
    assert by_fastwarc == wanted


def test_a_body_is_written_once_and_its_revisits_lead_to_it(tmp_path: Path) -> None:
    body = noise(1, 30_000)
    again = Page("http://b.test/x", "http://b.test/y", 203, (("content-type", "text/plain"), ("x", "é")), body, AT.replace(year=2027))
    with Archive(tmp_path, now=lambda: AT) as archive:
        first = archive.append(page(1, body))
        second = archive.append(again)
    with Archive(tmp_path, now=lambda: AT.replace(day=5)) as archive:  # another process, another day
        third, fourth = archive.append_all([page(3, body), page(4)])
        fifth, sixth = archive.append_all([page(5, body * 2), page(6, body * 2)])
    assert first.length > 25_000
    assert max(second.length, third.length) < 1000
    assert sixth.length < 1000 < fifth.length
    reader = Archive(tmp_path)
    assert reader.read(first) == page(1, body)
    assert reader.read(second) == again
    assert reader.read(third) == page(3, body)
    assert reader.read(fourth) == page(4)
    assert reader.read(sixth) == page(6, body * 2)


@pytest.mark.parametrize("odd", [" ", "\r\nWARC-Type: x", "\t", "\x00", "\x7f", "\x85", "\ud800"])
def test_an_address_cannot_break_its_record(tmp_path: Path, odd: str) -> None:
    address = f"http://a.test/bài{odd}hai"
    with Archive(tmp_path, now=lambda: AT) as archive:
        read = archive.read(archive.append(Page(address, address, 200, (), b"<p>", AT)))
    assert read.url == read.final_url
    assert read.url.startswith("http://a.test/bài%")
    assert read.url.endswith("hai")
    with (tmp_path / SEGMENT).open("rb") as stream:
        records = list(ArchiveIterator(stream))
    assert [record.rec_type for record in records] == ["warcinfo", "response"]


def test_a_revisit_refers_to_the_first_record_as_the_standard_says(tmp_path: Path) -> None:
    with Archive(tmp_path, now=lambda: AT) as archive:
        archive.append_all([page(1), page(2, page(1).body)])
    with (tmp_path / SEGMENT).open("rb") as stream:
        _, first, second = [record.rec_headers for record in ArchiveIterator(stream)]
    assert second.get_header("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert second.get_header("WARC-Refers-To") == first.get_header("WARC-Record-ID")
    assert second.get_header("WARC-Refers-To-Target-URI") == first.get_header("WARC-Target-URI") == "http://a.test/1?x=1"
    assert second.get_header("WARC-Refers-To-Date") == first.get_header("WARC-Date") == "2026-03-04T05:06:07.891011Z"
    assert second.get_header("WARC-Payload-Digest") == first.get_header("WARC-Payload-Digest")


def test_a_body_that_is_nowhere_any_more_is_an_error_that_names_it(tmp_path: Path) -> None:
    clock = iter([AT, AT.replace(day=5)])
    with Archive(tmp_path, now=lambda: next(clock)) as archive:
        first, second = archive.append(page(1)), archive.append(page(2, page(1).body))
    (tmp_path / first.segment).unlink()
    with pytest.raises(ArchiveError, match=first.digest):
        Archive(tmp_path).read(second)


@pytest.mark.parametrize("lost", [1, 7, 100, 10_000])
def test_a_torn_tail_is_cut_off_by_the_next_writer(tmp_path: Path, lost: int) -> None:
    body = noise(1, 20_000)
    with Archive(tmp_path, now=lambda: AT) as archive:
        first, second = archive.append(page(1, body)), archive.append(page(2, body * 3))
    segment = tmp_path / first.segment
    segment.write_bytes(segment.read_bytes()[: second.offset + min(second.length - 1, lost)])
    with Archive(tmp_path, now=lambda: AT) as archive:
        third = archive.append(page(3, body * 2))
        assert archive.read(first) == page(1, body)
        assert archive.read(third) == page(3, body * 2)
    assert (third.segment, third.offset) == (second.segment, second.offset)
    assert last_whole_record(segment) == segment.stat().st_size


def test_a_segment_that_is_none_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / SEGMENT).write_bytes(b"something else entirely")
    with Archive(tmp_path, now=lambda: AT) as archive:
        ref = archive.append(page(1))
        assert archive.read(ref) == page(1)
    assert ref.segment == "keoson-20260304-01.warc.gz"
    assert (tmp_path / SEGMENT).read_bytes() == b"something else entirely"


def test_each_writer_has_a_segment_of_its_own_and_leaves_it_to_the_next(tmp_path: Path) -> None:
    one, two = Archive(tmp_path, now=lambda: AT), Archive(tmp_path, now=lambda: AT)
    with one, two:
        refs = [one.append(page(1)), two.append(page(2)), one.append(page(3)), two.append(page(4, page(1).body))]
    assert [ref.segment for ref in refs] == [SEGMENT, "keoson-20260304-01.warc.gz"] * 2
    assert refs[3].length > 0
    with Archive(tmp_path, now=lambda: AT) as three:
        assert three.append(page(5)).segment == SEGMENT
        assert [three.read(ref) for ref in refs] == [page(1), page(2), page(3), page(4, page(1).body)]
        assert [known.kind for known in three.index.pages()] == ["response", "response", "response", "revisit", "response"]


HOLDER = """
import sys; from pathlib import Path; from flows.archive import Archive
archive = Archive(Path(sys.argv[1])); getattr(archive, sys.argv[2])(); print('locked', flush=True); sys.stdin.read()
"""


@contextmanager
def holder(folder: Path, how: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the archive's lock until it is killed."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        yield other
        other.kill()


def test_writers_share_the_archive(tmp_path: Path) -> None:
    with holder(tmp_path, "lock_shared"), Archive(tmp_path) as archive:
        archive.lock_shared(0)
        assert archive.read(archive.append(page(1))) == page(1)


@pytest.mark.parametrize("theirs", ["lock_shared", "lock_alone"])
def test_who_needs_it_alone_is_refused_and_told_why(tmp_path: Path, theirs: str) -> None:
    with Archive(tmp_path) as archive:
        with holder(tmp_path, theirs) as other, pytest.raises(ArchiveBusyError, match=f"process {other.pid} is at work"):
            archive.lock_alone()
        archive.lock_alone()
        archive.append(page(1))


def test_a_writer_waits_for_who_has_it_alone_and_tells_whom_it_waited_for(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive, holder(tmp_path, "lock_alone") as other:
        with pytest.raises(ArchiveBusyError, match=f"process {other.pid} needs"):
            archive.lock_shared(0)
        threading.Timer(0.3, other.kill).start()
        assert archive.append(page(1)).segment
        assert other.wait() != 0


def test_what_is_not_there_is_an_error_that_names_the_place(tmp_path: Path) -> None:
    with Archive(tmp_path, now=lambda: AT) as archive:
        ref = archive.append(page(1))
        other = archive.append(page(2, b"other"))
    archive = Archive(tmp_path)
    for broken, said in [
        (PageRef("keoson-20200101-00.warc.gz", 0, 10, ""), "No such file"),
        (PageRef("../ledger.sqlite", 0, 10, ""), "no name"),
        (PageRef(NAME, 0, 10, ""), "no name"),
        (PageRef(ref.segment, 0, 300, ref.digest), "no page record"),
        (PageRef(ref.segment, ref.offset + 3, ref.length, ref.digest), "no page record"),
        (PageRef(ref.segment, other.offset, other.length, ref.digest), "another page"),
    ]:
        with pytest.raises(ArchiveError, match=said):
            archive.read(broken)


def test_archives_that_share_a_ledger_have_no_segment_of_the_same_name(tmp_path: Path) -> None:
    """The ledger knows a page by its segment's name: two machines began with `-00` each day, and a rebuild took one's pages for the other's."""
    refs = []
    for machine in ("a", "b", "a"):
        with Archive(tmp_path / machine, now=lambda: AT, named=True) as archive:
            refs.append(archive.append(page(1, machine.encode())))
            assert archive.read(refs[-1]).body == machine.encode()
    assert refs[0].segment == refs[2].segment != refs[1].segment
    assert segment_day(refs[0].segment) == segment_day(refs[1].segment) == AT.date()
    with pytest.raises(ArchiveError, match="No such file"):
        Archive(tmp_path / "a").read(refs[1])


def test_processes_that_name_an_archive_in_the_same_moment_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(name_of_archive, [tmp_path] * 8))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["name"]
    (tmp_path / "name").write_text("../x", encoding="ascii")
    with pytest.raises(ArchiveError, match="no name of an archive"):
        name_of_archive(tmp_path)
