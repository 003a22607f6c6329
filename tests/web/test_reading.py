"""A body that breaks off: who sent it is gone, and nobody of us made a mistake."""

import asyncio
import logging

import pytest

from tests.surroundings import Surroundings

FORM = "multipart/form-data; boundary=x"
BEGUN = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n' + bytes(5_000)


@pytest.mark.parametrize(
    ("path", "kind", "begun"),
    [
        ("/me/photo", FORM, BEGUN),
        ("/login", "application/x-www-form-urlencoded", b"identifier=asha"),
        ("/api/auth/login", "application/json", b'{"identifier": "asha'),
    ],
)
async def test_a_caller_who_goes_away_in_the_middle_is_no_bug(
    surroundings: Surroundings, caplog: pytest.LogCaptureFixture, path: str, kind: str, begun: bytes
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: 60000\r\n\r\n"
    _reader, writer = await asyncio.open_connection("127.0.0.1", surroundings.port)
    writer.write(head.encode() + begun)
    await writer.drain()
    await asyncio.sleep(0.1)
    with caplog.at_level(logging.INFO):
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.3)

    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
