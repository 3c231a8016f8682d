"""Dates in addresses: the shapes that the notes on sources state, and the ones that mean a date anywhere."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.address_dates import compile_address_date, date_in_address
from extractors.outlets import load_outlets

OUTLETS = load_outlets()
PLAIN = replace(OUTLETS["vnexpress"], address_dates=())


@pytest.mark.parametrize(
    ("outlet_id", "address", "value", "precision"),
    [
        ("thanhnien", "https://thanhnien.vn/trao-qua-185241224101530123.htm", "2024-12-24", "day"),
        ("dantri", "https://dantri.com.vn/phap-luat/quy-2-2025-20251125101530123.htm", "2025-11-25", "day"),
        ("vtv", "https://vtv.vn/trao-qua-20251125101530123.htm", "2025-11-25", "day"),
        # 2025-11-24 at 17:30 UTC is half past midnight of the 25th in Hanoi
        ("bocongan", "https://bocongan.gov.vn/bai-viet/trao-qua-1764005400", "2025-11-25", "day"),
        ("baoquangtri", "https://baoquangtri.vn/quoc-phong-an-ninh/202508/trao-qua-4a21b7c/", "2025-08", "month"),
        ("baodaklak", "https://baodaklak.vn/an-ninh-quoc-phong/202510/trao-qua-9f01a22/", "2025-10", "month"),
        ("mod_la", "http://mod.gov.la/08092022.php", "2022-09-08", "day"),
        ("mps_la", "https://mps.gov.la/2025/11/20/khao-mai/", "2025-11-20", "day"),
        ("medialaos", "https://medialaos.net/2025/120345/", "2025", "year"),
    ],
)
def test_addresses_of_the_catalogue(outlet_id: str, address: str, value: str, precision: str) -> None:
    found = date_in_address(address, OUTLETS[outlet_id])
    assert found is not None
    assert (found.value, found.precision, found.source) == (value, precision, "address")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("2024/12/24/x.html", "2024-12-24"),
        ("2024-12-24/x.html", "2024-12-24"),
        ("20241224/x.html", "2024-12-24"),
        ("x_20241224101530.html", "2024-12-24"),
        ("2024/12/x.html", "2024-12"),
        ("channel/3482/202412/x-5574288/", "2024-12"),
        ("x-20241350101530.html", None),  # month 13
        ("x-202412241015301234567.html", None),  # a longer number
        ("2024/12345/x.html", None),
        ("x-post202412.html", None),
        ("1899/12/24/x.html", None),
        ("x.html", None),
    ],
)
def test_addresses_of_an_outlet_without_shapes_of_its_own(path: str, value: str | None) -> None:
    found = date_in_address(f"https://vnexpress.net/{path}", PLAIN)
    assert (found and found.value) == value


def test_days_after_the_latest_are_no_publish_dates() -> None:
    address = "https://mps.gov.la/2025/11/20/khao-mai/"
    assert date_in_address(address, PLAIN, latest=date(2025, 11, 19)) is None
    assert date_in_address(address, PLAIN, latest=date(2025, 11, 20)) is not None


@pytest.mark.parametrize("shape", ["%Q%Y", "%Y%Y", "-%m%d", "%Y%d", "%Y%"])
def test_a_shape_that_says_no_date_is_refused(shape: str) -> None:
    with pytest.raises(ValueError, match="%"):
        compile_address_date(shape)


@given(st.text("0123456789/-_.%?&=s185post", max_size=60))
def test_addresses_never_raise(path: str) -> None:
    for name in ("thanhnien", "bocongan", "mod_la"):
        found = date_in_address(f"https://x.test/{path}", OUTLETS[name])
        assert found is None or "1995" <= found.value[:4] <= "2100"
