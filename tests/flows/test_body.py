from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import FetchError
from flows.body import read_body

PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "DEFLATE ": lambda body: zlib.compress(body, wbits=-15),
    "utf-8": bytes,
    "": bytes,
    "Identity": bytes,
}


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def read(wire: bytes, encoding: str, size: int = 7, at_most: int = 10_000, *, cut: bool = False) -> bytes:
    return read_body("http://a.test/x", pieces(wire, size), encoding, at_most, status=200, cut=cut)


@given(st.binary(min_size=1, max_size=500), st.sampled_from(sorted(PACKERS)), st.integers(1, 200))
def test_bodies_come_as_they_were_however_they_are_cut(body: bytes, encoding: str, size: int) -> None:
    assert read(PACKERS[encoding](body), encoding, size) == body


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5), st.integers(1, 100), st.binary(max_size=20))
def test_members_of_gzip_are_one_body_and_padding_is_ignored(parts: list[bytes], size: int, padding: bytes) -> None:
    wire = b"".join(gzip.compress(part) for part in parts) + b"\0" + padding
    assert read(wire, "gzip", size) == b"".join(parts)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]), st.integers(1, 50))
def test_noise_is_broken_or_a_body(wire: bytes, encoding: str, size: int) -> None:
    try:
        body = read(wire, encoding, size)
    except FetchError as error:
        assert error.reason in ("broken", "too_large")  # noqa: PT017  either outcome is right
    else:
        assert len(body) <= 10_000


@given(st.binary(min_size=20, max_size=300), st.sampled_from(["gzip", "deflate"]), st.integers(1, 15))
def test_a_packed_body_that_ends_too_early_is_broken(body: bytes, encoding: str, missing: int) -> None:
    with pytest.raises(FetchError) as caught:
        read(PACKERS[encoding](body)[:-missing], encoding)
    assert (caught.value.reason, caught.value.retry) == ("broken", True)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
def test_the_cap_counts_on_both_sides(encoding: str) -> None:
    body = bytes(range(256)) * 4
    assert read(PACKERS[encoding](body), encoding, at_most=1024) == body
    with pytest.raises(FetchError, match="larger than 1023 bytes") as caught:
        read(PACKERS[encoding](body), encoding, at_most=1023)
    assert (caught.value.reason, caught.value.retry) == ("too_large", False)
    assert read(PACKERS[encoding](body), encoding, at_most=1000, cut=True) == body[:1000]


def test_an_encoding_that_was_not_asked_for_is_broken() -> None:
    for encoding in ("br", "zstd", "gzip, gzip", "compress"):
        with pytest.raises(FetchError, match="not asked for") as caught:
            read(b"x", encoding)
        assert caught.value.reason == "broken"
