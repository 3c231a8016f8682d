"""Lists of addresses: whatever bytes they are, every line is counted once."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import InputError
from extractors.records import Outlet
from flows.backfill.lists import read_list
from flows.backfill.outlets_by_host import OutletsByHost

OUTLETS = OutletsByHost({"a": Outlet("a", "A", "vi", "VN", "http://a.test/", ("www.a.test",), "Asia/Ho_Chi_Minh", ())})
CELL = st.one_of(st.text(max_size=12), st.sampled_from(["http://a.test/1.html", "2024-05-01", '"', "{}", "https://b.test/", "\x00"]))


@given(
    st.sampled_from(["url,date,title", "Link;Published", '{"url": "http://a.test/1.html"}', "http://a.test/0.html"]),
    st.lists(CELL, max_size=8),
)
def test_lines_are_entries_or_counted(first: str, cells: list[str]) -> None:
    counts: Counter[str] = Counter()
    found = list(read_list(io.BytesIO("\n".join([first, *cells]).encode("utf-8", "surrogatepass")), "list", OUTLETS, counts))
    assert all(one.outlet.id == "a" and one.entry.feed_id == "a_backfill" for one in found)
    assert counts["lines"] == len(found) + counts["no address"] + counts["host of no outlet"]


@given(st.binary(max_size=200))
def test_any_bytes_give_entries_or_a_reason(content: bytes) -> None:
    with suppress(InputError):
        list(read_list(io.BytesIO(content), "list", OUTLETS, Counter()))
