"""Making slots from the week: one comparison of what is wanted with what is there, safe to repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import ExclusionViolationError

from app.clock import day_of
from app.db.engine import execute, fetch, fetch_one, transaction
from app.db.retry import retried
from app.errors import NotFound
from app.events import names
from app.events.actor import SYSTEM, Actor
from app.events.services import publish
from app.scheduling.queries import exceptions_of, sessions_of
from app.scheduling.rules import Difference, Range, StandingSlot, WantedSlot, difference, wanted
from app.scheduling.services.opened import bookable_days, tell_days_opened

NO_OVERLAP = "slots_no_overlap"
"""The constraint by which no two offered times of a doctor overlap."""
FURTHEST = 366
"""Days ahead, the longest window a calendar can have."""


@dataclass(frozen=True)
class Calendar:
    """A locked calendar with what its slots depend on, as it is now."""

    practice_id: UUID
    doctor_id: UUID
    zone: ZoneInfo
    calendar_days: int
    walk_in_percent: int
    version: int
    made_until: date | None
    changed_at: datetime

    def days(self, now: datetime) -> tuple[date, date]:
        """The first and last day that has slots: never fewer than were made before, never beyond a year."""
        today = day_of(now, self.zone)
        last = max(today + timedelta(days=self.calendar_days), self.made_until or today)
        return today, min(last, today + timedelta(days=FURTHEST))


@dataclass(frozen=True)
class Made:
    """How many slots were added, withdrawn, and changed in what they cover or whether they are kept.

    `is_seen` says whether a day changed that had been made before, so that open pages may show it.
    """

    added: int
    withdrawn: int
    adjusted: int
    is_seen: bool = False


async def lock_calendar(practice_id: UUID, *, now: datetime) -> Calendar:
    """The calendar of a practice, ours alone until the transaction ends; made where there was none.

    Locked after the doctor and before slots. Raises NotFound for an unknown practice.
    """
    await execute(
        "INSERT INTO calendars (practice_id, version, changed_at) SELECT id, 0, $2 FROM practices "
        "WHERE id = $1 ON CONFLICT DO NOTHING",
        practice_id,
        now,
    )
    locked = await fetch_one(
        "SELECT practice_id, version, made_until, changed_at FROM calendars "
        "WHERE practice_id = $1 FOR UPDATE",
        practice_id,
    )
    if locked is None:
        raise NotFound
    # A statement of its own: the one above, if it had to wait, would show policies from before it waited.
    policies = await fetch_one(
        """
        SELECT p.doctor_id, c.time_zone, coalesce(p.calendar_days, c.calendar_days) AS calendar_days,
               coalesce(p.walk_in_percent, c.walk_in_percent) AS walk_in_percent
        FROM practices p JOIN clinics c ON c.id = p.clinic_id WHERE p.id = $1
        """,
        practice_id,
    )
    assert policies is not None  # practices are never deleted
    columns = {**locked, **policies}
    return Calendar(zone=ZoneInfo(columns.pop("time_zone")), **columns)


@retried
async def extend(
    practice_id: UUID, *, now: datetime, by: Actor | None = None, days_before: int | None = None
) -> Made:
    """Make the slots that the week wants up to the end of the window; a second time changes nothing.

    A calendar that rolls on tells of no day it opens; a person, `by`, who has just changed the policies
    does, `days_before` being how many days ahead patients could book until then. Open pages are told when a
    day changed that had been made before. Raises NotFound for an unknown practice.
    """
    async with transaction():
        calendar = await lock_calendar(practice_id, now=now)
        today, ahead = day_of(now, calendar.zone), calendar.calendar_days
        before = await bookable_days(
            practice_id, today=today, ahead=ahead if days_before is None else days_before, now=now
        )
        made = await make_slots(calendar, now=now)
        if made.is_seen:
            facts = {"doctor_id": calendar.doctor_id}
            await publish(names.CALENDAR_CHANGED, practice_id, by=by or SYSTEM, facts=facts)
        if by is not None:
            after = await bookable_days(practice_id, today=today, ahead=ahead, now=now)
            await tell_days_opened(practice_id, calendar.doctor_id, after - before, by=by)
        return made


async def make_slots(calendar: Calendar, *, now: datetime, closing: Sequence[UUID] = ()) -> Made:
    """Bring the slots to come in line with week and exceptions, inside the caller's transaction.

    `closing` are slots offered by hand which go as well. A time the doctor removed by hand stays away,
    one she offers by hand stays. Whether a visit sits on a slot that goes is the caller's question.
    """
    first, last = calendar.days(now)
    slots = wanted(
        await sessions_of(calendar.practice_id),
        await exceptions_of(calendar.practice_id, first=first),
        calendar.zone,
        first=first,
        last=last,
        walk_in_percent=calendar.walk_in_percent,
    )
    standing, taken = await _offered(calendar, first, now=now)
    differs = difference(
        [slot for slot in slots if slot.starts_at > now],
        standing,
        taken=taken,
        removed=await _removed(calendar, first),
    )
    withdrawn, adjusted = await _change(differs, closing, now=now)
    added = await _add(calendar, differs.make, now=now)
    if calendar.made_until != last:
        await execute(
            "UPDATE calendars SET made_until = $2 WHERE practice_id = $1", calendar.practice_id, last
        )
    made_until = calendar.made_until or date.min
    fills_in = added and any(slot.on_date <= made_until for slot in differs.make)
    return Made(added, withdrawn, adjusted, is_seen=bool(withdrawn or adjusted or fills_in))


async def _offered(
    calendar: Calendar, first: date, *, now: datetime
) -> tuple[list[StandingSlot], list[Range]]:
    """What the doctor offers from now on: slots of this week, and all else, at other practices too."""
    rows = await fetch(
        """
        SELECT id, on_date, starts_at, ends_at, covers_until, is_kept,
               origin = 'rule' AND practice_id = $2 AS is_ours
        FROM slots
        WHERE practice_id IN (SELECT id FROM practices WHERE doctor_id = $1)
          AND on_date >= $3 AND ends_at > $4 AND withdrawn_at IS NULL
        """,
        calendar.doctor_id,
        calendar.practice_id,
        first - timedelta(days=1),
        now,
    )
    standing = [StandingSlot(*row[:6]) for row in rows if row["is_ours"] and row["starts_at"] > now]
    taken = [
        (row["starts_at"], row["ends_at"]) for row in rows if not row["is_ours"] or row["starts_at"] <= now
    ]
    return standing, taken


async def _removed(calendar: Calendar, first: date) -> list[Range]:
    """Where no slot is made: a made one was removed by hand, or one by hand since the week was set."""
    rows = await fetch(
        "SELECT starts_at, ends_at FROM slots WHERE practice_id = $1 AND on_date >= $2 "
        "AND withdrawn_by = 'hand' AND (origin = 'rule' OR withdrawn_at > $3)",
        calendar.practice_id,
        first - timedelta(days=1),
        calendar.changed_at,
    )
    return [(row["starts_at"], row["ends_at"]) for row in rows]


async def _change(differs: Difference, closing: Sequence[UUID], *, now: datetime) -> tuple[int, int]:
    """Withdraw and adjust; all rows are locked first, earliest first, as those who claim them do."""
    gone = [*differs.withdraw, *closing]
    ids = [slot_id for slot_id, _slot in differs.adjust]
    if not gone and not ids:
        return 0, 0
    await execute("SELECT FROM slots WHERE id = ANY($1) ORDER BY starts_at, id FOR UPDATE", [*gone, *ids])
    withdrawn = await execute(
        "UPDATE slots SET withdrawn_at = $2, withdrawn_by = 'rule' "
        "WHERE id = ANY($1) AND withdrawn_at IS NULL",
        gone,
        now,
    )
    await execute(
        """
        UPDATE slots s SET is_kept = w.is_kept, covers_until = w.covers_until
        FROM unnest($1::uuid[], $2::boolean[], $3::timestamptz[]) AS w (id, is_kept, covers_until)
        WHERE s.id = w.id
        """,
        ids,
        [slot.is_kept for _id, slot in differs.adjust],
        [slot.covers_until for _id, slot in differs.adjust],
    )
    return int(withdrawn.split()[-1]), len(ids)


async def _add(calendar: Calendar, slots: Sequence[WantedSlot], *, now: datetime) -> int:
    """Insert what is missing; where somebody offers another time meanwhile, that one stays.

    A conflict is rare, as what is offered has been left out. So the first try does not ask for it with
    every row, which would cost a third more.
    """
    if not slots:
        return 0
    try:
        async with transaction():
            return await _insert(calendar, slots, now=now)
    except ExclusionViolationError as taken:
        if taken.constraint_name != NO_OVERLAP:
            raise
        on_conflict = f"ON CONFLICT ON CONSTRAINT {NO_OVERLAP} DO NOTHING"
        return await _insert(calendar, slots, now=now, on_conflict=on_conflict)


async def _insert(
    calendar: Calendar, slots: Sequence[WantedSlot], *, now: datetime, on_conflict: str = ""
) -> int:
    tag = await execute(
        f"""
        INSERT INTO slots
            (practice_id, doctor_id, created_at, origin, on_date, starts_at, ends_at, covers_until, is_kept)
        SELECT $1, $2, $3, 'rule', w.*
        FROM unnest($4::date[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::boolean[])
            AS w (on_date, starts_at, ends_at, covers_until, is_kept)
        ORDER BY w.starts_at
        {on_conflict}
        """,
        calendar.practice_id,
        calendar.doctor_id,
        now,
        [slot.on_date for slot in slots],
        [slot.starts_at for slot in slots],
        [slot.ends_at for slot in slots],
        [slot.covers_until for slot in slots],
        [slot.is_kept for slot in slots],
    )
    return int(tag.split()[-1])
