"""Proving that an e-mail address is theirs: by a code or a link, one time, whichever comes first."""

from uuid import UUID, uuid4

from app import clock
from app.accounts.codes import confirmation_of, is_code_of
from app.accounts.errors import LinkSpent, WrongCode
from app.accounts.queries import Account, get_user
from app.accounts.rules import CODE_FOR, CODE_TRIES, LINK_FOR, BadValue, read_code, read_email
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.events.actor import Actor
from app.events.names import EMAIL_CONFIRMATION_ASKED, EMAIL_CONFIRMED
from app.events.services import publish
from app.web.limits import spend


async def ask_confirmation(user_id: UUID) -> UUID | None:
    """Ask an account to prove its address; the listener of the event writes the letter.

    Returns the confirmation's id, or None where there is nothing left to prove.
    """
    now = clock.now()
    async with transaction():
        user = await fetch_one(
            "SELECT role FROM users WHERE id = $1 AND email_verified_at IS NULL AND blocked_at IS NULL",
            user_id,
        )
        if user is None:
            return None
        confirmation_id = uuid4()
        await execute(
            """
            INSERT INTO email_confirmations
                (id, user_id, purpose, created_at, code_expires_at, link_expires_at)
            VALUES ($1, $2, 'verify_email', $3, $4, $5)
            """,
            confirmation_id,
            user_id,
            now,
            now + CODE_FOR,
            now + LINK_FOR,
        )
        await publish(
            EMAIL_CONFIRMATION_ASKED,
            user_id,
            by=Actor(user_id, user["role"]),
            facts={"confirmation_id": confirmation_id},
        )
    return confirmation_id


async def ask_again(email: str) -> None:
    """Send another letter to an address that waits for one; whether it does is not said.

    Raises TooMany, for known and unknown addresses alike.
    """
    try:
        email = read_email(email)
    except BadValue:
        return
    await spend("email_code_sent", email)
    user_id = await fetch_value("SELECT id FROM users WHERE email = $1", email)
    if user_id is not None:
        await ask_confirmation(user_id)


async def confirm_by_code(email: str, code: str, *, address: str) -> Account:
    """Confirm an address by the digits of its newest letter, and give its account.

    Each call costs one of the letter's few tries, also when it fails. `address` is the network address
    whose tries are counted. Raises WrongCode, the same for an unknown address; TooMany.
    """
    await spend("email_code", address)
    try:
        email, code = read_email(email), read_code(code)
    except BadValue:
        raise WrongCode from None
    tried = await fetch_one(
        """
        UPDATE email_confirmations SET tries = tries + 1
        WHERE id = (
            SELECT c.id FROM email_confirmations c JOIN users u ON u.id = c.user_id
            WHERE u.email = $1 AND u.email_verified_at IS NULL AND u.blocked_at IS NULL
            ORDER BY c.created_at DESC LIMIT 1
        ) AND used_at IS NULL AND code_expires_at > $2 AND tries < $3
        RETURNING id, user_id
        """,
        email,
        clock.now(),
        CODE_TRIES,
    )
    if tried is None or not is_code_of(tried["id"], code):
        raise WrongCode
    if not await _confirm(tried["id"], tried["user_id"]):
        raise WrongCode
    return await get_user(tried["user_id"])


async def confirm_by_token(token: str) -> Account:
    """Confirm an address by the link of a letter, and give its account. Raises LinkSpent."""
    confirmation_id = confirmation_of(token)
    row = await fetch_one(
        """
        SELECT c.id, c.user_id FROM email_confirmations c JOIN users u ON u.id = c.user_id
        WHERE c.id = $1 AND c.used_at IS NULL AND c.link_expires_at > $2 AND u.blocked_at IS NULL
        """,
        confirmation_id,
        clock.now(),
    )
    if row is None or not await _confirm(row["id"], row["user_id"]):
        raise LinkSpent
    return await get_user(row["user_id"])


async def _confirm(confirmation_id: UUID, user_id: UUID) -> bool:
    """Use a letter up, and with it every other one; False when somebody was faster."""
    now = clock.now()
    async with transaction():
        role = await fetch_value(
            "UPDATE users SET email_verified_at = $2 "
            "WHERE id = $1 AND email_verified_at IS NULL RETURNING role",
            user_id,
            now,
        )
        used = await execute(
            "UPDATE email_confirmations SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL", user_id, now
        )
        if role is None or used == "UPDATE 0":
            return False
        await publish(
            EMAIL_CONFIRMED, user_id, by=Actor(user_id, role), facts={"confirmation_id": confirmation_id}
        )
    return True
