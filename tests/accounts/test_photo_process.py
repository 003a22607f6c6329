"""What is made of an upload: small upright squares of a real photo, and a refusal of everything else."""

import asyncio
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from app.accounts import photo_process, photos
from app.accounts.errors import PhotosBusy
from app.accounts.photos import NO_PHOTO, TOO_LARGE, WHY, NoPhoto, pictures_of
from tests.accounts.uploads import colours_of, hollow_png, noise, quarters, saved

UPRIGHT = ["red", "green", "blue", "white"]
MOST_SECONDS = 2
MOST_GROWTH = 300 * 1024
"""KB, as the system counts what a process had resident at most."""


async def refusal_of(upload: bytes) -> str:
    with pytest.raises(NoPhoto) as refused:
        await pictures_of(upload)
    return refused.value.fields["photo"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_becomes_small_webp_squares(kind: str) -> None:
    pictures = await pictures_of(saved(quarters(), kind))

    assert set(pictures) == {96, 256}
    for edge, picture in pictures.items():
        assert len(picture) <= 12 * 1024
        with Image.open(BytesIO(picture)) as opened:
            assert (opened.format, opened.size) == ("WEBP", (edge, edge))
        assert colours_of(picture) == UPRIGHT


async def test_the_middle_is_cut_out_of_a_long_photo() -> None:
    wide = Image.new("RGB", (1600, 400), "black")
    wide.paste(quarters(400, 400), (600, 0))
    tall = Image.new("RGB", (400, 1600), "black")
    tall.paste(quarters(400, 400), (0, 600))
    for photo in (wide, tall):
        assert colours_of((await pictures_of(saved(photo, quality=95)))[96]) == UPRIGHT


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_that_lies_on_its_side_is_put_upright(
    kind: str, orientation: int, stored: Image.Transpose
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upload = saved(quarters(800, 600).transpose(stored), kind, exif=exif)

    assert colours_of((await pictures_of(upload))[256]) == UPRIGHT


async def test_nothing_of_the_file_remains_beside_the_picture() -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home, door code 4711"
    exif.get_ifd(0x8825)[2] = (18.0, 31.0, 12.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    upload = saved(quarters(), exif=exif, icc_profile=profile, comment=b"door code 4711", xmp=b"<x:xmpmeta/>")
    assert b"4711" in upload

    for picture in (await pictures_of(upload)).values():
        assert b"4711" not in picture
        with Image.open(BytesIO(picture)) as opened:
            assert not opened.getexif()
            assert not {"exif", "icc_profile", "xmp"} & opened.info.keys()


async def test_colours_of_another_profile_are_shown_as_they_were_meant() -> None:
    """In this profile the numbers of red and green are exchanged, so a picture without it looks wrong."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = plain.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")
    red, green, blue = quarters().split()
    upload = saved(Image.merge("RGB", (green, red, blue)), "PNG", icc_profile=exchanged)

    assert colours_of((await pictures_of(upload))[256]) == UPRIGHT
    assert colours_of((await pictures_of(saved(quarters(), "PNG", icc_profile=b"none")))[256]) == UPRIGHT


async def test_every_kind_of_pixel_is_understood() -> None:
    photo = quarters()
    see_through = photo.convert("RGBA")
    see_through.putalpha(Image.new("L", photo.size, 0))
    for uploaded in (
        photo.convert("P"),
        photo.convert("RGBA"),
        photo.convert("P", palette=Image.Palette.ADAPTIVE, colors=4),
    ):
        assert colours_of((await pictures_of(saved(uploaded, "PNG")))[256]) == UPRIGHT
    assert colours_of((await pictures_of(saved(photo.convert("CMYK"))))[256]) == UPRIGHT
    assert colours_of((await pictures_of(saved(photo, progressive=True)))[256]) == UPRIGHT
    assert colours_of((await pictures_of(saved(see_through, "PNG")))[256]) == ["white"] * 4

    for grey in ("L", "LA", "1"):
        await pictures_of(saved(photo.convert(grey), "PNG"))
    deep = Image.new("I;16", (200, 200), 128 * 256)
    with Image.open(BytesIO((await pictures_of(saved(deep, "PNG")))[96])) as opened:
        shown = opened.convert("L").getpixel((48, 48))
    assert isinstance(shown, int)
    assert abs(shown - 128) < 6


async def test_a_picture_that_cannot_be_squeezed_still_fits() -> None:
    pictures = await pictures_of(saved(noise(256, 256), "PNG"))
    assert all(len(picture) <= 12 * 1024 for picture in pictures.values())


async def test_the_first_picture_of_a_moving_one_counts() -> None:
    still = quarters()
    moving = saved(still, "WEBP", save_all=True, append_images=[Image.new("RGB", still.size)], duration=100)
    assert colours_of((await pictures_of(moving))[256]) == UPRIGHT


async def test_what_phones_keep_behind_a_photo_does_no_harm() -> None:
    photo = quarters()
    film = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42\x00\x00\x00\x08mdat" + noise(500, 500).tobytes()
    several = saved(photo, "MPO", save_all=True, append_images=[Image.new("RGB", photo.size)])
    packet = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'

    for upload in (saved(photo) + film, several, saved(photo, xmp=packet), saved(photo, "PNG") + b"\0" * 512):
        assert colours_of((await pictures_of(upload))[256]) == UPRIGHT


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><script>1</script></svg>',
        b"<!doctype html><title>x</title>",
        b"%PDF-1.7\n",
        b"GIF89a" + bytes(500),
        saved(quarters(), "BMP"),
        saved(quarters(), "TIFF"),
        b"\xff\xd8",
        b"#!/bin/sh\n",
    ],
    ids=["nothing", "SVG", "HTML", "PDF", "GIF", "BMP", "TIFF", "two bytes", "script"],
)
async def test_what_is_no_jpeg_png_or_webp_is_refused(content: bytes) -> None:
    assert await refusal_of(content) == (WHY["kind"] if content else NO_PHOTO)


def _zip() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("run.class", b"\xca\xfe\xba\xbe")
    return file.getvalue()


def _with_text(text: str) -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", text)
    return saved(quarters(), "PNG", pnginfo=said)


@pytest.mark.parametrize(
    "upload",
    [
        saved(quarters()) + _zip(),
        saved(quarters(), "PNG") + _zip(),
        saved(quarters(), comment=b"<script>alert(1)</script>"),
        saved(quarters(), comment=b"<ScRiPt src=//x>"),
        saved(quarters()) + b"<html><body onload=alert(1)>",
        saved(quarters()) + b"<svg onload=alert(1)>",
        saved(quarters(), comment=b"<?php system($_GET[0]); ?>"),
        saved(quarters()) + b"%PDF-1.4\n%%EOF",
        _with_text("<!DOCTYPE html><iframe srcdoc=x>"),
        saved(quarters(), "WEBP") + b"Rar!\x1a\x07\x00",
        b"\xff\xd8\xff\xe0/*JFIF" + bytes(12_064) + saved(quarters())[20:] + b"*/=alert(1)",
    ],
    ids=["ZIP", "PNG ZIP", "script", "sCrIpT", "HTML", "SVG", "PHP", "PDF", "PNG HTML", "RAR", "JavaScript"],
)
async def test_a_photo_that_is_something_else_too_is_refused(upload: bytes) -> None:
    assert await refusal_of(upload) == WHY["more"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_file_that_breaks_off_is_refused(kind: str) -> None:
    whole = saved(quarters(), kind, **({"quality": 90} if kind != "PNG" else {}))
    for length in (len(whole) // 10, len(whole) // 2, len(whole) - 200, len(whole) - 9):
        assert await refusal_of(whole[:length]) == WHY["broken"], length


async def test_a_file_with_a_good_beginning_and_a_bad_rest_is_refused() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = saved(noise(300, 300), kind)
        for upload in (whole[:20] + bytes(5000), whole[:12] + b"\xff" * 500, whole[:3] + b"x" * 90):
            assert await refusal_of(upload) in (WHY["broken"], WHY["kind"], WHY["pixels"])


async def test_too_small_too_large_and_too_heavy_are_told_apart() -> None:
    assert await refusal_of(saved(quarters(95, 400))) == WHY["small"]
    assert await refusal_of(hollow_png(90, 200_000)) == WHY["small"]
    assert await refusal_of(saved(quarters()) + bytes(photos.MOST_BYTES)) == TOO_LARGE


def _bomb(kind: str) -> bytes:
    if kind == "PNG of 81 megapixels":
        small = hollow_png(9000, 9000)
        assert len(small) < 12_000
        return small
    if kind == "PNG as large as we take":
        return hollow_png(5000, 5000, depth=16, colours=6)
    if kind == "WebP of 268 megapixels":
        small = saved(quarters(), "WEBP", lossless=True)
        return small[:21] + (0x3FFE | 0x3FFE << 14).to_bytes(4, "little") + small[25:]
    if kind == "WebP that says it is small":
        large = saved(Image.new("RGB", (5000, 5000)), "WEBP", lossless=True, method=0, exif=b"x")
        return large[:24] + (799).to_bytes(3, "little") * 2 + large[30:]
    if kind == "JPEG as large as we take":
        return saved(Image.new("RGB", (7000, 7000), "red"), quality=20)
    return _in_several_scans(kind)


def _in_several_scans(kind: str) -> bytes:
    if kind == "JPEG of 49 megapixels in several scans":
        return saved(Image.new("RGB", (7000, 7000), "red"), progressive=True, subsampling=0)
    few = Image.effect_noise((400, 400), 90)
    if kind == "the largest JPEG in several scans":
        largest = saved(few.resize((6280, 6280)).convert("RGB"), progressive=True, subsampling=0)
        return largest + bytes(photos.MOST_BYTES - len(largest))
    return saved(few.resize((7300, 5475)).convert("RGB"), progressive=True)


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        ("PNG of 81 megapixels", "pixels"),
        ("PNG as large as we take", None),
        ("WebP of 268 megapixels", "pixels"),
        ("WebP that says it is small", "broken"),
        ("JPEG as large as we take", None),
        ("JPEG of 49 megapixels in several scans", "much"),
        ("the largest JPEG in several scans", None),
        ("a real progressive JPEG of 40 megapixels", None),
    ],
)
async def test_no_upload_costs_two_seconds_or_300_mb(kind: str, refused: str | None) -> None:
    bomb = _bomb(kind)
    if refused is None:
        await pictures_of(bomb)
    else:
        assert await refusal_of(bomb) == WHY[refused]

    seconds, resident, _answer = await asyncio.to_thread(_cost, bomb)

    assert seconds < MOST_SECONDS
    assert resident < MOST_GROWTH


PROCESS = Path(photos.__file__).with_name("photo_process.py")
MEASURED = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-I", *sys.argv[1:]], stdin=sys.stdin)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
"""


def _cost(upload: bytes, *instead: str) -> tuple[float, int, bytes]:
    """Seconds of work and KB resident of the process that opens the upload, and what it answers."""
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED, *(instead or [str(PROCESS)]), "96", "256"],
        input=upload, capture_output=True, check=True,
    )  # fmt: skip
    seconds, resident = measured.stderr.splitlines()[-1].split()
    return float(seconds), int(resident), measured.stdout


def _without_limits(upload: bytes, *others: str) -> tuple[float, int, bytes]:
    """As `_cost`, with the limit of pixels and `others` taken away."""
    away = "; ".join(["p.MOST_PIXELS = dict.fromkeys(p.MOST_PIXELS, 10**12)", *others])
    begin = f"import sys; sys.path.insert(0, {str(PROCESS.parent)!r}); import photo_process as p"
    return _cost(upload, "-c", f"{begin}; {away}; p.main()")


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ({}, 0),
        ({"subsampling": 0}, 0),
        ({"progressive": True, "subsampling": 0}, 3 * 640 * 640 * 2),
        ({"progressive": True, "subsampling": 2}, 640 * 640 * 2 * 3 // 2),
        ({"progressive": True, "subsampling": 1, "exif": b"Exif\0\0" + bytes(40)}, 640 * 640 * 2 * 2),
    ],
)
def test_what_a_jpeg_in_several_scans_needs_is_counted(how: dict[str, Any], kept: int) -> None:
    assert photo_process.kept_of(saved(quarters(), **how)) == kept


def test_a_jpeg_whose_colours_come_one_after_the_other_is_counted_too() -> None:
    one_scan = saved(quarters(), subsampling=0)
    first = one_scan.index(b"\xff\xda")
    several = one_scan[: first + 4] + b"\x01" + one_scan[first + 5 :]
    assert photo_process.kept_of(several) == 3 * 640 * 640 * 2


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"\xff\xd8\xff\xda\x00\x04\x01\x00", b"\xff\xd8" + b"\xff" * 50]
)
def test_counting_ends_where_the_file_is_none(content: bytes) -> None:
    assert photo_process.kept_of(content) == 0


def test_the_process_writes_no_file_and_opens_few(tmp_path: Path) -> None:
    tried = f"""
import sys; sys.path.insert(0, {str(PROCESS.parent)!r}); import photo_process
photo_process.set_limits()
for act in (lambda: open({str(tmp_path / "out")!r}, "wb", 0).write(b"x"),
            lambda: [open("/dev/null") for _ in range(20)]):
    try: print(act() and "done")
    except OSError as refused: print(refused.strerror)
"""
    said = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[:2] == ["File too large", "Too many open files"]


def test_without_the_limit_of_pixels_the_system_still_bounds_the_process() -> None:
    seconds, resident, answer = _without_limits(hollow_png(20_000, 20_000))
    assert answer == b'{"refused": "much"}\n'
    assert seconds < MOST_SECONDS
    assert resident < MOST_GROWTH


def test_without_any_limit_it_costs_too_much() -> None:
    """Negative control: the figures above are small because of the limits."""
    large = hollow_png(9000, 9000, depth=8, colours=2)
    _seconds, resident, answer = _without_limits(large, "p.MOST_MEMORY = 10**10")
    assert b'"lengths"' in answer
    assert resident > MOST_GROWTH


async def test_a_process_that_works_too_long_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import signal\nsignal.setitimer(signal.ITIMER_PROF, 0.05)\nwhile True: pass\n")
    monkeypatch.setattr(photos, "_PROCESS", slow)
    assert await refusal_of(b"x") == WHY["much"]

    slow.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    assert await refusal_of(b"x") == WHY["broken"]


async def test_a_machine_too_busy_to_let_the_process_work_is_no_fault_of_the_photo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    idle = tmp_path / "idle.py"
    idle.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(photos, "_PROCESS", idle)
    monkeypatch.setattr(photos, "_PATIENCE", 0.2)
    with pytest.raises(PhotosBusy):
        await pictures_of(b"x")


async def test_only_a_few_wait_for_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(0.3)\nraise SystemExit(3)\n")
    monkeypatch.setattr(photos, "_PROCESS", slow)
    ends = await asyncio.gather(*(pictures_of(b"x") for _ in range(11)), return_exceptions=True)
    assert [type(end) for end in ends] == [RuntimeError] * 8 + [PhotosBusy] * 3
    assert not photos._in_line.locked()


async def test_a_bug_in_the_process_is_no_fault_of_the_photo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)\n")
    monkeypatch.setattr(photos, "_PROCESS", broken)
    with pytest.raises(RuntimeError):
        await pictures_of(b"x")


async def test_the_process_is_told_none_of_our_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    curious = tmp_path / "curious.py"
    out = tmp_path / "seen"
    curious.write_text(
        f"import os, pathlib\npathlib.Path({str(out)!r}).write_text(repr(dict(os.environ)))\n"
        "raise SystemExit(1)\n"
    )
    monkeypatch.setattr(photos, "_PROCESS", curious)
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    with pytest.raises(RuntimeError):
        await pictures_of(b"x")
    assert "secret" not in out.read_text()
    assert "SECRET_KEY" not in out.read_text()
