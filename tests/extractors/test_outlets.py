"""Outlet files: the packaged ones are sound, and a wrong one is refused with its file and field."""

import re
from pathlib import Path

import pytest

from extractors.addresses import address_host
from extractors.errors import OutletError
from extractors.outlets import load_outlets, packaged_outlets

GOOD = """
id = "baomau"
name = "Báo Mẫu"
language = "vi"
country = "VN"
homepage = "https://baomau.test"
hosts = ["baomau.test"]
time_zone = "Asia/Ho_Chi_Minh"
prefixes = ["(BM) -"]
[[feeds]]
id = "baomau_tin"
kind = "rss"
url = "https://baomau.test/rss"
"""
PACKAGED = sorted(packaged_outlets().glob("*/*.toml"))


def write(folder: Path, text: str, name: str = "baomau.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_every_packaged_file_is_an_outlet() -> None:
    outlets = load_outlets()
    assert {path.stem for path in PACKAGED} == set(outlets)
    assert len({outlet.country for outlet in outlets.values()}) >= 3
    assert len(outlets) >= 8


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_a_packaged_outlet_lies_in_its_country_and_feeds_from_its_hosts(path: Path) -> None:
    outlet = load_outlets()[path.stem]
    assert path.parent.name == outlet.country.lower()
    for feed in outlet.feeds:
        assert feed.id.startswith(outlet.id)
        assert feed.entries_a_day, "say how much is expected, so that too little is noticed"
        assert address_host(feed.url) in outlet.hosts


def test_the_record_carries_what_the_file_says(tmp_path: Path) -> None:
    outlet = load_outlets(write(tmp_path, GOOD))["baomau"]
    assert (outlet.name, outlet.country, outlet.prefixes, outlet.admin1) == ("Báo Mẫu", "VN", ("(BM) -",), None)
    assert (outlet.feeds[0].outlet_id, outlet.feeds[0].time_zone, outlet.feeds[0].enabled) == ("baomau", "Asia/Ho_Chi_Minh", True)


def test_all_three_places_of_a_file_are_read(tmp_path: Path) -> None:
    for number, name in enumerate(["o1.toml", "vn/o2.toml", "o3/outlet.toml"], start=1):
        write(tmp_path, GOOD.replace("baomau", f"o{number}").replace('"o1.test"', '"o1.test"'), name)
    assert list(load_outlets(tmp_path)) == ["o1", "o2", "o3"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("language", "langauge"), "langauge"),
        (('country = "VN"', 'country = "Vietnam"'), "country"),
        (("Asia/Ho_Chi_Minh", "Asia/Hanoi_Nowhere"), "time_zone"),
        (('hosts = ["baomau.test"]', "hosts = []"), "hosts"),
        (('hosts = ["baomau.test"]', 'hosts = ["https://baomau.test"]'), "hosts"),
        (('kind = "rss"', 'kind = "json"'), "feeds.0.kind"),
        (('kind = "rss"', 'kind = "listing"'), "article_pattern"),
        (('kind = "rss"', 'kind = "listing"\narticle_pattern = "("'), "article_pattern"),
        (('url = "https://baomau.test/rss"', 'url = "/rss"'), "feeds.0.url"),
        (('url = "https://baomau.test/rss"', 'url = "https://baomau.test/rss"\nevery = 5'), "feeds.0.every"),
        (('id = "baomau"', 'id = "other"'), "id"),
        (("[[feeds]]", "[[feeds"), "TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_field(tmp_path: Path, change: tuple[str, str], field: str) -> None:
    write(tmp_path, GOOD.replace(*change))
    with pytest.raises(OutletError, match=re.escape(field)) as caught:
        load_outlets(tmp_path)
    assert "baomau.toml" in str(caught.value)


def test_ids_are_unique_over_all_folders(tmp_path: Path) -> None:
    write(tmp_path / "one", GOOD)
    write(tmp_path / "two", GOOD)
    with pytest.raises(OutletError, match="already defined"):
        load_outlets(tmp_path / "one", tmp_path / "two")
    write(tmp_path / "three", GOOD.replace('id = "baomau"', 'id = "another"'), "another.toml")
    with pytest.raises(OutletError, match="baomau_tin"):
        load_outlets(tmp_path / "one", tmp_path / "three")


def test_a_folder_without_outlets_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutletError, match="holds no outlet"):
        load_outlets(tmp_path / "nothing")
