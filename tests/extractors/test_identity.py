"""Identity of entries: whatever happens to guids, addresses and headlines, no article is lost and none is stored twice."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.feeds.identity import identity_keys, is_same_article
from extractors.outlets import load_outlets
from extractors.records import Entry, Outlet

OUTLETS = load_outlets()
OUTLET = replace(OUTLETS["baohatinh"], id="baomau")
NOON = datetime(2026, 3, 1, 5, 0, 7, tzinfo=UTC)


class Book:
    """Entries by their keys, as the ledger keeps them: `register` says which article each entry of a poll is."""

    def __init__(self, outlet: Outlet = OUTLET) -> None:
        self.outlet = outlet
        self.known: dict[str, list[tuple[int, Entry]]] = {}
        self.articles = 0

    def register(self, *poll: Entry) -> list[int]:
        return [self._one(entry, keys) for entry, keys in zip(poll, identity_keys(poll, self.outlet), strict=True)]

    def _one(self, entry: Entry, keys: tuple[str, ...]) -> int:
        same = (number for key in keys for number, other in self.known.get(key, ()) if is_same_article(key, entry, other))
        number = next(same, None)
        if number is None:
            number = self.articles
            self.articles += 1
        for key in keys:
            self.known.setdefault(key, []).append((number, entry))
        return number


def entry(
    url: str = "https://baomau.test/trao-qua-post270001.html", title: str = "Trao quà cho học sinh bản kết nghĩa", **more: object
) -> Entry:
    fields: dict[str, object] = {"feed_id": "f", "published": NOON, "published_raw": "2026-03-01T12:00:07+07:00"} | more
    return Entry(url=url, title=title, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "http://baomau.test/trao-qua-post270001.html",
        "https://www.baomau.test/trao-qua-post270001.html",
        "https://baomau.test/trao-qua-post270001.html?utm_source=rss&fbclid=x",
        "https://baomau.test/trao-qua-post270001.html#binh-luan",
        "https://baomau.test/an-ninh/trao-qua/270001.htm",  # the old scheme, same number
        "https://baomau.test/trao-nhieu-qua-post270001.html",  # the headline was corrected
    ],
)
def test_other_spellings_of_an_address_are_the_same_article(url: str) -> None:
    bare = {"published": None, "published_raw": None}
    book = Book()
    assert book.register(entry(**bare)) + book.register(entry(url, title="Trao thêm nhiều quà", **bare)) == [0, 0]


def test_keys_are_short_and_the_strongest_comes_first() -> None:
    (keys,) = identity_keys([entry(guid="270001", summary="Bên suối")], OUTLET)
    assert [key.partition(":")[0] for key in keys] == ["address", "number", "guid", "content"]
    assert max(map(len, keys)) <= 72
    assert identity_keys([entry("mailto:toasoan@baomau.test")], OUTLET) == ((),)


def test_one_guid_for_ten_items_keeps_ten() -> None:
    items = [
        entry(f"https://baomau.test/tin-{n}-post2700{n}.html", f"Tin số {n} trong ngày", guid="https://baomau.test/rss-1234")
        for n in range(10, 20)
    ]
    assert Book().register(*items) == list(range(10))


def test_one_guid_for_every_poll_keeps_the_article_of_each() -> None:
    book = Book()
    for day in range(5):
        when = NOON + timedelta(days=day)
        bulletin = entry(f"https://baomau.test/ban-tin-trua-{day}", "Bản tin trưa của đài hôm nay", guid="show-20260101", published=when)
        assert book.register(bulletin) == [day]


def test_an_undated_series_under_one_guid_keeps_each_instalment() -> None:
    book = Book()
    for day in range(3):
        bulletin = entry(
            f"https://baomau.test/ban-tin-trua-{day}", "Bản tin trưa", guid="show-20260101", published=None, published_raw=None
        )
        assert book.register(bulletin) == [day]


def test_a_guid_that_embeds_the_headline_doubles_nothing() -> None:
    book = Book()
    assert book.register(entry(guid="trao-qua-cho-hoc-sinh")) == [0]
    assert book.register(entry(title="Trao nhiều quà", guid="trao-nhieu-qua")) == [0]


def test_a_renamed_article_is_known_by_its_guid() -> None:
    book = Book(replace(OUTLET, number_pattern=None))
    assert book.register(entry("https://baomau.test/a/trao-qua-k9XcAbq4R.html", guid="vnnews-884213")) == [0]
    moved = entry("https://baomau.test/b/ban-giao-nha-Zz81LpQw2.html", title="Bàn giao nhà", guid="vnnews-884213")
    assert book.register(moved) == [0]
    assert book.register(replace(moved, guid="vnnews-884214", url="https://baomau.test/b/khanh-thanh-cau-Zz81LpQw3.html")) == [1]


@pytest.mark.parametrize(
    ("raw", "same"),
    [
        ("Mon, 14 Sep 2026 08:00:00 +0700", True),
        ("2026-09-14T10:00:00+07:00", True),
        ("9/14/2026 6:44:00 PM", True),
        ("2026-09-14T08:05:00+00:00", True),
        ("Mon, 14 Sep 2026 00:00:00 +0700", False),
        ("2026-09-14 0:00", False),
        ("2026-09-14", False),
    ],
)
def test_only_an_instant_that_was_written_with_a_clock_is_a_witness(raw: str, same: bool) -> None:
    book = Book(replace(OUTLET, number_pattern=None))
    first, second = "https://baomau.test/trao-qua-a.html", "https://baomau.test/khanh-thanh-b.html"
    assert book.register(entry(first, guid="n-884213", published_raw=raw)) == [0]
    assert book.register(entry(second, guid="n-884213", published_raw=raw)) == [0 if same else 1]


def test_an_article_in_two_sections_is_one() -> None:
    book = Book(replace(OUTLET, number_pattern=None))
    first = entry("https://baomau.test/an-ninh/trao-qua-ban-ket-nghia-224819.html")
    second = entry("https://baomau.test/bien-gioi/trao-qua-ban-ket-nghia-post270001.html")
    assert book.register(first, second) == [0, 0]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Trao quà cho học sinh bản khác"},
        {"published": NOON + timedelta(seconds=1)},
        {"summary": "Ngày thứ hai"},
        {"url": "https://baomau.test/tang-qua-dip-tet-300001.html"},
        {"url": "https://baomau.test/detail.aspx?id=300001"},
    ],
)
def test_what_differs_in_anything_else_is_another_article(change: dict[str, object]) -> None:
    book = Book(replace(OUTLET, number_pattern=None))
    first = entry("https://baomau.test/trao-qua-ban-ket-nghia-224819.html")
    assert book.register(first) == [0]
    assert book.register(replace(first, **({"url": "https://baomau.test/trao-qua-ban-ket-nghia-224820.html"} | change))) == [1]


def test_bare_days_are_no_instants() -> None:
    book = Book(replace(OUTLET, number_pattern=None))
    day = {"published_raw": "2026-03-01"}
    assert book.register(entry("https://baomau.test/ban-tin-moi-1001.html", "Bản tin", **day)) == [0]
    assert book.register(entry("https://baomau.test/ban-tin-moi-1002.html", "Bản tin", **day)) == [1]


@pytest.mark.parametrize(
    ("outlet_id", "old", "new", "same"),
    [
        ("baohatinh", "http://baohatinh.vn/an-ninh/trao-qua/224819.htm", "https://baohatinh.vn/trao-qua-post224819.html", True),
        ("baosonla", "https://baosonla.org.vn/x/trao-qua-k9XcAbq4R.html", "https://baosonla.vn/doi-ngoai/trao-qua-k9XcAbq4R.html", True),
        ("baosonla", "https://baosonla.vn/x/trao-qua-k9XcAbq4R.html", "https://baosonla.vn/x/trao-qua-K9XcAbq4R.html", False),
        ("baodanang", "https://baoquangnam.vn/bien-gioi/trao-qua-3131234.html", "https://baodanang.vn/trao-qua-3131234.html", True),
        ("kpl", "https://kpl.gov.la/EN/detail.aspx?id=93001", "https://kpl.gov.la/En/Detail.aspx?id=93001", True),
        ("kpl", "https://kpl.gov.la/EN/detail.aspx?id=93001", "https://kpl.gov.la/detail.aspx?id=93001", False),
    ],
)
def test_numbers_of_the_catalogue(outlet_id: str, old: str, new: str, same: bool) -> None:
    book = Book(OUTLETS[outlet_id])
    bare = {"published": None, "published_raw": None}
    first, second = book.register(entry(old, **bare)) + book.register(entry(new, **bare))
    assert (first == second) is same


@dataclass(frozen=True)
class Story:
    """An article that really exists; `number` is unique."""

    number: int

    def seen(self, data: st.DataObject) -> Entry:
        """One of the ways in which feeds list it."""
        scheme, www, slash = (
            data.draw(st.sampled_from(["http", "https"])),
            data.draw(st.sampled_from(["", "www."])),
            data.draw(st.sampled_from(["", "/"])),
        )
        tracking = data.draw(st.sampled_from(["", "?utm_source=rss", "?fbclid=a&utm_medium=b"]))
        path = data.draw(st.sampled_from([f"trao-qua-post{self.number}.html", f"an-ninh/trao-qua/{self.number}.htm"]))
        guid = data.draw(
            st.sampled_from([None, f"id-{self.number}", f"trao-qua-{data.draw(st.integers(0, 3))}", "same", "https://baomau.test/rss-1234"])
        )
        dated = data.draw(st.booleans())
        when = NOON + timedelta(minutes=self.number % 3, days=self.number % 5)
        return Entry(
            feed_id="f",
            url=f"{scheme}://{www}baomau.test/{path}{slash}{tracking}",
            # headlines of a series: many articles share them
            title=data.draw(st.sampled_from(["Trao quà cho học sinh bản kết nghĩa", f"Trao quà đợt {self.number}"])),
            guid=guid,
            published=when if dated else None,
            published_raw=when.isoformat() if dated else None,
        )


@settings(max_examples=300, deadline=None)
@given(st.data(), st.lists(st.lists(st.integers(270000, 270012), min_size=1, max_size=8), min_size=1, max_size=6))
def test_no_article_is_lost_or_doubled(data: st.DataObject, polls: list[list[int]]) -> None:
    book = Book()
    articles: dict[int, int] = {}
    for poll in polls:
        found = book.register(*(Story(number).seen(data) for number in poll))
        for number, article in zip(poll, found, strict=True):
            assert articles.setdefault(number, article) == article, "stored twice"
    assert len(set(articles.values())) == len(articles), "two articles taken for one"
