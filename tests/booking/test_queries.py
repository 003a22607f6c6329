"""What is free, and who sees which visit."""

from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app import clock
from app.booking import queries, services
from app.booking.access import visit_for
from app.booking.queries import Visit
from app.directory.queries import get_practice
from app.errors import NotFound
from app.events.actor import SYSTEM
from tests.booking.visits import a_visit, acting, hold_for, later
from tests.factories import (
    Cast,
    a_doctor,
    a_patient,
    a_receptionist,
    a_service,
    a_slot,
    an_admin,
    clinic_day,
)


async def test_free_times_are_those_at_which_the_whole_visit_fits() -> None:
    doctor = await a_doctor()
    ten, half_past, eleven, one = [await a_slot(doctor, at=at) for at in ("10:00", "10:30", "11:00", "13:00")]
    await hold_for(await a_patient(), eleven, doctor)

    async def free(minutes: int) -> list[object]:
        slots = await queries.open_slots(doctor.practice_id, clinic_day(), minutes=minutes, now=clock.now())
        return [slot.id for slot in slots]

    assert await free(30) == [ten, half_past, one]
    assert await free(20) == [ten, half_past, one]
    assert await free(60) == [ten]
    assert await free(90) == []


async def test_another_practices_slot_next_door_does_not_lengthen_a_visit() -> None:
    doctor = await a_doctor()
    await a_slot(doctor)
    await a_slot(await a_doctor("Dr Arjun"), at="10:30")

    free = await queries.open_slots(doctor.practice_id, clinic_day(), minutes=60, now=clock.now())

    assert free == []


async def test_a_day_shows_each_slots_state_and_a_lapsed_hold_counts_as_free() -> None:
    doctor = await a_doctor()
    for at in ("10:00", "11:00", "12:00", "13:00"):
        await a_slot(doctor, at=at)
    slots = await queries.day_slots(doctor.practice_id, clinic_day(), now=clock.now())
    await a_visit(await a_patient(), slots[0].id, doctor)
    await hold_for(await a_patient(), slots[1].id, doctor)
    asha = await a_patient()
    gone = await a_visit(asha, slots[2].id, doctor)
    await services.cancel(gone.id, reason="", by=acting(asha))

    now = await queries.day_slots(doctor.practice_id, clinic_day(), now=clock.now())
    after = await queries.day_slots(doctor.practice_id, clinic_day(), now=clock.now() + timedelta(minutes=16))

    assert [slot.state for slot in now] == ["booked", "held", "free", "free"]
    assert [slot.state for slot in after] == ["booked", "free", "free", "free"]


async def test_a_slot_a_long_visit_reaches_into_is_taken_too() -> None:
    doctor = await a_doctor()
    long = await a_service(doctor.practice_id, minutes=60)
    ten, _half_past = await a_slot(doctor), await a_slot(doctor, at="10:30")
    await hold_for(await a_patient(), ten, doctor, service_id=long)

    slots = await queries.day_slots(doctor.practice_id, clinic_day(), now=clock.now())

    assert [slot.state for slot in slots] == ["held", "held"]


async def test_days_are_counted_with_zeros_and_without_what_has_begun() -> None:
    doctor = await a_doctor()
    practice = await get_practice(doctor.practice_id)
    for at in ("10:00", "10:30"):
        await a_slot(doctor, at=at)
    await a_slot(doctor, days_ahead=3)
    await a_slot(doctor, starts_at=clock.now() - timedelta(minutes=1))

    days = await queries.free_days(practice, minutes=30, days=4, start=clinic_day(0), now=clock.now())

    assert [(day.on, day.free) for day in days] == [
        (clinic_day(0), 0),
        (clinic_day(1), 2),
        (clinic_day(2), 0),
        (clinic_day(3), 1),
    ]


async def test_the_next_free_time_of_many_practices_leaves_out_the_full_ones() -> None:
    meera, arjun, full = await a_doctor(), await a_doctor("Dr Arjun"), await a_doctor("Dr Full")
    taken = await a_slot(meera)
    await a_slot(meera, at="11:00")
    await a_slot(arjun, days_ahead=4)
    await hold_for(await a_patient(), taken, meera)
    ids = [meera.practice_id, arjun.practice_id, full.practice_id]

    free = await queries.next_free(ids, now=clock.now())

    assert set(free) == {meera.practice_id, arjun.practice_id}
    slots = await queries.open_slots(meera.practice_id, clinic_day(), minutes=30, now=clock.now())
    assert free[meera.practice_id] == slots[0].starts_at


async def test_other_times_are_the_closest_before_and_after() -> None:
    doctor = await a_doctor()
    wanted, *others = [await a_slot(doctor, at=at) for at in ("12:00", "08:00", "11:00", "12:30", "14:00")]
    await a_slot(doctor, days_ahead=2, at="12:00")
    near = (await queries.day_slots(doctor.practice_id, clinic_day(), now=clock.now()))[2].starts_at
    await hold_for(await a_patient(), wanted, doctor)

    free = await queries.other_times(doctor.practice_id, near=near, minutes=30, now=clock.now())

    assert [slot.id for slot in free] == [others[1], others[2], others[3]]


async def past_ids(patient: Cast, now: datetime, *, paid: Sequence[UUID] = ()) -> list[UUID]:
    found = await queries.past_visits(patient.id, paid=paid, now=now, page=1, page_size=10)
    return [visit.id for visit in found.items]


async def test_a_patients_visits_are_to_come_or_over() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    soon = await a_visit(asha, await a_slot(doctor), doctor)
    held = await hold_for(asha, await a_slot(doctor, days_ahead=2), doctor)
    gone = await a_visit(asha, await a_slot(doctor, at="15:00"), doctor)
    await services.cancel(gone.id, reason="", by=acting(asha))

    def coming(now: datetime) -> Awaitable[list[Visit]]:
        return queries.coming_visits(asha.id, now=now)

    assert [visit.id for visit in await coming(clock.now())] == [soon.id, held.id]
    assert await past_ids(asha, clock.now()) == [gone.id]
    assert [visit.id for visit in await coming(clock.now() + timedelta(minutes=16))] == [soon.id]
    with later(days=5):
        assert await coming(clock.now()) == []
        assert set(await past_ids(asha, clock.now())) == {soon.id, gone.id}


async def test_times_that_never_became_a_visit_are_past_only_where_money_came() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    lapsed = await hold_for(asha, await a_slot(doctor), doctor)
    given_up = await hold_for(asha, await a_slot(doctor, at="15:00"), doctor)
    await services.cancel(given_up.id, reason="", by=acting(asha))
    with later(minutes=16):
        unswept = await past_ids(asha, clock.now())
        await services.expire(lapsed.id, by=SYSTEM)
        swept = await past_ids(asha, clock.now())
        paid_for = await past_ids(asha, clock.now(), paid=[lapsed.id])

    assert unswept == []
    assert swept == []
    assert paid_for == [lapsed.id]


async def test_a_page_of_past_visits_that_is_none_is_the_nearest() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    first = await a_visit(asha, await a_slot(doctor, at="09:00"), doctor)
    second = await a_visit(asha, await a_slot(doctor, at="15:00"), doctor)
    with later(days=5):
        beyond = await queries.past_visits(asha.id, paid=[], now=clock.now(), page=9, page_size=1)
        before = await queries.past_visits(asha.id, paid=[], now=clock.now(), page=0, page_size=1)

    assert (beyond.page, beyond.pages, [visit.id for visit in beyond.items]) == (2, 2, [first.id])
    assert (before.page, [visit.id for visit in before.items]) == (1, [second.id])


async def test_a_visit_is_found_by_code_in_any_case_and_by_id_for_those_it_concerns() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    allowed = [asha, doctor, await a_receptionist(doctor.clinic_id), await an_admin()]

    for person in allowed:
        account = await person.account()
        for key in (visit.code, visit.code.lower(), f" {visit.code} ", str(visit.id), visit.id):
            assert (await visit_for(key, account)).id == visit.id


async def test_a_visit_is_not_found_by_anybody_else_nor_an_unknown_one() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    other = await a_doctor("Dr Arjun")
    strangers = [await a_patient("Vikram"), other, await a_receptionist(other.clinic_id)]

    for person in strangers:
        with pytest.raises(NotFound):
            await visit_for(visit.code, await person.account())
    for key in ("", "NOSUCH22", uuid4()):
        with pytest.raises(NotFound):
            await visit_for(key, await asha.account())


async def test_the_history_tells_every_change_oldest_first_with_its_note() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await services.request_reschedule(visit.id, note="Exam", by=acting(asha))
    await services.reschedule(
        visit.id, slot_id=await a_slot(doctor, at="15:00"), note="Fine", by=acting(doctor)
    )
    await services.cancel(visit.id, reason="Better", by=acting(asha))

    history = await queries.history_of(visit.id)

    assert [(one.old, one.new, one.by_role, one.note) for one in history] == [
        (None, "held", "patient", ""),
        ("held", "confirmed", "patient", ""),
        ("confirmed", "confirmed", "patient", "Exam"),
        ("confirmed", "confirmed", "doctor", "Fine"),
        ("confirmed", "cancelled", "patient", "Better"),
    ]
    assert [one.at for one in history] == sorted(one.at for one in history)
