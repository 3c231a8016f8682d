from __future__ import annotations

import gzip
import math
import socket
import threading
import zlib
from http.server import BaseHTTPRequestHandler

import pytest

from extractors.errors import FetchError
from extractors.records import Page
from flows.fetch import Fetcher, NotModified
from flows.validators import Validators
from tests.flows.conftest import MakeSettings, Site

ROOT = "http://a.test"


def get(fetcher: Fetcher, path: str) -> Page:
    page = fetcher.fetch_page(f"{ROOT}{path}")
    assert isinstance(page, Page)
    return page


def test_a_page_comes_under_its_own_address(site: Site, make_settings: MakeSettings) -> None:
    site.html("a.test/x?y=1", "<p>xin chào</p>", **{"X-Odd": "é"})
    with Fetcher(make_settings(contact="mailto:desk@news.example")) as fetcher:
        page = get(fetcher, "/x?y=1")
    assert (page.url, page.final_url, page.status) == (f"{ROOT}/x?y=1", f"{ROOT}/x?y=1", 200)
    assert page.body.decode() == "<p>xin chào</p>"
    assert dict(page.headers)["x-odd"] == "é"
    assert site.requests == ["a.test/robots.txt", "a.test/x?y=1"]
    assert site.headers[-1]["user-agent"] == "keoson/0.1 (mailto:desk@news.example)"


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", lambda data: zlib.compress(data, wbits=-15))],
    ids=["gzip", "deflate", "raw deflate"],
)
def test_compressed_pages_are_decoded(site: Site, make_settings: MakeSettings, encoding: str, pack: object) -> None:
    assert callable(pack)
    body = b"<p>" + bytes(range(256)) * 500
    site.html("a.test/x", "")
    site.answers["a.test/x"] = (200, {"Content-Encoding": encoding}, pack(body))
    with Fetcher(make_settings()) as fetcher:
        page = get(fetcher, "/x")
    assert page.body == body
    assert "content-encoding" not in dict(page.headers)


def test_too_large_on_the_wire_or_unpacked_is_refused(site: Site, make_settings: MakeSettings) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    site.answers["a.test/bomb"] = (200, {"Content-Encoding": "gzip"}, bomb)
    site.answers["a.test/large"] = (200, {}, b"x" * 100_001)
    site.answers["a.test/fits"] = (200, {}, b"x" * 100_000)
    with Fetcher(make_settings(max_page_bytes=100_000)) as fetcher:
        for path in ("/bomb", "/large"):
            with pytest.raises(FetchError, match="larger than 100000 bytes") as caught:
                get(fetcher, path)
            assert not caught.value.retry
        assert len(get(fetcher, "/fits").body) == 100_000


def test_a_truncated_or_oddly_encoded_page_is_an_error(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/cut"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"some text")[:-3])
    site.answers["a.test/br"] = (200, {"Content-Encoding": "br"}, b"....")
    site.answers["a.test/not"] = (200, {"Content-Encoding": "gzip"}, b"plain")
    with Fetcher(make_settings()) as fetcher:
        for path, said in (("/cut", "ends in the middle"), ("/br", "not asked for"), ("/not", "not valid gzip")):
            with pytest.raises(FetchError, match=said):
                get(fetcher, path)


def test_redirects_are_followed_within_the_hosts_and_the_count(site: Site, make_settings: MakeSettings) -> None:
    site.html("b.test/end", "ok")
    site.answers["a.test/go"] = (302, {"Location": "/hop"}, b"")
    site.answers["a.test/hop"] = (301, {"Location": "http://b.test/end"}, b"")
    site.answers["a.test/loop"] = (302, {"Location": "/loop"}, b"")
    site.answers["a.test/file"] = (302, {"Location": "file:///etc/passwd"}, b"")
    with Fetcher(make_settings()) as fetcher:
        page = get(fetcher, "/go")
        assert (page.url, page.final_url) == (f"{ROOT}/go", "http://b.test/end")
        with pytest.raises(FetchError, match=r"on b\.test") as caught:
            fetcher.fetch_page(f"{ROOT}/go", hosts=("a.test",))
        assert caught.value.reason == "foreign_host"
        with pytest.raises(FetchError, match="in a circle"):
            get(fetcher, "/loop")
        with pytest.raises(FetchError, match="no http or https"):
            get(fetcher, "/file")
    assert site.requests.count("a.test/loop") == 1


@pytest.mark.parametrize(
    ("status", "retry"), [(404, False), (410, False), (403, True), (401, False), (429, True), (500, True), (503, True)]
)
def test_statuses_say_whether_to_try_again(site: Site, make_settings: MakeSettings, status: int, retry: bool) -> None:
    site.answers["a.test/x"] = (status, {}, b"")
    with Fetcher(make_settings()) as fetcher, pytest.raises(FetchError) as caught:
        get(fetcher, "/x")
    assert (caught.value.status, caught.value.retry) == (status, retry)


def test_a_failing_request_is_tried_again_after_a_growing_wait(site: Site, make_settings: MakeSettings) -> None:
    site.html("a.test/ok", "fine")
    site.answers["a.test/x"] = [(503, {}, b""), (429, {"Retry-After": "7"}, b""), site.answers["a.test/ok"]]
    site.answers["a.test/later"] = (503, {"Retry-After": "86400"}, b"")
    waits: list[float] = []
    with Fetcher(make_settings(fetch_attempts=3), sleep=waits.append) as fetcher:
        assert get(fetcher, "/x").body == b"fine"
        assert [math.floor(wait) for wait in waits] == [1, 7]
        with pytest.raises(FetchError):
            get(fetcher, "/later")
    assert site.requests.count("a.test/later") == 1


def test_unchanged_pages_are_not_sent_again(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/feed"] = (304, {}, b"")
    with Fetcher(make_settings()) as fetcher:
        answer = fetcher.fetch_page(f"{ROOT}/feed", Validators('"e1"', "Sun, 01 Mar 2026 00:00:00 GMT"))
    assert isinstance(answer, NotModified)
    assert site.headers[-1]["if-none-match"] == '"e1"'
    assert site.headers[-1]["if-modified-since"] == "Sun, 01 Mar 2026 00:00:00 GMT"


def test_robots_txt_is_kept_and_asked_for_once(site: Site, make_settings: MakeSettings) -> None:
    site.answers["a.test/robots.txt"] = (200, {}, b"User-agent: keoson\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n")
    site.html("a.test/open", "ok")
    site.html("a.test/private/x", "no")
    with Fetcher(make_settings()) as fetcher:
        assert get(fetcher, "/open").body == b"ok"
        with pytest.raises(FetchError) as caught:
            get(fetcher, "/private/x")
    assert caught.value.reason == "robots"
    assert site.requests == ["a.test/robots.txt", "a.test/open"]


def test_one_request_at_a_time_per_host_and_hosts_beside_each_other(site: Site, make_settings: MakeSettings) -> None:
    both = threading.Barrier(2, timeout=20)

    def meet(handler: BaseHTTPRequestHandler) -> None:
        both.wait()  # breaks unless both hosts are asked at the same time
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    for host in ("a.test", "b.test"):
        site.answers[f"{host}/meet"] = meet
        for number in range(5):
            site.html(f"{host}/{number}", "ok")
    with Fetcher(make_settings()) as fetcher:
        paths = [[f"http://{host}/meet"] for host in ("a.test", "b.test")] + [[f"http://a.test/{number}"] * 3 for number in range(5)]
        failures: list[BaseException] = []

        def visit(urls: list[str]) -> None:
            try:
                for url in urls:
                    fetcher.fetch_page(url)
            except FetchError as error:
                failures.append(error)

        threads = [threading.Thread(target=visit, args=(urls,)) for urls in paths]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert site.most_at_once["a.test"] == 1


@pytest.mark.parametrize("url", ["ftp://a.test/x", "http:///x", "http://a.test:99999/", "javascript:alert(1)", "http://[::1/", ""])
def test_what_is_no_web_address_is_refused(make_settings: MakeSettings, url: str) -> None:
    with Fetcher(make_settings()) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page(url)
    assert caught.value.reason == "scheme"


def test_nobody_listening_is_worth_another_try(make_settings: MakeSettings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        settings = make_settings(host_overrides={"a.test": f"127.0.0.1:{port}"})
        with Fetcher(settings) as fetcher, pytest.raises(FetchError) as caught:
            get(fetcher, "/x")
    assert caught.value.retry
