"""What servers say other than the page: statuses, Retry-After, moves, circles that a cookie opens."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import FetchError
from extractors.records import Page
from flows.answers import Answer, refused, retry_after
from flows.fetch import Fetcher, NotModified
from flows.validators import NO_VALIDATORS, Validators, validators_to_send
from tests.flows.conftest import MakeSettings, Site

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def asking(value: str, status: int = 503) -> Answer:
    return Answer("http://a.test/x", status, (("retry-after", value),), b"")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7), (" 120 ", 120), ("0", 0), ("999999999999", 86_400), ("Sun, 01 Mar 2026 12:05:00 GMT", 300), ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2026 19:05:00 +0700", 300), ("Sun, 01 Mar 2037 12:00:00 GMT", 86_400), ("soon", None), ("", None), ("-5", None), ("1.5", None), ("٣", None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date_and_at_most_a_day(value: str, seconds: float | None) -> None:
    assert retry_after(asking(value), NOW) == seconds


@given(st.text(max_size=40))
def test_any_retry_after_can_be_read(value: str) -> None:
    seconds = retry_after(asking(value), NOW)
    assert seconds is None or 0 <= seconds <= 86_400


@pytest.mark.parametrize(
    ("status", "reason", "retry"),
    [
        (404, "not_found", False), (410, "gone", False), (401, "forbidden", False), (403, "forbidden", True), (451, "forbidden", False), (400, "client_error", False),
        (408, "client_error", True), (429, "rate_limited", True), (500, "server_error", True), (503, "server_error", True), (599, "server_error", True), (304, "broken", False),
    ],
)  # fmt: skip
def test_each_status_has_a_reason(status: int, reason: str, retry: bool) -> None:
    error = refused(Answer("http://a.test/x", status, (), b""), NOW)
    assert error is not None
    assert (error.reason, error.retry, error.status, error.wait) == (reason, retry, status, None)


@given(st.integers(200, 299))
def test_two_hundreds_are_pages(status: int) -> None:
    assert refused(Answer("http://a.test/x", status, (), b"<p>tin</p>"), NOW) is None


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_hours_is_left_alone_that_long(site: Site, make_settings: MakeSettings, status: int) -> None:
    site.answers["a.test/x"] = (status, {"Retry-After": "7200"}, b"")
    site.html("a.test/y", "ok")
    now = [1000.0]
    with Fetcher(make_settings(fetch_attempts=3), clock=lambda: now[0], sleep=lambda _: None) as fetcher:
        with pytest.raises(FetchError) as caught:
            fetcher.fetch_page("http://a.test/x")
        assert (caught.value.reason, caught.value.wait) == ("rate_limited", 7200.0)
        with pytest.raises(FetchError, match="asks to wait 7200 s") as caught:
            fetcher.fetch_page("http://a.test/y")
        assert caught.value.reason == "paused"
        assert site.requests == ["a.test/robots.txt", "a.test/x"]
        now[0] += 7201
        fetcher.fetch_page("http://a.test/y")


def test_429_without_a_time_is_not_asked_again_at_once(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/x"] = (429, {}, b"")
    with Fetcher(make_settings(fetch_attempts=3), sleep=lambda _: None) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/x")
    assert caught.value.wait is None
    assert site.requests.count("a.test/x") == 1


def test_waits_grow_and_are_spread_and_can_be_repeated(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/x"] = (500, {}, b"")
    waits: dict[int, list[float]] = {}
    for seed in (1, 1, 2):
        waits[seed] = []
        with (
            Fetcher(make_settings(fetch_attempts=4), sleep=waits[seed].append, rng=random.Random(seed)) as fetcher,
            pytest.raises(FetchError),
        ):
            fetcher.fetch_page("http://a.test/x")
        assert [low <= wait < low + 1 for low, wait in zip((1, 2, 4), waits[seed], strict=True)] == [True] * 3
    assert waits[1] != waits[2]
    repeated: list[float] = []
    with Fetcher(make_settings(fetch_attempts=4), sleep=repeated.append, rng=random.Random(1)) as fetcher, pytest.raises(FetchError):
        fetcher.fetch_page("http://a.test/x")
    assert repeated == waits[1]
    assert site.requests.count("a.test/x") == 16


def test_nothing_goes_to_the_screen_when_requests_are_tried_again(
    site: Site, make_settings: MakeSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    site.answers["a.test/x"] = [(500, {}, b""), (200, {}, b"ok")]
    with Fetcher(make_settings(fetch_attempts=2), sleep=lambda _: None) as fetcher:
        fetcher.fetch_page("http://a.test/x")
    assert capfd.readouterr() == ("", "")


# Moves


def redirect(status: int, to: str) -> tuple[int, dict[str, str], bytes]:
    return status, {"Location": to}, b""


@pytest.mark.parametrize(
    ("hops", "moved_to"),
    [
        ([301], "http://b.test/1"), ([308, 301], "http://b.test/2"), ([302], None), ([307, 301], None), ([301, 302], "http://b.test/1"), ([301, 303, 301], "http://b.test/1"), ([], None),
    ],
)  # fmt: skip
def test_moves_for_good_are_told_up_to_the_first_that_is_not(
    site: Site, make_settings: MakeSettings, hops: list[int], moved_to: str | None
) -> None:
    addresses = ["a.test/0", *(f"b.test/{number}" for number in range(1, len(hops) + 1))]
    for here, there, status in zip(addresses, addresses[1:], hops, strict=False):
        site.answers[here] = redirect(status, f"http://{there}")
    site.answers[addresses[-1]] = [(200, {"ETag": '"1"'}, b"ok"), (304, {}, b"")]
    with Fetcher(make_settings()) as fetcher:
        page = fetcher.fetch_page("http://a.test/0")
        unchanged = fetcher.fetch_page("http://a.test/0", Validators('"1"'))
    assert isinstance(page, Page)
    assert isinstance(unchanged, NotModified)
    assert page.moved_to == unchanged.moved_to == moved_to
    assert page.final_url == f"http://{addresses[-1]}"


def test_a_page_that_moved_to_a_host_that_is_not_the_outlets_says_what_to_do(site: Site, make_settings: MakeSettings) -> None:
    site.answers["old.test/x"] = redirect(301, "http://new.test/x")
    with Fetcher(make_settings()) as fetcher, pytest.raises(FetchError, match="moved there for good: if so, add the host") as caught:
        fetcher.fetch_page("http://old.test/x", hosts=("old.test",))
    assert caught.value.reason == "foreign_host"
    assert "new.test/x" not in site.requests


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/bài-một.html".encode(), "/b%C3%A0i-m%E1%BB%99t.html"), ("/bài?tên=một".encode(), "/b%C3%A0i?t%C3%AAn=m%E1%BB%99t"), ("/gói".encode("cp1258"), "/g%F3i"),
        (b"/b%C3%A0i", "/b%C3%A0i"), (b"two words", "/two%20words"), (b"//b.test/x#end", "http://b.test/x"), ("http://báo.test/x".encode(), "http://báo.test/x"), (b"?page=2", "/old?page=2"),
        (b"", None), (b"  ", None), (b"http://[", "http://["), (b"/a\tb", "/ab"),
    ],
)  # fmt: skip
def test_where_a_redirect_leads(location: bytes, path: str | None) -> None:
    answer = Answer("http://a.test/old", 301, (("location", location.decode("latin-1")),), b"")
    assert answer.redirect == (f"http://a.test{path}" if path and path.startswith("/") else path)


def test_a_redirect_to_what_is_no_address_is_an_error(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/x"] = redirect(302, "http://[")
    with Fetcher(make_settings()) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/x")
    assert caught.value.reason == "scheme"


# Circles


def with_cookie(handler: BaseHTTPRequestHandler, cookie: str, *, else_to: str, sets: bool = True) -> None:
    """200 for who brings the cookie, else a redirect, which sets it or not."""
    if cookie in (handler.headers.get("Cookie") or ""):
        handler.send_response(200)
    else:
        handler.send_response(302)
        handler.send_header("Location", else_to)
        if sets:
            handler.send_header("Set-Cookie", f"{cookie}; path=/; HttpOnly")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def test_a_page_that_redirects_to_itself_until_its_cookie_comes_back(site: Site, make_settings: MakeSettings) -> None:
    for name in ("1", "2"):
        site.answers[f"a.test/{name}"] = lambda handler: with_cookie(handler, "session=abc", else_to=handler.path)
    site.html("b.test/x", "ok")
    with Fetcher(make_settings()) as fetcher:
        page = fetcher.fetch_page("http://a.test/1")
        assert isinstance(page, Page)
        assert (page.status, page.moved_to) == (200, None)
        fetcher.fetch_page("http://a.test/2")  # the host is known to need it
        fetcher.fetch_page("http://b.test/x")
    assert site.requests == ["a.test/robots.txt", "a.test/1", "a.test/1", "a.test/2", "b.test/robots.txt", "b.test/x"]
    assert [headers.get("cookie") for headers in site.headers] == [None, None, "session=abc", "session=abc", None, None]


def test_a_circle_opens_after_the_section_gave_the_cookie(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/rss/news/1"] = lambda handler: with_cookie(handler, "s=1", else_to="/rss/news/1", sets=False)
    site.html("a.test/rss", "list of feeds", **{"Set-Cookie": "s=1; path=/"})
    with Fetcher(make_settings()) as fetcher:
        page = fetcher.fetch_page("http://a.test/rss/news/1")
        assert isinstance(page, Page)
        fetcher.fetch_page("http://a.test/rss/news/1")
    assert site.requests == ["a.test/robots.txt", "a.test/rss/news/1", "a.test/rss", "a.test/rss/news/1", "a.test/rss/news/1"]


@pytest.mark.parametrize("cookie", [None, "s=1; path=/", "s=2; path=/elsewhere"])
def test_a_circle_without_end_is_an_error(site: Site, make_settings: MakeSettings, cookie: str | None) -> None:
    headers = {"Location": "/loop/x"} | ({"Set-Cookie": cookie} if cookie else {})
    site.answers["a.test/loop/x"] = (302, headers, b"")
    with Fetcher(make_settings()) as fetcher, pytest.raises(FetchError, match="in a circle") as caught:
        fetcher.fetch_page("http://a.test/loop/x")
    assert caught.value.reason == "redirects"
    assert site.requests.count("a.test/loop/x") <= 2


def test_a_longer_circle_and_a_chain_without_end(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/1"] = redirect(302, "/2")
    site.answers["a.test/2"] = redirect(301, "http://b.test/3")
    site.answers["b.test/3"] = redirect(302, "http://a.test/1")
    for number in range(10):
        site.answers[f"a.test/on{number}"] = redirect(302, f"/on{number + 1}")
    with Fetcher(make_settings()) as fetcher:
        for path, said in (("/1", "in a circle"), ("/on0", "more than 5 times")):
            with pytest.raises(FetchError, match=said) as caught:
                fetcher.fetch_page(f"http://a.test{path}")
            assert caught.value.reason == "redirects"


def test_cookies_do_not_cross_hosts_and_are_not_kept_without_need(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/go"] = (302, {"Location": "http://b.test/end", "Set-Cookie": "who=you; domain=.test; path=/"}, b"")
    site.html("b.test/end", "ok", **{"Set-Cookie": "b=1; path=/"})
    with Fetcher(make_settings()) as fetcher:
        for _ in range(2):
            fetcher.fetch_page("http://a.test/go")
    assert [headers.get("cookie") for headers in site.headers] == [None] * 6


def test_what_a_server_gave_goes_back_byte_by_byte(site: Site, make_settings: MakeSettings) -> None:
    odd = "é€".encode().decode("latin-1")
    site.answers["a.test/feed"] = (200, {"ETag": f'"{odd}"'}, b"")
    site.answers["a.test/loop"] = lambda handler: with_cookie(handler, f"s={odd}", else_to="/loop")
    with Fetcher(make_settings(contact="mailto:bàn-tin@news.example")) as fetcher:
        page = fetcher.fetch_page("http://a.test/feed")
        assert isinstance(page, Page)
        fetcher.fetch_page("http://a.test/feed", Validators(dict(page.headers)["etag"], odd))
        assert (site.headers[-1]["if-none-match"], site.headers[-1]["if-modified-since"]) == (f'"{odd}"', odd)
        fetcher.fetch_page("http://a.test/loop")
    assert site.headers[-1]["cookie"] == f"s={odd}"
    assert site.headers[-1]["user-agent"].encode("latin-1").decode() == "keoson/0.1 (mailto:bàn-tin@news.example)"


def test_a_validator_that_would_be_a_header_of_its_own_is_not_sent(site: Site, make_settings: MakeSettings) -> None:
    site.html("a.test/feed", "ok")
    with Fetcher(make_settings()) as fetcher:
        fetcher.fetch_page("http://a.test/feed", Validators('"1"\r\nX-Evil: 1', "\x00"))
    assert {"if-none-match", "if-modified-since", "x-evil"}.isdisjoint(site.headers[-1])


# Validators that lie


KNOWN = Validators('"1"', None)


@pytest.mark.parametrize(
    ("known", "unchanged", "since", "sent"),
    [
        (KNOWN, 0, timedelta(0), KNOWN), (KNOWN, 10, timedelta(hours=23), KNOWN), (KNOWN, 11, timedelta(hours=2), None), (KNOWN, 0, timedelta(days=1), None),
        (KNOWN, 0, None, None), (NO_VALIDATORS, 0, timedelta(0), None),
    ],
)  # fmt: skip
def test_validators_are_believed_for_a_dozen_polls_and_a_day(
    known: Validators, unchanged: int, since: timedelta | None, sent: Validators | None
) -> None:
    last = None if since is None else NOW - since
    assert validators_to_send(known, unchanged_in_a_row=unchanged, last_body_at=last, now=NOW) == sent
