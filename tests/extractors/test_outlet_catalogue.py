"""The packaged catalogue: every file is sound, and every row of the reference lists is in it or left out with a reason."""

import csv
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from extractors.addresses import address_host
from extractors.gazetteer import load_gazetteer
from extractors.outlets import load_outlets, packaged_outlets
from extractors.records import Feed, Outlet

HERE = Path(__file__).parent
PACKAGED = sorted(packaged_outlets().glob("*/*.toml"))
AGGREGATORS = {"news.google.com", "baomoi.com", "vietnam.vn", "globalvoices.org"}
# Hosts that two outlets allow: the articles of a merged paper redirect to its successor.
SUCCESSORS = {"baodanang.vn", "baoquangnam.vn", "baoquangngai.vn", "tuoitre.vn"}


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def feeds() -> dict[str, tuple[Outlet, Feed]]:
    return {feed.id: (outlet, feed) for outlet in load_outlets().values() for feed in outlet.feeds}


def test_every_packaged_file_is_an_outlet() -> None:
    assert sorted(path.stem for path in PACKAGED) == sorted(load_outlets())
    assert {outlet.country for outlet in load_outlets().values()} == {"VN", "LA", "KH"}


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_a_packaged_outlet_is_sound(path: Path) -> None:
    outlet = load_outlets()[path.stem]
    assert path.parent.name == outlet.country.lower()
    assert address_host(outlet.homepage) == outlet.hosts[0]
    assert len(set(outlet.hosts)) == len(outlet.hosts)
    assert not AGGREGATORS & set(outlet.hosts)
    assert (outlet.owner is not None) or (outlet.owner_kind is None)
    if outlet.admin1:
        provinces = {unit.name for unit in load_gazetteer() if unit.kind == "province" and unit.country == outlet.country}
        assert outlet.admin1 in provinces
    for feed in outlet.feeds:
        assert urlsplit(feed.url).scheme in {"http", "https"}
        assert address_host(feed.url) in outlet.hosts
        assert feed.confidence, "say how sure it is that this feed works"
        assert feed.entries_a_day or not feed.enabled, "say how much is expected of this feed"
        assert feed.enabled or feed.kind != "rss" or feed.confidence in {"broken", "low"}
        if feed.article_pattern:
            assert not re.search(feed.article_pattern, feed.url), "a listing is no article of itself"


def test_no_address_is_polled_twice() -> None:
    polled = [feed.url for _, feed in feeds().values()]
    assert len(set(polled)) == len(polled)


def test_a_host_belongs_to_one_outlet_unless_papers_were_merged() -> None:
    owners: dict[str, list[str]] = {}
    for outlet in load_outlets().values():
        for host in outlet.hosts:
            owners.setdefault(host, []).append(outlet.id)
    assert {host for host, ids in owners.items() if len(ids) > 1} == SUCCESSORS
    own = [outlet.hosts[0] for outlet in load_outlets().values()]
    assert len(set(own)) == len(own)


@pytest.mark.parametrize("row", rows("outlets_left_out.csv"), ids=lambda row: row["id"])
def test_what_is_left_out_has_a_reason_and_is_out(row: dict[str, str]) -> None:
    assert len(row["reason"].split()) >= 5
    assert row["id"] not in feeds()
    assert row["id"] not in load_outlets()


def test_each_row_of_the_reference_list_is_in_the_catalogue_or_left_out() -> None:
    listed = {row["id"]: row for row in rows("outlets_reference.csv")}
    left_out = {row["id"] for row in rows("outlets_left_out.csv")}
    assert left_out <= set(listed)
    assert set(feeds()) == set(listed) - left_out, "a feed that is in no list is invented"
    for name, (outlet, feed) in feeds().items():
        row = listed[name]
        assert (feed.url, feed.kind, feed.confidence, outlet.country) == (row["url"], row["kind"], row["confidence"], row["country"])
        assert feed.language in row["language"].split(";"), name


# Addresses are the shapes that the reference lists and the notes on sources give, with invented slugs.
@pytest.mark.parametrize(
    ("outlet_id", "address", "is_article"),
    [
        ("baodienbienphu", "https://baodienbienphu.vn/tin-bai/bien-gioi/tang-qua-ban-ket-nghia", True),
        ("baodienbienphu", "https://baodienbienphu.vn/tin-bai/bien-gioi", False),
        ("baosonla", "https://baosonla.vn/doi-ngoai/hoi-dam-cap-tinh-k9XcAbq4R.html", True),
        ("baosonla", "https://baosonla.vn/quoc-phong-an-ninh.html", False),
        ("baonghean", "https://baonghean.vn/trao-qua-10304050.html", True),
        ("baonghean", "https://baonghean.vn/trao-qua-post263444.html", True),
        ("baonghean", "https://baonghean.vn/cn/trao-qua-10304050.html", True),
        ("baonghean", "https://baonghean.vn/phap-luat", False),
        ("baohatinh", "https://baohatinh.vn/trao-qua-post270001.html", True),
        ("baohatinh", "https://baohatinh.vn/an-ninh/trao-qua/270001.htm", True),
        ("baoquangtri", "https://baoquangtri.vn/quoc-phong-an-ninh/202508/trao-qua-4a21b7c/", True),
        ("baoquangtri", "https://baoquangtri.vn/quoc-phong-an-ninh/", False),
        ("huengaynay", "https://huengaynay.vn/chinh-tri-xa-hoi/bien-gioi-bien-dao/trao-qua-151234.html", True),
        ("huengaynay", "https://huengaynay.vn/chinh-tri-xa-hoi/", False),
        ("baodanang", "https://baodanang.vn/trao-qua-3301234.html", True),
        ("baodanang", "https://baodanang.vn/quoc-phong-an-ninh", False),
        ("baoquangnam", "https://baoquangnam.vn/bien-gioi/trao-qua-131234.html", True),
        ("baoquangngai", "https://baoquangngai.vn/trao-qua-55555.htm", True),
        ("baogialai", "https://baogialai.com.vn/trao-qua-post331234.html", True),
        ("baodaklak", "https://baodaklak.vn/an-ninh-quoc-phong/202510/trao-qua-9f01a22/", True),
        ("cand", "https://cand.vn/trao-qua-post701234.html", True),
        ("cand", "https://cand.com.vn/doi-song/trao-qua-i690123/", True),
        ("antv", "https://antv.gov.vn/tin-tuc/chinh-tri/trao-qua-7f3a.html", True),
        ("antv", "https://antv.gov.vn/tin-tuc/chinh-tri/", False),
        ("bocongan", "https://bocongan.gov.vn/bai-viet/trao-qua-1763971200", True),
        ("bocongan", "https://bocongan.gov.vn/chuyen-muc/doi-ngoai", False),
        ("bienphong", "https://www.bienphong.com.vn/trao-qua-post470001.html", True),
        ("qdnd", "https://la.qdnd.vn/tin-tuc/trao-qua-512345", True),
        ("qdnd", "https://en.qdnd.vn/military/news", False),
        ("modgov", "https://mod.gov.vn/home/detail?urile=wcm:path:/mod/sa-mod/article", True),
        ("thanhnien", "https://thanhnien.vn/trao-qua-185241224101530123.htm", True),
        ("dantri", "https://dantri.com.vn/phap-luat/trao-qua-20251125101530123.htm", True),
        ("nhandan", "https://cn.nhandan.vn/trao-qua-post130001.html", True),
        ("vietnamplus", "https://fr.vietnamplus.vn/trao-qua-post250001.vnp", True),
        ("vietnamplus", "https://fr.vietnamplus.vn/trao-qua/250001.vnp", True),
        ("kpl", "https://kpl.gov.la/EN/detail.aspx?id=93001", True),
        ("kpl", "https://kpl.gov.la/En/Detail.aspx?id=93001", True),
        ("kpl", "https://kpl.gov.la/En/News.aspx?cat=9", False),
        ("pasaxon", "https://pasaxon.org.la/khao-mai-4501.html", True),
        ("pasaxon", "https://pasaxon.org.la/search/khao.html", False),
        ("vientianemai", "https://www.vientianemai.net/khao/51234.html", True),
        ("medialaos", "https://medialaos.net/2025/120345/?amp=1", True),
        ("mps_la", "https://mps.gov.la/2025/11/20/khao-mai/", True),
        ("mps_la", "https://mps.gov.la/2025/11/", False),
        ("kongthap", "https://kongthap.gov.la/?lang=en&page=1&fullnews=812", True),
        ("mod_la", "http://mod.gov.la/08092022.php", True),
        ("khmertimes", "https://www.khmertimeskh.com/501234567/border-talks/", True),
        ("akp", "https://www.akp.gov.kh/post/detail/301234", True),
    ],
)
def test_addresses_of_articles_are_told_from_others(outlet_id: str, address: str, is_article: bool) -> None:
    outlet = load_outlets()[outlet_id]
    assert address_host(address) in outlet.hosts
    assert outlet.article_pattern
    assert bool(re.search(outlet.article_pattern, address)) is is_article
