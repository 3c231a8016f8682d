"""What both backends promise, asked of each by the same tests."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.errors import InputError, SearchIndexError
from extractors.normalise import normalise_text
from mappings import Index, SearchRequest
from mappings.fields import Kind
from tests.index.conftest import Store, article, write


def found(index: Index, text: str = "", **options: Any) -> list[str]:
    return [hit.id for hit in index.search(SearchRequest("articles", text, **options)).hits]


def everything(index: Index) -> dict[str, list[dict[str, Any]]]:
    return {kind: list(index.export(kind)) for kind in get_args(Kind)}


CORPUS = (
    article("a1", "Hội đàm tại Sê Kông", "Công an tỉnh Quảng Nam hội đàm với Công an tỉnh Sê Kông về phòng chống ma túy.",
            outlet="qn", countries=["VN", "LA"], admin1=["Quảng Nam", "Sekong"], persons=["Nguyễn Văn A", "Khăm-phăn"],
            event_types=["meeting"], date="2024-12-24", date_until="2024-12-25", date_time="2024-12-24T08:00:00", year=2024, month=202412),
    article("a2", "Bàn giao trang bị", "CA hai tỉnh bàn giao máy tính cho Xekong, thu giữ ma tuý.",
            outlet="qn", countries=["VN", "LA"], admin1=["Sekong"], persons=["Khăm Phăn"], event_types=["aid", "meeting"],
            date="2024-12-24", date_until="2024-12-25", date_time="2024-12-24T17:00:00", year=2024, month=202412),
    article("a3", "Mùa ca cao", "Nông dân trồng ca cao; tuy nhiên giá giảm, người làm ma cũng nhiều.",
            outlet="dn", countries=["VN"], relevant=False, date="2023-01-01", date_until="2024-01-01", year=2023),
    article("a4", "ຂ່າວ", "ເຈົ້າໜ້າທີ່ຕຳຫຼວດແຂວງເຊກອງປະຊຸມຮ່ວມກັບຕຳຫຼວດຫວຽດນາມ",
            outlet="lao", language="lo", countries=["LA"], date="2025-02-01", date_until="2025-03-01", year=2025, month=202502),
    article("a5", "Không ngày", "Đường biên giới dài; bạn ghé thăm đường mòn. Duong cuối cùng.", outlet="dn", countries=[]),
)  # fmt: skip


@pytest.fixture
def filled(index: Index) -> Index:
    write(index, *CORPUS)
    return index


def test_nothing_to_search_for_finds_everything_latest_first_and_undated_last(filled: Index) -> None:
    result = filled.search(SearchRequest("articles"))
    assert (result.total, [hit.id for hit in result.hits]) == (5, ["a4", "a2", "a1", "a3", "a5"])
    assert filled.count("articles") == 5


@pytest.mark.parametrize("text", ["se kong ma tuy", "Sê Kông ma túy", "Xekong ma tuý", "SÊ-KÔNG MA TÚY", "tỉnh Sekong ma túy"])
def test_spellings_of_a_province_find_the_same(filled: Index, text: str) -> None:
    assert sorted(found(filled, text)) == ["a1", "a2"]


def test_words_are_marked_as_written(filled: Index) -> None:
    hits = {hit.id: hit.snippet for hit in filled.search(SearchRequest("articles", "se kong ma tuy")).hits}
    assert "<mark>Sê Kông</mark>" in hits["a1"]
    assert "<mark>ma túy</mark>" in hits["a1"]
    assert "<mark>Xekong</mark>" in hits["a2"]
    assert "<mark>ma tuý</mark>" in hits["a2"]


def test_a_decomposed_query_finds_the_same(filled: Index) -> None:
    composed = "Sê Kông ma túy"
    assert unicodedata.normalize("NFD", composed) != composed
    assert found(filled, unicodedata.normalize("NFD", composed)) == found(filled, composed)


def test_a_decomposed_document_is_found(index: Index) -> None:
    write(
        index, article("nfd", "t", unicodedata.normalize("NFD", "Đường biên Quảng Trị"), admin1=[unicodedata.normalize("NFD", "Quảng Trị")])
    )
    assert found(index, "duong bien") == found(index, "đường biên") == ["nfd"]
    assert found(index, filters={"admin1": ("Quảng Trị",)}) == ["nfd"]


def test_an_abbreviation_counts_only_in_capitals(filled: Index) -> None:
    assert sorted(found(filled, "công an")) == sorted(found(filled, "CA")) == ["a1", "a2"]
    assert "a3" in found(filled, "ca cao")
    assert "a3" not in found(filled, "CA")


def test_diacritics_rank_and_quotes_demand(index: Index) -> None:
    write(index, article("plain", "t", "con duong moi"), article("exact", "t", "con đường mới"), article("other", "t", "con dưỡng mời"))
    assert found(index, "đường mới")[0] == "exact"
    assert len(found(index, "duong moi")) == 3
    assert found(index, '"đường mới"') == ["exact"]
    assert found(index, '"mới đường"') == []


def test_neighbours_rank_higher_than_scattered_words(index: Index) -> None:
    write(
        index,
        article("scattered", "t", "biên bản của giới trẻ, phòng họp về cải tiến"),
        article("together", "t", "bản tin về biên giới và phòng họp cải cách"),
    )
    assert found(index, "bien gioi") == ["together", "scattered"]


@pytest.mark.parametrize("text", ["ຕຳຫຼວດ", "ຕໍາຫລວດ", "ເຊກອງ", "ຫນ້າທີ່", "ຕຳຫຼວດ ປະຊຸມ", "ຕຳຫຼວດແຂວງເຊກອງ"])
def test_a_lao_word_is_found_inside_a_run(filled: Index, text: str) -> None:
    assert "a4" in found(filled, text)


def test_lao_words_that_are_not_there_are_not_found(filled: Index) -> None:
    assert found(filled, "ກະສິກຳ") == []
    assert found(filled, "ປະຊຸມຕຳຫຼວດ") == []


def test_lao_is_marked(filled: Index) -> None:
    (hit,) = filled.search(SearchRequest("articles", "ປະຊຸມ")).hits
    assert "<mark>ປະຊຸມ</mark>" in hit.snippet


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"outlet": ("qn",)}, ["a2", "a1"]),
        ({"outlet": ("dn", "lao")}, ["a4", "a3", "a5"]),
        ({"outlet": ("qn",), "event_types": ("aid",)}, ["a2"]),
        ({"persons": ("kham phan",)}, ["a2", "a1"]),
        ({"admin1": ("quang nam",)}, ["a1"]),
        ({"relevant": ("false",)}, ["a3"]),
        ({"year": ("2023", "2025")}, ["a4", "a3"]),
        ({"outlet": ("nowhere",)}, []),
        ({"id": ("a5",)}, ["a5"]),
    ],
)
def test_filters(filled: Index, filters: dict[str, tuple[str, ...]], ids: list[str]) -> None:
    result = filled.search(SearchRequest("articles", filters=filters))
    assert (result.total, [hit.id for hit in result.hits]) == (len(ids), ids)


def test_facets_count_every_match(filled: Index) -> None:
    result = filled.search(SearchRequest("articles", facets=("outlet", "countries", "relevant", "month", "persons", "topics"), size=0))
    assert result.hits == ()
    assert result.facets == {
        "outlet": (("dn", 2), ("qn", 2), ("lao", 1)),
        "countries": (("LA", 3), ("VN", 3)),
        "relevant": (("true", 4), ("false", 1)),
        "month": (("202412", 2), ("202502", 1)),
        "persons": (("Khăm Phăn", 1), ("Khăm-phăn", 1), ("Nguyễn Văn A", 1)),
        "topics": (),
    }
    assert filled.search(SearchRequest("articles", "ma túy", facets=("outlet",))).facets == {"outlet": (("qn", 2), ("dn", 1))}


def test_a_facet_shows_its_most_frequent_values(index: Index) -> None:
    write(index, *(article(f"{n}-{copy}", "t", "x", outlet=f"o{n:03}") for n in range(60) for copy in range(1 + n % 3)))
    (values,) = index.search(SearchRequest("articles", facets=("outlet",), facet_size=25)).facets.values()
    counts = {f"o{n:03}": 1 + n % 3 for n in range(60)}
    assert list(values) == sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:25]


@pytest.mark.parametrize(
    ("date_from", "date_to", "ids"),
    [
        (date(2024, 12, 24), date(2024, 12, 25), ["a2", "a1"]),
        (date(2024, 12, 25), None, ["a4"]),
        (None, date(2024, 12, 24), ["a3"]),
        (None, date(2024, 12, 25), ["a2", "a1", "a3"]),
        # a month or a year overlaps each of its days
        (date(2025, 2, 28), date(2025, 3, 1), ["a4"]),
        (date(2025, 3, 1), None, []),
        (date(2023, 6, 1), date(2023, 6, 2), ["a3"]),
        (None, date(2023, 1, 1), []),
    ],
)
def test_dates_are_half_open_and_overlap(filled: Index, date_from: date | None, date_to: date | None, ids: list[str]) -> None:
    assert found(filled, date_from=date_from, date_to=date_to) == ids


def test_order_by_date_within_a_day_and_by_id_among_equals(index: Index) -> None:
    day = {"date": "2024-05-05", "date_until": "2024-05-06"}
    write(
        index,
        article("b", "t", "tin", **day),
        article("c", "t", "tin", **day),
        article("a", "t", "tin", **day, date_time="2024-05-05T01:00:00"),
    )
    assert found(index, "tin", sort="date") == ["a", "c", "b"]


def test_equally_good_hits_come_by_id_and_pages_neither_repeat_nor_miss(index: Index) -> None:
    ids = [f"{n:02}" for n in range(30)]
    write(index, *(article(id, "cùng tên", "cùng một bài") for id in ids[::2]))
    write(index, *(article(id, "cùng tên", "cùng một bài") for id in ids[1::2]))
    pages = [found(index, "cùng bài", size=7, offset=offset) for offset in range(0, 35, 7)]
    assert [len(page) for page in pages] == [7, 7, 7, 7, 2]
    assert [id for page in pages for id in page] == ids[::-1]
    by_date = [id for offset in range(0, 35, 7) for id in found(index, "cùng bài", size=7, offset=offset, sort="date")]
    assert by_date == ids[::-1]
    assert found(index, "cùng bài", offset=100) == []


def test_writing_twice_changes_nothing(filled: Index) -> None:
    request = SearchRequest("articles", "ma túy", facets=("outlet", "persons"))
    documents = everything(filled)
    before = filled.search(request)
    write(filled, *CORPUS)
    after = filled.search(request)
    assert everything(filled) == documents
    assert (after.total, after.facets, [hit.id for hit in after.hits]) == (before.total, before.facets, [hit.id for hit in before.hits])


def test_a_new_version_replaces_the_old_whole(filled: Index) -> None:
    write(filled, article("a1", "Mới", "hoàn toàn khác"))
    assert "a1" not in found(filled, "ma túy")
    assert filled.get("articles", "a1") == article("a1", "Mới", "hoàn toàn khác")
    assert filled.count("articles") == 5


def test_of_two_with_one_id_the_later_stays(index: Index) -> None:
    assert index.upsert("articles", [article("x", "cũ", "cũ"), article("x", "mới", "mới")]) == 1
    index.refresh()
    assert (found(index, "cũ"), found(index, "mới"), index.count("articles")) == ([], ["x"], 1)


def test_what_is_read_is_what_was_written(index: Index) -> None:
    given_document = article(
        "j", "a & <b>", 'dòng một\ndòng "hai" 😀', tags={"a": [1, 2.5, None, {"é": True}], "empty": []}, persons=[], version=3
    )
    assert index.upsert("articles", [given_document]) == 1
    index.refresh()
    assert index.get("articles", "j") == given_document
    assert list(index.export("articles")) == [given_document]
    (hit,) = index.search(SearchRequest("articles", "b")).hits
    assert (hit.source, hit.snippet) == (given_document, "a &amp; &lt;<mark>b</mark>&gt;")
    assert index.get("articles", "missing") is None


def test_without_highlighting_there_is_no_snippet(filled: Index) -> None:
    assert {hit.snippet for hit in filled.search(SearchRequest("articles", "ma túy", highlight=False)).hits} == {""}


def test_delete(filled: Index) -> None:
    assert filled.delete("articles", ["a1", "a2", "a2", "missing"]) == 2
    filled.refresh()
    assert (found(filled, "ma túy"), filled.get("articles", "a1"), filled.count("articles")) == (["a3"], None, 3)
    assert filled.delete("articles", []) == 0


def test_delete_missing_reports(index: Index) -> None:
    reports = [{"id": f"{of}-{n}", "title": "t", "text": "x", "article_id": of, "type": "aid"} for of in ("p", "q") for n in range(3)]
    assert index.upsert("reports", reports) == 6
    assert index.delete_missing_reports("p", ["p-1", "q-2"]) == 2
    index.refresh()
    assert [one["id"] for one in index.export("reports")] == ["p-1", "q-0", "q-1", "q-2"]
    assert index.delete_missing_reports("p", ["p-1"]) == 0
    assert index.delete_missing_reports("q", []) == 3


def test_kinds_are_apart(filled: Index) -> None:
    assert filled.upsert("events", [{"id": "a1", "title": "Sự kiện", "text": "ma túy", "type": "meeting", "report_count": 2}]) == 1
    filled.refresh()
    result = filled.search(SearchRequest("events", "ma tuy", filters={"report_count": ("2",)}, facets=("type",)))
    assert ([hit.id for hit in result.hits], result.facets) == (["a1"], {"type": (("meeting", 1),)})
    assert (filled.count("events"), filled.count("articles"), filled.count("reports")) == (1, 5, 0)


def test_reopened_it_holds_the_same_and_ensuring_again_harms_nothing(store: Store, filled: Index) -> None:
    documents = everything(filled)
    filled.close()
    filled.close()
    again = store.open()
    assert everything(again) == documents
    again.ensure()
    assert sorted(found(again, "xekong ma túy")) == ["a1", "a2"]


def test_a_second_opener_sees_what_the_first_writes(store: Store, index: Index) -> None:
    reader = store.open()
    assert found(reader, "tin") == []
    write(index, article("n", "tin", "tin"))
    assert found(reader, "tin") == ["n"]


def test_ids_are_found_by_their_beginning(index: Index) -> None:
    write(index, *(article(f"ab.{number:02}", "tin", "tin") for number in range(12)), article("abc", "t", "t"), article("b [x]*", "t", "t"))
    assert index.ids_with_prefix("articles", "ab.") == [f"ab.{number:02}" for number in range(10)]
    assert index.ids_with_prefix("articles", "abc") == ["abc"]
    assert index.ids_with_prefix("articles", "b [") == ["b [x]*"]
    assert index.ids_with_prefix("articles", "B") == index.ids_with_prefix("articles", ".*") == index.ids_with_prefix("events", "a") == []


def test_a_rebuilt_index_takes_the_place_of_the_present_one(store: Store, filled: Index) -> None:
    with store.rebuild() as fresh:
        assert fresh.count("articles") == 0
        write(fresh, article("new", "tin", "tin"))
    filled.close()
    assert [document["id"] for document in store.open().export("articles")] == ["new"]


def test_an_index_that_was_never_made_says_what_to_run(store: Store) -> None:
    index = store.open()
    for attempt in (lambda: index.search(SearchRequest("articles", "x")), lambda: index.get("articles", "x"), lambda: index.count("events"),
                    lambda: index.upsert("articles", CORPUS), lambda: list(index.export("reports"))):  # fmt: skip
        with pytest.raises(SearchIndexError, match="keoson index init"):
            attempt()


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"id": "x", "titel": "t"}, "titel"),
        ({"title": "t"}, "no id"),
        ({"id": "x", "countries": "VN"}, "takes a list"),
        ({"id": "x", "year": "2024"}, "year"),
        ({"id": "x", "relevant": 1}, "relevant"),
        ({"id": "x", "date": "2024-02-30", "date_until": "2024-03-01"}, "date"),
        ({"id": "x", "date": "2024-02-20"}, "date_until"),
        ({"id": "x", "title": "half \ud83d"}, r"articles x: its text holds U\+D83D"),
    ],
)
def test_a_document_outside_the_field_table_is_refused(index: Index, document: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SearchIndexError, match=complaint):
        index.upsert("articles", [document])
    index.refresh()
    assert index.count("articles") == 0


@pytest.mark.parametrize("text", ["?!", "«…»", "'", "\u200b.", "་"])
def test_a_query_of_only_punctuation_is_refused(filled: Index, text: str) -> None:
    with pytest.raises(InputError, match="no letter or digit"):
        found(filled, text)


@pytest.mark.parametrize("text", ["ma " * 4000, "m" * 501, "tin " * 65])
def test_a_query_too_long_is_refused(filled: Index, text: str) -> None:
    with pytest.raises(InputError, match="use at most"):
        found(filled, text)


@pytest.mark.parametrize("text", ['"ma túy', 'ma" túy', "ma (túy", "ma: túy*", "ma^ túy~", "+ma -túy \\", "“ma túy"])
def test_unbalanced_and_special_signs_are_no_syntax(filled: Index, text: str) -> None:
    assert sorted(found(filled, text)) == sorted(found(filled, "ma túy")) == ["a1", "a2", "a3"]


def test_the_longest_query_allowed_is_answered(index: Index) -> None:
    text = " ".join(f"tứ{n}" for n in range(64))
    write(index, article("long", "t", text))
    assert found(index, text) == ["long"]


@pytest.mark.parametrize(
    "options",
    [{"filters": {"text": ("x",)}}, {"filters": {"outlet": ()}}, {"filters": {"nope": ("x",)}},
     {"facets": ("url",)}, {"size": 10_001}, {"offset": -1}, {"sort": "up"},
     {"date_from": date(2024, 1, 1), "date_to": date(2024, 1, 1)}, {"facet_size": 0}],
)  # fmt: skip
def test_requests_that_cannot_be_answered_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        SearchRequest("articles", **options)


@pytest.mark.parametrize("filters", [{"year": ("last",)}, {"relevant": ("yes",)}])
def test_a_filter_value_of_another_type_is_refused(filled: Index, filters: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(InputError):
        filled.search(SearchRequest("articles", filters=filters))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60).map(normalise_text))
def test_any_text_finds_itself_or_is_refused_with_a_reason(index: Index, text: str) -> None:
    write(index, article("any", text, "khác"))
    try:
        result = index.search(SearchRequest("articles", text.replace('"', " ")[:500], size=5))
    except InputError:
        return
    assert result.total == 1
