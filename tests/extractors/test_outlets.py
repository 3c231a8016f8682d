"""Outlet files: what they say reaches the records, and a wrong one is refused with its file and field."""

import re
from pathlib import Path

import pytest

from extractors.errors import OutletError
from extractors.outlets import load_outlets

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


def write(folder: Path, text: str, name: str = "baomau.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


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
        (('kind = "rss"', 'kind = "rss"\nconfidence = "broken"'), "enabled = false"),
        (('kind = "rss"', 'kind = "rss"\nconfidence = "certain"'), "confidence"),
        (('kind = "rss"', 'kind = "rss"\nlanguage = "Lao"'), "language"),
        (("prefixes = [", 'article_pattern = "("\nprefixes = ['), "article_pattern"),
        (("prefixes = [", 'owner_kind = "rich"\nprefixes = ['), "owner_kind"),
        (("prefixes = [", 'address_dates = ["-%Q"]\nprefixes = ['), "address_dates.0"),
        (("prefixes = [", 'address_dates = ["-%m%d"]\nprefixes = ['), "names no year"),
        (("prefixes = [", 'number_pattern = "-\\\\d+$"\nprefixes = ['), "number_pattern"),
        (("prefixes = [", 'sitemaps = ["/sitemap.xml"]\nprefixes = ['), "sitemaps.0"),
        (("prefixes = [", 'date_archives = ["https://baomau.test/%Y/%H"]\nprefixes = ['), "date_archives.0"),
        (('kind = "rss"', 'kind = "rss"\nnext_pages = "https://baomau.test/{page}"'), "next_pages"),
        (('kind = "rss"', 'kind = "listing"\narticle_pattern = "x"\nnext_pages = "https://baomau.test/p"'), "next_pages"),
        (("[[feeds]]", "[[content_rules]]\nremove = ['//table[']\n[[feeds]]"), "content_rules.0.remove"),
        (("[[feeds]]", "[[content_rules]]\nvalid_until = 2025-06-30\n[[feeds]]"), "content_rules.0"),
        (("[[feeds]]", "[[content_rules]]\nvalid_until = 2025-06-30\ncut = ['x']\n[[content_rules]]\ncut = ['y']\n[[feeds]]"), "newest"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_field(tmp_path: Path, change: tuple[str, str], field: str) -> None:
    write(tmp_path, GOOD.replace(*change))
    with pytest.raises(OutletError, match=re.escape(field)) as caught:
        load_outlets(tmp_path)
    assert "baomau.toml" in str(caught.value)


def test_what_does_not_work_yet_may_be_listed_when_it_is_off(tmp_path: Path) -> None:
    off = "enabled = false"
    write(tmp_path, GOOD.replace('kind = "rss"', f'kind = "sitemap"\n{off}'), "baomau.toml")
    other = GOOD.replace("baomau", "baohai")
    write(tmp_path, other.replace('kind = "rss"', f'kind = "rss"\nconfidence = "broken"\n{off}'), "baohai.toml")
    write(tmp_path, GOOD.replace("baomau", "baoba").replace('kind = "rss"', f'kind = "listing"\n{off}'), "baoba.toml")
    feeds = [outlet.feeds[0] for outlet in load_outlets(tmp_path).values()]
    assert [(feed.kind, feed.enabled) for feed in feeds] == [("listing", False), ("rss", False), ("sitemap", False)]


def test_a_listing_takes_the_pattern_of_its_outlet_unless_it_has_its_own(tmp_path: Path) -> None:
    listing = GOOD.replace('kind = "rss"', 'kind = "listing"').replace("prefixes = [", "article_pattern = 'html$'\nprefixes = [")
    listing += """[[feeds]]
id = "baomau_lo"
kind = "listing"
url = "https://baomau.test/lo"
language = "lo"
article_pattern = '/lo/.+html$'
"""
    outlet = load_outlets(write(tmp_path, listing))["baomau"]
    assert [(feed.article_pattern, feed.language) for feed in outlet.feeds] == [("html$", "vi"), ("/lo/.+html$", "lo")]


def test_an_operators_outlet_replaces_the_one_of_the_same_id_with_all_its_feeds(tmp_path: Path) -> None:
    write(tmp_path / "ours", GOOD)
    write(tmp_path / "theirs", GOOD.replace("Báo Mẫu", "Báo Mới Mẻ").replace("baomau_tin", "baomau_khac"))
    outlet = load_outlets(tmp_path / "ours", tmp_path / "theirs")["baomau"]
    assert (outlet.name, [feed.id for feed in outlet.feeds]) == ("Báo Mới Mẻ", ["baomau_khac"])
    write(tmp_path / "same", GOOD.replace("Báo Mẫu", "Báo Mẫu 2"))
    assert load_outlets(tmp_path / "ours", tmp_path / "same")["baomau"].name == "Báo Mẫu 2"


def test_ids_are_unique(tmp_path: Path) -> None:
    write(tmp_path / "one", GOOD)
    write(tmp_path / "one", GOOD, "vn/baomau.toml")
    with pytest.raises(OutletError, match="already defined"):
        load_outlets(tmp_path / "one")
    write(tmp_path / "two", GOOD)
    write(tmp_path / "three", GOOD.replace('id = "baomau"', 'id = "another"'), "another.toml")
    with pytest.raises(OutletError, match="baomau_tin"):
        load_outlets(tmp_path / "two", tmp_path / "three")


def test_a_folder_without_outlets_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutletError, match="holds no outlet"):
        load_outlets(tmp_path / "nothing")
