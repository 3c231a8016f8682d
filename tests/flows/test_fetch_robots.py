"""robots.txt by RFC 9309, with what follows when it cannot be had."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.errors import FetchError
from flows.answers import Answer
from flows.fetch import Fetcher
from flows.robots import MAX_BYTES, RobotsBook, RobotsForgotten, SavedRobots
from tests.flows.conftest import MakeSettings, Site

Reply = tuple[int, dict[str, str], bytes]

DAY = 86_400.0
NOW = datetime(2026, 3, 1, tzinfo=UTC)
FORBID: Reply = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /no/\n")
MISSING: Reply = (404, {}, b"")
FAILING: Reply = (500, {}, b"")


class Kept:
    """What outlives a run, and how often it was looked up."""

    def __init__(self) -> None:
        self.saved: dict[str, SavedRobots] = {}
        self.looked_up = 0

    def get(self, origin: str) -> SavedRobots | None:
        self.looked_up += 1
        return self.saved.get(origin)

    def put(self, origin: str, saved: SavedRobots) -> None:
        self.saved[origin] = saved


class Visit:
    """Fetches under a clock that the test moves on, and says what came of it in one word."""

    def __init__(self, make_settings: MakeSettings, **changes: object) -> None:
        self.now = 1_000_000.0
        self.waits: list[float] = []
        self.store = Kept()
        self.settings = make_settings(**changes)
        self.new_run()

    def new_run(self) -> None:
        """Another fetcher, which knows what was kept."""
        self.fetcher = Fetcher(
            self.settings, clock=lambda: self.now, sleep=self.sleep, now=lambda: datetime.fromtimestamp(self.now, UTC), robots=self.store
        )

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def __call__(self, path: str, host: str = "a.test") -> str:
        try:
            self.fetcher.fetch_page(f"http://{host}{path}")
        except FetchError as error:
            return error.reason
        return "ok"


@pytest.fixture
def visit(site: Site, make_settings: MakeSettings) -> Visit:
    for path in ("/yes/1", "/no/1", "/"):
        site.html(f"a.test{path}", "ok")
    return Visit(make_settings)


def test_rules_are_kept_for_a_day(site: Site, visit: Visit) -> None:
    site.answers["a.test/robots.txt"] = [FORBID, MISSING]
    assert (visit("/yes/1"), visit("/no/1")) == ("ok", "robots")
    visit.now += DAY - 1
    assert visit("/no/1") == "robots"
    visit.now += 1
    assert visit("/no/1") == "ok"
    assert site.requests.count("a.test/robots.txt") == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 451])
def test_a_robots_txt_that_is_not_to_be_had_forbids_nothing(site: Site, visit: Visit, status: int) -> None:
    site.answers["a.test/robots.txt"] = (status, {}, FORBID[2])
    assert visit("/no/1") == "ok"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_failing_one_forbids_everything_for_now(site: Site, visit: Visit, status: int) -> None:
    site.answers["a.test/robots.txt"] = [(status, {}, b""), MISSING]
    assert (visit("/yes/1"), visit("/no/1")) == ("robots_unavailable", "robots_unavailable")
    assert site.requests == ["a.test/robots.txt"]
    visit.now += 601
    assert visit("/no/1") == "ok"


def test_when_it_fails_later_the_last_rules_hold_for_another_day(site: Site, visit: Visit) -> None:
    site.answers["a.test/robots.txt"] = [FORBID, FAILING]
    assert visit("/no/1") == "robots"
    visit.now += DAY
    assert (visit("/yes/1"), visit("/no/1")) == ("ok", "robots")
    assert site.requests.count("a.test/robots.txt") == 2
    visit.now += 601
    assert visit("/yes/1") == "ok"
    assert site.requests.count("a.test/robots.txt") == 3
    visit.now += DAY - 601
    assert visit("/yes/1") == "robots_unavailable"


def test_rules_that_come_back_hold_again(site: Site, visit: Visit) -> None:
    site.answers["a.test/robots.txt"] = [FORBID, FAILING, MISSING]
    visit("/yes/1")
    visit.now += DAY
    assert visit("/no/1") == "robots"
    visit.now += 601
    assert visit("/no/1") == "ok"


@pytest.mark.parametrize("answer", [FORBID, MISSING], ids=["rules", "none"])
def test_rules_outlive_a_run(site: Site, visit: Visit, answer: Reply) -> None:
    site.answers["a.test/robots.txt"] = [answer, MISSING]
    said = visit("/no/1")
    for _ in range(3):
        visit.now += DAY / 4
        visit.new_run()
        assert (visit("/no/1"), visit("/yes/1")) == (said, "ok")
    assert (site.requests.count("a.test/robots.txt"), visit.store.looked_up) == (1, 4)
    visit.now += DAY / 4
    visit.new_run()
    assert visit("/no/1") == "ok"
    assert site.requests.count("a.test/robots.txt") == 2


def test_old_rules_of_an_earlier_run_hold_while_it_fails_and_a_failure_is_not_kept(site: Site, visit: Visit) -> None:
    site.answers["a.test/robots.txt"] = [FORBID, FAILING]
    visit("/no/1")
    visit.now += DAY
    visit.new_run()
    assert visit("/no/1") == "robots"
    visit.now += DAY
    visit.new_run()
    assert visit("/no/1") == "robots_unavailable"
    assert list(visit.store.saved.values()) == [SavedRobots(FORBID[2], datetime.fromtimestamp(1_000_000, UTC))]


@pytest.mark.parametrize(("status", "reason"), [(429, "rate_limited"), (503, "challenge")])
def test_a_limit_or_a_challenge_is_told_as_such(site: Site, visit: Visit, status: int, reason: str) -> None:
    headers = {"Cf-Mitigated": "challenge"} if reason == "challenge" else {"Retry-After": "3600"}
    site.answers["a.test/robots.txt"] = (status, headers, b"")
    assert visit("/yes/1") == reason
    assert site.requests == ["a.test/robots.txt"]


def test_a_host_that_does_not_answer_is_told_as_such(make_settings: MakeSettings) -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("Name or service not known")

    with (
        Fetcher(make_settings(host_overrides={}), resolve=nowhere) as fetcher,
        pytest.raises(FetchError, match="Name or service not known") as caught,
    ):
        fetcher.fetch_page("http://nowhere.test/x")
    assert (caught.value.reason, caught.value.retry) == ("dns", True)


def test_redirects_are_followed_across_hosts(site: Site, visit: Visit) -> None:
    site.answers["a.test/robots.txt"] = (301, {"Location": "http://b.test/r1"}, b"")
    for number in range(1, 5):
        site.answers[f"b.test/r{number}"] = (302, {"Location": f"/r{number + 1}"}, b"")
    site.answers["b.test/r5"] = FORBID
    assert (visit("/no/1"), visit("/yes/1")) == ("robots", "ok")
    assert site.requests.count("b.test/r5") == 1


def test_a_chain_without_end_forbids_nothing(site: Site, visit: Visit) -> None:
    site.answers["a.test/robots.txt"] = (302, {"Location": "/robots.txt"}, b"")
    assert visit("/no/1") == "ok"
    assert site.requests.count("a.test/robots.txt") == 6


def test_a_redirect_inside_is_not_followed(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/robots.txt"] = (302, {"Location": f"http://127.0.0.1:{site.port}/robots.txt"}, b"")
    assert Visit(make_settings)("/yes/1") == "address"
    assert site.requests == ["a.test/robots.txt"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_huge_one_is_cut_at_a_line(site: Site, visit: Visit, packed: bool) -> None:
    line = b"Disallow: /no/%06d\n"
    body = b"User-agent: *\nDisallow: /no/1\n" + b"".join(line % number for number in range(40_000)) + b"Disallow: /yes/\n"
    assert len(body) > MAX_BYTES + 100_000
    site.answers["a.test/robots.txt"] = (200, {"Content-Encoding": "gzip"} if packed else {}, gzip.compress(body) if packed else body)
    for number in (5, 39_999):
        site.html(f"a.test/no/{number:06}", "ok")
    # The rule for /yes/ stands behind the cut; /no/1 also forbids what begins like it.
    assert [visit("/no/1"), visit("/no/000005"), visit("/no/039999"), visit("/yes/1")] == ["robots", "robots", "ok", "ok"]


def test_a_cut_does_not_make_a_rule_of_half_a_rule() -> None:
    before = b"User-agent: *\nDisallow: /private/\n"
    half = b"\nDisallow: /"
    body = before + b"#" * (MAX_BYTES - len(before) - len(half)) + half + b"only/this\n"
    assert body[:MAX_BYTES].endswith(half)
    book = RobotsBook(lambda url: Answer(url, 200, (), body[:MAX_BYTES]), "keoson/0.1", now=lambda: NOW, store=RobotsForgotten())
    book.check("http://a.test/other")
    with pytest.raises(FetchError):
        book.check("http://a.test/private/x")


@pytest.mark.parametrize(
    "encoded",
    [b"\xef\xbb\xbf" + FORBID[2], FORBID[2].replace(b"\n", b"\r\n"), FORBID[2].replace(b"\n", b"\r"), b"\xff\xfe junk\n" + FORBID[2]],
)
def test_odd_bytes_do_not_hide_the_rules(site: Site, visit: Visit, encoded: bytes) -> None:
    site.answers["a.test/robots.txt"] = (200, {}, encoded)
    assert (visit("/yes/1"), visit("/no/1")) == ("ok", "robots")


def test_a_web_page_under_that_name_forbids_nothing(site: Site, visit: Visit) -> None:
    site.html("a.test/robots.txt", "<!DOCTYPE html><html><body><p>Không tìm thấy trang</p></body></html>")
    assert visit("/no/1") == "ok"


@pytest.mark.parametrize(("delay", "waits"), [(b"2", [5.0, 5.0]), (b"30", [30.0, 30.0]), (b"x", [5.0, 5.0]), (b"-3", [5.0, 5.0])])
def test_a_longer_crawl_delay_holds_for_all_addresses_of_the_host(
    site: Site, make_settings: MakeSettings, delay: bytes, waits: list[float]
) -> None:
    site.answers["a.test/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: " + delay + b"\n")
    for path in ("/rss/1", "/2"):
        site.html(f"a.test{path}", "ok")
    visit = Visit(make_settings, host_delay_seconds=5)
    assert (visit("/rss/1"), visit("/2")) == ("ok", "ok")
    assert visit.waits == waits


def test_the_delay_in_force_is_told(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 40\n")
    visit = Visit(make_settings, host_delay_seconds=5)
    visit("/1")
    assert (visit.fetcher.delay_of("www.a.test"), visit.fetcher.delay_of("b.test")) == (40.0, 5.0)


def test_a_crawl_delay_of_an_hour_leaves_the_host_to_a_later_run(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 3600\n")
    site.html("a.test/1", "ok")
    visit = Visit(make_settings)
    assert (visit("/1"), visit.waits) == ("paused", [])
    visit.now += 3600
    visit.new_run()
    assert (visit("/1"), visit("/1"), visit.waits) == ("ok", "paused", [])


def test_a_crawl_delay_for_others_is_not_ours(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/robots.txt"] = (
        200,
        {},
        b"User-agent: slowbot\nCrawl-delay: 50\n\nUser-agent: keoson\nCrawl-delay: 1\nDisallow:\n",
    )
    site.html("a.test/1", "ok")
    visit = Visit(make_settings)
    assert [visit("/1") for _ in range(3)] == ["ok"] * 3
    assert visit.waits == [1.0, 1.0, 1.0]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_rules_or_none(body: bytes) -> None:
    book = RobotsBook(lambda url: Answer(url, 200, (), b"User-agent: *\n" + body), "keoson/0.1", now=lambda: NOW, store=RobotsForgotten())
    try:
        book.check("http://a.test/x?y=1")
    except FetchError as error:
        reason = error.reason
    else:
        reason = "robots"
    assert reason == "robots"
