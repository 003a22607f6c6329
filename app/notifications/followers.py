"""Reading who follows a doctor that opened new days, who of them has not heard, and of which days.

A practice's DAYS_OPENED event tells of days that could not be booked before. A letter is written about one
such event and names the days of all since the reader's letter before it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.booking.queries import days_with_time
from app.db.engine import fetch
from app.events import names

KIND = "new_days"

AT_MOST_EVERY = timedelta(hours=24)
"""How long a follower hears nothing more of the same doctor."""

LOOK_BACK = timedelta(days=7)
"""Days opened longer ago are news no more, should nobody have been told by then."""

LOOK_AGAIN_AFTER = timedelta(hours=1)
"""How much later who could not be told at first is: a letter was too recent, the address unconfirmed."""


@dataclass(frozen=True)
class Waiting:
    """A follower who has not heard yet, and since when they follow."""

    user_id: UUID
    since: datetime


async def openings_due(*, now: datetime, before: datetime) -> list[UUID]:
    """Openings whose followers are to be looked through: each its practice's last, and from `before`.

    Those looked through within LOOK_AGAIN_AFTER are left out, so that nobody is walked over for nothing.
    """
    rows = await fetch(
        """
        SELECT o.id FROM (
            SELECT DISTINCT ON (e.subject_id) e.id, e.subject_id, e.at
            FROM events e JOIN listings l ON l.practice_id = e.subject_id
            WHERE e.name = $1 AND e.at > $2 ORDER BY e.subject_id, e.seq DESC) o
        WHERE o.at <= $3 AND NOT EXISTS (
            SELECT FROM follower_looks k
            WHERE k.practice_id = o.subject_id AND k.event_id = o.id AND k.looked_at > $4
              AND k.looked_at <= $5)
        """,
        names.DAYS_OPENED,
        before - LOOK_BACK,
        before,
        now - LOOK_AGAIN_AFTER,
        now,
    )
    return [row["id"] for row in rows]


async def followers_to_tell(
    event_id: UUID, *, now: datetime, after: Waiting | None = None, limit: int
) -> list[Waiting]:
    """Who is to hear of an opening now, the longest follower first, behind `after`.

    They followed before it, have a confirmed address and are not blocked, have not heard of this opening or
    a later one, and had no letter about the doctor within AT_MOST_EVERY.
    """
    rows = await fetch(
        """
        SELECT f.user_id, f.created_at AS since
        FROM events o
        JOIN listings li ON li.practice_id = o.subject_id
        JOIN follows f ON f.doctor_id = li.doctor_id AND f.created_at <= o.at
        JOIN users u ON u.id = f.user_id AND u.email_verified_at IS NOT NULL AND u.blocked_at IS NULL
        WHERE o.id = $1
          AND ($2::timestamptz IS NULL OR (f.created_at, f.user_id) > ($2, $3::uuid))
          AND NOT EXISTS (
              SELECT FROM events e
              JOIN letters l ON l.event_id = e.id AND l.kind = $4 AND l.recipient_id = f.user_id
              WHERE e.subject_id = o.subject_id AND e.name = o.name AND e.at > o.at - $5::interval
                AND (e.seq >= o.seq OR l.created_at > $6))
        ORDER BY f.created_at, f.user_id LIMIT $7
        """,
        event_id,
        after.since if after else None,
        after.user_id if after else None,
        KIND,
        LOOK_BACK + AT_MOST_EVERY,
        now - AT_MOST_EVERY,
        limit,
    )
    return [Waiting(row["user_id"], row["since"]) for row in rows]


async def days_to_tell(event_id: UUID, reader_id: UUID, *, now: datetime) -> list[date]:
    """The days that a follower's letter about an opening names, in order.

    Those opened since they followed and since their letter before, on which patients find a free time as
    they do on the doctor's page; none for who follows no longer, was blocked, or where patients cannot find
    the doctor any more.
    """
    rows = await fetch(
        """
        SELECT DISTINCT o.subject_id AS practice_id, day::date AS on_date
        FROM events o
        JOIN listings li ON li.practice_id = o.subject_id
        JOIN follows f ON f.doctor_id = li.doctor_id AND f.user_id = $2
        JOIN users u ON u.id = f.user_id AND u.email_verified_at IS NOT NULL AND u.blocked_at IS NULL
        JOIN events e ON e.subject_id = o.subject_id AND e.name = o.name AND e.seq <= o.seq
             AND e.at >= f.created_at
        CROSS JOIN LATERAL jsonb_array_elements_text(e.facts -> 'days') AS day
        WHERE o.id = $1
          AND NOT EXISTS (
              SELECT FROM events p
              JOIN letters l ON l.event_id = p.id AND l.kind = $3 AND l.recipient_id = $2
              WHERE p.subject_id = o.subject_id AND p.name = o.name AND p.seq < o.seq AND p.seq >= e.seq)
        """,
        event_id,
        reader_id,
        KIND,
    )
    if not rows:
        return []
    return await days_with_time(rows[0]["practice_id"], [row["on_date"] for row in rows], now=now)
