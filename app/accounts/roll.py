"""Everybody who has an account, as whoever runs the house looks through them."""

import re
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from app.accounts.device_names import device_name
from app.db.engine import fetch, fetch_one
from app.db.like import containing
from app.db.paging import Paged
from app.errors import NotFound

LONGEST_QUESTION = 100
"""Letters of a question that are read; no name or address of ours is much longer."""
MOST_WORDS = 6
"""Words of a question that count."""
_NUMBER = re.compile(r"[+0-9][0-9 ()-]{3,}")
"""What people type of a phone number; kept are plus and digits, without spaces."""


@dataclass(frozen=True)
class OnTheRoll:
    """An account with what became of it; `person_id` is its holder as somebody whom doctors see."""

    id: UUID
    name: str
    email: str
    mobile: str | None
    role: str
    language: str
    created_at: datetime
    email_verified_at: datetime | None
    blocked_at: datetime | None
    erased_at: datetime | None
    person_id: UUID | None

    @property
    def is_verified(self) -> bool:
        """Whether somebody has proved to read the mail of the address."""
        return self.email_verified_at is not None

    @property
    def is_blocked(self) -> bool:
        """Whether the account is shut out; one that was erased is, too."""
        return self.blocked_at is not None


@dataclass(frozen=True)
class Asked:
    """Which accounts are looked for: `only` these, of a role, in a state; each None or empty for any."""

    words: str = ""
    role: str | None = None
    state: str | None = None
    only: Collection[UUID] | None = None


@dataclass(frozen=True)
class PastSession:
    """One log-in on one device, open or over."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    device: str
    ended_at: datetime | None
    ended_why: str | None

    @property
    def device_name(self) -> str:
        """What it was opened on, in the reader's language."""
        return device_name(self.device)

    def is_open(self, *, now: datetime) -> bool:
        """Whether it still lets somebody in."""
        return self.ended_at is None and self.expires_at > now


_COLUMNS = (
    "u.id, u.name, u.email, u.mobile, u.role, u.language, u.created_at, u.email_verified_at, u.blocked_at, "
    "u.erased_at, (SELECT p.id FROM persons p WHERE p.account_id = u.id AND p.relation = 'self') AS person_id"
)
_STATES = {
    "": "true",
    "blocked": "u.blocked_at IS NOT NULL AND u.erased_at IS NULL",
    "unconfirmed": "u.email_verified_at IS NULL AND u.erased_at IS NULL",
    "erased": "u.erased_at IS NOT NULL",
}

_WHERE = """
WHERE ($1::text[] = '{}' OR lower(u.name) || ' ' || u.email || ' ' || coalesce(u.mobile, '') LIKE ALL ($1))
  AND ($2::text IS NULL OR u.role = $2) AND ($3::uuid[] IS NULL OR u.id = ANY ($3))
"""


def patterns_of(question: str) -> list[str]:
    """What the words of a question are looked for as, every one of them somewhere in an account.

    A phone number is one word, however it is grouped; the signs LIKE knows mean themselves.
    """
    text = question[:LONGEST_QUESTION].strip().lower()
    digits = "".join(sign for sign in text if sign.isdigit() or sign == "+")
    words = [digits.removeprefix("0")] if _NUMBER.fullmatch(text) else text.split()[:MOST_WORDS]
    return [containing(word) for word in words]


def _on_the_roll(row: Record) -> OnTheRoll:
    return OnTheRoll(**{field.name: row[field.name] for field in fields(OnTheRoll)})


async def users(asked: Asked, *, page: int, page_size: int) -> Paged[OnTheRoll]:
    """One page of the accounts that fit, the newest first; a page that is none gives the nearest.

    Reads every account once, since a part of a word has no index without `pg_trgm`: 100,000 in 25 to 65 ms,
    whatever is asked and however deep the page.
    """
    rows = await fetch(
        f"""
        WITH fits AS MATERIALIZED (
            SELECT u.id, u.created_at FROM users u {_WHERE} AND {_STATES[asked.state or ""]}),
        counted AS (SELECT count(*) AS total FROM fits),
        shown AS (
            SELECT id FROM fits ORDER BY created_at DESC, id LIMIT $4::bigint
            OFFSET (SELECT least($5::bigint, greatest(total - 1, 0) / $4::bigint * $4::bigint) FROM counted))
        SELECT {_COLUMNS}, total FROM shown JOIN users u USING (id), counted
        ORDER BY u.created_at DESC, u.id
        """,
        patterns_of(asked.words),
        asked.role,
        None if asked.only is None else list(asked.only),
        page_size,
        (page - 1) * page_size,
    )
    total = rows[0]["total"] if rows else 0
    number = max(1, min(page, -(-total // page_size)))
    return Paged([_on_the_roll(row) for row in rows], number, page_size, total)


async def user_on_roll(user_id: UUID) -> OnTheRoll:
    """One account; raises NotFound."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM users u WHERE u.id = $1", user_id)
    if row is None:
        raise NotFound
    return _on_the_roll(row)


async def find_by_email(email: str) -> OnTheRoll | None:
    """The account of an address, which is in lower case, or None."""
    row = await fetch_one(f"SELECT {_COLUMNS} FROM users u WHERE u.email = $1", email)
    return _on_the_roll(row) if row else None


async def names_of(user_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of accounts; an id that is none has none."""
    rows = await fetch("SELECT id, name FROM users WHERE id = ANY($1::uuid[])", list(set(user_ids)))
    return {row["id"]: row["name"] for row in rows}


async def own_persons(user_ids: Collection[UUID]) -> list[UUID]:
    """The holders of accounts as somebody whom doctors see."""
    rows = await fetch(
        "SELECT id FROM persons WHERE account_id = ANY($1::uuid[]) AND relation = 'self'", list(set(user_ids))
    )
    return [row["id"] for row in rows]


async def past_sessions(user_id: UUID, *, now: datetime, most: int) -> list[PastSession]:
    """The sessions of an account, open ones first, each kind the latest used first."""
    rows = await fetch(
        """
        SELECT id, created_at, last_seen_at, expires_at, address, device, ended_at, ended_why FROM sessions
        WHERE user_id = $1
        ORDER BY (ended_at IS NULL AND expires_at > $2) DESC, last_seen_at DESC, id LIMIT $3
        """,
        user_id,
        now,
        most,
    )
    return [PastSession(**dict(row)) for row in rows]
