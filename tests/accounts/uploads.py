"""Uploads of every kind, real and hostile, and short ways to put one up."""

import os
import struct
import zlib
from io import BytesIO
from typing import Any

import httpx
from bs4 import BeautifulSoup
from PIL import Image

from app.accounts import services
from tests.factories import Cast

DISTINCT = {"red": (220, 30, 30), "green": (30, 170, 60), "blue": (40, 60, 210), "white": (250, 250, 250)}


def quarters(width: int = 640, height: int = 640) -> Image.Image:
    """A picture whose quarters are red, green (top), blue and white (bottom), to see what became of it."""
    picture = Image.new("RGB", (width, height))
    half = (width // 2, height // 2)
    for colour, place in zip(
        DISTINCT.values(), [(0, 0), (half[0], 0), (0, half[1]), (half[0], half[1])], strict=True
    ):
        picture.paste(Image.new("RGB", half, colour), place)
    return picture


def saved(picture: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    """The picture as a file of this kind."""
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def noise(width: int, height: int) -> Image.Image:
    """A picture that no format makes smaller."""
    return Image.frombytes("RGB", (width, height), os.urandom(width * height * 3))


def colours_of(picture: bytes) -> list[str]:
    """Which of the distinct colours stand top left, top right, bottom left and bottom right."""
    with Image.open(BytesIO(picture)) as opened:
        shown = opened.convert("RGB")
    near, far = shown.width // 4, shown.width * 3 // 4
    places = [(near, near), (far, near), (near, far), (far, far)]
    return [_closest(shown.getpixel(place)) for place in places]  # type: ignore[arg-type]


def _closest(pixel: tuple[int, int, int]) -> str:
    def away(name: str) -> int:
        return sum(abs(one - other) for one, other in zip(pixel, DISTINCT[name], strict=True))

    return min(DISTINCT, key=away)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG with its length and checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def hollow_png(width: int, height: int, *, depth: int = 1, colours: int = 0) -> bytes:
    """A PNG of nothing: few bytes for very many pixels. `colours` 0 is grey, 2 RGB, 6 RGBA."""
    channels = {0: 1, 2: 3, 6: 4}[colours]
    row = b"\0" + bytes((width * channels * depth + 7) // 8)
    squeeze = zlib.compressobj(9 if depth == 1 else 1)
    rows = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    )


async def a_photo(person: Cast) -> str:
    """The key of a photo somebody has just put up."""
    account = await person.account()
    return await services.change_photo(account, saved(quarters()), by=account.actor)


async def upload(
    client: httpx.AsyncClient, content: bytes, *, name: str = "face.jpg", **fields: str
) -> httpx.Response:
    """Send the form of the photo page as a browser does."""
    page = BeautifulSoup((await client.get("/me/photo")).text, "html.parser")
    token = page.select_one("main input[name=_csrf_token]")
    data = {"_csrf_token": str(token["value"]) if token else "", **fields}
    return await client.post("/me/photo", data=data, files={"photo": (name, content, "image/jpeg")})
