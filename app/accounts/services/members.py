"""Accounts that somebody else makes: by an administrator for staff, by hand for demo data."""

from uuid import UUID

from app.accounts.errors import EmailTaken
from app.accounts.passwords import NO_PASSWORD, hash_for_mobile, hash_password
from app.accounts.queries import find_user_by_email
from app.accounts.rules import (
    ROLES,
    Reading,
    read_choice,
    read_email,
    read_name,
    read_optional_mobile,
    read_password,
)
from app.accounts.services.sign_up import NewAccount, insert_account
from app.db.engine import fetch_value, transaction
from app.events.actor import Actor
from app.events.names import EMAIL_CONFIRMED, USER_SIGNED_UP
from app.events.services import publish


async def create_member(*, name: str, email: str, mobile: str | None, role: str, by: Actor) -> UUID:
    """An account for somebody who is to choose a password by a letter; until then nobody can log in to it.

    Its letter is `invite_to_set_password`. Returns the id. Raises Invalid with a sentence for each field,
    EmailTaken.
    """
    reading = Reading()
    new = NewAccount(
        reading.read("name", read_name, name, ""),
        reading.read("email", read_email, email, ""),
        reading.read("mobile", read_optional_mobile, mobile, None),
        reading.read("role", read_choice(ROLES), role, ""),
        NO_PASSWORD,
    )
    reading.check()
    async with transaction():
        user_id = await insert_account(new, language="en", verified=False)
        if user_id is None:
            raise EmailTaken
        await publish(USER_SIGNED_UP, user_id, by=by, facts={"role": role})
    return user_id


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
    number = read_optional_mobile(mobile)
    secret = read_password(password, own=(name, email, mobile))
    kept, by_mobile = await hash_password(secret), await hash_for_mobile(secret, number)
    new = NewAccount(read_name(name), email, number, role, kept, by_mobile)
    async with transaction():
        user_id = await insert_account(new, language=language, verified=True)
        if user_id is None:
            return UUID(str(await fetch_value("SELECT id FROM users WHERE email = $1", email)))
        await publish(USER_SIGNED_UP, user_id, by=Actor(user_id, role), facts={"role": role})
        await publish(EMAIL_CONFIRMED, user_id, by=Actor(user_id, role))
    return user_id
