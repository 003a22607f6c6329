"""Make small pictures of an upload, in a process of its own that is given little memory and little time.

What opens a stranger's file is told neither our settings nor our database: it is started without an
environment, reads the upload from standard input, writes to standard output and ends. It is still the same
user of the system as we are: who takes it over can read what we can read, but writes no file and opens few.
It must not import the app. Arguments: the edges wanted, in pixels. Answer: one line of JSON,
`{"refused": why}` or `{"lengths": [bytes of each picture]}`, and the pictures one after the other.
"""

import json
import resource
import signal
import struct
import sys
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO

from PIL import Image, ImageCms

MOST_MEMORY = 290 * 1024 * 1024
"""Bytes of data this process may ask for; the largest photos below need 250 MB."""
MOST_DECODED = 230 * 1024 * 1024
"""Bytes of it that a JPEG may need while it is decoded; the rest is for Python, the upload and its copy."""
MOST_FILES = 16
"""Open at the same time; the library opens its own parts one by one."""
MOST_SECONDS = 1.6
"""Of work, however long the machine is busy with others; the largest photos below need half of it."""
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "WEBP": 12_500_000}
"""More cannot be opened within these limits. Of a JPEG the library decodes only as many pixels as are asked
for; of the others all, at 4 bytes each, and for WebP it keeps them four times. A JPEG that comes in several
scans is kept whole meanwhile, so of such ones `MOST_DECODED` may let fewer pixels pass."""
FEWEST = 96
"""Pixels of the shorter edge: what is smaller shows nobody."""
MOST_LENGTH = 12 * 1024
"""Bytes of a picture we hand out, so that a page of faces stays light."""
QUALITIES = (80, 70, 60, 50, 40, 30, 20, 10, 0)
BAND = 4_000_000
"""Pixels worked on at once, so that colours are converted without a second copy of the whole."""

TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes an orientation (Exif 2.32, tag 0x0112)."""
ORIENTATION = 0x0112

SCAN = 0xDA
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
"""Markers of a JPEG: where a scan begins, what describes the photo, and says that it comes in several scans
(ITU-T T.81, table B.1)."""

SIGNS = (
    *(b"%pdf-1.", b"%pdf-2.", b"rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"),
    *(
        b"<!doctype ",
        b"<html ",
        b"<body ",
        b"<script ",
        b"<iframe ",
        b"<svg xmlns",
        b"<?php ",
        b"javascript:",
    ),
    *(b"onload=", b"onerror="),
)
"""What begins a file of another kind wherever it stands, as `FOLDED` writes it. Each is so long that a photo,
or the film some phones keep behind it, has one by chance less than once in a hundred thousand photos."""
FOLDED = bytes(0x20 if byte in b"\t\n\f\r/>" else byte for byte in range(256)).lower()
"""Small letters, and a space for whatever may end a name of HTML."""
JPEG_THAT_IS_A_COMMENT = b"\xff\xd8\xff\xe0/*"
"""A first segment of 12,074 bytes: the length, read as a program, hides the rest in a comment."""

BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
    ImageCms.PyCMSError,
)
"""What the library raises for files that are not what they say."""


class Refused(Exception):
    """The upload is no photo we take; the text says why, in one word."""


def set_limits() -> None:
    """Bind this process; what runs over is ended by the system, and whoever waits sees how."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    with suppress(ValueError, OSError):  # not every system can bound memory
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)


def kind_of(content: bytes) -> str:
    """JPEG, PNG or WEBP by the first bytes, whatever the file is called. Raises Refused."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    raise Refused("kind")


def check_is_nothing_else(content: bytes) -> None:
    """Refuse a file that is also a page, a program, a document or an archive. Raises Refused."""
    folded = content.translate(FOLDED)
    if (
        any(sign in folded for sign in SIGNS)
        or content.startswith(JPEG_THAT_IS_A_COMMENT)
        or zipfile.is_zipfile(BytesIO(content))
    ):
        raise Refused("more")


def check_is_whole(content: bytes, kind: str) -> None:
    """Refuse a file that breaks off, as far as the decoder would not notice. Raises Refused."""
    if kind == "PNG" and b"IEND\xaeB`\x82" not in content:
        raise Refused("broken")
    if kind == "WEBP" and int.from_bytes(content[4:8], "little") + 8 > len(content):
        raise Refused("broken")


def webp_size(content: bytes) -> tuple[int, int]:
    """Width and height as the header says them (RFC 9649), for the library takes the memory on opening."""
    head = content[12:30]
    if head.startswith(b"VP8X"):
        return 1 + int.from_bytes(head[12:15], "little"), 1 + int.from_bytes(head[15:18], "little")
    if head.startswith(b"VP8L"):
        bits = int.from_bytes(head[9:13], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if head.startswith(b"VP8 "):
        return int.from_bytes(head[14:16], "little") & 0x3FFF, int.from_bytes(head[16:18], "little") & 0x3FFF
    raise Refused("broken")


def check_size(size: tuple[int, int], kind: str) -> None:
    """Let a size pass that can be opened and shows something. Raises Refused."""
    if size[0] * size[1] > MOST_PIXELS[kind]:
        raise Refused("pixels")
    if min(size) < FEWEST:
        raise Refused("small")


def kept_of(content: bytes) -> int:
    """Bytes the decoder keeps of a whole JPEG because it comes in several scans; 0 where one scan has all.

    Two for each coefficient, in blocks of 64, of each component as it is sampled (ITU-T T.81, A.1.1 and B.2).
    """
    at, kind, frame = 2, 0, b""
    while at + 4 < len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == SCAN and frame:
            height, width, count = struct.unpack_from(">xHHB", frame)
            if kind not in PROGRESSIVE and content[at + 4] == count:
                return 0
            samples = [(sampled >> 4, sampled & 0xF) for sampled in frame[7 : 6 + 3 * count : 3]]
            across, down = 8 * max(h for h, _v in samples), 8 * max(v for _h, v in samples)
            return sum(128 * -(-width * h // across) * -(-height * v // down) for h, v in samples)
        if marker in FRAMES:
            kind, frame = marker, content[at + 4 : at + 2 + length]
        at += 1 if marker == 0xFF else 2 + length
    return 0


def opened(content: bytes, kind: str, edge: int) -> Image.Image:
    """The photo, decoded; of a JPEG only as many pixels as `edge` needs. Raises Refused."""
    if kind == "WEBP":
        check_size(webp_size(content), kind)
    Image.MAX_IMAGE_PIXELS = None  # our own limit is lower
    photo = Image.open(BytesIO(content), formats=(kind,))
    check_size(photo.size, kind)
    if kind == "JPEG":
        photo.draft(None, (2 * edge, 2 * edge))
        pixels = photo.width * photo.height * (1 if photo.mode == "L" else 4)
        if kept_of(content) + pixels > MOST_DECODED:
            raise Refused("much")
    photo.load()
    return photo


def plain(band: Image.Image) -> Image.Image:
    """Part of a photo in colours that can be averaged: grey, RGB, CMYK, or RGB that lets shine through."""
    if band.mode in ("RGB", "L", "CMYK"):
        return band
    if band.mode.startswith("I"):  # 16 bits of grey, which a plain conversion would cut off at white
        return band.point(lambda value: value * (1 / 256)).convert("L")
    if band.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in band.info:
        return band.convert("RGBA").convert("RGBa")
    return band.convert("L" if band.mode == "1" else "RGB")


def square(photo: Image.Image, edge: int) -> Image.Image:
    """The middle of a photo, smaller by a whole number, yet twice `edge` wide where there is as much."""
    width, height = photo.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    factor = max(1, side // (2 * edge))
    small = side // factor
    rows = max(1, BAND // (side * factor))
    bands = []
    for row in range(0, small, rows):
        count = min(rows, small - row)
        upper = top + row * factor
        box = (left, upper, left + small * factor, upper + count * factor)
        bands.append((row, plain(photo.crop(box)).reduce(factor)))
    whole = Image.new(bands[0][1].mode, (small, small))
    for row, band in bands:
        whole.paste(band, (0, row))
    return _on_white(whole) if whole.mode == "RGBa" else whole


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def in_srgb(small: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as screens show them; a profile that is none of these colours is left aside."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            ours = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(small, given, ours, outputMode="RGB")
            if turned is not None:
                return turned
    return small.convert("RGB")


def packed(small: Image.Image, edge: int) -> bytes:
    """A picture as WebP with nothing beside it, as good as its length allows. Raises Refused."""
    resized = small.resize((edge, edge), Image.Resampling.LANCZOS)
    picture = Image.new("RGB", resized.size)
    picture.paste(resized)
    for quality in QUALITIES:
        file = BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= MOST_LENGTH:
            return file.getvalue()
    raise Refused("broken")


def pictures_of(content: bytes, edges: list[int]) -> list[bytes]:
    """The upload as small square pictures, one for each edge. Raises Refused."""
    kind = kind_of(content)
    check_is_whole(content, kind)
    check_is_nothing_else(content)
    try:
        photo = opened(content, kind, max(edges))
        turn = TURNED.get(photo.getexif().get(ORIENTATION, 1))
        small = in_srgb(square(photo, max(edges)), photo.info.get("icc_profile"))
    except MemoryError as why:
        raise Refused("much") from why
    except BROKEN as why:
        raise Refused("broken") from why
    upright = small.transpose(turn) if turn is not None else small
    return [packed(upright, edge) for edge in edges]


def main() -> None:
    """Answer for the upload on standard input."""
    set_limits()
    edges = [int(argument) for argument in sys.argv[1:]]
    try:
        pictures = pictures_of(sys.stdin.buffer.read(), edges)
        answer: dict[str, object] = {"lengths": [len(one) for one in pictures]}
    except Refused as why:
        pictures, answer = [], {"refused": str(why)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(pictures))


if __name__ == "__main__":
    main()
