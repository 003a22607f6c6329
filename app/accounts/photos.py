"""What becomes of an upload: small pictures, made by a process of its own whose means are bounded."""

import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path

from app.accounts.errors import PhotosBusy
from app.errors import Invalid, _

log = logging.getLogger(__name__)

EDGES = (96, 256)
"""Pixels; a face in a list and on a page of its own, sharp on screens with two dots a pixel."""
MOST_BYTES = 10 * 1024 * 1024
"""A photo as phones take it is 2 to 8 MB."""

_PROCESS = Path(__file__).with_name("photo_process.py")
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What a Python may need to start, and nothing that is secret."""
_PATIENCE = 15
"""Seconds; the process ends itself far earlier, unless the machine is too busy to let it run."""
_at_once = asyncio.Semaphore(2)
"""Each may take 300 MB, so this bounds what uploads take of the machine."""
_in_line = asyncio.Semaphore(8)
"""Those that are opened or wait for it: who comes last waits some seconds, who comes then is sent away."""
_TOO_MUCH = {-signal.SIGPROF, -signal.SIGKILL}
"""How the system ends what works too long, or what takes memory that others need."""

NO_PHOTO = _("Choose a photo first.")
TOO_LARGE = _("This photo is too large. Choose one of up to 10 MB.")
WHY = {
    "kind": _("Choose a photo in JPEG, PNG or WebP format."),
    "pixels": _("This photo has too many pixels: up to 50 megapixels work as JPEG, 25 as PNG, 12 as WebP."),
    "much": _("This photo is too much to open here. Choose a smaller one."),
    "small": _("This photo is too small. Choose one of at least 96 pixels in width and height."),
    "broken": _("This photo cannot be read; the file may be damaged. Choose another one."),
    "more": _("This file is more than a photo, so we do not take it. Choose another one."),
}
"""The process' words, as sentences."""


class NoPhoto(Invalid):
    """The upload is no photo we take."""

    def __init__(self, why: str) -> None:
        super().__init__(fields={"photo": why})


async def pictures_of(upload: bytes) -> dict[int, bytes]:
    """The upload as square WebP pictures by their edge, upright, in sRGB, with nothing said beside them.

    Raises NoPhoto (an Invalid, field photo), PhotosBusy.
    """
    if not upload:
        raise NoPhoto(NO_PHOTO)
    if len(upload) > MOST_BYTES:
        raise NoPhoto(TOO_LARGE)
    if _in_line.locked():
        raise PhotosBusy
    async with _in_line, _at_once:
        answer = await _ask_process(upload)
    head, _line, body = answer.partition(b"\n")
    said = json.loads(head)
    if "refused" in said:
        raise NoPhoto(WHY[said["refused"]])
    pictures = {}
    for edge, length in zip(EDGES, said["lengths"], strict=True):
        pictures[edge], body = body[:length], body[length:]
    return pictures


async def _ask_process(upload: bytes) -> bytes:
    """What the process answers. Raises NoPhoto where the system had to end it, PhotosBusy where we had to."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_PROCESS),
        *map(str, EDGES),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
    try:
        answer, _errors = await asyncio.wait_for(process.communicate(upload), _PATIENCE)
    except TimeoutError as waited:
        raise PhotosBusy from waited
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode is not None and process.returncode < 0:
        log.warning("photo process ended by the system: %s", process.returncode)
        raise NoPhoto(WHY["much" if process.returncode in _TOO_MUCH else "broken"])
    if process.returncode:
        raise RuntimeError(f"the photo process failed with {process.returncode}")
    return answer
