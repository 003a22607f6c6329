"""A person changes the week or its exceptions; the slots follow in the same transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from app import clock
from app.db.engine import execute, fetch, fetch_value, transaction
from app.db.retry import retried
from app.directory.queries import Practice
from app.errors import Invalid, _
from app.events import names
from app.events.actor import Actor
from app.events.services import publish
from app.scheduling.errors import CalendarChanged, NoSuchException
from app.scheduling.queries import exceptions_of, sessions_of
from app.scheduling.rules import (
    EXTRA,
    CalendarException,
    Range,
    Session,
    check_exception,
    check_extra,
    check_week,
    closed_range,
    minus,
    working,
)
from app.scheduling.services.making import Calendar, lock_calendar, make_slots
from app.scheduling.services.opened import bookable_days, tell_days_opened

MOST_EXCEPTIONS = 200
"""To come, at one practice."""


@dataclass(frozen=True)
class CalendarChange:
    """What became of a change: slots added and withdrawn, and two things that concern people.

    `lost` is time from now on that was worked or offered before and is not any more; `opened_on` are days
    that patients could not book before and can now.
    """

    added: int = 0
    withdrawn: int = 0
    lost: list[Range] = field(default_factory=list)
    opened_on: list[date] = field(default_factory=list)
    exception_id: UUID | None = None


@retried
async def set_week(
    practice: Practice, sessions: Sequence[Session], *, version: int, by: Actor
) -> CalendarChange:
    """Work another week from now on; sessions that stay as they are keep their rows.

    `version` is that of the week the person saw. Raises Invalid as `check_week` does, CalendarChanged.
    """
    check_week(sessions)
    now = clock.now()
    async with transaction():
        calendar = await lock_calendar(practice.id, now=now)
        if calendar.version != version:
            raise CalendarChanged
        before = await _look(calendar, now=now)
        if not await _write_week(practice.id, sessions, now=now):
            return CalendarChange()
        await execute(
            "UPDATE calendars SET version = version + 1, changed_at = $2 WHERE practice_id = $1",
            practice.id,
            now,
        )
        calendar = replace(calendar, version=version + 1, changed_at=now)
        facts = {"version": calendar.version, "doctor_id": practice.doctor_id}
        return await _follow(calendar, before, now=now, by=by, facts=facts)


async def _write_week(practice_id: UUID, sessions: Sequence[Session], *, now: datetime) -> bool:
    """End the sessions that are not in the list and add the new ones; says whether there were any."""
    left = Counter(_plain(session) for session in sessions)
    ended = []
    for standing in await sessions_of(practice_id):
        if left[_plain(standing)]:
            left[_plain(standing)] -= 1
        else:
            ended.append(standing.id)
    new = list(left.elements())
    await execute("UPDATE weekly_sessions SET ended_at = $2 WHERE id = ANY($1)", ended, now)
    if new:
        await _add_sessions(practice_id, new, now=now)
    return bool(ended or new)


def _plain(session: Session) -> Session:
    """The session without its row, breaks in order: two that mean the same are equal."""
    return replace(session, id=None, breaks=tuple(sorted(session.breaks)))


async def _add_sessions(practice_id: UUID, sessions: Sequence[Session], *, now: datetime) -> None:
    ids = [uuid4() for _session in sessions]
    await execute(
        """
        INSERT INTO weekly_sessions
            (practice_id, created_at, id, weekday, starts, ends, slot_minutes, gap_minutes)
        SELECT $1, $2, * FROM unnest($3::uuid[], $4::int[], $5::time[], $6::time[], $7::int[], $8::int[])
        """,
        practice_id,
        now,
        ids,
        [session.weekday for session in sessions],
        [session.starts for session in sessions],
        [session.ends for session in sessions],
        [session.slot_minutes for session in sessions],
        [session.gap_minutes for session in sessions],
    )
    pauses = [(one, *pause) for one, session in zip(ids, sessions, strict=True) for pause in session.breaks]
    await execute(
        "INSERT INTO session_breaks (session_id, starts, ends) "
        "SELECT * FROM unnest($1::uuid[], $2::time[], $3::time[])",
        [session_id for session_id, _starts, _ends in pauses],
        [starts for _id, starts, _ends in pauses],
        [ends for _id, _starts, ends in pauses],
    )


@retried
async def add_exception(practice: Practice, exception: CalendarException, *, by: Actor) -> CalendarChange:
    """Take leave, keep a holiday, or open an extra day; the same one twice is one.

    Closed time also withdraws what was offered by hand within it, leave said again what was offered since.
    Raises Invalid as `check_exception` and `check_extra` do.
    """
    exception = replace(exception, title=exception.title.strip(), id=None)
    now = clock.now()
    async with transaction():
        calendar = await lock_calendar(practice.id, now=now)
        check_exception(exception, now=now, zone=calendar.zone, calendar_days=calendar.calendar_days)
        others = await exceptions_of(practice.id, first=clock.day_of(now, calendar.zone))
        same = next((other.id for other in others if replace(other, id=None) == exception), None)
        closing = [] if exception.kind == EXTRA else await _offered_by_hand(calendar, exception, now=now)
        if same and not closing:
            return CalendarChange(exception_id=same)
        before = await _look(calendar, now=now)
        exception_id = same
        if exception_id is None:
            _check_beside(exception, others)
            exception_id = await _insert(practice.id, exception, now=now)
        facts = {"exception_id": exception_id, "kind": exception.kind, "doctor_id": practice.doctor_id}
        change = await _follow(calendar, before, now=now, by=by, facts=facts, closing=closing)
        return replace(change, exception_id=exception_id)


def _check_beside(exception: CalendarException, others: Sequence[CalendarException]) -> None:
    if len(others) >= MOST_EXCEPTIONS:
        raise Invalid(
            fields={
                "first_on": _("%(most)s entries are the most a calendar takes. Take back an old one first.")
            },
            params={"most": MOST_EXCEPTIONS},
        )
    if exception.kind == EXTRA:
        check_extra(exception, others)


async def _insert(practice_id: UUID, exception: CalendarException, *, now: datetime) -> UUID:
    exception_id: UUID = await fetch_value(
        """
        INSERT INTO calendar_exceptions
            (practice_id, kind, first_on, last_on, starts, ends, slot_minutes, gap_minutes, title, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id
        """,
        practice_id,
        exception.kind,
        exception.first_on,
        exception.last_on,
        exception.starts,
        exception.ends,
        exception.slot_minutes,
        exception.gap_minutes,
        exception.title,
        now,
    )
    return exception_id


async def _offered_by_hand(calendar: Calendar, leave: CalendarException, *, now: datetime) -> list[UUID]:
    start, end = closed_range(leave, calendar.zone)
    rows = await fetch(
        "SELECT id FROM slots WHERE practice_id = $1 AND on_date BETWEEN $2 AND $3 AND origin = 'hand' "
        "AND withdrawn_at IS NULL AND starts_at < $5 AND ends_at > $4 AND starts_at > $6",
        calendar.practice_id,
        leave.first_on - timedelta(days=1),
        leave.last_on,
        start,
        end,
        now,
    )
    return [row["id"] for row in rows]


@retried
async def end_exception(exception_id: UUID, *, practice: Practice, by: Actor) -> CalendarChange:
    """Take leave, a holiday or an extra day back; slots of the week come back, those by hand do not.

    Raises NoSuchException, also for one taken back already.
    """
    now = clock.now()
    async with transaction():
        calendar = await lock_calendar(practice.id, now=now)
        before = await _look(calendar, now=now)
        kind = await fetch_value(
            "UPDATE calendar_exceptions SET ended_at = $3 WHERE id = $1 AND practice_id = $2 "
            "AND ended_at IS NULL RETURNING kind",
            exception_id,
            practice.id,
            now,
        )
        if kind is None:
            raise NoSuchException
        facts = {"exception_id": exception_id, "kind": kind, "ended": True, "doctor_id": practice.doctor_id}
        change = await _follow(calendar, before, now=now, by=by, facts=facts)
        return replace(change, exception_id=exception_id)


@dataclass(frozen=True)
class _Look:
    """Time worked or offered from now on, and the days patients can book."""

    ranges: list[Range]
    days: set[date]


async def _look(calendar: Calendar, *, now: datetime) -> _Look:
    first, last = calendar.days(now)
    rows = await fetch(
        "SELECT starts_at, ends_at FROM slots WHERE practice_id = $1 AND on_date >= $2 AND starts_at > $3 "
        "AND origin = 'hand' AND withdrawn_at IS NULL",
        calendar.practice_id,
        first - timedelta(days=1),
        now,
    )
    by_hand = [(row["starts_at"], row["ends_at"]) for row in rows]
    sessions = await sessions_of(calendar.practice_id)
    exceptions = await exceptions_of(calendar.practice_id, first=first)
    worked = working(sessions, exceptions, calendar.zone, first=first, last=last)
    days = await bookable_days(calendar.practice_id, today=first, ahead=calendar.calendar_days, now=now)
    return _Look([*worked, *by_hand], days)


async def _follow(
    calendar: Calendar,
    before: _Look,
    *,
    now: datetime,
    by: Actor,
    facts: Mapping[str, object],
    closing: Iterable[UUID] = (),
) -> CalendarChange:
    """Make the slots follow what was written, tell it, and say what it means for people."""
    made = await make_slots(calendar, now=now, closing=list(closing))
    after = await _look(calendar, now=now)
    lost = minus(before.ranges, [*after.ranges, (datetime.min.replace(tzinfo=now.tzinfo), now)])
    opened_on = sorted(after.days - before.days)
    await publish(names.CALENDAR_CHANGED, calendar.practice_id, by=by, facts=facts)
    await tell_days_opened(calendar.practice_id, calendar.doctor_id, opened_on, by=by)
    return CalendarChange(made.added, made.withdrawn, lost, opened_on)
