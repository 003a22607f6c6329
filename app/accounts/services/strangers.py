"""An account may have been begun by a stranger with another's address, in the hope that they confirm it."""

from uuid import UUID

from app import clock
from app.accounts.queries import get_user
from app.accounts.services.photos import remove_photo
from app.db.engine import execute
from app.events.actor import Actor

_FORGOTTEN = (
    "DELETE FROM persons WHERE account_id = $1 AND relation <> 'self'",
    "UPDATE persons SET birth_year = NULL, sex = NULL WHERE account_id = $1",
    "DELETE FROM consents WHERE user_id = $1",
    "DELETE FROM totp_keys WHERE user_id = $1",
    "DELETE FROM recovery_codes WHERE user_id = $1",
)


async def forget_strangers(user_id: UUID, *, name: str | None, mobile: str | None, by: Actor) -> None:
    """Mark an address as proved, and keep nothing of whoever had the account before it was.

    `name` and `mobile` are the owner's; without a name both stay, as of an account that was made for its
    owner. Sessions, devices and letters of before are the caller's to end.
    """
    await execute("UPDATE users SET email_verified_at = $2 WHERE id = $1", user_id, clock.now())
    for sql in _FORGOTTEN:
        await execute(sql, user_id)
    if name is not None:
        await execute("UPDATE users SET name = $2, mobile = $3 WHERE id = $1", user_id, name, mobile)
        await execute(
            "UPDATE persons SET name = $2, mobile = $3 WHERE account_id = $1", user_id, name, mobile
        )
    await remove_photo(await get_user(user_id), by=by)
