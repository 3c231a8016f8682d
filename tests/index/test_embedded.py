"""What only the embedded backend has: a folder, one writer at a time, damage."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from extractors.errors import SearchIndexError
from mappings import SearchRequest, rebuilt_index
from mappings.embedded import EmbeddedIndex
from tests.index.conftest import article, write

_HOLD = """
import sys, tantivy
index = tantivy.Index.open(sys.argv[1])
writer = index.writer(heap_size=15_000_000, num_threads=1)
print("held", flush=True)
sys.stdin.readline()
"""

_WRITE_FOREVER = """
import sys
from itertools import count
from pathlib import Path
from mappings.embedded import EmbeddedIndex
index = EmbeddedIndex(Path(sys.argv[1]))
index.ensure()
for n in count():
    index.upsert("articles", [{"id": f"{n}-{m}", "title": "t", "text": "tin"} for m in range(10)])
    print(n, flush=True)
"""


def filled(folder: Path) -> EmbeddedIndex:
    index = EmbeddedIndex(folder, wait_seconds=20)
    index.ensure()
    write(index, *(article(str(n), "tin", f"bài số {n}") for n in range(50)))
    return index


def test_a_second_writer_waits_says_so_and_then_writes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    index = filled(tmp_path / "index")
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "index" / "articles")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == "held\n"
        told = threading.Event()

        class Tell(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                told.set()

        handler = Tell()
        logging.getLogger("keoson.index").addHandler(handler)
        try:
            writing = threading.Thread(target=write, args=(index, article("late", "tin", "tin")))
            writing.start()
            assert told.wait(15)
            assert writing.is_alive()
            # readers do not wait
            assert EmbeddedIndex(tmp_path / "index").count("articles") == 50
            other.stdin.write("\n")
            other.stdin.flush()
            writing.join(15)
        finally:
            logging.getLogger("keoson.index").removeHandler(handler)
    assert index.get("articles", "late") is not None
    assert [record.getMessage() for record in caplog.records if "another process is writing" in record.getMessage()]


def test_a_writer_gives_up_after_its_limit(tmp_path: Path) -> None:
    filled(tmp_path / "index")
    impatient = EmbeddedIndex(tmp_path / "index", wait_seconds=0)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "index" / "articles")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(SearchIndexError, match="try again"):
            impatient.upsert("articles", [article("x", "t", "t")])
        other.communicate("\n")
    assert impatient.upsert("articles", [article("x", "t", "t")]) == 1


def test_threads_of_one_process_share_the_writer(tmp_path: Path) -> None:
    index = filled(tmp_path / "index")
    threads = [threading.Thread(target=write, args=(index, article(f"t{n}", "tin", "tin"))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert index.count("articles") == 54


def test_killed_while_writing_it_keeps_every_finished_batch(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with subprocess.Popen([sys.executable, "-c", _WRITE_FOREVER, str(folder)], stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout
        last = [int(victim.stdout.readline()) for _ in range(5)][-1]
        victim.send_signal(signal.SIGKILL)
        last = max([last, *(int(line) for line in victim.stdout.read().split())])
    index = EmbeddedIndex(folder)
    index.ensure()
    count = index.count("articles")
    assert count % 10 == 0
    assert count >= (last + 1) * 10
    assert index.get("articles", f"{last}-9") is not None
    assert index.upsert("articles", [article("after", "t", "t")]) == 1


def test_a_start_that_was_killed_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    leftover = tmp_path / f"index.new-{os.getpid()}" / "articles"
    leftover.mkdir(parents=True)
    (leftover / "meta.json").write_text("{")
    assert filled(tmp_path / "index").count("articles") == 50


def test_another_schema_version_is_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    filled(folder).close()
    (folder / "schema.json").write_text(json.dumps({"schema": "0123456789ab"}))
    for use in (lambda: EmbeddedIndex(folder).ensure(), lambda: EmbeddedIndex(folder).search(SearchRequest("articles"))):
        with pytest.raises(SearchIndexError, match=r"another version \(0123456789ab.*keoson index rebuild") as raised:
            use()
        assert str(folder) in str(raised.value)


@pytest.mark.parametrize("stamp", [None, "", "{", "[]", "{}"])
def test_a_half_made_index_is_refused_by_name(tmp_path: Path, stamp: str | None) -> None:
    folder = tmp_path / "index"
    filled(folder).close()
    (folder / "schema.json").unlink()
    if stamp is not None:
        (folder / "schema.json").write_text(stamp)
    with pytest.raises(SearchIndexError, match="incomplete") as raised:
        EmbeddedIndex(folder).ensure()
    assert str(folder) in str(raised.value)


def complaint_of_reading(folder: Path, *, trusted: bool) -> str:
    """The error of an index that cannot be read; empty if it gives answers, all of them right if `trusted`."""
    index = EmbeddedIndex(folder)
    try:
        numbers = (
            index.search(SearchRequest("articles", "bài 7", facets=("outlet",))).total,
            index.search(SearchRequest("articles", sort="date", size=50)).total,
            len(list(index.export("articles"))),
        )
    except SearchIndexError as error:
        return str(error)
    assert not trusted or numbers == (1, 50, 50)
    return ""


@pytest.mark.parametrize("damage", ["cut", "removed", "empty", "scrambled"])
def test_a_damaged_file_is_told_with_the_folder(tmp_path: Path, damage: str) -> None:
    """Every file of the index in turn; a file whose damage does not matter for reading must give the right answers.

    Only bytes overwritten in place may go unnoticed: tantivy reads no checksums. Even then nothing but SearchIndexError is raised.
    """
    folder = tmp_path / "index"
    filled(folder).close()
    refused = 0
    for victim in sorted(path for path in (folder / "articles").iterdir() if not path.name.startswith(".")):
        whole = victim.read_bytes()
        half, quarter = len(whole) // 2, len(whole) // 4
        # A new file each time: cutting one that an earlier reader has mapped into memory would kill this process.
        victim.unlink()
        if damage == "empty":
            victim.write_bytes(b"")
        elif damage == "cut":
            victim.write_bytes(whole[:half])
        elif damage == "scrambled":
            victim.write_bytes(whole[:quarter] + bytes(byte ^ 0x5A for byte in whole[quarter:half]) + whole[half:])
        complaint = complaint_of_reading(folder, trusted=damage != "scrambled")
        if complaint:
            refused += 1
            assert str(folder) in complaint
            assert "keoson index rebuild" in complaint
        victim.unlink(missing_ok=True)
        victim.write_bytes(whole)
    assert refused > 0
    assert EmbeddedIndex(folder).count("articles") == 50


def test_a_rebuilt_index_leaves_the_old_one_until_it_is_whole(tmp_path: Path) -> None:
    filled(tmp_path / "index").close()
    with pytest.raises(KeyboardInterrupt), rebuilt_index(home=tmp_path) as fresh:  # noqa: PT012  the interruption comes while it is filled
        write(fresh, article("new", "tin", "tin"))
        assert EmbeddedIndex(tmp_path / "index").count("articles") == 50
        raise KeyboardInterrupt
    assert EmbeddedIndex(tmp_path / "index").count("articles") == 50
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_a_damaged_index_is_kept_aside_when_it_is_rebuilt_and_a_sound_one_is_not(tmp_path: Path) -> None:
    filled(tmp_path / "index").close()
    with rebuilt_index(home=tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
    (tmp_path / "index" / "schema.json").write_text("{", encoding="utf-8")
    with rebuilt_index(home=tmp_path) as fresh:
        write(fresh, article("new", "tin", "tin"))
    assert EmbeddedIndex(tmp_path / "index").count("articles") == 1
    (aside,) = tmp_path.glob("index.old-*")
    assert (aside / "schema.json").read_text(encoding="utf-8") == "{"
