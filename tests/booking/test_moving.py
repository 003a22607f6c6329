"""Another time for a visit: moved by the clinic, asked for by the patient."""

import asyncio
from datetime import timedelta

import pytest

from app import clock
from app.booking import queries, services
from app.booking.errors import (
    NoOpenRequest,
    NotPossible,
    RequestOpen,
    SameTime,
    SlotGone,
    SlotPassed,
    SlotTaken,
    VisitBegun,
)
from app.errors import NotFound
from app.events import names
from tests.booking.visits import a_visit, acting, events, hold_for, later, live_overlaps
from tests.factories import a_doctor, a_patient, a_service, a_slot, clinic_day


async def test_a_move_on_the_same_day_keeps_the_token_and_frees_the_old_time() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    ten, noon = await a_slot(doctor), await a_slot(doctor, at="12:00")
    visit = await a_visit(asha, ten, doctor)

    moved = await services.reschedule(visit.id, slot_id=noon, note="Surgery at ten", by=acting(doctor))

    assert (moved.slot_id, moved.token_number, moved.status) == (noon, visit.token_number, "confirmed")
    assert moved.starts_at == (visit.starts_at or clock.now()) + timedelta(hours=2)
    told = (await events(visit.id))[-1]
    assert told.name == names.APPOINTMENT_RESCHEDULED
    assert (told.facts["from"], told.facts["to"]) == ("confirmed", "confirmed")
    assert told.facts["from_starts_at"] == visit.starts_at.isoformat()  # type: ignore[union-attr]
    assert told.facts["to_starts_at"] == moved.starts_at.isoformat()
    assert told.private == {"note": "Surgery at ten"}
    assert (await hold_for(await a_patient(), ten, doctor)).status == "held"


async def test_a_move_to_another_day_gets_a_new_token_and_the_old_one_is_not_given_again() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    here, there = await a_slot(doctor), await a_slot(doctor, days_ahead=2)
    await a_visit(await a_patient(), await a_slot(doctor, days_ahead=2, at="11:00"), doctor)
    visit = await a_visit(asha, here, doctor)

    away = await services.reschedule(visit.id, slot_id=there, by=acting(doctor))
    back = await services.reschedule(visit.id, slot_id=here, by=acting(doctor))

    assert (visit.token_number, away.token_number, back.token_number) == (1, 2, 2)
    assert (away.token_on, back.token_on) == (clinic_day(2), clinic_day(1))


async def test_a_taken_time_is_refused_with_others_and_nothing_changes() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    ten, noon, one = [await a_slot(doctor, at=at) for at in ("10:00", "12:00", "13:00")]
    visit = await a_visit(asha, ten, doctor)
    await services.request_reschedule(visit.id, wish="later", by=acting(asha))
    await hold_for(vikram, noon, doctor)

    with pytest.raises(SlotTaken) as refused:
        await services.reschedule(visit.id, slot_id=noon, by=acting(doctor))

    assert [free.id for free in refused.value.free] == [one]
    assert await queries.get_appointment(visit.id) == visit
    assert (await queries.visit_by_id(visit.id)).request is not None


async def test_a_lapsed_hold_does_not_keep_a_visit_from_moving() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    noon = await a_slot(doctor, at="12:00")
    await hold_for(vikram, noon, doctor)

    with later(minutes=16):
        moved = await services.reschedule(visit.id, slot_id=noon, by=acting(doctor))

    assert moved.slot_id == noon
    assert await live_overlaps() == []


async def test_a_visit_may_move_by_less_than_its_own_length() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    long = await a_service(doctor.practice_id, name="Long", minutes=60)
    slots = [await a_slot(doctor, at=at) for at in ("10:00", "10:30", "11:00")]
    held = await hold_for(asha, slots[0], doctor, service_id=long)
    visit = await services.confirm(held.id, by=acting(asha))

    moved = await services.reschedule(visit.id, slot_id=slots[1], by=acting(doctor))

    assert moved.starts_at is not None
    assert moved.ends_at == moved.starts_at + timedelta(minutes=60)


async def test_moves_that_make_no_sense_are_refused() -> None:
    doctor, other, asha = await a_doctor(), await a_doctor("Dr Arjun"), await a_patient()
    ten = await a_slot(doctor)
    past = await a_slot(doctor, starts_at=clock.now() - timedelta(hours=1))
    gone = await a_slot(doctor, at="15:00")
    await services.withdraw_slot(gone, practice_id=doctor.practice_id, by=acting(doctor))
    visit = await a_visit(asha, ten, doctor)

    for slot, refusal in (
        (ten, SameTime),
        (past, SlotPassed),
        (gone, SlotGone),
        (await a_slot(other), NotFound),
    ):
        with pytest.raises(refusal):
            await services.reschedule(visit.id, slot_id=slot, by=acting(doctor))


async def test_a_visit_that_is_over_is_not_moved() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await services.cancel(visit.id, reason="", by=acting(asha))

    with pytest.raises(NotPossible):
        await services.reschedule(visit.id, slot_id=await a_slot(doctor, at="12:00"), by=acting(doctor))
    with pytest.raises(NotPossible):
        await services.request_reschedule(visit.id, by=acting(asha))


async def test_a_patients_request_is_told_with_its_words_apart() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    await services.request_reschedule(visit.id, note="Train is late", wish="afternoons", by=acting(asha))

    request = (await queries.visit_by_id(visit.id)).request
    assert request is not None
    assert (request.note, request.wish) == ("Train is late", "afternoons")
    told = (await events(visit.id))[-1]
    assert told.name == names.RESCHEDULE_REQUESTED
    assert told.private == {"note": "Train is late", "wish": "afternoons"}
    assert "Train" not in str(told.facts)


async def test_one_request_is_open_at_once() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await services.request_reschedule(visit.id, by=acting(asha))

    with pytest.raises(RequestOpen):
        await services.request_reschedule(visit.id, by=acting(asha))
    await services.decline_request(visit.id, note="No other time", by=acting(doctor))
    with pytest.raises(NoOpenRequest):
        await services.decline_request(visit.id, by=acting(doctor))

    assert (await queries.visit_by_id(visit.id)).request is None
    assert (await events(visit.id))[-1].name == names.RESCHEDULE_DECLINED
    await services.request_reschedule(visit.id, by=acting(asha))


async def test_a_move_answers_the_request_and_a_cancellation_closes_it() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    moved = await a_visit(asha, await a_slot(doctor), doctor)
    cancelled = await a_visit(asha, await a_slot(doctor, at="11:00"), doctor)
    for visit in (moved, cancelled):
        await services.request_reschedule(visit.id, by=acting(asha))

    await services.reschedule(moved.id, slot_id=await a_slot(doctor, at="16:00"), by=acting(doctor))
    await services.cancel(cancelled.id, reason="", by=acting(asha))

    scope = queries.Scope(doctor.id, "doctor")
    assert await queries.open_requests(scope, now=clock.now()) == []


async def test_a_wish_is_accepted_once_however_many_pages_are_open() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    first, second = await a_slot(doctor, at="16:00"), await a_slot(doctor, at="17:00")
    await services.request_reschedule(visit.id, wish="later", by=acting(asha))

    moved = await services.accept_request(visit.id, slot_id=first, note="See you", by=acting(doctor))
    with pytest.raises(NoOpenRequest):
        await services.accept_request(visit.id, slot_id=second, by=acting(doctor))

    assert moved.slot_id == first
    assert (await queries.get_appointment(visit.id)).slot_id == first
    assert (await events(visit.id))[-1].private == {"note": "See you"}


async def test_a_wish_declined_before_is_not_accepted() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    ten = await a_slot(doctor)
    visit = await a_visit(asha, ten, doctor)
    await services.request_reschedule(visit.id, wish="later", by=acting(asha))
    await services.decline_request(visit.id, by=acting(doctor))

    with pytest.raises(NoOpenRequest):
        await services.accept_request(visit.id, slot_id=await a_slot(doctor, at="16:00"), by=acting(doctor))

    assert (await queries.get_appointment(visit.id)).slot_id == ten


async def test_two_desks_that_accept_at_once_move_once() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    slots = [await a_slot(doctor, at="16:00"), await a_slot(doctor, at="17:00")]
    await services.request_reschedule(visit.id, wish="later", by=acting(asha))

    answers = await asyncio.gather(
        *(services.accept_request(visit.id, slot_id=slot, by=acting(doctor)) for slot in slots),
        return_exceptions=True,
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Appointment", "NoOpenRequest"]
    moves = [event for event in await events(visit.id) if event.name == names.APPOINTMENT_RESCHEDULED]
    assert len(moves) == 1


async def test_a_wish_is_taken_back_once_and_another_may_follow() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await services.request_reschedule(visit.id, wish="later", by=acting(asha))

    await services.withdraw_request(visit.id, by=acting(asha))
    with pytest.raises(NoOpenRequest):
        await services.withdraw_request(visit.id, by=acting(asha))
    with pytest.raises(NoOpenRequest):
        await services.decline_request(visit.id, by=acting(doctor))

    assert (await events(visit.id))[-1].name == names.RESCHEDULE_WITHDRAWN
    assert (await queries.get_appointment(visit.id)).starts_at == visit.starts_at
    await services.request_reschedule(visit.id, wish="sooner", by=acting(asha))


async def test_a_history_says_from_where_to_where_a_visit_moved() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    moved = await services.reschedule(visit.id, slot_id=await a_slot(doctor, at="16:00"), by=acting(doctor))

    last = (await queries.history_of(visit.id))[-1]

    assert (last.moved_from, last.moved_to) == (visit.starts_at, moved.starts_at)


async def test_nobody_asks_for_another_time_once_the_visit_has_begun() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    with later(days=3), pytest.raises(VisitBegun):
        await services.request_reschedule(visit.id, by=acting(asha))
