"""The index of the archive: what it answers, and that it is never more than what the segments say."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.errors import ArchiveError
from extractors.records import Page
from flows.archive import Archive, ArchivedPage, PageRef
from flows.archive.index import NAME, ArchiveIndex
from flows.archive.segments import segments

AT = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
SEGMENT = "keoson-20260304-00.warc.gz"


def page(number: int, *, same: int | None = None) -> Page:
    """Page `number`; with `same` it has the body of another."""
    body = random.Random(number if same is None else same).randbytes(700)
    address = f"http://www.A{number % 3}.test/{number}_%41"
    return Page(address, f"{address}?x", 200, (("Content-Type", "text/HTML; charset=x"),), body, AT)


PAGES = [page(0), page(1), page(2, same=0), page(3), page(4, same=3), page(5), page(6, same=0)]


def stored(folder: Path) -> list[PageRef]:
    with Archive(folder, now=lambda: AT) as archive:
        return archive.append_all(PAGES[:4]) + archive.append_all(PAGES[4:])


def known(folder: Path) -> list[ArchivedPage]:
    with Archive(folder, now=lambda: AT) as archive:
        return list(archive.index.pages())


def remove_index(folder: Path) -> None:
    for path in folder.glob(f"{NAME}*"):
        path.unlink()


def test_it_knows_of_each_page_what_was_stored(tmp_path: Path) -> None:
    refs = stored(tmp_path)
    found = {one.address: one for one in known(tmp_path)}
    for given_page, ref in zip(PAGES, refs, strict=True):
        one = found[given_page.url]
        assert one.ref == ref
        assert (one.final_address, one.fetched_at, one.status, one.media_type) == (given_page.final_url, AT, 200, "text/html")
    assert [found[one.url].kind for one in PAGES] == ["response", "response", "revisit", "response", "revisit", "response", "revisit"]


@pytest.mark.parametrize("how", ["lost", "damaged", "cut", "of another version", "empty"])
def test_it_is_made_again_as_it_was(tmp_path: Path, how: str) -> None:
    refs = stored(tmp_path)
    before = known(tmp_path)
    path = tmp_path / NAME
    if how == "of another version":
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    else:
        content = path.read_bytes()
        remove_index(tmp_path)
        if how != "lost":
            path.write_bytes({"damaged": b"no database" * 500, "cut": content[: len(content) // 2], "empty": b""}[how])
    assert [Archive(tmp_path).read(ref) for ref in refs] == PAGES
    assert known(tmp_path) == before
    with Archive(tmp_path, now=lambda: AT) as archive:
        assert archive.append(page(9, same=5)).length < 1000


@settings(max_examples=40, deadline=None)
@given(share=st.integers(0, 10_000), index=st.sampled_from(["lost", "early", "late"]))
def test_whatever_a_kill_leaves_the_index_follows(tmp_path_factory: pytest.TempPathFactory, share: int, index: str) -> None:
    """A segment cut anywhere, and an index that is lost, or knows as much as it knew at some point before or after that."""
    folder = tmp_path_factory.mktemp("archive")
    with Archive(folder, now=lambda: AT) as archive:
        first = archive.append_all(PAGES[:3])
        archive.close()
        early = {path.name: path.read_bytes() for path in folder.glob(f"{NAME}*")}
        refs = first + archive.append_all(PAGES[3:])
    path = folder / SEGMENT
    whole = path.read_bytes()
    cut = len(whole) * share // 10_000
    path.write_bytes(whole[:cut])
    if index != "late":
        remove_index(folder)
    if index == "early":
        for name, content in early.items():
            (folder / name).write_bytes(content)
    with Archive(folder, now=lambda: AT) as archive:
        kept = [ref for ref in refs if ref.offset + ref.length <= cut]
        assert {one.ref for one in archive.index.pages()} == set(kept)
        for ref, there in zip(kept, PAGES, strict=False):
            assert archive.read(ref) == there
        again = archive.append_all(PAGES)
        assert again[0].segment == SEGMENT
        assert again[0].offset == (max((ref.offset + ref.length for ref in kept), default=again[0].offset))
        assert [archive.read(ref) for ref in again] == PAGES
        assert {one.ref for one in archive.index.pages()} == {*kept, *again}
        archive.close()
        remove_index(folder)
        assert {one.ref for one in archive.index.pages()} == {*kept, *again}


def test_damage_in_the_middle_costs_the_pages_it_touches(tmp_path: Path) -> None:
    refs = stored(tmp_path)
    path = tmp_path / SEGMENT
    content = bytearray(path.read_bytes())
    content[refs[1].offset + 60] ^= 0xFF
    path.write_bytes(bytes(content))
    remove_index(tmp_path)
    assert {one.ref for one in known(tmp_path)} == {ref for number, ref in enumerate(refs) if number != 1}
    with pytest.raises(ArchiveError, match="no page record"):
        Archive(tmp_path).read(refs[1])


def test_a_segment_put_back_from_a_backup_is_indexed_as_it_is_now(tmp_path: Path) -> None:
    refs = stored(tmp_path)
    path = tmp_path / SEGMENT
    path.write_bytes(path.read_bytes()[: refs[2].offset])
    assert {one.ref for one in known(tmp_path)} == set(refs[:2])
    path.rename(tmp_path / "elsewhere")
    assert known(tmp_path) == []


WRITER = """
import sys
from pathlib import Path
from flows.archive import Archive
from tests.flows.test_archive_index import AT, page
with Archive(Path(sys.argv[1]), now=lambda: AT) as archive:
    archive.lock_shared()
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(40):
        ref = archive.append(page(int(sys.argv[2]) * 1000 + number, same=number % 10 if number % 2 else None))
        print(ref.segment, ref.offset, ref.length, ref.digest, flush=True)
"""


def test_processes_write_at_once_each_its_own_segment_and_all_is_indexed(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
        )
        for number in range(3)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    refs: list[list[PageRef]] = []
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        out, _ = writer.communicate()
        assert writer.returncode == 0
        rows = [line.split() for line in out.splitlines()]
        refs.append([PageRef(segment, int(offset), int(length), digest) for segment, offset, length, digest in rows])
    assert [path.name for path in segments(tmp_path)] == [f"keoson-20260304-{number:02}.warc.gz" for number in range(3)]
    assert sorted({ref.segment for mine in refs for ref in mine}) == [path.name for path in segments(tmp_path)]
    assert all(len({ref.segment for ref in mine}) == 1 for mine in refs)
    before = known(tmp_path)
    assert {one.ref for one in before} == {ref for mine in refs for ref in mine}
    reader = Archive(tmp_path)
    for number, mine in enumerate(refs):
        for place, ref in enumerate(mine):
            assert reader.read(ref) == page(number * 1000 + place, same=place % 10 if place % 2 else None)
    remove_index(tmp_path)
    assert known(tmp_path) == before


def open_together(folder: Path, start: threading.Barrier, complaints: Queue[str]) -> None:
    """What each process of the next test does."""
    for number in range(25):
        (folder / str(number)).mkdir(exist_ok=True)
        start.wait()
        try:
            ArchiveIndex(folder / str(number)).close()
        except ArchiveError as error:
            complaints.put(str(error))


def test_processes_that_make_it_in_the_same_moment_all_get_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, complaints = context.Barrier(4), context.Queue()
    processes = [context.Process(target=open_together, args=(tmp_path, start, complaints)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert complaints.empty()
