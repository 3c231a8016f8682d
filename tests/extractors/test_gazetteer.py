"""The gazetteer as data: ids, successors, time, and finding a place by what a person types."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from extractors.errors import InputError
from extractors.gazetteer import Gazetteer, Place, load_gazetteer, read_places
from extractors.gazetteer.lookup import find_country, find_place
from extractors.gazetteer.names import find_names, resolve_unseen
from extractors.normalise import normalise_text

_DATA = Path(__file__).parents[2] / "extractors" / "gazetteer"


def test_ids_are_unique_over_both_files() -> None:
    ids: Counter[str] = Counter()
    for name in ("places.csv", "communes.csv"):
        with (_DATA / name).open(encoding="utf-8", newline="") as handle:
            ids.update(row["id"] for row in csv.DictReader(handle))
    assert [place_id for place_id, count in ids.items() if count > 1] == []
    assert len(ids) == len(load_gazetteer().places)


def test_references_exist_and_chains_of_successors_end() -> None:
    gazetteer = load_gazetteer()
    for place in gazetteer:
        if place.admin1_id:
            assert gazetteer.unit(place.admin1_id).kind == "province", place.id
            assert gazetteer.unit(place.admin1_id).country == place.country, place.id
        seen = {place.id}
        at = place
        while at.successor:
            at = gazetteer.unit(at.successor)
            assert at.id not in seen, f"{place.id} succeeds itself"
            seen.add(at.id)
        assert gazetteer.today_id(place.id) == at.id


def test_a_unit_with_a_successor_has_ended_before_it_begins() -> None:
    gazetteer = load_gazetteer()
    followed = [place for place in gazetteer if place.successor]
    assert len(followed) >= 52  # 63 provinces became 34 on 2025-07-01, of which 11 were left as they were
    for place in followed:
        successor = gazetteer.unit(place.successor or "")
        assert place.valid_to is not None, place.id
        assert successor.valid_from is not None, place.id
        assert place.valid_to < successor.valid_from, place.id


def test_vietnam_has_63_provinces_before_the_merger_and_34_after() -> None:
    provinces = [place for place in load_gazetteer() if place.kind == "province" and place.country == "VN"]
    assert sum(place.valid_on("2025-06-30") for place in provinces) == 63
    assert sum(place.valid_on("2025-07-01") for place in provinces) == 34
    assert {load_gazetteer().today_id(place.id) for place in provinces} == {p.id for p in provinces if p.valid_on("2025-07-01")}


def test_every_spelling_is_nfc_and_every_coordinate_on_the_map() -> None:
    for place in load_gazetteer():
        assert place.spellings
        for spelling in place.spellings:
            assert spelling, place.id
            assert normalise_text(spelling) == spelling == spelling.strip(), place.id
        if place.lat is not None and place.lon is not None:
            assert -90 <= place.lat <= 90, place.id
            assert -180 <= place.lon <= 180, place.id
        if place.country in ("VN", "LA", "KH", "TH") and place.lat is not None and place.lon is not None:
            assert 5 < place.lat < 24, place.id
            assert 97 < place.lon < 115, place.id


@pytest.mark.parametrize(
    ("before", "today"),
    [
        ("VN-27", "VN-48-2025"),
        ("VN-DN", "VN-48-2025"),
        ("VN-24", "VN-44-2025"),
        ("VN-25", "VN-44-2025"),
        ("VN-26", "VN-26"),
        ("LA-XE", "LA-XE"),
    ],
)
def test_today_id(before: str, today: str) -> None:
    assert load_gazetteer().today_id(before) == today


def test_a_chain_of_two_mergers_is_followed_to_its_end() -> None:
    def place(place_id: str, successor: str | None) -> Place:
        return Place(place_id, place_id, "province", "VN", place_id, None, None, None, None, successor)

    gazetteer = Gazetteer({p.id: p for p in (place("a", "b"), place("b", "c"), place("c", None))})
    assert [gazetteer.today_id(place_id) for place_id in "abc"] == ["c", "c", "c"]
    with pytest.raises(KeyError):
        gazetteer.unit("d")


@pytest.mark.parametrize(
    ("date", "name"),
    [
        ("2023", "Thừa Thiên Huế"), ("2024-12-31", "Thừa Thiên Huế"), ("2024-12", "Thừa Thiên Huế"), ("2025-01-01", "Huế"), ("2025", "Huế"),
        ("2025-08-02", "Huế"), (None, "Huế"),
    ],
)  # fmt: skip
def test_names_in_time(date: str | None, name: str) -> None:
    assert load_gazetteer().unit("VN-26").name_on(date) == name


@pytest.mark.parametrize(
    ("date", "old", "new"),
    [("2025-06-30", True, False), ("2025-07-01", False, True), ("2025-06", True, False), ("2025-07", False, True), ("2025", True, True), ("2023", True, False)],
)  # fmt: skip
def test_units_in_time_at_the_precision_of_the_date(date: str, old: bool, new: bool) -> None:
    gazetteer = load_gazetteer()
    assert (gazetteer.unit("VN-DN").valid_on(date), gazetteer.unit("VN-48-2025").valid_on(date)) == (old, new)


def test_a_province_is_its_own_admin1_and_a_country_has_none() -> None:
    gazetteer = load_gazetteer()
    assert gazetteer.admin1(gazetteer.unit("LA-XE")) == gazetteer.unit("LA-XE")
    assert gazetteer.admin1(gazetteer.unit("LA-XE-kaleum")) == gazetteer.unit("LA-XE")
    assert gazetteer.admin1(gazetteer.unit("LA")) is None


@pytest.mark.parametrize(
    ("typed", "place_id", "ended"),
    [
        ("Quảng Nam", "VN-27", True), ("quang nam", "VN-27", True), ("tỉnh Quảng Nam", "VN-27", True), ("VN-27", "VN-27", True), ("Đà Nẵng", "VN-48-2025", False),
        ("da nang", "VN-48-2025", False), ("Xekong", "LA-XE", False), ("Sê-kông", "LA-XE", False), ("Xê Coong", "LA-XE", False), ("Lào", "LA", False),
    ],
)  # fmt: skip
def test_find_place_by_what_a_person_types(typed: str, place_id: str, ended: bool) -> None:
    place, has_ended = find_place(typed)
    assert (place.id, has_ended) == (place_id, ended)


def test_an_unknown_place_gives_near_names_and_an_unknown_country_the_list() -> None:
    with pytest.raises(InputError, match=r"did you mean .*Nghệ An"):
        find_place("Nghẹ Anh")
    with pytest.raises(InputError, match="KH"):
        find_country("Atlantis")


@pytest.mark.parametrize(
    ("typed", "code"), [("LA", "LA"), ("la", "LA"), ("Lào", "LA"), ("lao", "LA"), ("Campuchia", "KH"), ("Trung Quốc", "CN")]
)
def test_find_country(typed: str, code: str) -> None:
    assert find_country(typed) == code


def test_the_longest_name_wins_and_names_do_not_overlap() -> None:
    text = "Từ Thừa Thiên Huế đến Sê-kông, Lào-Việt."
    found = [text[match.start : match.end] for match in find_names(text, "vi")]
    assert found[:3] == ["Thừa Thiên Huế", "Sê-kông", "Lào"]


@pytest.mark.parametrize("text", ["lao động", "thái độ", "cơm lào", "Huếnh", "NLào", "quảng nam"])
def test_names_inside_words_or_in_lower_case_are_none(text: str) -> None:
    assert find_names(text, "vi") == []


def test_names_in_scripts_without_capitals_are_found_inside_running_text() -> None:
    assert [place.id for match in find_names("ຢູ່ແຂວງເຊກອງນັ້ນ", "lo") for place in match.places if place.kind == "province"] == ["LA-XE"]


@pytest.mark.parametrize(
    ("name", "kind", "place_id"),
    [("Bôykhămxay", "province", "LA-BL"), ("Xavẳnnàkhêt", "province", "LA-SV"), ("Vientaine", "province", "LA-VT"), ("Sê Coong", "province", "LA-XE")],
)  # fmt: skip
def test_unseen_spellings_resolve_to_the_one_near_unit(name: str, kind: str, place_id: str) -> None:
    place = resolve_unseen(name, kind, capital=name == "Vientaine")
    assert place is not None
    assert place.id == place_id


@pytest.mark.parametrize("name", ["Bônkhămray", "Savatra", "Khăm", "Xiêng Trại", "Mường Trăng", "Nghệ Tĩnh", "ab", ""])
def test_near_misses_do_not_resolve(name: str) -> None:
    assert resolve_unseen(name, "province") is None


def test_the_kind_holds_in_the_fuzzy_step() -> None:
    place = resolve_unseen("Xaychămphôône", "district")
    assert place is not None
    assert place.id == "LA-BL-xaychamphone"
    assert resolve_unseen("Xaychămphôône", "province") is None


def test_columns_may_be_missing_in_the_commune_file(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("id,name,kind,country,admin1_id,lat,lon,valid_from,valid_to\nVN-x,Xã Mẫu,commune,VN,,,,,2025-06-30\n", encoding="utf-8")
    (place,) = read_places(path)
    assert (place.spellings, place.successor, place.former_names, place.lat, place.valid_to) == (("Xã Mẫu",), None, (), None, "2025-06-30")
