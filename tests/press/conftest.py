"""One press for all tests that only read from it."""

from collections.abc import Iterator

import pytest

from keoson.press.server import PressServer
from keoson.press.sites import PressSite, press_folder, read_sites


@pytest.fixture(scope="module")
def press() -> Iterator[PressServer]:
    with PressServer() as server:
        yield server


@pytest.fixture(scope="session")
def sites() -> dict[str, PressSite]:
    return {site.outlet.id: site for site in read_sites(press_folder())}
