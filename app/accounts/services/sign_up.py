"""Making accounts."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from app import clock
from app.accounts.errors import EmailTaken
from app.accounts.passwords import hash_password
from app.accounts.queries import find_user_by_email
from app.accounts.rules import Reading, read_email, read_name, read_optional_mobile, read_password
from app.accounts.services.confirming import ask_confirmation
from app.accounts.services.sessions import end_sessions
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.errors import TooMany
from app.events.actor import Actor
from app.events.names import EMAIL_CONFIRMED, SIGN_UP_WITH_KNOWN_EMAIL, USER_SIGNED_UP
from app.events.services import publish
from app.web.limits import spend

STRANGER = Actor(None, "stranger")


@dataclass(frozen=True)
class NewAccount:
    """A sign-up whose values are all usable; the password is only there as a hash."""

    name: str
    email: str
    mobile: str | None
    role: str
    password_hash: str = field(repr=False)


async def prepare(
    *, name: str, email: str, mobile: str | None, password: str, role: str, address: str
) -> NewAccount:
    """Check a sign-up before anything is written; call it outside a transaction.

    `address` is the network address whose hourly sign-ups are counted. Raises Invalid with a sentence for
    each field, TooMany.
    """
    reading = Reading()
    name = reading.read("name", read_name, name, "")
    email = reading.read("email", read_email, email, "")
    mobile = reading.read("mobile", read_optional_mobile, mobile, None)
    password = reading.read("password", read_password, password, "")
    reading.check()
    await spend("sign_up", address)
    return NewAccount(name, email, mobile, role, await hash_password(password))


async def create(new: NewAccount) -> UUID:
    """Write a new account with its own person, and ask whether the address is theirs.

    Returns the account's id. Raises EmailTaken.
    """
    async with transaction():
        user_id = await _insert(new, language="en", verified=False)
        if user_id is None:
            raise EmailTaken
        await publish(USER_SIGNED_UP, user_id, by=Actor(user_id, new.role), facts={"role": new.role})
        await ask_confirmation(user_id)
    return user_id


async def sign_up(
    *, name: str, email: str, mobile: str | None, password: str, role: str, address: str
) -> None:
    """Sign up on the page, which answers alike whether the address was known or not; a letter tells.

    Raises Invalid, TooMany.
    """
    new = await prepare(name=name, email=email, mobile=mobile, password=password, role=role, address=address)
    try:
        await create(new)
    except EmailTaken:
        await _meet_again(new)


async def create_account(
    *, name: str, email: str, password: str, role: str, mobile: str | None = None, language: str = "en"
) -> UUID:
    """An account whose address needs no proof, for demo data and staff made by hand.

    Returns the id; an account that has the address already stays as it is. Raises BadValue.
    """
    email = read_email(email)
    known = await find_user_by_email(email)
    if known is not None:
        return known.id
    kept = await hash_password(read_password(password))
    new = NewAccount(read_name(name), email, read_optional_mobile(mobile), role, kept)
    async with transaction():
        user_id = await _insert(new, language=language, verified=True)
        if user_id is None:
            return UUID(str(await fetch_value("SELECT id FROM users WHERE email = $1", email)))
        await publish(USER_SIGNED_UP, user_id, by=Actor(user_id, role), facts={"role": role})
        await publish(EMAIL_CONFIRMED, user_id, by=Actor(user_id, role))
    return user_id


async def _insert(new: NewAccount, *, language: str, verified: bool) -> UUID | None:
    now = clock.now()
    user_id: UUID | None = await fetch_value(
        """
        INSERT INTO users
            (id, name, email, mobile, password_hash, role, language, email_verified_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (email) DO NOTHING RETURNING id
        """,
        uuid4(),
        new.name,
        new.email,
        new.mobile,
        new.password_hash,
        new.role,
        language,
        now if verified else None,
        now,
    )
    if user_id is not None:
        await execute(
            "INSERT INTO persons (account_id, name, mobile, relation, created_at) "
            "VALUES ($1, $2, $3, 'self', $4)",
            user_id,
            new.name,
            new.mobile,
            now,
        )
    return user_id


async def _meet_again(new: NewAccount) -> None:
    """Somebody signs up with an address we know: begin anew where nobody has proved it, else tell its owner.

    A half-finished account may have been made by a stranger who hopes that the owner confirms it one day,
    so nothing of it is kept: neither password nor sessions, persons and older letters.
    """
    try:
        await spend("email_code_sent", new.email)
    except TooMany:
        return  # the answer stays alike, and nobody's mailbox is flooded
    async with transaction():
        known = await fetch_one(
            "SELECT id, role, email_verified_at, blocked_at FROM users WHERE email = $1 FOR UPDATE", new.email
        )
        if known is None:
            return
        if known["email_verified_at"] or known["blocked_at"] or known["role"] != new.role:
            await publish(SIGN_UP_WITH_KNOWN_EMAIL, known["id"], by=STRANGER)
        else:
            await _begin_anew(known["id"], new)


async def _begin_anew(user_id: UUID, new: NewAccount) -> None:
    await execute(
        "UPDATE users SET name = $2, mobile = $3, password_hash = $4 WHERE id = $1",
        user_id,
        new.name,
        new.mobile,
        new.password_hash,
    )
    await execute("DELETE FROM persons WHERE account_id = $1 AND relation <> 'self'", user_id)
    await execute(
        "UPDATE persons SET name = $2, mobile = $3, birth_year = NULL, sex = NULL WHERE account_id = $1",
        user_id,
        new.name,
        new.mobile,
    )
    await end_sessions(user_id, why="password_changed")
    await execute(
        "UPDATE email_confirmations SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL",
        user_id,
        clock.now(),
    )
    await publish(USER_SIGNED_UP, user_id, by=Actor(user_id, new.role), facts={"role": new.role})
    await ask_confirmation(user_id)
