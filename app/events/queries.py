"""Reading the log."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from app.db.engine import fetch, fetch_one
from app.errors import NotFound


@dataclass(frozen=True)
class PastEvent:
    """One event as listeners and histories read it; `private` joins the personal parts still kept."""

    id: UUID
    name: str
    at: datetime
    subject_id: UUID
    by_id: UUID | None
    by_role: str
    facts: dict[str, Any]
    private: dict[str, str]


_SELECT = """
SELECT e.id, e.name, e.at, e.subject_id, e.by_id, e.by_role, e.facts,
       (SELECT jsonb_agg(p.content) FROM event_private p WHERE p.event_id = e.id) AS private
FROM events e
"""


def past_event(row: Record) -> PastEvent:
    """An event from its row; `private` holds the personal parts as a JSON list, or NULL."""
    private: dict[str, str] = {}
    for content in json.loads(row["private"] or "[]"):
        private.update(content)
    return PastEvent(
        id=row["id"],
        name=row["name"],
        at=row["at"],
        subject_id=row["subject_id"],
        by_id=row["by_id"],
        by_role=row["by_role"],
        facts=json.loads(row["facts"]),
        private=private,
    )


async def get_event(event_id: UUID) -> PastEvent:
    """One event by its id; raises NotFound."""
    row = await fetch_one(_SELECT + "WHERE e.id = $1", event_id)
    if row is None:
        raise NotFound
    return past_event(row)


async def events_of(subject_id: UUID) -> list[PastEvent]:
    """Everything that happened to one subject, oldest first."""
    return [
        past_event(r) for r in await fetch(_SELECT + "WHERE e.subject_id = $1 ORDER BY e.seq", subject_id)
    ]


async def events_of_each(subject_ids: Sequence[UUID]) -> dict[UUID, list[PastEvent]]:
    """Everything that happened to several subjects, each oldest first; an empty list for one unknown."""
    told: dict[UUID, list[PastEvent]] = {subject_id: [] for subject_id in subject_ids}
    for row in await fetch(_SELECT + "WHERE e.subject_id = ANY($1) ORDER BY e.seq", list(told)):
        told[row["subject_id"]].append(past_event(row))
    return told
