"""What becomes of an account its owner gave up: sealed, masked, and in the end forgotten."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app import clock
from app.accounts.errors import LastAdmin
from app.accounts.rules import ERASED_AFTER
from app.accounts.services.proofs import spend_proofs
from app.accounts.services.sessions import end_sessions
from app.db.engine import execute, fetch, transaction
from app.events.actor import SYSTEM, Actor
from app.events.names import ACCOUNT_ERASED, ACCOUNT_MASKED
from app.events.services import publish


async def hold_still(user_id: UUID) -> None:
    """Let nobody book, pay or write for an account until this transaction ends; raises LastAdmin.

    Rows that name an account lock its row against this, so what is read afterwards is all there is. Every
    administrator is locked in one order, so of two who leave at once the second is the last.
    """
    rows = await fetch(
        """
        SELECT id, role FROM users
        WHERE id = $1 OR (role = 'admin' AND blocked_at IS NULL AND email_verified_at IS NOT NULL
                          AND (SELECT role FROM users WHERE id = $1) = 'admin')
        ORDER BY id FOR UPDATE
        """,
        user_id,
    )
    if [row["role"] for row in rows] == ["admin"]:
        raise LastAdmin


async def give_up(user_id: UUID, *, by: Actor) -> datetime:
    """Shut an account for good whose owner wants it erased; gives back until when a sealed copy is kept.

    Nobody enters any more from this moment on; the erasing itself is a job's. In a transaction in which the
    account holds still, and its owner has given the password.
    """
    now = clock.now()
    await execute(
        "UPDATE users SET blocked_at = coalesce(blocked_at, $2), erased_at = $2 WHERE id = $1", user_id, now
    )
    await end_sessions(user_id, why="erased")
    await spend_proofs(user_id)
    await execute(
        "INSERT INTO erasures (user_id, asked_at, kept_until) VALUES ($1, $2, $3)",
        user_id,
        now,
        now + ERASED_AFTER,
    )
    await publish(ACCOUNT_ERASED, user_id, by=by)
    return now + ERASED_AFTER


async def shut_again(user_id: UUID, *, asked_at: datetime, kept_until: datetime) -> bool:
    """Shut an account that was given up and that a backup has brought back; False where there is none.

    Nothing is told: it was, at the time. In a transaction.
    """
    found = await execute(
        "UPDATE users SET blocked_at = coalesce(blocked_at, $2), erased_at = $2 WHERE id = $1",
        user_id,
        asked_at,
    )
    if found != "UPDATE 1":
        return False
    await end_sessions(user_id, why="erased")
    await spend_proofs(user_id)
    await execute(
        "INSERT INTO erasures (user_id, asked_at, kept_until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        user_id,
        asked_at,
        kept_until,
    )
    return True


async def seal(user_id: UUID, document: Mapping[str, object]) -> None:
    """Put the copy away that the law wants kept; the first one stays, for a second would say less."""
    await execute(
        "UPDATE erasures SET sealed = $2 WHERE user_id = $1 AND sealed IS NULL AND masked_at IS NULL",
        user_id,
        json.dumps(document),
    )


async def note_masked(user_id: UUID) -> None:
    """Write down that nothing open to anybody says any more whose account it was; once."""
    async with transaction():
        done = await execute(
            "UPDATE erasures SET masked_at = $2 WHERE user_id = $1 AND masked_at IS NULL",
            user_id,
            clock.now(),
        )
        if done == "UPDATE 1":
            await publish(ACCOUNT_MASKED, user_id, by=SYSTEM)


async def finish(user_id: UUID) -> None:
    """Let go of the sealed copy, which ends the erasure."""
    await execute("UPDATE erasures SET sealed = NULL, done_at = $2 WHERE user_id = $1", user_id, clock.now())
