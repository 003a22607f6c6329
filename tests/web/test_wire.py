"""What comes off the wire bent, doubled, too long or too slow: refused soon, without an error of ours."""

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest
import uvicorn

from app.accounts.photos import MOST_BYTES
from app.web import reading, wire
from app.web.forms import LONGEST_BODY
from app.web.serving import configured
from tests.factories import a_patient, bearer
from tests.surroundings import Surroundings

SOON = 5.0
"""Seconds on a busy machine; 100 ms is the figure on an idle one."""


@dataclass(frozen=True)
class Said:
    """What the server said until it closed the connection, or for as long as we listened."""

    text: str
    seconds: float
    is_closed: bool

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(r"HTTP/1\.1 (\d{3}) ", self.text)]


@pytest.fixture
def port(surroundings: Surroundings) -> int:
    return surroundings.port


async def say(port: int, *pieces: bytes, listen: float = SOON, pause: float = 0) -> Said:
    """Send pieces as they are, and hear the answer to its end (or to the end of `listen` seconds)."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard, is_closed = b"", False
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        async with asyncio.timeout(listen):
            while piece := await reader.read(65_536):
                heard += piece
            is_closed = True
    except (ConnectionError, TimeoutError) as ended:
        is_closed = isinstance(ended, ConnectionError)
    finally:
        writer.close()
    return Said(heard.decode("latin-1"), time.monotonic() - began, is_closed)


def head(line: str, *headers: str, host: str = "127.0.0.1") -> bytes:
    lines = [line, *([f"Host: {host}"] if host else []), *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


FINE = head("GET /health/live HTTP/1.1")
BENT: dict[str, tuple[bytes, set[int]]] = {
    "nothing odd": (head("GET /login HTTP/1.1"), {200}),
    "two Host headers": (head("GET /login HTTP/1.1", "Host: evil.example"), {400}),
    "two equal Host headers": (head("GET /login HTTP/1.1", "Host: 127.0.0.1"), {400}),
    "no Host header": (head("GET /login HTTP/1.1", host=""), {400}),
    "no Host header in HTTP/1.0": (head("GET /login HTTP/1.0", host=""), {400}),
    "an absolute address of another site": (head("GET http://evil.example/login HTTP/1.1"), {200, 400}),
    "another site as the host of an absolute address": (
        head("GET http://127.0.0.1/login HTTP/1.1", host="evil.example"),
        {400},
    ),
    "a header of 64 KB": (head("GET /login HTTP/1.1", "X-Long: " + "a" * 65_536), {400, 431}),
    "many headers": (head("GET /login HTTP/1.1", *(f"X-{n}: {'a' * 40}" for n in range(2_000))), {400, 431}),
    "cookies of 40 KB": (head("GET /login HTTP/1.1", "Cookie: " + "a=b; " * 8_000), {400, 431}),
    "an address of 40 KB": (head("GET /" + "a" * 40_000 + " HTTP/1.1"), {400, 414, 431}),
    "a question of 20 KB": (head("GET /doctors?q=" + "a" * 20_000 + " HTTP/1.1"), {200}),
    "length and pieces": (
        head("POST /login HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + FINE,
        {400},
    ),
    "two lengths": (
        head("POST /login HTTP/1.1", "Content-Length: 4", "Content-Length: 40") + b"a=b&" + FINE,
        {400},
    ),
    "a length that is none": (head("POST /login HTTP/1.1", "Content-Length: -1"), {400}),
    "pieces in a coding nobody knows": (
        head("POST /login HTTP/1.1", "Transfer-Encoding: xchunked") + b"0\r\n\r\n",
        {400, 403, 501},
    ),
    "a piece of no size": (
        head("POST /api/auth/login HTTP/1.1", "Transfer-Encoding: chunked") + b"zz\r\n",
        {400, 422},
    ),
    "a line break in a header": (head("GET /login HTTP/1.1", "X-A: b\rSet-Cookie: c=d"), {400}),
    "a bare line feed": (head("GET /login HTTP/1.1", "X-A: b\nX-Forwarded-Host: evil.example"), {200, 400}),
    "NUL in a header": (head("GET /login HTTP/1.1", "X-A: b\0c"), {400}),
    "a header with a space before its colon": (head("GET /login HTTP/1.1", "Host : evil.example"), {400}),
    "a folded header": (head("GET /login HTTP/1.1", "X-A: b", "\tHost: evil.example"), {200, 400}),
    "line breaks in the address": (head("GET /login%0d%0aSet-Cookie:%20a=b HTTP/1.1"), {404}),
    "a full stop as the address": (head("GET . HTTP/1.1"), {400, 404}),
    "two slashes and another site": (head("GET //evil.example/login HTTP/1.1"), {200, 303, 400, 404}),
    "TRACE": (head("TRACE /login HTTP/1.1", "X-Secret: told"), {405}),
    "CONNECT": (head("CONNECT evil.example:443 HTTP/1.1"), {400, 404, 405}),
    "a method nobody knows": (head("BREW /login HTTP/1.1"), {400, 405}),
    "HTTP/2 by word of mouth": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 404, 405}),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x07" * 64, {400}),
    "a socket for the web": (
        head(
            "GET /login HTTP/1.1",
            "Upgrade: websocket",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        ).replace(b"Connection: close", b"Connection: Upgrade, close"),
        {200, 400, 404},
    ),
    "htmx headers nobody sends": (
        head(
            "GET /login HTTP/1.1",
            "HX-Request: true",
            "HX-Request-Type: partial",
            "HX-Target: <script>alert(1)</script>",
            "HX-Current-URL: https://evil.example/",
            "HX-Boosted: ']",
        ),
        {200},
    ),
    "a language of 8 KB": (head("GET /login HTTP/1.1", "Accept-Language: " + "hi," * 2_700), {200}),
    "a cookie that is none": (head("GET /login HTTP/1.1", 'Cookie: ;;="; \xff\xfe=\x80; access="'), {200}),
    "a proof that is none": (head("GET /api/me HTTP/1.1", "Authorization: Bearer \xff\xfe.a.b"), {401}),
    "a range": (head("GET /static/app.css HTTP/1.1", "Range: bytes=0-18446744073709551616"), {200, 206, 416}),
}


@pytest.mark.parametrize("what", BENT)
async def test_what_is_bent_is_refused_soon_and_without_an_error_of_ours(port: int, what: str) -> None:
    sent, fits = BENT[what]

    said = await say(port, sent)

    assert said.statuses, said
    assert said.statuses[0] in fits
    assert all(status < 500 for status in said.statuses)
    assert "evil" not in said.text and "told" not in said.text and "alert(1)" not in said.text
    assert said.seconds < SOON


@pytest.mark.parametrize("what", ["length and pieces", "two lengths"])
async def test_nothing_is_smuggled_behind_a_body_of_two_lengths(port: int, what: str) -> None:
    said = await say(port, BENT[what][0])
    assert len(said.statuses) == 1 and said.is_closed


# heads without end


async def test_headers_without_end_are_cut(port: int) -> None:
    said = await say(
        port, b"GET /login HTTP/1.1\r\nX-Long: ", *(b"a" * 16_384 for _ in range(40)), pause=0.01
    )
    assert said.statuses == [400] or (not said.statuses and said.is_closed)


@pytest.mark.parametrize("sent", [b"", b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "])
async def test_who_does_not_say_what_they_want_is_hung_up_on(
    port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(wire, "HEAD_WITHIN", 0.2)
    said = await say(port, *([sent] if sent else []))
    assert said.is_closed and not said.statuses


async def test_a_slow_answer_and_a_second_request_on_the_same_line_are_not_cut(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_WITHIN", 0.3)
    kept = FINE.replace(b"Connection: close\r\n", b"")
    said = await say(port, kept, kept, FINE, pause=0.25)
    assert said.statuses == [200, 200, 200] and said.is_closed


# bodies without end

POST = ("POST /api/auth/login HTTP/1.1", "Content-Type: application/json")
PIECES = [b"2000\r\n" + b" " * 0x2000 + b"\r\n"] * (4 * LONGEST_BODY // 0x2000)


async def test_a_body_that_says_it_is_too_long_is_refused_unread(port: int) -> None:
    said = await say(port, head(*POST, f"Content-Length: {LONGEST_BODY + 1}"))
    assert said.statuses == [413]


async def test_a_body_without_end_is_cut_at_the_limit(port: int) -> None:
    for kind in (POST, ("POST /login HTTP/1.1", "Content-Type: application/x-www-form-urlencoded")):
        said = await say(port, head(*kind, "Transfer-Encoding: chunked"), *PIECES)
        assert said.is_closed, kind
        assert said.statuses in ([413], []), kind  # what was sent beyond it may reset the line first


async def test_a_body_that_lets_wait_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.2)
    said = await say(port, head(*POST, "Content-Length: 40") + b'{"identifier"')
    assert said.statuses == [408]
    assert "/problems/too-slow" in said.text


async def trickle(port: int, begun: bytes, piece: bytes, *, pieces: int) -> str:
    """What is heard while one small piece after the other is sent, up to so many."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(begun)
        for _each in range(pieces):
            writer.write(piece)
            with suppress(TimeoutError):
                return (await asyncio.wait_for(reader.read(65_536), 0.05)).decode("latin-1")
    finally:
        writer.close()
    return ""


async def test_a_body_that_trickles_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece is quick, and there would be no end of them."""
    monkeypatch.setattr(reading, "WHOLE_WITHIN", 0.5)
    for kind in (POST, ("POST /login HTTP/1.1", "Content-Type: application/x-www-form-urlencoded")):
        heard = await trickle(port, head(*kind, "Transfer-Encoding: chunked"), b"1\r\n \r\n", pieces=200)
        assert heard.startswith("HTTP/1.1 408 "), kind


async def test_a_body_is_taken_piece_by_piece_while_it_is_in_time(port: int) -> None:
    """The other side of the test above."""
    pieces = [
        b"%x\r\n%s\r\n" % (len(one), one) for one in (b'{"identifier": "a",', b' "password":', b' "b"}')
    ]
    said = await say(port, head(*POST, "Transfer-Encoding: chunked"), *pieces, b"0\r\n\r\n", pause=0.05)
    assert said.statuses == [401]


def test_a_photo_may_take_longer_than_a_form() -> None:
    assert reading.seconds_for(LONGEST_BODY) == reading.WHOLE_WITHIN
    assert 5 * 60 < reading.seconds_for(MOST_BYTES + LONGEST_BODY) < 10 * 60


async def test_a_call_with_a_long_body_is_refused_by_its_real_length(
    api: httpx.AsyncClient,
) -> None:
    await bearer(api, await a_patient("Asha"))
    body = b'{"name": "' + b"a" * LONGEST_BODY + b'"}'
    answer = await api.patch("/api/me", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"


# as it is started


def test_uvicorn_is_told_to_believe_nobody() -> None:
    config = configured("app.main:create_app", factory=True)
    assert isinstance(config, uvicorn.Config)
    assert not config.proxy_headers
    assert config.http is wire.CarefulProtocol
    assert config.ws == "none"
