from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from extractors.errors import ArchiveError
from extractors.records import Page
from flows.archive import Archive, PageRef, last_whole_record

AT = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)


def page(number: int, body: bytes = b"<p>text</p>") -> Page:
    return Page(f"http://a.test/{number}", f"http://a.test/{number}?x=1", 200, (("content-type", "text/html"),), body, AT)


names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)
values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30).map(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(body=st.binary(max_size=3000), headers=st.lists(st.tuples(names, values), max_size=5), status=st.integers(200, 599))
def test_what_was_appended_is_read_back(tmp_path: Path, body: bytes, headers: list[tuple[str, str]], status: int) -> None:
    stored = Page("http://a.test/asked", "http://a.test/final", status, tuple(headers), body, AT)
    with Archive(tmp_path) as archive:
        ref = archive.append(stored)
    assert Archive(tmp_path).read(ref) == stored


def test_segments_are_daily_and_any_warc_reader_reads_them(tmp_path: Path) -> None:
    days = [datetime(2026, 1, day, 23, tzinfo=UTC) for day in (1, 1, 2)]
    clock = iter(days)
    with Archive(tmp_path, now=lambda: next(clock)) as archive:
        refs = [archive.append(page(number)) for number in range(3)]
    assert [ref.segment for ref in refs] == ["2026-01-01.warc.gz", "2026-01-01.warc.gz", "2026-01-02.warc.gz"]
    with (tmp_path / refs[0].segment).open("rb") as stream:
        seen = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI")) for record in ArchiveIterator(stream, check_digests="raise")
        ]
    assert seen == [("warcinfo", None), ("response", "http://a.test/0?x=1"), ("response", "http://a.test/1?x=1")]


@pytest.mark.parametrize("lost", [1, 7, 100, 10_000])
def test_a_torn_tail_is_cut_off_by_the_next_writer(tmp_path: Path, lost: int) -> None:
    body = bytes(number * 7919 % 251 for number in range(20_000))
    with Archive(tmp_path, now=lambda: AT) as archive:
        first, second = archive.append(page(1, body)), archive.append(page(2, body * 3))
    segment = tmp_path / first.segment
    segment.write_bytes(segment.read_bytes()[: second.offset + min(second.length - 1, lost)])
    with Archive(tmp_path, now=lambda: AT) as archive:
        third = archive.append(page(3, body))
        assert archive.read(first) == page(1, body)
        assert archive.read(third) == page(3, body)
    assert (third.segment, third.offset) == (second.segment, second.offset)
    assert last_whole_record(segment) == segment.stat().st_size


def test_a_segment_that_is_none_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "2026-03-04.warc.gz").write_bytes(b"something else entirely")
    with Archive(tmp_path, now=lambda: AT) as archive:
        ref = archive.append(page(1))
        assert archive.read(ref) == page(1)
    assert ref.segment == "2026-03-04-1.warc.gz"
    assert (tmp_path / "2026-03-04.warc.gz").read_bytes() == b"something else entirely"


def test_a_second_process_is_refused_and_told_why(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from flows.archive import Archive\n"
        "archive = Archive(Path(sys.argv[1])); archive.lock(); print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        with Archive(tmp_path) as archive:
            with pytest.raises(ArchiveError, match=f"process {other.pid} is writing"):
                archive.lock()
            other.kill()
            other.wait()
            archive.append(page(1))


def test_what_is_not_there_is_an_error_that_names_the_place(tmp_path: Path) -> None:
    with Archive(tmp_path, now=lambda: AT) as archive:
        ref = archive.append(page(1))
        other = archive.append(page(2, b"other"))
    archive = Archive(tmp_path)
    for broken, said in [
        (PageRef("2020-01-01.warc.gz", 0, 10, ""), "No such file"),
        (PageRef("../ledger.sqlite", 0, 10, ""), "no name"),
        (PageRef(ref.segment, ref.offset + 3, ref.length, ref.digest), "no page record"),
        (PageRef(ref.segment, other.offset, other.length, ref.digest), "another page"),
    ]:
        with pytest.raises(ArchiveError, match=said):
            archive.read(broken)
