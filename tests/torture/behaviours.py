"""What data cannot say: the ways of answering that a case names as `behaviour`. Each is a function of a Call."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from tests.torture.cases import Served
from tests.torture.stories import story, story_page

if TYPE_CHECKING:
    from tests.torture.serving import TorturePress

_FEED = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Tin</title><link>http://{host}/</link>'
    "<description>Tin</description>{items}</channel></rss>"
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `host` is the case's, `count` says how often this address has been asked for, this time included."""

    handler: BaseHTTPRequestHandler
    served: Served
    host: str
    count: int
    press: TorturePress

    def given(self, name: str, default: Any = None) -> Any:
        """What the case tells the behaviour."""
        return self.served.given.get(name, default)

    def text(self, raw: str) -> str:
        """With the placeholders `{host}` and `{port}` filled in."""
        return raw.replace("{host}", self.host).replace("{port}", str(self.press.port))

    def asked(self, header: str) -> str:
        """A header of the request, empty if it has none."""
        return str(self.handler.headers.get(header, ""))

    def body(self) -> bytes:
        """The case's own body, or an ordinary feed around its items. Bytes that are no text are written in latin-1."""
        raw = _FEED.replace("{items}", self.served.items) if self.served.items else self.served.body
        return self.text(raw).encode(self.served.charset)

    def send(self, body: bytes, *, status: int | None = None, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        """An ordinary answer with the case's headers, and `headers` over them. `length` lies about the body's."""
        own = {name: self.text(value) for name, value in self.served.headers.items()}
        status = self.served.status if status is None else status
        lines = {"Content-Type": self.press.type_of(self.served), "Content-Length": str(len(body) if length is None else length)}
        lines |= own | (headers or {})
        self.handler.send_response(status)
        for name, value in lines.items():
            if value:
                self.handler.send_header(name, value.encode().decode("latin-1"))  # header values go out as UTF-8, as many servers send them
        self.handler.end_headers()
        if status != 304:
            self.handler.wfile.write(body)

    def stream(self, chunks: Iterator[bytes], headers: dict[str, str] | None = None) -> None:
        """An answer of unknown length, ended by closing the connection."""
        self.send(b"", headers={"Content-Length": "", "Connection": "close", **(headers or {})})
        self.handler.close_connection = True
        for chunk in chunks:
            self.handler.wfile.write(chunk)


BEHAVIOURS: dict[str, Callable[[Call], None]] = {}


def behaviour(function: Callable[[Call], None]) -> Callable[[Call], None]:
    """Let cases name this function."""
    BEHAVIOURS[function.__name__] = function
    return function


# Cookies, doors and moods


@behaviour
def needs_cookie(call: Call) -> None:
    """302 to itself, with a cookie, until the cookie comes back (QĐND)."""
    if "phien=" in call.asked("Cookie"):
        call.send(call.body())
    else:
        call.send(b"", status=302, headers={"Location": call.served.path, "Set-Cookie": "phien=1; Path=/; HttpOnly"})


@behaviour
def cookie_script(call: Call) -> None:
    """200 and a script that sets a cookie and loads again, for who has none (Lao Động)."""
    if "D1N=" in call.asked("Cookie"):
        call.send(call.body())
    else:
        script = b'<html><body><script>document.cookie="D1N=9f3a"+"; path=/";window.location.reload(true);</script></body></html>'
        call.send(script, headers={"Content-Type": "text/html"})


@behaviour
def every_other(call: Call) -> None:
    """The status `status` (403) at every odd request, the page at every even one (VOV)."""
    if call.count % 2:
        call.send(b"<html><body><h1>Forbidden</h1></body></html>", status=call.given("status", 403), headers=call.given("headers", {}))
    else:
        call.send(call.body())


@behaviour
def first_times(call: Call) -> None:
    """The status `status` for the first `times` requests, with `headers`; then the page."""
    if call.count <= call.given("times", 1):
        call.send(b"", status=call.given("status", 503), headers=call.given("headers", {}))
    else:
        call.send(call.body())


# Validators


@behaviour
def always_unchanged(call: Call) -> None:
    """304 to whoever sends a validator, although the body has changed."""
    if call.asked("If-None-Match") or call.asked("If-Modified-Since"):
        call.send(b"", status=304, headers={"Content-Length": "", "ETag": '"mai-mai"'})
    else:
        call.send(call.body(), headers={"ETag": '"mai-mai"'})


@behaviour
def always_changed(call: Call) -> None:
    """A new ETag and Last-Modified at every request, for the same body."""
    call.send(call.body(), headers={"ETag": f'"{call.count}"', "Last-Modified": call.handler.date_time_string()})


@behaviour
def honest_validator(call: Call) -> None:
    """304 to whoever has the ETag of the body, as it should be."""
    tag = f'"{zlib.crc32(call.body()):08x}"'
    if call.asked("If-None-Match") == tag:
        call.send(b"", status=304, headers={"Content-Length": "", "ETag": tag})
    else:
        call.send(call.body(), headers={"ETag": tag})


# Redirects


@behaviour
def redirect_on(call: Call) -> None:
    """A redirect to another address at every request, for ever."""
    path, _, number = call.handler.path.partition("?buoc=")
    call.send(b"", status=302, headers={"Location": f"{path}?buoc={int(number or 0) + 1}"})


# Bodies


@behaviour
def gzipped(call: Call) -> None:
    """The body in gzip; `label` is what Content-Encoding says (default gzip), `cut` leaves out the last bytes, `plain` compresses nothing."""
    body = call.body()
    packed = body if call.given("plain") else gzip.compress(body)
    call.send(packed[: len(packed) - call.given("cut", 0)], headers={"Content-Encoding": call.given("label", "gzip")})


@behaviour
def gzip_bomb(call: Call) -> None:
    """`megabytes` (1,000) of blanks in gzip, as Content-Encoding unless `label` says otherwise: about a thousandth on the wire."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    block = b" " * 1_000_000

    def parts() -> Iterator[bytes]:
        for _ in range(call.given("megabytes", 1000)):
            yield packer.compress(block)
        yield packer.flush()

    call.stream(parts(), {"Content-Encoding": call.given("label", "gzip")})


@behaviour
def too_short(call: Call) -> None:
    """Says `more` bytes more than it sends, and hangs up."""
    body = call.body()
    call.send(body, length=len(body) + call.given("more", 1000))
    call.handler.close_connection = True


@behaviour
def too_long(call: Call) -> None:
    """Says fewer bytes than it sends, and goes on: what is left lies in the connection when the next request comes."""
    call.send(call.body() + b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nthua", length=len(call.body()))


@behaviour
def raw(call: Call) -> None:
    """The case's own body as it stands, status line and headers included, with the lines' ends as HTTP wants them; then hangs up."""
    call.handler.wfile.write(call.body().replace(b"\n", b"\r\n"))
    call.handler.close_connection = True


@behaviour
def slow_loris(call: Call) -> None:
    """One byte every tenth of a second, for as long as somebody reads."""

    def drops() -> Iterator[bytes]:
        for _ in range(1200):
            yield b"<"
            time.sleep(0.1)

    call.stream(drops())


@behaviour
def silent(call: Call) -> None:
    """Takes the request and never answers: hangs up after `seconds`."""
    time.sleep(call.given("seconds", 20))
    call.handler.close_connection = True


@behaviour
def hang_up(call: Call) -> None:
    """Closes the connection without a word."""
    call.handler.close_connection = True


@behaviour
def not_http(call: Call) -> None:
    """Answers in something that is not HTTP."""
    call.handler.wfile.write(call.text(call.given("line", "SSH-2.0-Cua_Sai")).encode() + b"\r\n\r\n")
    call.handler.close_connection = True


@behaviour
def many_items(call: Call) -> None:
    """An RSS feed of `count` items `/bai-1.html`… (or another `name`), each with `padding` bytes of summary, so that it can be huge."""
    padding = "đầy " * (call.given("padding", 0) // 6)

    def parts() -> Iterator[bytes]:
        yield f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Tin</title><link>http://{call.host}/</link>'.encode()
        for number in range(1, call.given("count", 500) + 1):
            address = f"{call.host}/{call.given('name', 'bai')}-{number}.html"
            yield (
                f"<item><title>{story(address)[0]}</title><link>http://{address}</link>"
                f"<pubDate>Fri, 13 Mar 2026 08:00:00 +0700</pubDate><description>{padding}</description></item>"
            ).encode()
        yield b"</channel></rss>"

    call.stream(parts())


@behaviour
def story_around(call: Call) -> None:
    """The address's story with `head`, `opening` and `closing` around its paragraphs, or another `title` or `body`; `tail` are hexadecimal bytes."""
    parts = {name: call.text(value) for name, value in call.served.given.items() if name in ("title", "body", "head", "opening", "closing")}
    page = story_page(call.host + call.served.path, **parts)
    call.send(page.encode(call.served.charset) + bytes.fromhex(call.given("tail", "")))


@behaviour
def heavy_page(call: Call) -> None:
    """A page that keeps an extractor busy: `part` repeated `count` times inside the body (or, if `whole`, alone), between `before` and `after`."""
    part, count = call.given("part"), call.given("count")
    opening = "" if call.given("whole") else "<!DOCTYPE html><html><head><title>Trang nặng</title></head><body><article>"

    def parts() -> Iterator[bytes]:
        yield f"{opening}{call.given('before', '')}".encode()
        for begin in range(0, count, 1000):
            yield "".join(part.replace("{number}", str(number)) for number in range(begin, min(count, begin + 1000))).encode()
        yield f"{call.given('after', '')}</article></body></html>".encode()

    call.stream(parts())


@behaviour
def square_bomb(call: Call) -> None:
    """An RSS feed with one long entity named very often: quadratic, where nested entities are exponential."""
    names = "&dai;" * 20_000
    call.send(
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY dai "{"x" * 20_000}">]><rss version="2.0"><channel><title>{names}</title>'
        f"<item><title>{names}</title></item></channel></rss>".encode()
    )


@behaviour
def long_title(call: Call) -> None:
    """The case's own body with 5,000 characters for `{long}`."""
    call.send(call.body().replace(b"{long}", b"d\xc3\xa0i-" * 1250))


@behaviour
def huge_robots(call: Call) -> None:
    """A robots.txt that forbids `/cam/` at once and then goes on for `megabytes`."""

    def parts() -> Iterator[bytes]:
        yield b"User-agent: *\nDisallow: /cam/\n"
        for number in range(call.given("megabytes", 30) * 1000):
            yield b"# " + str(number).encode().rjust(996, b".") + b"\n\n"

    call.stream(parts())


@behaviour
def hostile_headers(call: Call) -> None:
    """Headers in UTF-8, empty, doubled and very long."""
    call.handler.wfile.write(
        "HTTP/1.1 200 Được\r\nX-Toa-Soan: Báo Lỗi\r\nX-Rong:\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n".encode()
        + b"X-Dai: "
        + b"d" * 8000
        + b"\r\nContent-Type: "
        + call.press.type_of(call.served).encode()
        + b"\r\nContent-Length: "
        + str(len(call.body())).encode()
        + b"\r\n\r\n"
        + call.body()
    )
