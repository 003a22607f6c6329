"""A copy of everything that is kept of somebody, as one ZIP: for programs as JSON, for people as CSV."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from app.accounts.personal import Export, pictures, subject_of
from app.accounts.records import find_export
from app.accounts.services.exports import keep_export
from app.db.plain import Rows
from app.desks.privacy.rooms import everything_of

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a spreadsheet takes a text for something to work out (OWASP, CSV Injection; ASVS 1.2.10); some,
set to East Asian languages, also with the full-width ones."""


async def make_copy(export_id: UUID) -> None:
    """Make a copy somebody asked for and keep it; one that is there or no longer wanted is left alone.

    Raises StorageAway.
    """
    asked = await find_export(export_id)
    if asked is None or asked.is_ready:
        return
    who = await subject_of(asked.user_id)
    await keep_export(export_id, zipped(await everything_of(who), await pictures(who)))


def zipped(document: Mapping[str, object], photos: Sequence[bytes] = ()) -> bytes:
    """The document as export.json, each of its tables as a CSV file, and photos, in one ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.json", json.dumps(document, ensure_ascii=False, indent=1))
        for name, rows in cast(Export, document["tables"]).items():
            archive.writestr(f"tables/{name}.csv", as_csv(rows))
        for number, photo in enumerate(photos, start=1):
            archive.writestr(f"photos/{number}.webp", photo)
    return packed.getvalue()


def as_csv(rows: Rows) -> bytes:
    """Rows as CSV in UTF-8, with the mark that spreadsheets know it by; a table without rows is empty."""
    written = io.StringIO(newline="")
    if rows:
        writer = csv.writer(written)
        writer.writerow(rows[0])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    """One value as text that no spreadsheet works out."""
    match value:
        case None:
            return ""
        case str():
            text = value
        case bool() | list() | dict():
            text = json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
