"""The book of tries to log in: who, when, from where, on what, and what became of it."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from app import clock
from app.accounts.codes import key_for
from app.accounts.device_names import device_name
from app.accounts.where import Where
from app.db.engine import execute, fetch
from app.db.paging import MOST_COUNTED, Paged, count_up_to_most

RESULTS = (
    "entered",
    "wrong_password",
    "unknown_account",
    "second_step_asked",
    "wrong_code",
    "locked",
    "limited",
    "blocked",
)
KEPT_FOR = timedelta(days=400)
"""DPDP Rules 2025, rule 8(3): logs of access are kept for at least a year."""

PAGE_SIZE = 20
_AT_ONCE = 5_000


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


def fingerprint_of(identifier: str) -> bytes:
    """What is kept of a typed identifier: the same for the same text, and to nobody without our key."""
    return hmac.digest(key_for("log-in identifiers"), identifier.encode("utf-8", "replace"), "sha256")


async def note_try(result: str, user_ids: Sequence[UUID | None], fingerprint: bytes, *, where: Where) -> None:
    """Write down one try; a mobile that several accounts share is a try at each of them."""
    await execute(
        """
        INSERT INTO log_in_tries (id, at, user_id, identifier_hash, address, device, device_id, result)
        SELECT t.id, $3, t.user_id, $4, $5, $6, $7, $8 FROM unnest($1::uuid[], $2::uuid[]) AS t(id, user_id)
        """,
        [uuid4() for _ in user_ids],
        list(user_ids),
        clock.now(),
        fingerprint,
        where.address,
        where.device,
        where.device_id,
        result,
    )


async def log_in_tries(
    *, user_id: UUID | None = None, result: str | None = None, page: int = 1
) -> Paged[LogInTry]:
    """Tries to log in, newest first: everybody's or one account's, of every result or of one."""
    asked = [(column, value) for column, value in (("user_id", user_id), ("result", result)) if value]
    values = [value for _column, value in asked]
    conditions = "".join(f" AND t.{column} = ${place}" for place, (column, _value) in enumerate(asked, 1))
    total, is_more = await count_up_to_most(f"log_in_tries t WHERE true{conditions}", *values)
    rows = await fetch(
        f"""
        SELECT t.id, t.at, t.user_id, u.name AS user_name, u.email, t.address, t.device AS called, t.result
        FROM log_in_tries t LEFT JOIN users u ON u.id = t.user_id
        WHERE true{conditions} ORDER BY t.at DESC, t.id LIMIT ${len(asked) + 1} OFFSET ${len(asked) + 2}
        """,
        *values,
        PAGE_SIZE,
        (min(page, MOST_COUNTED // PAGE_SIZE) - 1) * PAGE_SIZE,
    )
    return Paged([LogInTry(**dict(row)) for row in rows], page, PAGE_SIZE, total, is_more)


async def forget_old_tries() -> None:
    """Delete what need not be kept any longer, and second steps that were over a day ago."""
    now = clock.now()
    tag = f"DELETE {_AT_ONCE}"
    while tag == f"DELETE {_AT_ONCE}":
        tag = await execute(
            "DELETE FROM log_in_tries WHERE id IN (SELECT id FROM log_in_tries WHERE at < $1 LIMIT $2)",
            now - KEPT_FOR,
            _AT_ONCE,
        )
    await execute("DELETE FROM log_in_challenges WHERE expires_at < $1", now - timedelta(days=1))
