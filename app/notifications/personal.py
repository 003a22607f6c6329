"""What notifications keep of a person: which letters went to them, and, in the local mailbox, the letters."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from app import clock
from app.accounts.personal import Export, Subject
from app.db.engine import execute, fetch, transaction
from app.db.plain import plain_rows
from app.notifications.mailbox import forget_letters
from app.notifications.queries import WAITING
from app.settings import settings


async def export(who: Subject) -> Export:
    """The letters to somebody; their words are in the mailbox they went to.

    One that asks a new address to prove itself went to that, which is not theirs yet: whether it went out
    would tell them whether somebody else has an account with it.
    """
    letters = await plain_rows(
        "SELECT id, kind, created_at, sent_at, refused_at, refused_why FROM letters "
        "WHERE recipient_id = $1 AND kind <> 'change_email' ORDER BY created_at, id",
        who.user_id,
    )
    return {"letters": letters}


async def erase(who: Subject) -> None:
    """Send no letter any more, and forget what mail servers said of the address."""
    async with transaction():
        await execute(
            f"UPDATE letters SET refused_at = $2 WHERE recipient_id = $1 AND {WAITING}",
            who.user_id,
            clock.now(),
        )
        await execute("UPDATE letters SET refused_why = NULL WHERE recipient_id = $1", who.user_id)


async def erase_files(who: Subject, things: Sequence[UUID]) -> None:
    """Take letters to somebody, and those to others about `things` of theirs, out of the local mailbox.

    Mail that went to a real server is out of our reach, as everybody is told before.
    """
    mailbox = settings().data_dir / "mailbox"
    if not mailbox.is_dir():
        return
    rows = await fetch(
        """
        SELECT l.message_id FROM letters l JOIN events e ON e.id = l.event_id
        WHERE l.recipient_id = $1 OR e.subject_id = ANY($2::uuid[])
        """,
        who.user_id,
        [*who.ids, *things],
    )
    await asyncio.to_thread(forget_letters, mailbox, {row["message_id"] for row in rows})
