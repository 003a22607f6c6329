"""Draw static/preview.png, the picture that goes with a link to us in a chat or a search result.

`python assets/preview.py` draws it anew; the drawn file is committed. 1200 × 630 is what the readers of Open
Graph ask for. The letters are those Pillow brings along, so that every machine draws the same.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PLACE = Path(__file__).resolve().parent.parent / "static" / "preview.png"
SIZE = (1200, 630)
FINE = 2
"""Drawn this many times larger and made smaller again, which smooths the edges."""

PAPER, SHEET, INK, QUIET, ACCENT, LINE = "#f5f4ef", "#ffffff", "#182224", "#52605e", "#0b5d5e", "#c9cfc8"
"""The light colours of assets/app.css."""


def _words(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    ink: str,
    *,
    anchor: str,
    bold: int = 0,
) -> None:
    font = ImageFont.load_default(size * FINE)
    place = (at[0] * FINE, at[1] * FINE)
    draw.text(place, text, ink, font, anchor, stroke_width=bold * FINE, stroke_fill=ink)


def _slip(draw: ImageDraw.ImageDraw, left: int, top: int, right: int, bottom: int) -> None:
    """A slip torn off at its lower edge, with a number and the line along which it is torn."""
    tooth = 18
    edge = [(left, top), (right, top), (right, bottom)]
    for n, x in enumerate(range(right - tooth, left - 1, -tooth)):
        edge.append((x, bottom + (tooth if n % 2 == 0 else 0)))
    draw.polygon([(x * FINE, y * FINE) for x, y in edge], SHEET, LINE, 2 * FINE)
    for x in range(left + 24, right - 24, 22):
        draw.line((x * FINE, 366 * FINE, (x + 12) * FINE, 366 * FINE), LINE, 3 * FINE)
    middle = (left + right) // 2
    _words(draw, (middle, 150), "Your number", 30, QUIET, anchor="ms")
    _words(draw, (middle, 316), "17", 170, ACCENT, anchor="ms", bold=4)
    for y, width in ((404, 250), (444, 190), (484, 220)):
        draw.rounded_rectangle(
            ((left + 40) * FINE, y * FINE, (left + 40 + width) * FINE, (y + 14) * FINE), 7 * FINE, LINE
        )


def main() -> None:
    """Draw the picture and write it."""
    picture = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), PAPER)
    draw = ImageDraw.Draw(picture)
    _words(draw, (84, 262), "Parchi", 124, ACCENT, anchor="ls", bold=2)
    for n, line in enumerate(("Find a doctor,", "choose a time,", "keep the slip.")):
        _words(draw, (84, 366 + n * 64), line, 52, INK, anchor="ls")
    _slip(draw, 760, 70, 1120, 540)
    picture.resize(SIZE, Image.Resampling.LANCZOS).quantize(64).save(PLACE, optimize=True)


if __name__ == "__main__":
    main()
