"""Reading what is offered; whether it is free is another room's question."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from asyncpg import Record

from app.db.engine import fetch, fetch_one, fetch_value
from app.scheduling.errors import NoSuchSlot
from app.scheduling.rules import CalendarException, Range, Session


@dataclass(frozen=True)
class Slot:
    """A time a practice offers, in UTC; `on_date` is the clinic's day. Withdrawn ones are kept.

    `origin` is `rule` for one made from the week, `hand` for one typed; `is_kept` is one for walk-ins.
    """

    id: UUID
    practice_id: UUID
    doctor_id: UUID
    starts_at: datetime
    ends_at: datetime
    on_date: date
    is_withdrawn: bool = False
    origin: str = "hand"
    is_kept: bool = False


@dataclass(frozen=True)
class Week:
    """A practice's sessions by weekday and time; who saves another week names the version seen."""

    sessions: tuple[Session, ...]
    version: int


_SLOT = """
SELECT id, practice_id, doctor_id, starts_at, ends_at, on_date, withdrawn_at IS NOT NULL AS is_withdrawn,
       origin, is_kept
FROM slots
"""


def slot_of(row: Record) -> Slot:
    """A slot from a row that has a column for each field."""
    return Slot(**dict(row))


async def slots_on(practice_id: UUID, on: date) -> list[Slot]:
    """What a practice offers on one of the clinic's days, earliest first."""
    sql = _SLOT + "WHERE practice_id = $1 AND on_date = $2 AND withdrawn_at IS NULL ORDER BY starts_at"
    return [slot_of(row) for row in await fetch(sql, practice_id, on)]


async def get_slot(slot_id: UUID) -> Slot:
    """A slot by its id, also a withdrawn one; raises NoSuchSlot."""
    row = await fetch_one(_SLOT + "WHERE id = $1", slot_id)
    if row is None:
        raise NoSuchSlot
    return slot_of(row)


async def lock_slot(slot_id: UUID, mode: Literal["SHARE", "UPDATE"]) -> Slot:
    """A slot that stays as it is until the transaction ends; raises NoSuchSlot.

    SHARE for those who claim it, UPDATE for who withdraws it: so the two never pass each other.
    """
    row = await fetch_one(f"{_SLOT} WHERE id = $1 FOR {mode}", slot_id)
    if row is None:
        raise NoSuchSlot
    return slot_of(row)


async def days_offered(practice_id: UUID, *, first: date, last: date) -> dict[date, int]:
    """How many times a practice offers on each of its days from `first` to `last`, those without left out."""
    rows = await fetch(
        "SELECT on_date, count(*) AS times FROM slots WHERE practice_id = $1 AND on_date BETWEEN $2 AND $3 "
        "AND withdrawn_at IS NULL GROUP BY on_date",
        practice_id,
        first,
        last,
    )
    return {row["on_date"]: row["times"] for row in rows}


async def offered_between(doctor_id: UUID, start: datetime, end: datetime) -> list[Range]:
    """What a doctor offers anywhere that touches a stretch of time, earliest first."""
    rows = await fetch(
        "SELECT starts_at, ends_at FROM slots WHERE doctor_id = $1 AND withdrawn_at IS NULL "
        "AND starts_at < $3 AND ends_at > $2 ORDER BY starts_at",
        doctor_id,
        start,
        end,
    )
    return [(row["starts_at"], row["ends_at"]) for row in rows]


async def week_of(practice_id: UUID) -> Week:
    """The week a practice works; one that never saved any has none of version 0."""
    version = await fetch_value("SELECT version FROM calendars WHERE practice_id = $1", practice_id)
    return Week(await sessions_of(practice_id), version or 0)


async def sessions_of(practice_id: UUID) -> tuple[Session, ...]:
    """The weekly sessions of a practice, each with its row's id, by weekday and time."""
    rows = await fetch(
        """
        SELECT s.id, s.weekday, s.starts, s.ends, s.slot_minutes, s.gap_minutes,
               array_agg(b.starts ORDER BY b.starts) AS breaks_start,
               array_agg(b.ends ORDER BY b.starts) AS breaks_end
        FROM weekly_sessions s LEFT JOIN session_breaks b ON b.session_id = s.id
        WHERE s.practice_id = $1 AND s.ended_at IS NULL
        GROUP BY s.id ORDER BY s.weekday, s.starts
        """,
        practice_id,
    )
    return tuple(_session_of(row) for row in rows)


def _session_of(row: Record) -> Session:
    both = zip(row["breaks_start"], row["breaks_end"], strict=True)
    return Session(
        row["weekday"],
        row["starts"],
        row["ends"],
        row["slot_minutes"],
        row["gap_minutes"],
        tuple((starts, ends) for starts, ends in both if starts is not None),
        row["id"],
    )


async def exceptions_of(practice_id: UUID, *, first: date) -> list[CalendarException]:
    """Leave, holidays and extra days that hold on `first` or later, earliest first."""
    rows = await fetch(
        """
        SELECT id, kind, first_on, last_on, starts, ends, slot_minutes, gap_minutes, title
        FROM calendar_exceptions WHERE practice_id = $1 AND last_on >= $2 AND ended_at IS NULL
        ORDER BY first_on, starts NULLS FIRST, created_at, id
        """,
        practice_id,
        first,
    )
    return [CalendarException(**dict(row)) for row in rows]


async def is_taken_back(exception_id: UUID, *, practice_id: UUID) -> bool:
    """Whether a practice had this leave, holiday or extra day, and has taken it back."""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM calendar_exceptions "
        "WHERE id = $1 AND practice_id = $2 AND ended_at IS NOT NULL)",
        exception_id,
        practice_id,
    )
    return found


async def coming_by_hand(practice_id: UUID, *, now: datetime) -> list[date]:
    """The clinic's day of each time to come that was added by hand, earliest first."""
    rows = await fetch(
        "SELECT on_date FROM slots WHERE practice_id = $1 AND origin = 'hand' AND withdrawn_at IS NULL "
        "AND on_date >= $2 AND starts_at > $3 ORDER BY starts_at",
        practice_id,
        now.date() - timedelta(days=1),
        now,
    )
    return [row["on_date"] for row in rows]


async def calendars_due(*, now: datetime, most: int) -> list[UUID]:
    """Open practices with a calendar whose times do not reach to the end of its window, at most `most`.

    Which day it is at a clinic is for its own zone to say.
    """
    rows = await fetch(
        """
        SELECT k.practice_id FROM calendars k
        JOIN practices p ON p.id = k.practice_id AND p.is_active
        JOIN doctors d ON d.id = p.doctor_id AND d.approved_at IS NOT NULL
        JOIN clinics c ON c.id = p.clinic_id
        WHERE k.made_until IS NULL
           OR k.made_until < ($1::timestamptz AT TIME ZONE c.time_zone)::date
                             + coalesce(p.calendar_days, c.calendar_days)
        ORDER BY k.made_until NULLS FIRST, k.practice_id LIMIT $2
        """,
        now,
        most,
    )
    return [row["practice_id"] for row in rows]


async def calendars_under(practice_or_clinic_id: UUID) -> list[UUID]:
    """The practices with a calendar that an id names: the one of this id, or all of this clinic."""
    rows = await fetch(
        "SELECT k.practice_id FROM calendars k JOIN practices p ON p.id = k.practice_id "
        "WHERE k.practice_id = $1 OR p.clinic_id = $1 ORDER BY k.practice_id",
        practice_or_clinic_id,
    )
    return [row["practice_id"] for row in rows]
