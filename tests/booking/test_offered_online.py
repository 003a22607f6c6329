"""What patients may book, and what only the clinic may: lead time, booking window, times kept back, gaps."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from asyncpg import CheckViolationError

from app import clock
from app.booking import queries, services
from app.booking.errors import NoLongerFree, SlotGone, SlotKept, SlotPassed, SlotTooFar, SlotTooSoon
from app.db.engine import execute
from app.directory.queries import Practice, get_practice
from app.events.actor import SYSTEM
from tests.booking.visits import a_visit, acting, hold_for, later, the_clock_at
from tests.factories import KOLKATA, CastDoctor, a_doctor, a_patient, a_service, a_slot, clinic_day

SAMOA = ZoneInfo("Pacific/Apia")
"""Thirteen hours ahead of UTC, so that its day is hardly ever that of UTC."""


async def _rules(doctor: CastDoctor, **columns: int) -> None:
    assigned = ", ".join(f"{name} = {value}" for name, value in columns.items())
    await execute(f"UPDATE practices SET {assigned} WHERE id = $1", doctor.practice_id)


async def _kept(slot_id: UUID) -> UUID:
    await execute("UPDATE slots SET is_kept = true WHERE id = $1", slot_id)
    return slot_id


async def _practice(doctor: CastDoctor) -> Practice:
    return await get_practice(doctor.practice_id)


def _in(**time: float) -> datetime:
    return clock.now() + timedelta(**time)


def at_nine(zone: ZoneInfo = KOLKATA) -> AbstractContextManager[None]:
    """Nine in the morning of a day at the clinic, far from every midnight."""
    return the_clock_at(clock.at(clinic_day(1, zone), time(9), zone))


async def _everything_free(doctor: CastDoctor, *, minutes: int = 30, days: int = 7) -> set[UUID]:
    """The free times of a week as every question answers them; they must agree."""
    practice, now = await _practice(doctor), clock.now()
    today = clock.day_of(now, practice.zone_info)
    week = [today + timedelta(days=n) for n in range(days)]
    by_day = {on: await queries.open_slots(practice.id, on, minutes=minutes, now=now) for on in week}
    counts = await queries.free_days(practice, minutes=minutes, days=days, start=today, now=now)
    assert [(one.on, one.free) for one in counts] == [(on, len(by_day[on])) for on in week]
    for on in week:
        shown = await queries.week_picker(practice, minutes, on=on, now=now)
        assert shown.slots == by_day[shown.on]
        assert {one.on: one.free for one in shown.days}.items() <= {
            one.on: one.free for one in counts
        }.items()
    free = [slot for on in week for slot in by_day[on]]
    near = await queries.other_times(practice.id, near=now, minutes=minutes, now=now, limit=500)
    assert near[: len(free)] == free
    return {slot.id for slot in free}


# what is shown ------------------------------------------------------------------------------------------


async def test_times_before_the_lead_time_is_over_are_not_free_online_and_are_for_the_clinic() -> None:
    with at_nine():
        doctor = await a_doctor()
        await _rules(doctor, lead_minutes=120)
        soon = await a_slot(doctor, starts_at=_in(minutes=119))
        just = await a_slot(doctor, starts_at=_in(minutes=150))

        assert await _everything_free(doctor) == {just}
        now, on = clock.now(), clinic_day(0)
        clinics = await queries.open_slots(doctor.practice_id, on, minutes=30, now=now, for_clinic=True)
        assert [slot.id for slot in clinics] == [soon, just]
        free = await queries.next_free([doctor.practice_id], now=now)
        assert free == {doctor.practice_id: clinics[1].starts_at}


async def test_the_first_moment_after_the_lead_time_is_free() -> None:
    with at_nine():
        doctor = await a_doctor()
        await _rules(doctor, lead_minutes=120)
        now = clock.now()
        slot = await a_slot(doctor, starts_at=now + timedelta(minutes=120))

        then = await queries.open_slots(doctor.practice_id, clinic_day(0), minutes=30, now=now)
        after = await queries.open_slots(
            doctor.practice_id, clinic_day(0), minutes=30, now=now + timedelta(seconds=1)
        )

    assert [one.id for one in then] == [slot]
    assert after == []


@pytest.mark.parametrize("zone", [KOLKATA, SAMOA, ZoneInfo("America/Los_Angeles")], ids=str)
async def test_the_window_ends_with_a_day_of_the_clinics_own_calendar(zone: ZoneInfo) -> None:
    with at_nine(zone):
        doctor = await a_doctor()
        await execute("UPDATE clinics SET time_zone = $1", str(zone))
        await _rules(doctor, calendar_days=2)
        inside = await a_slot(doctor, at="23:00", days_ahead=2, zone=zone)
        beyond = await a_slot(doctor, at="00:30", days_ahead=3, zone=zone)

        assert await _everything_free(doctor) == {inside}
        far = await queries.open_slots(
            doctor.practice_id, clinic_day(3, zone), minutes=30, now=clock.now(), for_clinic=True
        )
        assert [slot.id for slot in far] == [beyond]


async def test_kept_times_are_not_free_online_and_the_doctors_day_shows_them_as_kept() -> None:
    doctor = await a_doctor()
    ten, half_past = await a_slot(doctor), await _kept(await a_slot(doctor, at="10:30"))

    assert await _everything_free(doctor) == {ten}
    day = await queries.day_slots(doctor.practice_id, clinic_day(), now=clock.now())
    assert [(slot.id, slot.is_kept, slot.state) for slot in day] == [
        (ten, False, "free"),
        (half_past, True, "free"),
    ]


async def test_a_longer_visit_bridges_the_gaps_between_slots_but_no_kept_slot_and_no_real_hole() -> None:
    doctor = await a_doctor()
    slots = [await a_slot(doctor, at=at, minutes=20) for at in ("10:00", "10:25", "10:50", "12:00", "12:25")]
    await execute("UPDATE slots SET covers_until = ends_at + interval '5 minutes'")
    await execute("UPDATE slots SET covers_until = NULL WHERE id = ANY($1)", [slots[2], slots[4]])

    assert await _everything_free(doctor, minutes=45) == {slots[0], slots[1], slots[3]}
    assert await _everything_free(doctor, minutes=70) == {slots[0]}
    assert await _everything_free(doctor, minutes=71) == set()
    await _kept(slots[1])
    assert await _everything_free(doctor, minutes=45) == {slots[3]}


async def test_no_day_asked_for_opens_the_first_with_a_free_time_and_a_full_one_names_the_nearest() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    practice = await _practice(doctor)
    taken = await a_slot(doctor, days_ahead=2)
    await hold_for(asha, taken, doctor)
    free = await a_slot(doctor, days_ahead=9, at="16:00")
    now = clock.now()

    first = await queries.week_picker(practice, 30, on=None, now=now)
    full = await queries.week_picker(practice, 30, on=clinic_day(2), now=now)
    beyond = await queries.week_picker(practice, 30, on=date(9999, 12, 31), now=now)
    before = await queries.week_picker(practice, 30, on=date(1, 1, 1), now=now)

    assert (first.on, [slot.id for slot in first.slots], first.nearest) == (clinic_day(9), [free], None)
    assert [day.on for day in first.days] == [clinic_day(7 + n) for n in range(7)]
    assert (full.on, full.slots, full.nearest and full.nearest.id) == (clinic_day(2), [], free)
    assert full.days[0].on == clinic_day(0)
    assert (beyond.on, beyond.nearest and beyond.nearest.id) == (
        clinic_day(practice.calendar_days),
        free,
    )
    assert beyond.days[-1].on == beyond.on
    assert before.on == clinic_day(0)


async def test_a_calendar_without_any_time_opens_today() -> None:
    doctor = await a_doctor()

    shown = await queries.week_picker(await _practice(doctor), 30, on=None, now=clock.now())

    assert (shown.on, shown.slots, shown.nearest) == (clinic_day(0), [], None)
    assert [day.free for day in shown.days] == [0] * 7


async def test_the_nearest_time_may_lie_before_the_open_day() -> None:
    doctor = await a_doctor()
    early, late = await a_slot(doctor, days_ahead=3, at="18:00"), await a_slot(doctor, days_ahead=9)

    shown = await queries.week_picker(await _practice(doctor), 30, on=clinic_day(5), now=clock.now())

    assert shown.nearest is not None
    assert shown.nearest.id == early
    assert shown.nearest.id != late


async def test_next_free_is_for_the_service_that_is_booked_when_none_is_chosen() -> None:
    doctor = await a_doctor()
    await execute("UPDATE services SET retired_at = now()")
    await a_service(doctor.practice_id, minutes=15, mode="video", position=0)
    await a_service(doctor.practice_id, minutes=60, position=1)
    await a_slot(doctor, at="09:00")
    for at in ("11:00", "11:30"):
        await a_slot(doctor, at=at)

    free = await queries.next_free([doctor.practice_id], now=clock.now())

    at = free[doctor.practice_id].astimezone(KOLKATA)
    assert (at.hour, at.minute) == (11, 0)


async def test_a_practice_without_a_service_has_no_next_time() -> None:
    doctor = await a_doctor()
    await a_slot(doctor)
    await execute("UPDATE services SET retired_at = now()")

    assert await queries.next_free([doctor.practice_id], now=clock.now()) == {}


async def test_many_visits_of_all_lengths_around_a_time_are_seen_right() -> None:
    """The question looks at one visit only, the last that begins in time; this asks about all of them."""
    doctor = await a_doctor(minutes=5)
    at = [f"{9 + n // 12:02}:{n % 12 * 5:02}" for n in range(48)]
    slots = [await a_slot(doctor, at=one, minutes=5) for one in at]
    for place, minutes in ((0, 5), (3, 60), (16, 10), (20, 5), (21, 90), (47, 5)):
        length = await a_service(doctor.practice_id, name=f"{place}", minutes=minutes, position=9)
        await hold_for(await a_patient(), slots[place], doctor, service_id=length)
    busy = {0, *range(3, 15), 16, 17, 20, *range(21, 39), 47}

    for need in (1, 2, 5, 9):
        free = await _everything_free(doctor, minutes=5 * need)
        expected = {
            slots[place] for place in range(48 - need + 1) if not busy & set(range(place, place + need))
        }
        assert free == expected, need


# what is booked -----------------------------------------------------------------------------------------


async def _too_soon(doctor: CastDoctor) -> UUID:
    await _rules(doctor, lead_minutes=120)
    return await a_slot(doctor, starts_at=_in(minutes=119))


async def _too_far(doctor: CastDoctor) -> UUID:
    await _rules(doctor, calendar_days=2)
    return await a_slot(doctor, days_ahead=3)


async def _kept_back(doctor: CastDoctor) -> UUID:
    return await _kept(await a_slot(doctor))


async def _begun(doctor: CastDoctor) -> UUID:
    await _rules(doctor, lead_minutes=120)
    return await a_slot(doctor, starts_at=_in(minutes=-1))


ONLY_THE_CLINIC = pytest.mark.parametrize(
    ("slot_of", "refusal"),
    [(_too_soon, SlotTooSoon), (_too_far, SlotTooFar), (_kept_back, SlotKept)],
)


@pytest.mark.parametrize(
    ("slot_of", "refusal"),
    [(_too_soon, SlotTooSoon), (_too_far, SlotTooFar), (_kept_back, SlotKept), (_begun, SlotPassed)],
)
async def test_a_patient_is_refused_what_is_not_offered_online_and_told_of_other_times(
    slot_of: Callable[[CastDoctor], Awaitable[UUID]], refusal: type[NoLongerFree]
) -> None:
    with at_nine():
        doctor = await a_doctor()
        free = await a_slot(doctor, at="15:00")
        wanted = await slot_of(doctor)

        with pytest.raises(refusal) as refused:
            await hold_for(await a_patient(), wanted, doctor)

    assert [slot.id for slot in refused.value.free] == [free]
    assert await queries.open_holds(doctor.id, now=clock.now()) == []


@ONLY_THE_CLINIC
async def test_the_clinic_moves_a_visit_to_any_free_time_it_offers(
    slot_of: Callable[[CastDoctor], Awaitable[UUID]], refusal: type[NoLongerFree]
) -> None:
    with at_nine():
        doctor, asha = await a_doctor(), await a_patient()
        visit = await a_visit(asha, await a_slot(doctor, at="15:00"), doctor)
        wanted = await slot_of(doctor)

        moved = await services.reschedule(visit.id, slot_id=wanted, by=acting(doctor))

    assert moved.slot_id == wanted


async def test_a_longer_visit_over_a_kept_slot_is_refused_and_one_over_a_gap_is_held() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    long = await a_service(doctor.practice_id, minutes=45)
    first, second, third = [await a_slot(doctor, at=at, minutes=20) for at in ("10:00", "10:25", "10:50")]
    await execute("UPDATE slots SET covers_until = ends_at + interval '5 minutes' WHERE id <> $1", third)
    await _kept(third)

    with pytest.raises(SlotKept):
        await hold_for(asha, second, doctor, service_id=long)
    held = await hold_for(asha, first, doctor, service_id=long)
    await execute("UPDATE slots SET is_kept = false, covers_until = NULL")
    with pytest.raises(SlotGone):
        await hold_for(await a_patient("Vikram"), third, doctor, service_id=long)

    assert held.ends_at is not None
    assert held.ends_at - held.starts_at == timedelta(minutes=45)  # type: ignore[operator]


async def test_money_that_comes_late_for_a_time_that_was_offered_when_held_still_buys_it() -> None:
    with at_nine():
        doctor = await a_doctor()
        await _rules(doctor, lead_minutes=120)
        slot = await a_slot(doctor, starts_at=_in(minutes=125))
        held = await hold_for(await a_patient(), slot, doctor)
        with later(minutes=16):
            await services.expire(held.id, by=SYSTEM)
            await _rules(doctor, calendar_days=1, lead_minutes=1000)
            await _kept(slot)
            seated = await services.seat_again(held.id, by=SYSTEM)

    assert seated.status == "confirmed"


async def test_no_visit_is_longer_than_a_service_may_be() -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(doctor), doctor)

    with pytest.raises(CheckViolationError):
        await execute(
            "UPDATE appointments SET ends_at = starts_at + interval '481 minutes' WHERE id = $1", visit.id
        )
