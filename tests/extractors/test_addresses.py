"""The canonical address: one spelling a page, and ids that other addresses do not share."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractors.addresses import address_host, article_id, canonical_address
from extractors.errors import InputError

PLAIN = "https://baobien.test/an-ninh/hop-ban-123.html"


@pytest.mark.parametrize(
    "spelling",
    [
        "http://baobien.test/an-ninh/hop-ban-123.html",
        "https://www.baobien.test/an-ninh/hop-ban-123.html",
        "HTTPS://BaoBien.test:443/an-ninh/hop-ban-123.html#binh-luan",
        "http://baobien.test:80/an-ninh/hop-ban-123.html?utm_source=zalo&utm_medium=social",
        "https://baobien.test/an-ninh/hop-ban-123.html?fbclid=x&gidzl=y&amp=1",
        "https://baobien.test/an-ninh/hop-ban-123.html/",
        " https://baobien.test/an-ninh/./x/../hop-ban-123.html\n",
        "https://baobien.test/an%2Dninh/hop-ban-123.html",
        "https://baobien.test./an-ninh/hop-ban-123.html",
    ],
)
def test_spellings_of_one_page_share_an_id(spelling: str) -> None:
    assert canonical_address(spelling) == PLAIN
    assert article_id(spelling) == article_id(PLAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://kpl.test/detail.aspx?id=1", "http://kpl.test/detail.aspx?id=2"),
        ("http://a.test/tin/1", "http://a.test/tin/10"),
        ("http://a.test/Tin", "http://a.test/tin"),
        ("http://a.test:8080/x", "http://a.test/x"),
        ("http://en.a.test/x", "http://a.test/x"),
        ("http://a.test/x%2Fy", "http://a.test/x/y"),
    ],
)
def test_pages_that_differ_keep_different_ids(one: str, other: str) -> None:
    assert article_id(one) != article_id(other)


def test_query_parameters_are_sorted_and_escapes_unified() -> None:
    assert canonical_address("http://a.test/đà?b=2&a=%c3%b4") == canonical_address("http://a.test/%C4%91%c3%a0?a=ô&b=2")
    assert canonical_address("http://a.test/%c4%91") == "https://a.test/%C4%91"


def test_the_host_is_without_www_and_in_ascii() -> None:
    assert address_host("http://WWW.Báo.vn:8080/x") == "xn--bo-mia.vn"
    assert address_host("https://www.com/x") == "www.com"


@pytest.mark.parametrize(
    "bad", ["", "/tin/1", "ftp://a.test/x", "javascript:void(0)", "http://", "http://[x/", "http://a.test:99999/", "http://a b/"]
)
def test_what_is_no_web_address_is_refused_by_name(bad: str) -> None:
    with pytest.raises(InputError, match=r"address|host"):
        canonical_address(bad)


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.text("abc%2F./;=&?#é ", max_size=30))
@example("", "?a&&b=%zz&utm_x")
def test_canonical_addresses_stay_as_they_are(path: str, query: str) -> None:
    try:
        once = canonical_address(f"http://a.test/{path}?{query}")
    except InputError:
        return
    assert canonical_address(once) == once
    assert once.isascii()
