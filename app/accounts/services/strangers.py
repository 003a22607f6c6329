"""An account may have been begun by a stranger with another's address, in the hope that they confirm it."""

from uuid import UUID

from app import clock
from app.db.engine import execute


async def forget_strangers(user_id: UUID) -> None:
    """Mark an address as proved, and let go of an authenticator app that somebody set up before it was.

    Sessions, devices and letters of before are the caller's to end.
    """
    await execute("UPDATE users SET email_verified_at = $2 WHERE id = $1", user_id, clock.now())
    await execute("DELETE FROM totp_keys WHERE user_id = $1", user_id)
    await execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)
