"""Short ways to a copy of somebody's data."""

import csv
import io
import json
import zipfile
from typing import Any
from uuid import UUID

from app import clock
from app.accounts.records import find_ready_export
from app.accounts.services.exports import ask_export, file_of_export
from app.desks.privacy.copies import make_copy
from app.storage import files
from tests.factories import Cast


async def a_copy(person: Cast) -> UUID:
    """A copy that was asked for and made, ready to be downloaded."""
    copy_id = await ask_export(await person.account())
    await make_copy(copy_id)
    assert await find_ready_export(person.id, now=clock.now())
    return copy_id


async def kept(copy_id: UUID) -> bytes | None:
    """The file of a copy, or None where there is none."""
    return await files.find(file_of_export(copy_id))


def document_in(archive: bytes) -> dict[str, Any]:
    """What export.json of a ZIP says."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        document: dict[str, Any] = json.loads(opened.read("export.json"))
        return document


def table_in(archive: bytes, name: str) -> list[dict[str, str]]:
    """The rows of one CSV table of a ZIP."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        text = opened.read(f"tables/{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))
