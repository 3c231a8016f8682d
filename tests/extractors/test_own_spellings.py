"""Spellings of an operator's own: known to taggers once given, and refused with file, line and remedy when wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.errors import InputError
from extractors.gazetteer import load_gazetteer, spell_also
from extractors.gazetteer.names import forget_names
from extractors.gazetteer.own_spellings import use_own_spellings
from extractors.places import tag_places

TEXT = "Đoàn công tác tỉnh Xê Cồng Mới đến thăm tỉnh Quảng Trị."


@pytest.fixture(autouse=True)
def _packaged_again() -> Iterator[None]:
    yield
    spell_also({})
    load_gazetteer.cache_clear()
    forget_names()


def _found() -> set[tuple[str, str | None]]:
    return {(place.evidence.quote, place.place_id) for place in tag_places(TEXT, "vi", "2024-01-01")}


def test_a_spelling_is_known_once_it_is_given(tmp_path: Path) -> None:
    assert ("Xê Cồng Mới", "LA-XE") not in _found()
    path = tmp_path / "spellings.csv"
    path.write_text("id,spelling\nLA-XE,Xê Cồng Mới\nLA-XE,Sekong Mới\n", encoding="utf-8")
    assert use_own_spellings(path) == 2
    assert ("Xê Cồng Mới", "LA-XE") in _found()
    assert ("Quảng Trị", "VN-25") in _found()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name,spelling\nLA-XE,X\xc3\xaa\n", "must name the columns id and spelling"),
        (b"id,spelling\nLA-XE,Xe Cong\nLA-QQ,Xa\n", "line 3: no place has the id 'LA-QQ'"),
        (b"id,spelling\nLA-XE,\n", "line 2: the spelling of LA-XE"),
        (b"id,spelling\nLA-XE,\xff\xfe\n", "cannot be read as CSV in UTF-8"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "spellings.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as error:
        use_own_spellings(path)
    assert str(path) in str(error.value)
