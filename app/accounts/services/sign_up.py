"""Signing up, with an address nobody has proved yet."""

from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

from app import clock
from app.accounts.errors import EmailTaken
from app.accounts.passwords import NO_PASSWORD, hash_for_mobile, hash_password
from app.accounts.rules import Reading, read_email, read_name, read_optional_mobile, read_password
from app.accounts.services.confirming import ask_confirmation
from app.accounts.services.notices import accept_notice
from app.accounts.services.proofs import count_letter, new_proof
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.errors import TooMany, _
from app.events.actor import STRANGER, Actor
from app.events.names import EMAIL_CONFIRMATION_ASKED, SIGN_UP_WITH_KNOWN_EMAIL, USER_SIGNED_UP
from app.events.services import publish
from app.web.limits import line_of, spend


@dataclass(frozen=True)
class NewAccount:
    """A sign-up whose values are all usable; of the password there are only hashes."""

    name: str
    email: str
    mobile: str | None
    role: str
    password_hash: str = field(repr=False)
    mobile_hash: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True)
class Begun:
    """What became of a sign-up on a page: the letter its browser waits for, and the account if it is new.

    Where the address has an owner the letter is one that nobody wrote, so that nothing shows it.
    """

    confirmation_id: UUID
    user_id: UUID | None = None


async def prepare(
    *,
    name: str,
    email: str,
    mobile: str | None,
    password: str,
    role: str,
    address: str,
    counted_as: str = "sign_up_on_page",
) -> NewAccount:
    """Check a sign-up before anything is written; call it outside a transaction.

    `address` is the network address whose hourly sign-ups and letters are counted, `counted_as` the limit of
    them: a program's is lower than that of pages, which a whole clinic may open behind one address.
    Raises Invalid with a sentence for each field, TooMany.
    """
    reading = Reading()
    name = reading.read("name", read_name, name, "")
    email = reading.read("email", read_email, email, "")
    mobile = reading.read("mobile", read_optional_mobile, mobile, None)
    own = partial(read_password, own=(name, email, mobile))
    password = reading.read("password", own, password, "")
    reading.check()
    await _count_sign_up(counted_as, address)
    await count_letter("verify_email", email, address=address)
    kept, by_mobile = await hash_password(password), await hash_for_mobile(password, mobile)
    return NewAccount(name, email, mobile, role, kept, by_mobile)


async def _count_sign_up(counted_as: str, address: str) -> None:
    """Whoever is refused has mostly done nothing but share an address, so they are told what helps."""
    try:
        await spend(counted_as, line_of(address))
    except TooMany as full:
        raise TooMany(
            _(
                "Very many accounts were made from your network within an hour. Please try again in "
                "%(minutes)s minutes, or by another network, such as your phone's own."
            ),
            retry_after=full.retry_after,
        ) from None


async def create(new: NewAccount, *, accepts_in: str | None) -> UUID:
    """Write a new account with its own person for a program, and ask whether the address is theirs.

    `accepts_in` is the language in which the program showed the privacy notice and it was accepted; None
    where the program says nothing of that, and then the account's own page asks. Returns the account's id.
    Raises EmailTaken.
    """
    begun = await _create(new, accepts_in=accepts_in, through="api")
    if begun is None or begun.user_id is None:
        raise EmailTaken
    return begun.user_id


async def sign_up(
    *, name: str, email: str, mobile: str | None, password: str, role: str, address: str, accepts_in: str
) -> Begun:
    """Sign up on the page, which answers alike whether the address was known or not; a letter tells.

    Raises Invalid, TooMany.
    """
    new = await prepare(name=name, email=email, mobile=mobile, password=password, role=role, address=address)
    return await begin(new, accepts_in=accepts_in)


async def begin(new: NewAccount, *, accepts_in: str) -> Begun:
    """What `sign_up` does with checked values; `accepts_in` is the language of the accepted notice."""
    return await _create(new, accepts_in=accepts_in, through="page") or await _meet_again(new)


async def forget_pending() -> None:
    """Forget sign-ups that waited for a letter whose link is too old by now."""
    await execute(
        "DELETE FROM pending_sign_ups p USING email_confirmations c "
        "WHERE c.id = p.confirmation_id AND c.link_expires_at <= $1",
        clock.now(),
    )


async def insert_account(new: NewAccount, *, language: str, verified: bool) -> UUID | None:
    """Write an account and its own person; None where the address has one already."""
    now = clock.now()
    user_id: UUID | None = await fetch_value(
        """
        INSERT INTO users
            (id, name, email, mobile, password_hash, mobile_hash, role, language, email_verified_at,
             created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (email) DO NOTHING RETURNING id
        """,
        uuid4(),
        new.name,
        new.email,
        new.mobile,
        new.password_hash,
        new.mobile_hash,
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


async def _create(new: NewAccount, *, accepts_in: str | None, through: str) -> Begun | None:
    async with transaction():
        user_id = await insert_account(new, language="en", verified=False)
        if user_id is None:
            return None
        await publish(USER_SIGNED_UP, user_id, by=Actor(user_id, new.role), facts={"role": new.role})
        if accepts_in is not None:
            await accept_notice(user_id, language=accepts_in, through=through)
        letter = await ask_confirmation(user_id)
    return Begun(letter or uuid4(), user_id)


async def _meet_again(new: NewAccount) -> Begun:
    """Somebody signs up with an address we know: its owner is told, or asked where nobody has proved it.

    A half-finished account may have been made by a stranger who hopes that the owner confirms it one day,
    and this sign-up may be one as well: what was typed counts only once its own letter is confirmed. An
    account that was made for somebody waits for its own letter, whatever others type.
    """
    async with transaction():
        known = await fetch_one(
            "SELECT id, email_verified_at, blocked_at, password_hash FROM users WHERE email = $1 FOR UPDATE",
            new.email,
        )
        if known is None:
            return Begun(uuid4())
        if known["email_verified_at"] or known["blocked_at"] or known["password_hash"] == NO_PASSWORD:
            await publish(SIGN_UP_WITH_KNOWN_EMAIL, known["id"], by=STRANGER)
            return Begun(uuid4())
        letter = await new_proof(known["id"], "verify_email")
        await execute(
            "INSERT INTO pending_sign_ups "
            "(confirmation_id, sign_up_id, role, name, mobile, password_hash, mobile_hash, created_at) "
            "VALUES ($1, $1, $2, $3, $4, $5, $6, $7)",
            letter,
            new.role,
            new.name,
            new.mobile,
            new.password_hash,
            new.mobile_hash,
            clock.now(),
        )
        await publish(EMAIL_CONFIRMATION_ASKED, known["id"], by=STRANGER, facts={"confirmation_id": letter})
    return Begun(letter)
