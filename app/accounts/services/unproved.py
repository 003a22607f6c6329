"""Accounts that nobody has proved to be theirs: found once their time is over, and shut."""

from datetime import datetime
from uuid import UUID

from app import clock
from app.accounts.passwords import NO_PASSWORD
from app.accounts.services.proofs import spend_proofs
from app.accounts.services.sessions import end_sessions
from app.db.engine import execute, fetch, fetch_value, transaction
from app.events.actor import SYSTEM
from app.events.names import UNPROVED_FORGOTTEN
from app.events.services import publish

_UNPROVED = """
    u.email_verified_at IS NULL AND u.erased_at IS NULL AND u.created_at < $1 AND u.password_hash <> $2
    AND u.role IN ('patient', 'doctor')
    AND NOT EXISTS (SELECT FROM email_confirmations c
                    WHERE c.user_id = u.id AND c.used_at IS NULL AND c.link_expires_at > $3)"""
"""Begun before $1 by a sign-up, which chose a password ($2 is none); no letter leads in any more at $3."""


async def unproved_accounts(*, begun_before: datetime) -> list[UUID]:
    """Accounts of sign-ups whose address nobody has proved, the oldest first."""
    rows = await fetch(
        f"SELECT u.id FROM users u WHERE {_UNPROVED} ORDER BY u.created_at, u.id LIMIT 500",
        begun_before,
        NO_PASSWORD,
        clock.now(),
    )
    return [row["id"] for row in rows]


async def lock_unproved(user_id: UUID, *, begun_before: datetime) -> bool:
    """Whether an account is one of these still; if so nobody proves it until the transaction ends."""
    found = await fetch_value(
        f"SELECT 1 FROM users u WHERE {_UNPROVED} AND u.id = $4 FOR UPDATE",
        begun_before,
        NO_PASSWORD,
        clock.now(),
        user_id,
    )
    return found is not None


async def shut_unproved(user_id: UUID) -> None:
    """Shut an account for good that nobody proved; whoever owns the address can sign up with it afresh.

    No letter tells of it, since nobody at the address has ever said that they want one.
    """
    async with transaction():
        await execute(
            "UPDATE users SET blocked_at = coalesce(blocked_at, $2), erased_at = $2 WHERE id = $1",
            user_id,
            clock.now(),
        )
        await end_sessions(user_id, why="erased")
        await spend_proofs(user_id)
        await publish(UNPROVED_FORGOTTEN, user_id, by=SYSTEM)
