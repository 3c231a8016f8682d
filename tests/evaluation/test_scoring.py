"""Scores of made-up cases, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keoson.evaluation.evaluation import bootstrap, evaluate, total_of
from keoson.evaluation.forms import TagsForm
from keoson.evaluation.gold import GoldError, read_gold
from keoson.evaluation.matching import match_one_to_one, province_key, quote_spans, word_overlap
from keoson.evaluation.metrics import METRICS
from keoson.evaluation.scoring import Counts, ItemScore, score_item
from tests.evaluation.made_up import TEXT, event, line, old_line, tags, write_folder


def scored(tmp_path: Path, gold: dict[str, Any], tagged: dict[str, Any], **index: Any) -> ItemScore:
    (item,) = read_gold(write_folder(tmp_path / "train", [gold], **index))
    return score_item(item, TagsForm.model_validate(tagged))


def test_marks_against_themselves_are_all_found(tmp_path: Path) -> None:
    score = scored(tmp_path, line(), tags())
    assert not score.missed
    assert not score.spurious
    # A date is marked, so there is no case for false_dates; every other metric of METRICS is counted.
    assert set(score.counts) == {metric.name for metric in METRICS} - {"false_dates"}
    assert score.counts["events"] == Counts(found=2)
    assert score.counts["evidence_characters"] == Counts(found=len("họp bàn") + len("ký biên bản"))


@pytest.mark.parametrize(("relevant", "spurious"), [(True, 1), (False, 0)])
def test_names_in_irrelevant_texts_of_the_single_event_form_are_unmarked_not_spurious(
    tmp_path: Path, relevant: bool, spurious: int
) -> None:
    irrelevant: dict[str, Any] = {"relevant": False, "event_types": [], "persons": [], "organizations": []}
    score = scored(tmp_path, old_line(**({"persons": [], "organizations": []} if relevant else irrelevant)), tags())
    for metric in ("persons", "organizations"):
        assert score.counts.get(metric, Counts()) == Counts(spurious=spurious)


def test_nothing_tagged_misses_everything(tmp_path: Path) -> None:
    score = scored(tmp_path, line(), {"id": "a-1", "relevant": False, "events": [], "persons": [], "organizations": [], "places": []})
    expected = {
        "relevance": 1,
        "event_types": 2,
        "events": 2,
        "parties": 2,
        "party_countries": 2,
        "persons": 1,
        "person_rank": 0,
        "organizations": 1,
    }
    expected |= {"places": 1, "topics": 1, "documents": 1, "evidence": 2, "main_date": 1, "status": 1}
    assert {name: score.counts[name] for name in expected} == {name: Counts(missed=count) for name, count in expected.items()}


def test_each_kind_of_error_is_counted_where_it_belongs(tmp_path: Path) -> None:
    wrong = tags(
        events=[
            # Another day: no longer the same event; its type, parties and evidence still are.
            event(date_start="2023-07-04", amounts=[{"value": 5, "unit": "kg", "what": "", "background": False}]),
            # A patrol that is none, planned, with half of the parties.
            event("patrol", status="planned", parties=[{"name": "Sở An Lạc", "admin1": "NGHE AN", "country": "VN"}], evidence=["tuần tra"]),
        ],
        persons=[
            {"name": "Le Van-Thu", "rank": "Trung tá", "role": "chủ trì", "organization": None, "country": "VN"},
            {"name": "Bình Yên", "rank": None, "role": None, "organization": None, "country": None},
        ],
    )
    score = scored(tmp_path, line(), wrong)
    assert score.counts["event_types"] == Counts(found=1, spurious=1, missed=1)
    assert score.counts["events"] == Counts(found=0, spurious=2, missed=2)
    assert score.counts["parties"] == Counts(found=2)
    assert score.counts["persons"] == Counts(found=1, spurious=1)
    assert score.counts["person_rank"] == Counts(spurious=1, missed=1)
    assert score.counts["person_role"] == Counts(spurious=1)
    assert score.counts["person_country"] == Counts(found=1)
    assert score.counts["amounts"] == Counts(spurious=1)
    assert score.counts["documents"] == Counts(missed=1)
    assert score.counts["evidence"] == Counts(found=1, spurious=1, missed=1)
    assert score.counts["main_date"] == Counts(spurious=1, missed=1)
    assert score.counts["status"] == Counts(found=1)
    assert score.spurious["event_types"] == ["patrol"]
    assert score.by_type["patrol"] == {"event_types": Counts(spurious=1), "events": Counts(spurious=1)}


def test_events_match_at_half_of_the_parties_and_once_each(tmp_path: Path) -> None:
    half = event(parties=[{"name": "Sở An Lạc", "admin1": "Nghệ An", "country": "VN"}])
    score = scored(tmp_path, line(events=[event()]), tags(events=[half, event()]))
    # Both tagged events fit the one marked: one is found, the other spurious; only the second has exactly its parties.
    assert score.counts["events"] == Counts(found=1, spurious=1)
    assert score.counts["events_exact"] == Counts(found=1, spurious=1)
    third = [*event()["parties"], {"name": "x", "admin1": None, "country": "TH"}, {"name": "y", "admin1": None, "country": "KH"}]
    score = scored(tmp_path / "more", line(events=[event()]), tags(events=[event(parties=third)]))
    assert (score.counts["events"].found, score.counts["events_exact"].found) == (1, 0)


def test_background_and_cancelled_events(tmp_path: Path) -> None:
    marked = [event("visit", status="cancelled"), event("patrol", status="background", date_start=None, date_end=None)]
    score = scored(tmp_path, line(events=marked), tags(events=[event("visit", status="occurred")]))
    assert score.counts["event_types"] == Counts(spurious=1)
    assert score.counts["background_types"] == Counts(missed=1)
    assert score.counts["events"] == Counts(found=1)  # status is measured on its own
    assert score.counts["status"] == Counts(missed=1)


def test_a_date_where_none_is_marked_is_false(tmp_path: Path) -> None:
    undated = event(date_start=None, date_end=None)
    score = scored(tmp_path, line(events=[undated]), tags(events=[event(date_start="2023")]))
    assert "main_date" not in score.counts
    assert score.counts["false_dates"] == Counts(found=1)
    score = scored(tmp_path / "none", line(events=[undated]), tags(events=[undated]))
    assert score.counts["false_dates"] == Counts(missed=1)


def test_old_format_a_bare_year_is_no_date_and_unmarked_fields_are_not_scored(tmp_path: Path) -> None:
    gold = old_line(date_start=None, date_end=None)
    national = {"name": "Bộ", "admin1": None, "country": "VN"}
    tagged = event(
        date_start="2023", date_end="2023", parties=[*event()["parties"], national, {"name": "", "admin1": None, "country": "TH"}]
    )
    score = scored(tmp_path, gold, tags("o-1", events=[tagged]), outlet=None)
    assert score.counts["false_dates"] == Counts(missed=1)
    # The old format does not mark a national body beside a province of the same country.
    assert score.counts["parties"] == Counts(found=3)
    assert {"places", "events", "events_exact", "evidence", "evidence_characters"}.isdisjoint(score.counts)


@pytest.mark.parametrize(
    ("marked", "tagged", "counts"),
    [
        (("Houaphanh", "LA"), ("Hủa Phăn", "LA"), Counts(found=1)),
        (("Houaphanh", "LA"), ("Bolikhamsay", "LA"), Counts(spurious=1, missed=1)),
        (("Houaphanh", "LA"), None, Counts(missed=1)),
        (None, ("Houaphanh", "LA"), Counts(spurious=1)),
        ((None, "LA"), ("Houaphanh", "LA"), Counts(spurious=1)),
        (None, None, Counts()),
    ],
)
def test_location_province(
    tmp_path: Path, marked: tuple[str | None, str] | None, tagged: tuple[str | None, str] | None, counts: Counts
) -> None:
    def at(place: tuple[str | None, str] | None) -> dict[str, Any] | None:
        return {"name": "tỉnh Hủa Phăn", "admin1": place[0], "country": place[1]} if place else None

    score = scored(tmp_path, line(events=[event(location=at(marked))]), tags(events=[event(location=at(tagged))]))
    assert score.counts["location_province"] == counts


def test_provinces_compare_through_spellings_but_not_across_mergers() -> None:
    assert province_key("LA", "Sê Kông") == province_key("LA", "Sekong")
    assert province_key("VN", "Thừa Thiên Huế") == province_key("VN", "Huế")
    assert province_key("VN", "Quảng Nam") != province_key("VN", "Đà Nẵng")
    assert province_key("VN", None) is None


def test_totals_are_micro_averaged_and_by_slice(tmp_path: Path) -> None:
    english = {
        "id": "e-1",
        "lang": "en",
        "relevant": False,
        "event_group": None,
        "events": [],
        "persons": [],
        "organizations": [],
        "places": [],
        "notes": "",
    }
    folder = write_folder(tmp_path / "train", [line(), english], {"e-1": "word " * 400})
    evaluation = evaluate(folder, lambda item: tags(item.id))
    # Two meetings and agreements are tagged, one of each is marked: P 2/4, R 2/2, F1 4/6.
    total = evaluation.totals["event_types"]
    assert (total.precision, total.recall) == (0.5, 1.0)
    assert total.value == pytest.approx(2 / 3)
    assert evaluation.totals["false_dates"].value == 1.0
    assert evaluation.slices["lang=vi"]["event_types"].value == 1.0
    assert evaluation.slices["lang=en"]["event_types"].value == 0.0
    assert evaluation.slice_sizes == {"lang=en": 1, "lang=vi": 1, "length=short": 1, "length=long": 1}
    assert evaluation.types["meeting"]["event_types"].precision == 0.5
    # Each resample holds 0, 1 or 2 good texts of two: F1 0, 2/3 or 1.
    assert total.interval == (0.0, 1.0)


def test_the_bootstrap_repeats_itself_and_holds_the_value() -> None:
    counted = [Counts(1, 0, 0)] * 30 + [Counts(0, 1, 1)] * 10
    low, high = bootstrap("event_types", counted, 500) or (1.0, 0.0)
    assert (low, high) == bootstrap("event_types", counted, 500)
    assert 0.5 < low < 0.75 < high < 0.95
    assert bootstrap("status", [Counts()], 50) is None


def test_a_quotient_without_denominator_is_none() -> None:
    assert total_of("persons", Counts()).value is None
    assert total_of("persons", Counts(missed=2)).precision is None
    assert total_of("status", Counts(found=1, missed=3)).value == 0.25


def test_a_malformed_prediction_is_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "train", [line()])
    with pytest.raises(GoldError, match=r"prediction for a-1: a-1: events: Field required"):
        evaluate(folder, lambda item: {"id": item.id, "relevant": True, "persons": [], "organizations": [], "places": []})


def test_spans_of_quotes() -> None:
    assert quote_spans(TEXT, ["họp bàn", "steht nicht da"]) == [(TEXT.index("họp bàn"), TEXT.index("họp bàn") + 7)]


def test_word_overlap_by_hand() -> None:
    assert word_overlap("Biên bản ghi nhớ", "bien ban") == pytest.approx(2 * 2 / 6)
    assert word_overlap("", "x") == 0.0


def test_matching_takes_back_an_early_choice() -> None:
    fits = {(0, 0), (0, 1), (1, 0)}
    assert match_one_to_one("ab", "cd", lambda one, two: ("ab".index(one), "cd".index(two)) in fits) == [(0, 1), (1, 0)]


@given(st.lists(st.integers(0, 5), max_size=8), st.lists(st.integers(0, 5), max_size=8))
def test_matching_equal_values_finds_the_common_multiset(left: list[int], right: list[int]) -> None:
    pairs = match_one_to_one(left, right, lambda one, two: one == two)
    assert len(pairs) == sum(min(left.count(value), right.count(value)) for value in set(left))
    assert len({one for one, _ in pairs}) == len({two for _, two in pairs}) == len(pairs)
