"""A doctor changes week and exceptions on a real database, and the slots follow."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import Context
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app import clock
from app.booking.errors import SlotGone
from app.booking.rows import Appointment
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_value, transaction
from app.directory.queries import Practice, get_practice
from app.directory.services import change_practice
from app.errors import Invalid, NotFound
from app.events import names
from app.events.actor import SYSTEM
from app.events.queries import events_of
from app.scheduling.errors import CalendarChanged
from app.scheduling.jobs import extend_due
from app.scheduling.queries import exceptions_of, slots_on, week_of
from app.scheduling.rules import CalendarException, Session
from app.scheduling.services import (
    NO_OVERLAP,
    CalendarChange,
    Made,
    add_exception,
    end_exception,
    extend,
    offer,
    set_week,
    withdraw,
)
from tests.booking.visits import hold_for, the_clock_at
from tests.factories import KOLKATA, CastDoctor, a_clinic, a_doctor, a_patient, a_slot, run_jobs
from tests.scheduling.weeks import without_rows

MONDAY_MORNING = datetime(2027, 2, 1, 2, 30, tzinfo=UTC)
"""Eight o'clock at the clinic, on a Monday."""
MONDAY = date(2027, 2, 1)
MORNINGS = [Session(day, time(9), time(11), 30) for day in range(7)]


@pytest.fixture(autouse=True)
async def on_a_monday(clean: None) -> AsyncIterator[None]:
    """It is Monday, eight o'clock."""
    with the_clock_at(MONDAY_MORNING):
        yield


async def a_practice(doctor: CastDoctor | None = None, *, days: int = 3) -> Practice:
    """A practice whose calendar reaches so many days ahead."""
    doctor = doctor or await a_doctor()
    await execute("UPDATE clinics SET calendar_days = $2 WHERE id = $1", doctor.clinic_id, days)
    return await get_practice(doctor.practice_id)


async def working(practice: Practice, week: list[Session] | None = None) -> Practice:
    """The same practice with a week, mornings by default."""
    await set_week(practice, MORNINGS if week is None else week, version=0, by=SYSTEM)
    return practice


async def times_on(practice: Practice, on: date = MONDAY) -> list[str]:
    """When the slots of a day begin, by the clinic's clock."""
    slots = await slots_on(practice.id, on)
    return [f"{slot.starts_at.astimezone(practice.zone_info):%H:%M}" for slot in slots]


async def slot_at(practice: Practice, at: str, on: date = MONDAY) -> UUID:
    """The slot of a day that begins at a time."""
    [found] = [slot.id for slot in await slots_on(practice.id, on) if slot.starts_at == moment(at, on)]
    return found


def moment(at: str, on: date = MONDAY) -> datetime:
    """When the clinic's clock shows a time."""
    return clock.at(on, time.fromisoformat(at), KOLKATA)


def leave(first: date, last: date | None = None, **other: Any) -> CalendarException:
    return CalendarException("leave", first, last or first, **other)


async def told(practice: Practice, name: str) -> list[dict[str, Any]]:
    """The facts of the events of a name, oldest first."""
    return [event.facts for event in await events_of(practice.id) if event.name == name]


async def test_a_week_becomes_slots_up_to_the_end_of_the_window() -> None:
    practice = await a_practice()

    change = await set_week(practice, MORNINGS, version=0, by=SYSTEM)

    assert (change.added, change.withdrawn, change.lost) == (16, 0, [])
    assert change.opened_on == [MONDAY + timedelta(days=number) for number in range(4)]
    assert await times_on(practice) == ["09:00", "09:30", "10:00", "10:30"]
    assert await times_on(practice, MONDAY + timedelta(days=4)) == []
    assert [slot.origin for slot in await slots_on(practice.id, MONDAY)] == ["rule"] * 4
    [opened] = await told(practice, names.DAYS_OPENED)
    assert opened == {
        "doctor_id": str(practice.doctor_id),
        "days": [day.isoformat() for day in change.opened_on],
    }
    [changed] = await told(practice, names.CALENDAR_CHANGED)
    assert changed["version"] == 1


async def test_a_week_is_read_as_it_was_saved() -> None:
    practice = await a_practice()
    breaks = ((time(10), time(10, 10)), (time(11), time(11, 30)))
    week = [Session(0, time(9), time(13), 20, 5, breaks), Session(6, time(17), time(19), 15)]
    assert await week_of(practice.id) == await week_of(uuid4())

    await set_week(practice, week[::-1], version=0, by=SYSTEM)

    saved = await week_of(practice.id)
    assert (without_rows(saved.sessions), saved.version) == (week, 1)


async def test_a_week_saved_again_changes_nothing_and_tells_nothing() -> None:
    practice = await working(await a_practice())
    rows = [session.id for session in (await week_of(practice.id)).sessions]

    change = await set_week(practice, MORNINGS, version=1, by=SYSTEM)

    assert (change.added, change.withdrawn, change.opened_on) == (0, 0, [])
    assert [session.id for session in (await week_of(practice.id)).sessions] == rows
    assert len(await told(practice, names.CALENDAR_CHANGED)) == 1


async def test_the_second_of_two_windows_is_told_that_the_week_changed() -> None:
    practice = await working(await a_practice())

    with pytest.raises(CalendarChanged):
        await set_week(practice, [], version=0, by=SYSTEM)

    assert len(await times_on(practice)) == 4


async def test_of_two_who_save_at_once_one_is_told() -> None:
    practice = await a_practice()
    evenings = [Session(day, time(17), time(19), 30) for day in range(7)]
    both = [set_week(practice, week, version=0, by=SYSTEM) for week in (MORNINGS, evenings)]

    answers = await asyncio.gather(*both, return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["CalendarChange", "CalendarChanged"]
    assert await times_on(practice) in (
        ["09:00", "09:30", "10:00", "10:30"],
        ["17:00", "17:30", "18:00", "18:30"],
    )


async def test_a_wrong_week_is_refused_and_nothing_is_kept() -> None:
    practice = await a_practice()

    with pytest.raises(Invalid) as refused:
        await set_week(practice, [replace(MORNINGS[0], ends=time(8))], version=0, by=SYSTEM)

    assert set(refused.value.fields) == {"sessions-0-ends"}
    assert (await week_of(practice.id)).sessions == ()


async def test_another_grid_loses_no_working_time() -> None:
    practice = await working(await a_practice())

    change = await set_week(
        practice, [replace(one, slot_minutes=40) for one in MORNINGS], version=1, by=SYSTEM
    )

    assert (change.added, change.withdrawn, change.lost, change.opened_on) == (12, 16, [], [])
    assert await times_on(practice) == ["09:00", "09:40", "10:20"]


async def test_time_that_is_worked_no_more_is_lost() -> None:
    practice = await working(await a_practice(days=1))

    shorter = [replace(one, ends=time(10)) for one in MORNINGS]
    change = await set_week(practice, shorter, version=1, by=SYSTEM)

    tuesday = MONDAY + timedelta(days=1)
    assert change.lost == [
        (moment("10:00"), moment("11:00")),
        (moment("10:00", tuesday), moment("11:00", tuesday)),
    ]


async def test_what_has_begun_is_not_lost_nor_taken_back() -> None:
    practice = await working(await a_practice(days=1))

    with the_clock_at(moment("09:40")):
        change = await set_week(practice, [], version=1, by=SYSTEM)

    begins, ends = change.lost[0]
    assert moment("09:40") <= begins < moment("09:41")
    assert ends == moment("11:00")
    assert await times_on(practice) == ["09:00", "09:30"]


async def test_a_time_offered_by_hand_stays_when_the_week_changes() -> None:
    doctor = await a_doctor()
    by_hand = await a_slot(doctor, starts_at=moment("09:15"), minutes=30)
    practice = await working(await a_practice(doctor))

    assert await times_on(practice) == ["09:15", "10:00", "10:30"]

    change = await set_week(practice, [], version=1, by=SYSTEM)

    assert await times_on(practice) == ["09:15"]
    assert [slot.id for slot in await slots_on(practice.id, MONDAY)] == [by_hand]
    assert change.lost[0] == (moment("09:00"), moment("09:15"))
    assert change.lost[1] == (moment("09:45"), moment("11:00"))


async def test_a_slot_removed_by_hand_stays_away_and_can_be_offered_by_hand() -> None:
    practice = await working(await a_practice())
    await withdraw(await slot_at(practice, "09:30"), by=SYSTEM)

    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)
    await set_week(practice, [], version=1, by=SYSTEM)
    await set_week(practice, MORNINGS, version=2, by=SYSTEM)
    assert await times_on(practice) == ["09:00", "10:00", "10:30"]

    await offer(practice, MONDAY, ["09:30"], duration_minutes=30, by=SYSTEM)
    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)
    assert await times_on(practice) == ["09:00", "09:30", "10:00", "10:30"]


async def test_a_hand_time_removed_does_not_come_back_as_one_of_the_week() -> None:
    doctor = await a_doctor()
    by_hand = await a_slot(doctor, starts_at=moment("09:30"))
    practice = await working(await a_practice(doctor))

    with the_clock_at(MONDAY_MORNING + timedelta(minutes=1)):
        await withdraw(by_hand, by=SYSTEM)
        await extend(practice.id, now=clock.now())

    assert await times_on(practice) == ["09:00", "10:00", "10:30"]


async def test_a_time_removed_before_there_was_a_week_is_no_exception_from_it() -> None:
    doctor = await a_doctor()
    await withdraw(await a_slot(doctor, starts_at=moment("09:30")), by=SYSTEM)

    with the_clock_at(MONDAY_MORNING + timedelta(minutes=1)):
        practice = await working(await a_practice(doctor))

    assert await times_on(practice) == ["09:00", "09:30", "10:00", "10:30"]


async def test_a_hand_time_over_one_of_the_week_is_refused() -> None:
    practice = await working(await a_practice())

    with pytest.raises(Invalid) as refused:
        await offer(practice, MONDAY, ["09:45"], duration_minutes=30, by=SYSTEM)

    assert refused.value.params == {"times": "09:45", "begins": "09:30", "ends": "10:00"}


async def test_leave_takes_the_days_and_gives_the_weeks_times_back_when_it_ends() -> None:
    doctor = await a_doctor()
    tuesday = MONDAY + timedelta(days=1)
    await a_slot(doctor, starts_at=moment("15:00", tuesday))
    practice = await working(await a_practice(doctor))

    change = await add_exception(practice, leave(tuesday, title=" Wedding "), by=SYSTEM)

    assert (change.added, change.withdrawn) == (0, 5)
    assert change.lost == [
        (moment("09:00", tuesday), moment("11:00", tuesday)),
        (moment("15:00", tuesday), moment("15:30", tuesday)),
    ]
    assert await times_on(practice, tuesday) == []
    [written] = await exceptions_of(practice.id, first=MONDAY)
    assert written == replace(leave(tuesday, title="Wedding"), id=change.exception_id)

    assert change.exception_id is not None
    back = await end_exception(change.exception_id, practice=practice, by=SYSTEM)

    assert (back.added, back.withdrawn, back.lost, back.opened_on) == (4, 0, [], [tuesday])
    assert await times_on(practice, tuesday) == ["09:00", "09:30", "10:00", "10:30"], (
        "hand times do not come back"
    )
    facts = await told(practice, names.CALENDAR_CHANGED)
    assert [fact.get("ended", False) for fact in facts if "exception_id" in fact] == [False, True]


async def test_leave_for_a_part_of_a_day_takes_what_it_touches() -> None:
    doctor = await a_doctor()
    await a_slot(doctor, starts_at=moment("11:00"))
    await a_slot(doctor, starts_at=moment("12:00"))
    practice = await working(await a_practice(doctor))

    hours = leave(MONDAY, starts=time(9, 45), ends=time(11, 15))
    change = await add_exception(practice, hours, by=SYSTEM)

    assert await times_on(practice) == ["09:00", "12:00"]
    assert change.lost == [(moment("09:45"), moment("11:30"))]


async def test_a_time_offered_during_leave_stays() -> None:
    practice = await working(await a_practice())
    await add_exception(practice, leave(MONDAY), by=SYSTEM)

    await offer(practice, MONDAY, ["18:00"], duration_minutes=30, by=SYSTEM)

    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)
    assert await times_on(practice) == ["18:00"]


async def test_the_same_leave_twice_is_one() -> None:
    practice = await working(await a_practice())
    first = await add_exception(practice, leave(MONDAY), by=SYSTEM)

    second = await add_exception(practice, leave(MONDAY), by=SYSTEM)

    assert second.exception_id == first.exception_id
    assert len(await exceptions_of(practice.id, first=MONDAY)) == 1
    assert len([fact for fact in await told(practice, names.CALENDAR_CHANGED) if "kind" in fact]) == 1


async def test_leave_taken_back_twice_is_taken_back_once() -> None:
    practice = await working(await a_practice())
    taken = await add_exception(practice, leave(MONDAY), by=SYSTEM)
    assert taken.exception_id is not None
    await end_exception(taken.exception_id, practice=practice, by=SYSTEM)

    with pytest.raises(NotFound):
        await end_exception(taken.exception_id, practice=practice, by=SYSTEM)


async def test_nobody_ends_the_leave_of_another() -> None:
    practice, other = await working(await a_practice()), await a_practice()
    taken = await add_exception(practice, leave(MONDAY), by=SYSTEM)
    assert taken.exception_id is not None

    with pytest.raises(NotFound):
        await end_exception(taken.exception_id, practice=other, by=SYSTEM)

    assert await times_on(practice) == []


async def test_an_extra_day_opens_a_day_and_closes_it_again() -> None:
    practice = await working(await a_practice(), [session for session in MORNINGS if session.weekday == 0])
    tuesday = MONDAY + timedelta(days=1)
    extra = CalendarException("extra", tuesday, tuesday, time(16), time(17), 20, 5)

    change = await add_exception(practice, extra, by=SYSTEM)

    assert (change.added, change.opened_on) == (2, [tuesday])
    assert await times_on(practice, tuesday) == ["16:00", "16:25"]
    rows = await fetch(
        "SELECT starts_at, covers_until FROM slots WHERE on_date = $1 ORDER BY starts_at", tuesday
    )
    assert [row["covers_until"] for row in rows] == [moment("16:25", tuesday), None]
    with pytest.raises(Invalid):
        await add_exception(practice, replace(extra, starts=time(16, 30), ends=time(18)), by=SYSTEM)

    assert change.exception_id is not None
    closed = await end_exception(change.exception_id, practice=practice, by=SYSTEM)

    assert (closed.withdrawn, closed.lost) == (2, [(moment("16:00", tuesday), moment("17:00", tuesday))])


async def test_an_extra_day_beyond_the_window_of_this_clinic_is_refused() -> None:
    practice = await working(await a_practice())
    late = MONDAY + timedelta(days=4)

    with pytest.raises(Invalid) as refused:
        await add_exception(
            practice, CalendarException("extra", late, late, time(9), time(10), 20), by=SYSTEM
        )

    assert set(refused.value.fields) == {"first_on"}


async def test_the_share_for_people_who_walk_in_follows_the_clinic() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor))

    await execute("UPDATE clinics SET walk_in_percent = 25 WHERE id = $1", doctor.clinic_id)
    made = await extend(practice.id, now=clock.now())

    assert made == Made(0, 0, 4)
    assert [slot.is_kept for slot in await slots_on(practice.id, MONDAY)] == [False, False, False, True]
    assert await extend(practice.id, now=clock.now()) == Made(0, 0, 0)


async def test_a_day_with_nothing_but_kept_times_is_not_told_as_open() -> None:
    doctor = await a_doctor()
    await execute("UPDATE clinics SET walk_in_percent = 90 WHERE id = $1", doctor.clinic_id)
    practice = await a_practice(doctor, days=1)
    late = [Session(0, time(9), time(9, 30), 30), Session(1, time(9), time(10), 30)]

    with the_clock_at(moment("08:00")):
        change = await set_week(practice, late, version=0, by=SYSTEM)

    assert change.opened_on == [MONDAY, MONDAY + timedelta(days=1)]
    kept = await fetch_value("SELECT count(*) FROM slots WHERE is_kept")
    assert kept == 1


async def test_two_practices_of_a_doctor_never_offer_the_same_time() -> None:
    doctor = await a_doctor()
    first = await working(await a_practice(doctor))
    other_id = await fetch_value(
        "INSERT INTO practices (doctor_id, clinic_id, created_at) VALUES ($1, $2, now()) RETURNING id",
        doctor.doctor_id,
        await a_clinic("Other Clinic"),
    )
    other = await get_practice(other_id)

    await set_week(
        other, [replace(one, starts=time(10), ends=time(12)) for one in MORNINGS], version=0, by=SYSTEM
    )

    assert await times_on(other) == ["11:00", "11:30"]
    await set_week(first, [], version=1, by=SYSTEM)
    await extend(other.id, now=clock.now())
    assert await times_on(other) == ["10:00", "10:30", "11:00", "11:30"]


async def test_a_policy_of_the_clinic_or_the_practice_reaches_the_slots() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor, days=1))

    await change_practice(
        practice.id, meeting_link="", lead_minutes=None, calendar_days=5, walk_in_percent=25, by=SYSTEM
    )
    await set_clock(MONDAY_MORNING)
    await run_jobs()

    assert len(await times_on(practice, MONDAY + timedelta(days=5))) == 4
    assert [slot.is_kept for slot in await slots_on(practice.id, MONDAY)] == [False, False, False, True]


async def test_an_unknown_practice_has_no_calendar() -> None:
    with pytest.raises(NotFound):
        await extend(uuid4(), now=clock.now())


async def test_the_calendar_rolls_on_with_the_days_and_when_the_clock_jumps() -> None:
    practice = await working(await a_practice())
    await extend_due()
    assert await fetch_value("SELECT count(*) FROM pgqueuer") == 0, "nothing is due"

    await set_clock(MONDAY_MORNING + timedelta(days=10))
    await extend_due()
    await run_jobs()

    last = MONDAY + timedelta(days=13)
    assert len(await times_on(practice, last)) == 4
    assert await times_on(practice, last + timedelta(days=1)) == []
    assert await fetch_value("SELECT made_until FROM calendars") == last
    assert len(await told(practice, names.DAYS_OPENED)) == 1, "rolling on is nobody's act"


async def test_a_day_begins_by_the_clinics_own_clock() -> None:
    doctor = await a_doctor(zone="Pacific/Auckland")
    practice = await working(await a_practice(doctor))
    evening = datetime(2027, 2, 1, 10, 59, tzinfo=UTC)

    with the_clock_at(evening):
        await extend_due()
        assert await fetch_value("SELECT count(*) FROM pgqueuer") == 0
    with the_clock_at(evening + timedelta(minutes=2)):
        await extend_due()
        await extend_due()
        assert await fetch_value("SELECT count(*) FROM pgqueuer") == 1, "and only once"
    assert practice.zone == "Pacific/Auckland"


async def test_a_closed_practice_rolls_no_further() -> None:
    practice = await working(await a_practice())
    await execute("UPDATE practices SET is_active = false WHERE id = $1", practice.id)

    with the_clock_at(MONDAY_MORNING + timedelta(days=10)):
        await extend_due()

    assert await fetch_value("SELECT count(*) FROM pgqueuer") == 0


async def test_a_clock_that_jumped_far_ahead_and_back_does_no_harm() -> None:
    practice = await working(await a_practice())
    await extend(practice.id, now=MONDAY_MORNING + timedelta(days=1500))

    await extend(practice.id, now=MONDAY_MORNING)

    assert len(await times_on(practice)) == 4
    assert await fetch_value("SELECT made_until FROM calendars") == MONDAY + timedelta(days=366)
    assert await extend(practice.id, now=MONDAY_MORNING) == Made(0, 0, 0)


async def test_a_hold_and_a_change_of_the_week_never_pass_each_other() -> None:
    doctor = await a_doctor()
    practice = await working(await a_practice(doctor, days=1))
    slot = await slot_at(practice, "10:30")
    patient = await a_patient()

    answers = await asyncio.gather(
        hold_for(patient, slot, doctor),
        set_week(practice, [], version=1, by=SYSTEM),
        return_exceptions=True,
    )

    held, changed = answers
    assert isinstance(held, Appointment | SlotGone)
    assert isinstance(changed, CalendarChange)
    assert await times_on(practice) == []


async def _offer_while_the_week_is_made(practice: Practice) -> BaseException | None:
    """Offer half past nine while a transaction that makes the week's times has not committed."""
    offering = offer(practice, MONDAY, ["09:15"], duration_minutes=30, by=SYSTEM)
    async with transaction():
        await set_week(practice, MORNINGS, version=0, by=SYSTEM)
        pressed = asyncio.create_task(offering, context=Context())
        await asyncio.sleep(0.3)
    [refused] = await asyncio.gather(pressed, return_exceptions=True)
    return refused if isinstance(refused, BaseException) else None


async def _overlaps() -> int:
    found: int = await fetch_value(
        "SELECT count(*) FROM slots a JOIN slots b ON a.doctor_id = b.doctor_id AND a.id < b.id "
        "AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at "
        "WHERE a.withdrawn_at IS NULL AND b.withdrawn_at IS NULL"
    )
    return found


async def test_a_hand_time_pressed_while_the_week_is_made_does_not_overlap_it() -> None:
    practice = await a_practice(days=1)

    refused = await _offer_while_the_week_is_made(practice)

    assert isinstance(refused, Invalid)
    assert await _overlaps() == 0


@pytest.fixture
async def without_the_constraint(owner: asyncpg.Connection) -> AsyncIterator[None]:
    """The guard taken away, and put back as it was."""
    definition = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", NO_OVERLAP
    )
    await owner.execute(f"ALTER TABLE slots DROP CONSTRAINT {NO_OVERLAP}")
    yield
    await owner.execute("SET session_replication_role = replica; DELETE FROM slots;")
    await owner.execute(f"ALTER TABLE slots ADD CONSTRAINT {NO_OVERLAP} {definition}")


@pytest.mark.usefixtures("without_the_constraint")
async def test_without_the_constraint_the_same_press_overlaps() -> None:
    practice = await a_practice(days=1)

    assert await _offer_while_the_week_is_made(practice) is None
    assert await _overlaps() > 0


async def test_what_is_offered_by_hand_while_the_week_is_made_wins_and_the_rest_is_made() -> None:
    practice = await a_practice(days=1)
    async with transaction():
        await offer(practice, MONDAY, ["09:15"], duration_minutes=30, by=SYSTEM)
        saved = asyncio.create_task(set_week(practice, MORNINGS, version=0, by=SYSTEM), context=Context())
        await asyncio.sleep(0.3)
        assert not saved.done()

    assert (await saved).added == 6
    assert await times_on(practice) == ["09:15", "10:00", "10:30"]
