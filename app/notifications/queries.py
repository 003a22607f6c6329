"""Reading letters: which wait, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from app.db.engine import fetch, fetch_value


@dataclass(frozen=True)
class Letter:
    """A letter that waits to be sent; `tries` counts how often it failed while others could go out."""

    id: UUID
    event_id: UUID
    kind: str
    recipient_id: UUID
    message_id: str
    tries: int

    @classmethod
    def of(cls, row: Record) -> "Letter":
        """From a row that has a column for each field."""
        return cls(**dict(row))


COLUMNS = "id, event_id, kind, recipient_id, message_id, tries"
WAITING = "sent_at IS NULL AND refused_at IS NULL"


async def is_waiting(letter_id: UUID) -> bool:
    """Whether a letter is still to be sent."""
    waits: bool = await fetch_value(
        f"SELECT EXISTS (SELECT FROM letters WHERE id = $1 AND {WAITING})", letter_id
    )
    return waits


async def settled(recipient_ids: Sequence[UUID], kind: str) -> set[UUID]:
    """Those among some people to whom a letter of this kind was written, and went out or never will."""
    rows = await fetch(
        "SELECT DISTINCT recipient_id FROM letters "
        f"WHERE recipient_id = ANY($1::uuid[]) AND kind = $2 AND NOT ({WAITING})",
        list(recipient_ids),
        kind,
    )
    return {row["recipient_id"] for row in rows}


async def overdue(*, now: datetime, since: timedelta, at_most: timedelta, limit: int = 500) -> list[UUID]:
    """Letters that wait for longer than `since` and not yet longer than `at_most`, oldest first."""
    rows = await fetch(
        f"""
        SELECT id FROM letters WHERE {WAITING} AND created_at <= $1 AND created_at > $2
        ORDER BY created_at, id LIMIT $3
        """,
        now - since,
        now - at_most,
        limit,
    )
    return [row["id"] for row in rows]
