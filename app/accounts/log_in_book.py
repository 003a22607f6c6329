"""Tries to log in, as whoever runs the house looks through everybody's, and each person through their own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts.device_names import device_name
from app.accounts.roll import patterns_of
from app.db.engine import fetch
from app.db.paging import Paged, count_up_to_most

MOST_ACCOUNTS = 1_000
"""Accounts that fit some words of which tries are shown, the newest; whoever wants more says more words."""
_FROM = "FROM log_in_tries t LEFT JOIN users u ON u.id = t.user_id"


@dataclass(frozen=True)
class LogInTry:
    """One try to log in; `user_id`, `user_name` and `email` are None where no account was meant."""

    id: UUID
    at: datetime
    user_id: UUID | None
    user_name: str | None
    email: str | None
    address: str
    called: str
    result: str

    @property
    def device(self) -> str:
        """What it was tried on, in the reader's language."""
        return device_name(self.called)


@dataclass(frozen=True)
class TriesAsked:
    """Which tries are looked for; None or empty for any.

    `words` are those of an account, of which the newest `MOST_ACCOUNTS` that fit count; `until` is the first
    moment that counts no more.
    """

    words: str = ""
    user_id: UUID | None = None
    result: str | None = None
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def as_sql(self) -> tuple[str, list[object]]:
        """The conditions and their values; what is not asked for stands in no condition."""
        conditions: list[str] = []
        values: list[object] = []

        def add(condition: str, value: object) -> None:
            values.append(value)
            conditions.append(condition.format(f"${len(values)}"))

        if patterns := patterns_of(self.words):
            text = "lower(name) || ' ' || email || ' ' || coalesce(mobile, '')"
            fits = f"SELECT id FROM users WHERE {text} LIKE ALL ({{}}::text[]) ORDER BY created_at DESC, id"
            add(f"t.user_id IN ({fits} LIMIT {MOST_ACCOUNTS})", patterns)
        for column, value in (("t.user_id", self.user_id), ("t.result", self.result)):
            if value is not None:
                add(f"{column} = {{}}", value)
        if self.address:
            add("t.address = {}", self.address)
        if self.since is not None:
            add("t.at >= {}", self.since)
        if self.until is not None:
            add("t.at < {}", self.until)
        return (f"WHERE {' AND '.join(conditions)}" if conditions else ""), values


async def tries(asked: TriesAsked, *, page: int, page_size: int) -> Paged[LogInTry]:
    """One page of the tries that fit, the latest first; a page that is none gives the nearest.

    Counts and pages end at `MOST_COUNTED`; older ones are found by their day. Of 500,000 tries a page takes
    1 to 3 ms, the last of them 36, and with words, for which 100,000 accounts are read, 45 to 70.
    """
    where, values = asked.as_sql()
    total, is_more = await count_up_to_most(f"log_in_tries t {where}", *values)
    number = max(1, min(page, -(-total // page_size)))
    last = len(values)
    rows = await fetch(
        f"""
        SELECT t.id, t.at, t.user_id, u.name AS user_name, u.email, t.address, t.device AS called, t.result
        {_FROM} {where} ORDER BY t.at DESC, t.id LIMIT ${last + 1} OFFSET ${last + 2}
        """,
        *values,
        page_size,
        (number - 1) * page_size,
    )
    return Paged([LogInTry(**dict(row)) for row in rows], number, page_size, total, is_more)
