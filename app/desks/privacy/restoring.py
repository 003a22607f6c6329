"""After a backup was put back: erasing anew whom it brought back."""

import csv
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.accounts.services import erasing as accounts
from app.db.engine import transaction
from app.desks.privacy.leaving import mask
from app.directory.services.leaving import leave
from app.events.actor import SYSTEM

COLUMNS = ("user_id", "asked_at", "kept_until")
"""What has to be kept of the table `erasures` beside each backup; times with their zone, as ISO 8601."""


class NotAList(Exception):
    """What was given is no list of erasures; the text says what is wrong."""


async def erase_again(lines: Iterable[str]) -> int:
    """Shut and mask every account of a list that is there; gives how many are.

    `lines` are CSV with a header of COLUMNS. Nobody is written to: they have their last letter. Accounts
    that began after the backup are not there, and one masked already is masked once more, which changes
    nothing. What is due for good by now goes with the next beat of the worker. Raises NotAList before
    anything was changed, StorageAway.
    """
    listed = _read(lines)
    there = 0
    for user_id, asked_at, kept_until in listed:
        async with transaction():
            await leave(user_id, by=SYSTEM)
            is_there = await accounts.shut_again(user_id, asked_at=asked_at, kept_until=kept_until)
        if is_there:
            await mask(user_id)
            there += 1
    return there


def _read(lines: Iterable[str]) -> list[tuple[UUID, datetime, datetime]]:
    read = csv.DictReader(lines)
    if not set(COLUMNS) <= set(read.fieldnames or ()):
        raise NotAList(f"The first line has to name the columns {', '.join(COLUMNS)}.")
    return [_row(row, read.line_num) for row in read]


def _row(row: dict[str, str], number: int) -> tuple[UUID, datetime, datetime]:
    try:
        user_id, asked_at, kept_until = (row[column] or "" for column in COLUMNS)
        times = datetime.fromisoformat(asked_at), datetime.fromisoformat(kept_until)
        if None in (times[0].tzinfo, times[1].tzinfo):
            raise ValueError
        return UUID(user_id), *times
    except ValueError:
        raise NotAList(f"Line {number} is not an id and two times with a zone, as ISO 8601.") from None
