"""What is free: slots offered, less the live appointments that overlap them in time.

A hold whose time is over counts as nothing, whether or not anybody has swept it. The range conditions
are written the way the two exclusion constraints index them.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from asyncpg import Record

from app.booking.rows import DayCount, OpenSlot
from app.db.engine import fetch
from app.directory.queries import Practice

_ANY_DAYS = timedelta(days=1)
"""A clinic's day can begin up to a day before or after the UTC day."""


def _live(span: str) -> str:
    """SQL for: a live appointment of the slot's doctor overlaps `span`; $1 is now."""
    return f"""
        EXISTS (
            SELECT FROM appointments a
            WHERE uuidrange(a.doctor_id, a.doctor_id, '[]') && uuidrange(s.doctor_id, s.doctor_id, '[]')
              AND tstzrange(a.starts_at, a.ends_at) && {span}
              AND a.status NOT IN ('cancelled', 'expired') AND a.starts_at IS NOT NULL
              AND NOT (a.status = 'held' AND a.hold_expires_at <= $1))
    """


_VISIT = "tstzrange(s.starts_at, s.starts_at + $2::interval)"
_COVERED = f"""
    (s.ends_at - s.starts_at >= $2::interval OR (
        SELECT range_agg(tstzrange(c.starts_at, c.ends_at)) FROM slots c
        WHERE uuidrange(c.doctor_id, c.doctor_id, '[]') && uuidrange(s.doctor_id, s.doctor_id, '[]')
          AND tstzrange(c.starts_at, c.ends_at) && {_VISIT}
          AND c.withdrawn_at IS NULL AND c.practice_id = s.practice_id) @> {_VISIT})
"""
_IS_FREE = f"s.withdrawn_at IS NULL AND s.starts_at > $1 AND NOT {_live(_VISIT)} AND {_COVERED}"
"""A visit of length $2 can begin with slot `s` at $1 or later."""


def _open(row: Record) -> OpenSlot:
    return OpenSlot(row["id"], row["starts_at"], row["ends_at"])


async def open_slots(practice_id: UUID, on: date, *, minutes: int, now: datetime) -> list[OpenSlot]:
    """The slots of one day with which a visit of `minutes` can begin, earliest first."""
    rows = await fetch(
        f"""
        SELECT s.id, s.starts_at, s.ends_at FROM slots s
        WHERE s.practice_id = $3 AND s.on_date = $4 AND {_IS_FREE}
        ORDER BY s.starts_at
        """,
        now,
        timedelta(minutes=minutes),
        practice_id,
        on,
    )
    return [_open(row) for row in rows]


async def day_slots(practice_id: UUID, on: date, *, now: datetime) -> list[OpenSlot]:
    """Every slot offered on one day, with its state: free, held or booked; also those that have begun."""
    span = "tstzrange(s.starts_at, s.ends_at)"
    rows = await fetch(
        f"""
        SELECT s.id, s.starts_at, s.ends_at,
               CASE WHEN NOT {_live(span)} THEN 'free'
                    WHEN EXISTS (
                        SELECT FROM appointments b
                        WHERE uuidrange(b.doctor_id, b.doctor_id, '[]')
                              && uuidrange(s.doctor_id, s.doctor_id, '[]')
                          AND tstzrange(b.starts_at, b.ends_at) && {span}
                          AND b.status NOT IN ('cancelled', 'expired', 'held') AND b.starts_at IS NOT NULL)
                    THEN 'booked' ELSE 'held' END AS state
        FROM slots s
        WHERE s.practice_id = $2 AND s.on_date = $3 AND s.withdrawn_at IS NULL
        ORDER BY s.starts_at
        """,
        now,
        practice_id,
        on,
    )
    return [OpenSlot(row["id"], row["starts_at"], row["ends_at"], row["state"]) for row in rows]


async def free_days(
    practice: Practice, *, minutes: int, days: int = 7, start: date, now: datetime
) -> list[DayCount]:
    """How many visits of `minutes` can still begin on each of `days` days from `start`, zeros included."""
    rows = await fetch(
        f"""
        SELECT s.on_date, count(*) AS free FROM slots s
        WHERE s.practice_id = $3 AND s.on_date >= $4 AND s.on_date < $5 AND {_IS_FREE}
        GROUP BY s.on_date
        """,
        now,
        timedelta(minutes=minutes),
        practice.id,
        start,
        start + timedelta(days=days),
    )
    free = {row["on_date"]: row["free"] for row in rows}
    return [DayCount(on, free.get(on, 0)) for on in (start + timedelta(days=n) for n in range(days))]


async def next_free(practice_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, datetime]:
    """When each practice can next be seen, for one slot's length; those without a free time are left out."""
    rows = await fetch(
        f"""
        SELECT p.id, f.starts_at
        FROM unnest($2::uuid[]) AS p(id)
        CROSS JOIN LATERAL (
            SELECT s.starts_at FROM slots s
            WHERE s.practice_id = p.id AND s.on_date >= $3 AND s.withdrawn_at IS NULL AND s.starts_at > $1
              AND NOT {_live("tstzrange(s.starts_at, s.ends_at)")}
            ORDER BY s.on_date, s.starts_at LIMIT 1) f
        """,
        now,
        list(practice_ids),
        (now - _ANY_DAYS).date(),
    )
    return {row["id"]: row["starts_at"] for row in rows}


async def other_times(
    practice_id: UUID, *, near: datetime, minutes: int, now: datetime, limit: int = 3
) -> list[OpenSlot]:
    """The free times closest to `near`, earliest first, for a visit of `minutes`."""

    def side(condition: str, order: str) -> str:
        return f"""
            (SELECT s.id, s.starts_at, s.ends_at FROM slots s
             WHERE s.practice_id = $3 AND s.on_date >= $6 AND {condition} AND {_IS_FREE}
             ORDER BY s.on_date {order}, s.starts_at {order} LIMIT $5)
        """

    rows = await fetch(
        f"""
        SELECT n.* FROM ({side("s.starts_at >= $4", "ASC")} UNION ALL {side("s.starts_at < $4", "DESC")}) n
        ORDER BY greatest(n.starts_at - $4, $4 - n.starts_at), n.starts_at LIMIT $5
        """,
        now,
        timedelta(minutes=minutes),
        practice_id,
        near,
        limit,
        (now - _ANY_DAYS).date(),
    )
    return sorted((_open(row) for row in rows), key=lambda slot: slot.starts_at)
