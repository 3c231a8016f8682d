from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import FetchError
from flows.challenges import ChallengeExample, ChallengeSign, find_challenge, load_signs
from flows.fetch import Fetcher
from tests.flows.conftest import MakeSettings, Site

SIGNS = load_signs()


def found(example: ChallengeExample) -> str | None:
    return find_challenge(example.status, tuple((name.lower(), value) for name, value in example.headers.items()), example.body.encode())


def cases(which: str) -> list[object]:
    return [pytest.param(sign, example, id=f"{sign.name}: {example.why}") for sign in SIGNS for example in getattr(sign, which)]


@pytest.mark.parametrize(("sign", "example"), cases("is_challenge"))
def test_challenges_are_told(sign: ChallengeSign, example: ChallengeExample) -> None:
    assert found(example) is not None
    headers = {name.lower(): value.lower() for name, value in example.headers.items()}
    assert sign.holds(example.status, headers, example.body.lower().encode())  # and by this sign, not only by another one


@pytest.mark.parametrize(("sign", "example"), cases("is_none"))
def test_what_is_no_challenge_is_left_alone(sign: ChallengeSign, example: ChallengeExample) -> None:
    assert found(example) is None


def test_every_sign_has_a_name_of_its_own() -> None:
    assert len({sign.name for sign in SIGNS}) == len(SIGNS) >= 10


def test_a_long_page_is_no_challenge_whatever_it_quotes() -> None:
    quoted = b"<script>document.cookie='a=b';location.reload()</script><div class='g-recaptcha'></div>/_Incapsula_Resource"
    assert find_challenge(200, (), b"<html><body><p>" + quoted + b"</p></body></html>") is not None
    assert find_challenge(200, (), b"<html><body><p>" + quoted + b"tin " * 20_000 + b"</p></body></html>") is None


@given(st.integers(200, 599), st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_can_be_asked_about(status: int, body: bytes, header: str) -> None:
    name = find_challenge(status, (("cf-mitigated", header), ("x-amzn-waf-action", header)), b"<html>" + body)
    assert name is None or name in {sign.name for sign in SIGNS}


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_challenge_is_an_error_and_its_host_is_left_alone_for_a_while(site: Site, make_settings: MakeSettings, status: int) -> None:
    site.answers["a.test/x"] = (status, {"Cf-Mitigated": "challenge", "Content-Type": "text/html"}, b"<title>Just a moment...</title>")
    site.html("a.test/y", "ok")
    now = [1000.0]
    with Fetcher(make_settings(fetch_attempts=3), clock=lambda: now[0], sleep=lambda _: None) as fetcher:
        with pytest.raises(FetchError, match="cloudflare_header") as caught:
            fetcher.fetch_page("http://a.test/x")
        assert (caught.value.reason, caught.value.retry, caught.value.status) == ("challenge", True, status)
        with pytest.raises(FetchError, match="left alone") as caught:
            fetcher.fetch_page("http://a.test/y")
        assert (caught.value.reason, caught.value.wait) == ("paused", 600.0)
        assert site.requests == ["a.test/robots.txt", "a.test/x"]
        now[0] += 601
        fetcher.fetch_page("http://a.test/y")


def test_a_feed_address_that_answers_with_a_cookie_page_is_no_empty_feed(site: Site, make_settings: MakeSettings) -> None:
    site.html("a.test/rss", "<html><script>document.cookie='D1N=1; path=/';window.location.reload(true)</script></html>")
    with Fetcher(make_settings()) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/rss")
    assert caught.value.reason == "challenge"
