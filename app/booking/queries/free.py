"""What is free: slots offered, less the live appointments that overlap them in time.

Patients are shown what they may book now; the clinic's own people also see times that are kept back for
walk-ins, sooner than the lead time or beyond the booking window (`for_clinic`).
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from asyncpg import Record

from app.booking.queries import free_terms as terms
from app.booking.rows import DayCount, OpenSlot
from app.db.engine import fetch
from app.directory import rules
from app.directory.queries import Practice

LONGEST_VISIT = timedelta(minutes=rules.LONGEST_VISIT)
"""No visit lasts longer (a CHECK of appointments), so nothing that began earlier reaches a time."""

_COLUMNS = "s.id, s.starts_at, s.ends_at, s.is_kept"
_LENGTH = "$2::interval"
_OWN_LENGTH = "coalesce($2::interval, s.ends_at - s.starts_at)"


def open_slot(row: Record) -> OpenSlot:
    """A free slot from a row with its columns."""
    return OpenSlot(row["id"], row["starts_at"], row["ends_at"], is_kept=row["is_kept"])


def length_of(minutes: int | None) -> timedelta | None:
    """Minutes as PostgreSQL takes an interval."""
    return None if minutes is None else timedelta(minutes=minutes)


async def open_slots(
    practice_id: UUID, on: date, *, minutes: int | None, now: datetime, for_clinic: bool = False
) -> list[OpenSlot]:
    """The slots of one day with which a visit of `minutes` can begin, earliest first.

    Without `minutes` each slot is asked about for its own length.
    """
    rows = await fetch(
        f"""
        SELECT {_COLUMNS} FROM {terms.SLOTS}
        WHERE p.id = $3 AND s.on_date = $4 AND {terms.free(_OWN_LENGTH, for_clinic=for_clinic)}
        ORDER BY s.starts_at
        """,
        now,
        length_of(minutes),
        practice_id,
        on,
    )
    return [open_slot(row) for row in rows]


async def day_slots(practice_id: UUID, on: date, *, now: datetime) -> list[OpenSlot]:
    """Every slot offered on one day, with its state, and whether it was typed; kept and begun ones too."""
    rows = await fetch(
        f"""
        SELECT {_COLUMNS}, s.origin = 'hand' AS is_by_hand,
               CASE WHEN NOT {terms.taken("s.ends_at")} THEN 'free'
                    WHEN EXISTS (
                        SELECT FROM appointments b
                        WHERE b.doctor_id = s.doctor_id AND b.starts_at < s.ends_at
                          AND b.starts_at > s.starts_at - $4::interval AND b.ends_at > s.starts_at
                          AND b.status NOT IN ('cancelled', 'expired', 'held'))
                    THEN 'booked' ELSE 'held' END AS state
        FROM slots s
        WHERE s.practice_id = $2 AND s.on_date = $3 AND s.withdrawn_at IS NULL
        ORDER BY s.starts_at
        """,
        now,
        practice_id,
        on,
        LONGEST_VISIT,
    )
    return [OpenSlot(**dict(row)) for row in rows]


async def free_days(
    practice: Practice,
    *,
    minutes: int,
    days: int = 7,
    start: date,
    now: datetime,
    for_clinic: bool = False,
) -> list[DayCount]:
    """How many visits of `minutes` can still begin on each of `days` days from `start`, zeros included."""
    rows = await fetch(
        f"""
        SELECT s.on_date, count(*) AS free FROM {terms.SLOTS}
        WHERE p.id = $3 AND s.on_date >= $4 AND s.on_date < $5
          AND {terms.free(_LENGTH, for_clinic=for_clinic)}
        GROUP BY s.on_date
        """,
        now,
        length_of(minutes),
        practice.id,
        start,
        start + timedelta(days=days),
    )
    free = {row["on_date"]: row["free"] for row in rows}
    return [DayCount(on, free.get(on, 0)) for on in (start + timedelta(days=n) for n in range(days))]


async def days_with_time(practice_id: UUID, days: Collection[date], *, now: datetime) -> list[date]:
    """Which of some of the clinic's days have a free time for a practice's first service, in order."""
    rows = await fetch(
        f"""
        SELECT asked_for.on_date
        FROM {terms.PRACTICES} CROSS JOIN (SELECT DISTINCT unnest($3::date[]) AS on_date) asked_for
        WHERE p.id = $2 AND {terms.next_free(on="asked_for.on_date")} IS NOT NULL
        ORDER BY asked_for.on_date
        """,
        now,
        practice_id,
        list(days),
    )
    return [row["on_date"] for row in rows]


async def next_free(practice_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, datetime]:
    """When each practice can next be seen for its first service; those without a free time are left out."""
    rows = await fetch(
        f"""
        SELECT p.id, {terms.next_free()} AS starts_at
        FROM {terms.PRACTICES} WHERE p.id = ANY($2)
        """,
        now,
        list(practice_ids),
    )
    return {row["id"]: row["starts_at"] for row in rows if row["starts_at"] is not None}


async def other_times(
    practice_id: UUID,
    *,
    near: datetime,
    minutes: int,
    now: datetime,
    limit: int = 3,
    for_clinic: bool = False,
) -> list[OpenSlot]:
    """The free times closest to `near`, earliest first, for a visit of `minutes`."""

    def side(condition: str, order: str) -> str:
        return terms.first_that_fits(
            _COLUMNS, _LENGTH, condition=condition, order=order, limit="$5", for_clinic=for_clinic
        )

    rows = await fetch(
        f"""
        SELECT n.* FROM {terms.PRACTICES} CROSS JOIN LATERAL (
            ({side("s.starts_at >= $4", "ASC")}) UNION ALL ({side("s.starts_at < $4", "DESC")})) n
        WHERE p.id = $3
        ORDER BY greatest(n.starts_at - $4, $4 - n.starts_at), n.starts_at LIMIT $5
        """,
        now,
        length_of(minutes),
        practice_id,
        near,
        limit,
    )
    return sorted((open_slot(row) for row in rows), key=lambda slot: slot.starts_at)
