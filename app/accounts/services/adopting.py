"""What follows once an address is proved: the letter's sign-up counts, and nothing of strangers before it."""

from uuid import UUID

from asyncpg import Record

from app import clock
from app.accounts.errors import LinkSpent
from app.accounts.services.notices import accept_notice
from app.accounts.services.proofs import spend_proofs, use_proof
from app.accounts.services.sessions import end_sessions
from app.accounts.services.strangers import forget_strangers
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.events.actor import Actor
from app.events.names import EMAIL_CONFIRMED, USER_SIGNED_UP
from app.events.services import publish


async def confirm(letter: UUID, user_id: UUID, *, accepts_in: str | None) -> None:
    """Use a letter up, and with it every other one; a sign-up that waited for it counts from now on.

    The event names the sign-up by its first letter (`sign_up_id`) where there was one. `accepts_in` is the
    language in which its privacy notice was accepted. Raises LinkSpent when somebody was faster.
    """
    async with transaction():
        role = await fetch_value(
            "UPDATE users SET email_verified_at = $2 "
            "WHERE id = $1 AND email_verified_at IS NULL AND blocked_at IS NULL RETURNING role",
            user_id,
            clock.now(),
        )
        if role is None or not await use_proof(letter):
            raise LinkSpent
        facts, new = {"confirmation_id": letter}, await _sign_up_of(letter)
        if new is not None:
            role, facts["sign_up_id"] = new["role"], new["sign_up_id"]
            await _adopt(new, user_id, accepts_in=accepts_in)
        await spend_proofs(user_id)
        await execute(
            "DELETE FROM pending_sign_ups p USING email_confirmations c "
            "WHERE c.id = p.confirmation_id AND c.user_id = $1",
            user_id,
        )
        await publish(EMAIL_CONFIRMED, user_id, by=Actor(user_id, role), facts=facts)


async def _sign_up_of(letter: UUID) -> Record | None:
    return await fetch_one(
        "SELECT sign_up_id, role, name, mobile, password_hash, mobile_hash FROM pending_sign_ups "
        "WHERE confirmation_id = $1",
        letter,
    )


async def _adopt(new: Record, user_id: UUID, *, accepts_in: str | None) -> None:
    """Let a sign-up count, and keep nothing of whoever was there before."""
    by = Actor(user_id, new["role"])
    await execute(
        "UPDATE users SET password_hash = $2, role = $3 WHERE id = $1",
        user_id,
        new["password_hash"],
        new["role"],
    )
    await end_sessions(user_id, why="password_changed")
    await forget_strangers(user_id, name=new["name"], mobile=new["mobile"], by=by)
    await execute("UPDATE users SET mobile_hash = $2 WHERE id = $1", user_id, new["mobile_hash"])
    await publish(USER_SIGNED_UP, user_id, by=by, facts={"role": new["role"]})
    if accepts_in is not None:
        await accept_notice(user_id, language=accepts_in, through="page")
