"""Reading accounts, persons, confirmations."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from app.db.engine import fetch, fetch_one, fetch_value
from app.errors import NotFound
from app.events.actor import Actor


@dataclass(frozen=True)
class Account:
    """A person who can log in; `is_public` where everybody sees them, `session_id` is set where they did."""

    id: UUID
    name: str
    email: str
    mobile: str | None
    role: str
    language: str
    is_verified: bool
    is_public: bool
    session_id: UUID | None = None

    @property
    def actor(self) -> Actor:
        """The account as the `by=` of services."""
        return Actor(self.id, self.role)


@dataclass(frozen=True)
class Person:
    """Somebody who is seen by a doctor; `relation` is to the account that books for them."""

    id: UUID
    account_id: UUID | None
    name: str
    birth_year: int | None
    sex: str | None
    mobile: str | None
    relation: str

    @property
    def is_self(self) -> bool:
        """Whether this is the account holder."""
        return self.relation == "self"


@dataclass(frozen=True)
class Confirmation:
    """A letter that asks for a proof; `new_email` is where a change of address leads to, if it is one."""

    id: UUID
    user_id: UUID
    purpose: str
    new_email: str | None
    code_expires_at: datetime
    link_expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Photo:
    """A photo that is shown, and whose it is; everybody sees those of doctors who can be found."""

    key: str
    user_id: UUID
    is_public: bool


_ACCOUNT = (
    "u.id, u.name, u.email, u.mobile, u.role, u.language, u.email_verified_at IS NOT NULL AS is_verified, "
    "u.is_public"
)
_PERSON = "id, account_id, name, birth_year, sex, mobile, relation"


def _account(row: Record) -> Account:
    return Account(**dict(row))


async def find_user(user_id: UUID) -> Account | None:
    """An account by its id."""
    row = await fetch_one(f"SELECT {_ACCOUNT} FROM users u WHERE u.id = $1", user_id)
    return _account(row) if row else None


async def get_user(user_id: UUID) -> Account:
    """An account by its id; raises NotFound."""
    account = await find_user(user_id)
    if account is None:
        raise NotFound
    return account


async def find_user_by_email(email: str) -> Account | None:
    """An account by its e-mail address, which is in lower case."""
    row = await fetch_one(f"SELECT {_ACCOUNT} FROM users u WHERE u.email = $1", email)
    return _account(row) if row else None


async def find_visitor(user_id: UUID, session_id: UUID, *, now: datetime) -> Account | None:
    """The account behind a session that still holds: not ended, not too old, not blocked."""
    row = await fetch_one(
        f"""
        SELECT {_ACCOUNT}, s.id AS session_id
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = $1 AND u.id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND u.blocked_at IS NULL
        """,
        session_id,
        user_id,
        now,
    )
    return _account(row) if row else None


async def is_being_erased(user_id: UUID) -> bool:
    """Whether an account was given up by its owner."""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM users WHERE id = $1 AND erased_at IS NOT NULL)", user_id
    )
    return found


async def get_confirmation(confirmation_id: UUID) -> Confirmation:
    """A confirmation by its id; raises NotFound."""
    row = await fetch_one(
        "SELECT id, user_id, purpose, new_email, code_expires_at, link_expires_at, used_at "
        "FROM email_confirmations WHERE id = $1",
        confirmation_id,
    )
    if row is None:
        raise NotFound
    return Confirmation(**dict(row))


async def is_wanted_free(confirmation_id: UUID) -> bool:
    """Whether the address that a letter asks to change to is nobody's as yet."""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM email_confirmations c WHERE c.id = $1 AND c.new_email IS NOT NULL "
        "AND NOT EXISTS (SELECT FROM users u WHERE u.email = c.new_email))",
        confirmation_id,
    )
    return found


async def persons_of(account_id: UUID) -> list[Person]:
    """Everybody this account books for, the account holder first."""
    rows = await fetch(
        f"SELECT {_PERSON} FROM persons WHERE account_id = $1 AND removed_at IS NULL "
        "ORDER BY relation <> 'self', created_at, id",
        account_id,
    )
    return [Person(**dict(row)) for row in rows]


async def removed_persons_of(account_id: UUID) -> list[Person]:
    """Whom this account took out of its people and may put back, the latest first."""
    rows = await fetch(
        f"SELECT {_PERSON} FROM persons "
        "WHERE account_id = $1 AND removed_at IS NOT NULL AND same_as IS NULL ORDER BY removed_at DESC, id",
        account_id,
    )
    return [Person(**dict(row)) for row in rows]


async def has_others(account_id: UUID) -> bool:
    """Whether an account books, or booked, for anybody but its holder."""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM persons "
        "WHERE account_id = $1 AND relation <> 'self' AND same_as IS NULL)",
        account_id,
    )
    return found


async def get_person(person_id: UUID, *, account_id: UUID) -> Person:
    """One of the people this account books for; raises NotFound for anybody else, and who was taken out."""
    row = await fetch_one(
        f"SELECT {_PERSON} FROM persons WHERE id = $1 AND account_id = $2 AND removed_at IS NULL",
        person_id,
        account_id,
    )
    if row is None:
        raise NotFound
    return Person(**dict(row))


async def self_of(account_id: UUID) -> Person:
    """The account holder as a person who is seen by doctors; raises NotFound."""
    row = await fetch_one(
        f"SELECT {_PERSON} FROM persons WHERE account_id = $1 AND relation = 'self'", account_id
    )
    if row is None:
        raise NotFound
    return Person(**dict(row))


async def find_photo(key: str) -> Photo | None:
    """The photo of a key, or None where it is not shown, or not any more."""
    row = await fetch_one(
        "SELECT p.key, p.user_id, u.is_public AND u.blocked_at IS NULL AS is_public "
        "FROM photos p JOIN users u ON u.id = p.user_id WHERE p.key = $1 AND p.removed_at IS NULL",
        key,
    )
    return Photo(**dict(row)) if row else None


async def find_photo_key(user_id: UUID) -> str | None:
    """The key of somebody's photo, or None without one."""
    key: str | None = await fetch_value(
        "SELECT key FROM photos WHERE user_id = $1 AND removed_at IS NULL", user_id
    )
    return key
