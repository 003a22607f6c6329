"""Copies of all that is kept of somebody: asked for, made by a job, kept for a week."""

import hmac
from datetime import timedelta
from uuid import UUID, uuid4

from app import clock
from app.accounts.codes import key_for
from app.accounts.errors import CopyOnItsWay
from app.accounts.queries import Account
from app.accounts.records import find_open_export
from app.accounts.rules import EXPORT_KEPT_FOR
from app.accounts.services.holding import hold
from app.db.engine import execute, fetch, fetch_one, fetch_value, transaction
from app.events.actor import SYSTEM
from app.events.names import EXPORT_ASKED, EXPORT_READY
from app.events.services import publish
from app.jobs.services import enqueue
from app.storage import files
from app.web.limits import spend

MAKE = "privacy.make_copy"
"""The job that makes a copy; it looks into every room, so it is another's."""

SWEPT_AGAIN_FOR = timedelta(days=1)
"""A job that was making a copy when it was let go, and died, is dead by then."""


def file_of_export(export_id: UUID) -> str:
    """The name in the storage of a copy, which nobody can guess who does not have our key."""
    return f"exports/{hmac.digest(key_for('export file'), export_id.bytes, 'sha256').hex()}.zip"


async def ask_export(account: Account, *, proof: str | None = None) -> UUID:
    """Ask for a copy of everything that is kept of an account; one at a time.

    The caller has asked for the password, and compared it with the hash `proof`. Raises CopyOnItsWay,
    ChangedMeanwhile, TooMany.
    """
    await spend("export", str(account.id))
    export_id, now = uuid4(), clock.now()
    async with transaction():
        await hold(account, proof=proof)
        if await find_open_export(account.id, now=now):
            raise CopyOnItsWay
        await execute(
            "INSERT INTO exports (id, user_id, asked_at, expires_at) VALUES ($1, $2, $3, $4)",
            export_id,
            account.id,
            now,
            now + EXPORT_KEPT_FOR,
        )
        await publish(EXPORT_ASKED, account.id, by=account.actor, facts={"export_id": export_id})
        await enqueue(MAKE, {"export_id": export_id}, dedupe=f"export:{export_id}")
    return export_id


async def keep_export(export_id: UUID, content: bytes) -> None:
    """Keep a copy that was made, in the place of older ones; one that is not wanted any more is let go.

    Raises StorageAway.
    """
    await files.put(file_of_export(export_id), content)
    now = clock.now()
    async with transaction():
        made = await fetch_one(
            """
            UPDATE exports SET ready_at = $2, bytes = $3, expires_at = $4
            WHERE id = $1 AND ready_at IS NULL AND removed_at IS NULL RETURNING user_id
            """,
            export_id,
            now,
            len(content),
            now + EXPORT_KEPT_FOR,
        )
        if made is not None:
            await publish(EXPORT_READY, made["user_id"], by=SYSTEM, facts={"export_id": export_id})
    if made is None:
        if await fetch_value("SELECT removed_at IS NOT NULL FROM exports WHERE id = $1", export_id):
            await files.remove(file_of_export(export_id))
        return
    older = await fetch(
        "SELECT id FROM exports WHERE user_id = $1 AND id <> $2 AND ready_at IS NOT NULL "
        "AND removed_at IS NULL",
        made["user_id"],
        export_id,
    )
    for row in older:
        await forget_export(row["id"])


async def forget_export(export_id: UUID) -> None:
    """Take out the file of a copy, and then say so. Raises StorageAway."""
    await files.remove(file_of_export(export_id))
    await execute(
        "UPDATE exports SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL", export_id, clock.now()
    )


async def tidy_exports(*, limit: int = 100) -> None:
    """Take out copies whose week is over, and files that were put down just as their copy was let go.

    Raises StorageAway.
    """
    over = await fetch(
        "SELECT id FROM exports WHERE removed_at IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
        clock.now(),
        limit,
    )
    for row in over:
        await forget_export(row["id"])
    lately = await fetch("SELECT id FROM exports WHERE removed_at > $1", clock.now() - SWEPT_AGAIN_FOR)
    for row in lately:
        await files.remove(file_of_export(row["id"]))
