"""Words, aliases, queries and snippets: what both backends share."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import InputError
from extractors.gazetteer import Place, load_gazetteer
from mappings import open_index
from mappings.aliases import SYNONYMS, Aliases, Match, compile_aliases, load_aliases
from mappings.analysis import abbreviations, has_diacritics, searchable, tokens
from mappings.highlight import snippet, snippet_parts
from mappings.query import build_query
from mappings.request import SearchRequest
from tests.index.conftest import article, write

EXAMPLES = tomllib.loads(SYNONYMS.read_text(encoding="utf-8"))["example"]


def place(id: str, name: str, *spellings: str, kind: str = "province") -> Place:
    return Place(id, name, kind, id[:2], None, None, None, None, None, None, (), (name, *spellings))


SMALL = compile_aliases(
    [
        place("LA", "Laos", "Lào", "Lao", "CHDCND Lào", kind="country"),
        place("LA-XE", "Sekong", "Sê Kông", "tỉnh Sê Kông", "Xekong", "ເຊກອງ"),
        place("LA-VT", "Vientiane Capital", "Viêng Chăn", "Vientiane"),
        place("LA-VI", "Vientiane Province", "Vientiane", "tỉnh Viêng Chăn"),
        place("x", "Ba Đồn", kind="commune"),
    ],
    {"group": [{"words": ["công an"], "abbreviations": ["CA"]}]},
)
NONE = Aliases()


def alternatives(text: str, aliases: Aliases = SMALL) -> list[set[str]]:
    return [{" ".join(match.words) + {"folded": "", "exact": "!", "abbreviation": "^"}[match.form] for match in unit.anyone}
            for unit in build_query(text, aliases).must]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đường Sê-kông, TP.HCM 30.000", "duong se kong tp hcm 30 000"),
        (unicodedata.normalize("NFD", "Quảng Ngãi"), "quang ngai"),
        ("ƯU ÁI ĐẶC ỳ", "uu ai dac y"),
        ("ຕຳຫຼວດລາວ", "ຕຳ ຫລ ວ ດ ລາ ວ"),
        ("公安abc厅", "公 安 abc 厅"),
        ("e-mail_x", "e mail x"),
        ("", ""),
    ],
)
def test_words(text: str, folded: str) -> None:
    assert searchable(text)[0] == folded


@pytest.mark.parametrize(
    ("one", "other"), [("túy", "tuý"), ("hòa", "hoà"), ("THỦY", "thuỷ"), ("khỏe", "khoẻ"), ("ໜ້າ", "ຫນ້າ"), ("ຕຳ", "ຕໍາ")]
)
def test_two_spellings_of_one_word_are_the_same_exactly(one: str, other: str) -> None:
    assert one != other
    assert searchable(one)[1] == searchable(other)[1]


@given(st.text())
def test_tokens_are_spans_in_order_without_spaces(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert token.start >= end
        assert text[token.start : token.end] == token.surface
        assert token.folded
        assert not any(letter.isspace() for letter in token.folded + token.exact)
        end = token.end


@given(
    st.text(alphabet=[chr(code) for code in range(0x0E81, 0x0EE0)], min_size=1, max_size=6),
    st.text(alphabet="ກຂຄງຈສຊດຕ", min_size=1, max_size=4),
)
def test_a_lao_word_has_the_same_clusters_inside_a_run(before: str, word: str) -> None:
    alone = [token.folded for token in tokens(word)]
    within = [token.folded for token in tokens(before + "ກາ" + word)]
    assert within[-len(alone) :] == alone


def test_abbreviations_are_capitals_outside_capital_lines() -> None:
    assert abbreviations("CA tỉnh và BĐBP\nCÔNG AN TỈNH ANTT\nANTT\nca NATO10 Ca") == ["ANTT", "BĐBP", "CA"]


def test_only_latin_marks_are_diacritics() -> None:
    assert [has_diacritics(text) for text in ("đi", "túy", "tuy", "ຕຳຫຼວດ", "公安")] == [True, True, False, False, False]


def test_every_spelling_stands_for_all_others_but_longer_ones() -> None:
    for text in ("se kong", "Sê Kông", "XEKONG", "tỉnh Sê Kông", "ເຊກອງ"):
        assert alternatives(text) == [{"sekong", "se kong", "xekong", "ເຊ ກ ອ ງ"}]


def test_a_shared_spelling_stands_for_both_units() -> None:
    assert alternatives("Vientiane") == [{"vientiane", "vieng chan"}]
    assert SMALL.units("vientiane") == ("LA-VT", "LA-VI")
    assert SMALL.units("Sê-Kông") == ("LA-XE",)
    assert SMALL.units("nowhere") == ()


def test_a_short_name_keeps_its_diacritics() -> None:
    assert alternatives("Lào") == alternatives("Laos") == [{"laos", "lào!", "chdcnd lao"}]
    assert alternatives("lao") == [{"lao", "laos", "lào!", "chdcnd lao"}]
    assert alternatives("lao động") == [{"lao"}, {"dong"}]


def test_communes_are_no_aliases() -> None:
    assert alternatives("ba don") == [{"ba"}, {"don"}]


def test_abbreviations_need_capitals() -> None:
    assert alternatives("CA") == alternatives("công an") == [{"cong an", "CA^"}]
    assert alternatives("ca cao") == [{"ca"}, {"cao"}]


def test_pairs_and_exact_clauses() -> None:
    assert build_query("ma tuy sekong bat", SMALL).should == (Match("folded", ("ma", "tuy")),)
    assert set(build_query("ma túy", NONE).should) == {
        Match("folded", ("ma", "tuy")), Match("exact", ("ma",)), Match("exact", ("tuý",)), Match("exact", ("ma", "tuý")),
    }  # fmt: skip


@pytest.mark.parametrize("text", ['"công an" bắt', "“công an” bắt", "«công an» bắt"])
def test_quotes_make_a_phrase_with_its_diacritics_and_without_aliases(text: str) -> None:
    assert alternatives(text) == [{"công an!"}, {"bat"}]


@given(st.text(max_size=600))
def test_any_query_is_built_or_refused(text: str) -> None:
    try:
        query = build_query(text, load_aliases())
    except InputError:
        return
    assert bool(query.must) == any(True for _ in tokens(text)) or not text.strip()
    assert all(unit.anyone and all(match.words for match in unit.anyone) for unit in query.must)


def test_the_packaged_gazetteer_joins_the_spellings_of_a_province() -> None:
    aliases = load_aliases()
    assert alternatives("se kong", aliases) == alternatives("Sê Kông", aliases) == alternatives("Xekong", aliases)
    assert aliases.units("xe kong") == ("LA-XE",)
    provinces = [one for one in load_gazetteer() if one.kind in ("province", "country")]
    assert len(provinces) > 150
    assert all(one.id in aliases.units(one.name) for one in provinces)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["query"] for example in EXAMPLES])
def test_examples_of_the_synonyms(example: dict[str, list[str]], tmp_path: Path) -> None:
    index = open_index(home=tmp_path)
    index.ensure()
    write(index, *(article(text, "t", text) for text in (*example["finds"], *example["misses"])))
    assert {hit.id for hit in index.search(SearchRequest("articles", str(example["query"]))).hits} == set(example["finds"])


def test_a_snippet_shows_the_best_place_marked_and_cut() -> None:
    text = "Tuy nhiên không có gì. " * 40 + "Công an hai tỉnh bắt ma túy ở biên giới. " + "Không có gì nữa. " * 40
    shown = snippet(text, "t", build_query("ma túy biên giới", NONE))
    assert "<mark>ma túy</mark> ở <mark>biên giới</mark>" in shown
    assert "<mark>Tuy" not in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 330


def test_a_snippet_without_a_find_is_the_title_or_the_beginning() -> None:
    assert snippet("một bài", "Tin <mới> & lạ", build_query("la", NONE)) == "Tin &lt;mới&gt; &amp; <mark>lạ</mark>"
    assert snippet("một bài", "t", build_query("", NONE)) == "một bài"


@given(st.text(max_size=300), st.text(max_size=40))
def test_a_snippet_holds_only_its_text_and_marks(text: str, wanted: str) -> None:
    try:
        query = build_query(wanted, NONE)
    except InputError:
        return
    pieces = "".join(piece for piece, _ in snippet_parts(snippet(text, "", query)))
    assert pieces.strip("…").strip() in " ".join(text.split()) or "…" in text
