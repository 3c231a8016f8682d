"""Records of WARC files: as two other libraries read them, and what is left of damaged files."""

from __future__ import annotations

import gzip
import io
import random
import tracemalloc
import zlib
from pathlib import Path

import pytest
from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecord, WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from benchmarks.pages import make_pages
from benchmarks.warc_files import Layout, Packing, write_warc
from flows.warcfile.records import Damage, Record, read_records
from tests.flows.warc_records import address, packed, page_record, record, response

RECORDS = [page_record(number) for number in range(8)]
PLAIN = b"".join(RECORDS)
MEMBERS = [packed(one) for one in RECORDS]


def read(content: bytes, max_bytes: int = 20_000_000) -> tuple[list[int], list[str]]:
    """The numbers of the pages that were found, and the reasons of what was damaged."""
    found = list(read_records(io.BytesIO(content), max_bytes=max_bytes))
    pages = [one for one in found if isinstance(one, Record)]
    numbers = [int(one.fields["warc-target-uri"].rpartition("/")[2].partition(".")[0]) for one in pages]
    for number, one in zip(numbers, pages, strict=True):
        assert one.block == response(number)
        if one.length is not None:
            (again,) = read_records(io.BytesIO(content[one.offset : one.offset + one.length]))
            assert isinstance(again, Record)
            assert again.block == one.block
    return numbers, [one.reason for one in found if isinstance(one, Damage)]


@pytest.mark.parametrize("layout", ["keoson", "ccnews"])
@pytest.mark.parametrize("packing", ["records", "file", "no"])
def test_records_are_those_that_two_other_libraries_read(tmp_path: Path, layout: Layout, packing: Packing) -> None:
    path = tmp_path / "some.warc"
    assert write_warc(path, (page for _, page in make_pages(12)), layout, packing=packing) == 12
    content = path.read_bytes()
    # warcio reads no file that is one gzip member
    for_warcio = gzip.decompress(content) if packing == "file" else content
    by_warcio = []
    for one in ArchiveIterator(io.BytesIO(for_warcio), no_record_parse=True):
        fields = {name.lower(): value for name, value in one.rec_headers.headers}
        by_warcio.append((fields, one.raw_stream.read()))
    by_fastwarc = [
        ({name.lower(): value for name, value in one.headers.items()}, one.reader.read())
        for one in FastIterator(io.BytesIO(content), parse_http=False)
    ]
    ours = [one for one in read_records(io.BytesIO(content)) if isinstance(one, Record)]
    assert [(one.fields, one.block) for one in ours] == by_warcio == by_fastwarc
    assert len(ours) == 1 + 12 * (3 if layout == "ccnews" else 1)
    if packing == "file":
        assert {one.length for one in ours} == {None}
    else:
        assert [one.offset for one in ours] == [sum(one.length or 0 for one in ours[:place]) for place in range(len(ours))]
        assert sum(one.length or 0 for one in ours) == len(content)


def test_records_that_another_library_wrote() -> None:
    written = io.BytesIO()
    stream = GzipWriter(written)
    for number in range(3):
        one = WarcRecord()
        one.init_headers(WarcRecordType.response)
        one.headers["WARC-Target-URI"] = address(number)
        one.set_bytes_content(response(number))
        one.write(stream, checksum_data=True)
    stream.close()
    assert read(written.getvalue()) == ([0, 1, 2], [])


@pytest.mark.parametrize(("parts", "slack"), [(RECORDS, 4), (MEMBERS, 0)], ids=["plain", "gzip"])
def test_a_file_cut_at_any_byte_keeps_all_whole_records(parts: list[bytes], slack: int) -> None:
    """A plain record is whole without the two empty lines behind it, a member not without its checksum."""
    content = b"".join(parts)
    ends = [len(b"".join(parts[: number + 1])) for number in range(len(parts))]
    for cut in range(3, len(content)):  # less shows neither gzip nor WARC
        numbers, reasons = read(content[:cut])
        whole = sum(end - slack <= cut for end in ends)
        assert numbers == list(range(whole)), cut
        clean = any(end - slack <= cut <= end for end in ends)
        assert reasons == ([] if clean else ["torn"]), cut


def test_a_file_that_is_one_member_keeps_what_comes_before_the_cut() -> None:
    content = gzip.compress(PLAIN, mtime=0)
    for cut in range(30, len(content)):
        inflated = zlib.decompressobj(31).decompress(content[:cut])
        numbers, reasons = read(content[:cut])
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= sum(len(b"".join(RECORDS[: number + 1])) + 8 <= len(inflated) for number in range(len(RECORDS)))
        assert reasons == ["torn"]


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["records", "file", "no"]), size=st.integers(1, 300))
def test_damage_anywhere_is_told_and_costs_no_record_that_it_does_not_touch(seed: int, kind: str, size: int) -> None:
    source = random.Random(seed)
    content = {"records": b"".join(MEMBERS), "file": gzip.compress(PLAIN, mtime=0), "no": PLAIN}[kind]
    begin = source.randrange(len(content))
    junk = source.randbytes(size)
    broken = content[:begin] + junk + content[begin + source.choice([0, size]) :]
    found = list(read_records(io.BytesIO(broken)))
    records = [one for one in found if isinstance(one, Record)]
    assert len(records) >= len(RECORDS) or len(records) < len(found)
    if kind != "records":
        return
    sound = {one for one in RECORDS if packed(one) in broken}
    blocks = {one.block for one in records}
    lost = [one for one in sound if one.partition(b"\r\n\r\n")[2][:-4] not in blocks]
    assert not lost or [one.reason for one in found if isinstance(one, Damage)] == ["not_warc"]


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400), prefix=st.sampled_from([b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08\x00", PLAIN, MEMBERS[0]]))
def test_anything_is_read_to_its_end(content: bytes, prefix: bytes) -> None:
    found = list(read_records(io.BytesIO(prefix + content)))
    assert len(found) >= (1 if prefix + content else 0)
    assert len(found) < 30


def test_records_swallowed_by_a_torn_member_are_found_again() -> None:
    """A writer was killed in the middle of a record, and another went on behind it."""
    for cut in range(5, len(MEMBERS[1]) - 1):
        assert read(MEMBERS[0] + MEMBERS[1][:cut] + b"".join(MEMBERS[2:])) == ([0, 2, 3, 4, 5, 6, 7], ["damaged"]), cut


LYING = {
    "too long": record("response", address(1), response(1), length=len(response(1)) + 40),
    "far too long": record("response", address(1), response(1), length=len(response(1)) + 700),
    "to the end of the file": record("response", address(1), response(1), length=10_000_000),
    "too short": record("response", address(1), response(1), length=len(response(1)) - 9),
    "empty": record("response", address(1), response(1), length=0),
}


@pytest.mark.parametrize("which", LYING)
@pytest.mark.parametrize("packing", ["records", "file", "no"])
def test_a_wrong_length_costs_its_own_record_only(which: str, packing: str) -> None:
    records = [RECORDS[0], LYING[which], *RECORDS[2:]]
    content = b"".join(packed(one) if packing == "records" else one for one in records)
    numbers, reasons = read(gzip.compress(content) if packing == "file" else content)
    assert numbers == [0, 2, 3, 4, 5, 6, 7]
    assert reasons == ["torn" if which == "to the end of the file" and packing != "records" else "wrong_length"]


@pytest.mark.parametrize("length", ["", "many", "-1", "1e3"])
@pytest.mark.parametrize("pack", [packed, bytes])
def test_a_record_without_a_length_is_told_and_passed_over(length: str, pack: type[bytes]) -> None:
    bad = record("response", address(1), response(1), length=length)
    assert read(pack(RECORDS[0]) + pack(bad) + pack(RECORDS[2])) == ([0, 2], ["bad_record"])


def test_a_record_larger_than_allowed_is_told_and_passed_over() -> None:
    large = record("response", address(1), random.Random(1).randbytes(300_000))
    for pack in (packed, bytes):
        assert read(pack(RECORDS[0]) + pack(large) + pack(RECORDS[2]), max_bytes=100_000) == ([0, 2], ["too_large"])
    assert read(gzip.compress(RECORDS[0] + large + RECORDS[2]), max_bytes=100_000) == ([0, 2], ["too_large"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"<!doctype html>", "begins with '<!doctype"),
        (gzip.compress(b""), "it is empty"),
        (gzip.compress(b"address,title\r\n"), "inside of its gzip it is no WARC file"),
        (b"\x1f\x8b\x08\x00not gzip at all", "gzip data are damaged"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "zstd -d"),
        (b"PK\x03\x04....", "unpack it"),
        (b"filedesc://a.arc 0.0.0.0", "an ARC file"),
        (gzip.compress(b"filedesc://a.arc 0.0.0.0"), "an ARC file"),
    ],
)
def test_what_is_no_warc_is_said_to_be_what_it_is(content: bytes, said: str) -> None:
    (damage,) = read_records(io.BytesIO(content))
    assert isinstance(damage, Damage)
    assert damage.reason == "not_warc"
    assert said in damage.message


def test_a_resumed_reading_begins_at_a_record() -> None:
    for content in (PLAIN, b"".join(MEMBERS)):
        third = [one for one in read_records(io.BytesIO(content)) if isinstance(one, Record)][2]
        stream = io.BytesIO(content)
        stream.seek(third.offset)
        rest = [one for one in read_records(stream, offset=third.offset) if isinstance(one, Record)]
        assert rest[0] == third
        assert len(rest) == 6


def test_blank_lines_and_folded_fields_are_understood() -> None:
    folded = PLAIN.replace(b"WARC-Date: ", b"WARC-Date:\r\n ").replace(b"WARC-Type: ", b"warc-type:  ")
    assert read(b"\r\n" + folded) == (list(range(8)), [])


def test_memory_is_bounded_by_the_largest_record_that_is_read() -> None:
    huge = record("resource", address(1), bytes(80_000_000))
    content = packed(RECORDS[0]) + packed(huge) + packed(RECORDS[2])
    whole = gzip.compress(RECORDS[0] + huge + RECORDS[2])
    del huge
    for one in (content, whole):
        tracemalloc.start()
        assert read(one, max_bytes=1_000_000) == ([0, 2], ["too_large"])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20_000_000
