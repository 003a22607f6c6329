"""A time somebody wants: found, checked, locked against withdrawal, and what to offer when it is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from asyncpg import ExclusionViolationError, Record

from app.booking.errors import (
    NoLongerFree,
    SlotGone,
    SlotKept,
    SlotPassed,
    SlotTaken,
    SlotTooFar,
    SlotTooSoon,
)
from app.booking.queries import free_terms
from app.booking.queries.free import other_times
from app.booking.rows import Visit
from app.booking.rules import covers
from app.db.engine import fetch, fetch_one
from app.errors import NotFound


@dataclass(frozen=True)
class OnlineTerms:
    """What binds patients: the first moment at which a visit may begin, and the last open day."""

    earliest: datetime
    last_on: date


@dataclass(frozen=True)
class Time:
    """The range a visit would take at one practice, beginning with a slot.

    `online` is None for the clinic's own people and for visits agreed on before: they may have a time that is
    kept back, too soon or too far for patients.
    """

    slot_id: UUID | None
    practice_id: UUID
    doctor_id: UUID
    starts_at: datetime
    ends_at: datetime
    on_date: date
    zone: str
    online: OnlineTerms | None = None

    @classmethod
    def of(cls, visit: Visit, starts_at: datetime, ends_at: datetime) -> Self:
        """The range a visit has already."""
        return cls(
            visit.slot_id, visit.practice_id, visit.doctor_id, starts_at, ends_at, visit.on_date, visit.zone
        )

    async def instead(self, refusal: type[NoLongerFree], *, now: datetime) -> NoLongerFree:
        """The refusal to raise, with three other times of the same practice close to this one."""
        minutes = (self.ends_at - self.starts_at) // timedelta(minutes=1)
        free = await other_times(
            self.practice_id,
            near=self.starts_at,
            minutes=minutes,
            now=now,
            for_clinic=self.online is None,
        )
        return refusal(free, zone=self.zone)

    async def taken(self, clash: ExclusionViolationError, *, now: datetime) -> NoLongerFree:
        """The refusal for an UPDATE that ran into a live appointment; other clashes are bugs and pass on."""
        if clash.constraint_name != "appointments_no_overlap":
            raise clash
        return await self.instead(SlotTaken, now=now)


async def find_time(
    slot_id: UUID, *, practice_id: UUID, minutes: int, now: datetime, is_online: bool = False
) -> Time:
    """The range of a visit of `minutes` that begins with a slot of the practice; `is_online` for patients.

    Raises NotFound for an unknown slot or another practice's, SlotGone where nobody can be booked at present.
    """
    row = await fetch_one(
        f"""
        SELECT s.id, s.doctor_id, s.starts_at, s.on_date, c.time_zone, p.is_active, d.approved_at,
               {free_terms.earliest("$3")} AS earliest, {free_terms.last_day("$3")} AS last_on
        FROM slots s
        JOIN practices p ON p.id = s.practice_id
        JOIN clinics c ON c.id = p.clinic_id
        JOIN doctors d ON d.id = s.doctor_id
        WHERE s.id = $1 AND s.practice_id = $2
        """,
        slot_id,
        practice_id,
        now,
    )
    if row is None:
        raise NotFound
    if not row["is_active"] or row["approved_at"] is None:
        raise SlotGone
    return Time(
        slot_id,
        practice_id,
        row["doctor_id"],
        row["starts_at"],
        row["starts_at"] + timedelta(minutes=minutes),
        row["on_date"],
        row["time_zone"],
        OnlineTerms(row["earliest"], row["last_on"]) if is_online else None,
    )


async def lock_slots(time: Time, *, now: datetime) -> None:
    """Keep the slots under a time from being withdrawn or kept back until the transaction ends.

    Raises SlotPassed when it has begun, SlotGone when the offer no longer covers all of it; for patients
    SlotTooSoon, SlotTooFar, and SlotKept where it needs a slot that is kept back.
    """
    if time.starts_at <= now:
        raise await time.instead(SlotPassed, now=now)
    if time.online and time.starts_at < time.online.earliest:
        raise await time.instead(SlotTooSoon, now=now)
    if time.online and time.on_date > time.online.last_on:
        raise await time.instead(SlotTooFar, now=now)
    rows = await fetch(
        """
        SELECT s.starts_at, s.ends_at, coalesce(s.covers_until, s.ends_at) AS covers_until, s.is_kept
        FROM slots s
        WHERE s.practice_id = $1 AND uuidrange(s.doctor_id, s.doctor_id, '[]') && uuidrange($2, $2, '[]')
          AND tstzrange(s.starts_at, s.ends_at) && tstzrange($3, $4) AND s.withdrawn_at IS NULL
        ORDER BY s.starts_at FOR SHARE
        """,
        time.practice_id,
        time.doctor_id,
        time.starts_at,
        time.ends_at,
    )
    if not _cover(rows, time):
        raise await time.instead(SlotGone, now=now)
    if time.online and not _cover([row for row in rows if not row["is_kept"]], time):
        raise await time.instead(SlotKept, now=now)


def _cover(rows: Sequence[Record], time: Time) -> bool:
    offered = ((row["starts_at"], row["ends_at"], row["covers_until"]) for row in rows)
    return covers(offered, time.starts_at, time.ends_at)
