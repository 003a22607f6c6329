"""From a hold to a seat: tokens, approval, and being seated again."""

from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.booking import queries, services
from app.booking.errors import (
    AlreadyCancelled,
    AnswerTooLate,
    HoldOver,
    NotPossible,
    SlotGone,
    SlotPassed,
    SlotTaken,
)
from app.db.engine import transaction
from app.events import names
from app.events.actor import GATEWAY, SYSTEM
from tests.booking.visits import a_visit, acting, events, hold_for, later, live_overlaps
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot, clinic_day


async def test_confirming_gives_the_next_token_of_the_day() -> None:
    doctor = await a_doctor()
    tokens = []
    for at in ("10:00", "10:30", "11:00"):
        visit = await a_visit(await a_patient(), await a_slot(doctor, at=at), doctor)
        tokens.append(visit.token_number)

    other_day = await a_visit(await a_patient(), await a_slot(doctor, days_ahead=2), doctor)

    assert tokens == [1, 2, 3]
    assert (other_day.token_number, other_day.token_on) == (1, clinic_day(2))


async def test_a_rolled_back_confirmation_leaves_no_gap_in_the_tokens() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    first = await hold_for(asha, await a_slot(doctor), doctor)
    second = await hold_for(vikram, await a_slot(doctor, at="10:30"), doctor)

    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await services.confirm(first.id, by=GATEWAY)
            raise ZeroDivisionError
    confirmed = await services.confirm(second.id, by=GATEWAY)

    assert confirmed.token_number == 1
    assert (await queries.get_appointment(first.id)).status == "held"


async def test_confirming_twice_is_refused_and_tells_once() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    with pytest.raises(NotPossible):
        await services.confirm(visit.id, by=GATEWAY)

    booked = [event for event in await events(visit.id) if event.name == names.APPOINTMENT_BOOKED]
    assert [(event.facts["from"], event.facts["to"]) for event in booked] == [("held", "confirmed")]


async def test_a_lapsed_hold_nobody_swept_is_still_confirmed_but_not_once_its_time_began() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    tomorrow = await hold_for(asha, await a_slot(doctor), doctor)
    soon = await a_slot(doctor, starts_at=clock.now() + timedelta(minutes=20))
    today = await hold_for(vikram, soon, doctor)

    with later(minutes=30):
        confirmed = await services.confirm(tomorrow.id, by=GATEWAY)
        with pytest.raises(SlotPassed):
            await services.confirm(today.id, by=GATEWAY)

    assert confirmed.status == "confirmed"


async def test_an_expired_hold_is_not_confirmed_by_the_ordinary_way() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await hold_for(asha, await a_slot(doctor), doctor)
    await services.release_hold(held.id, by=acting(asha))

    with pytest.raises(HoldOver):
        await services.confirm(held.id, by=GATEWAY)


async def test_where_the_doctor_approves_a_visit_waits_and_gets_its_token_with_the_approval() -> None:
    doctor, asha = await a_doctor(approves_visits=True), await a_patient()

    pending = await a_visit(asha, await a_slot(doctor, days_ahead=3), doctor)
    approved = await services.approve(pending.id, note="Come fasting", by=acting(doctor))

    assert (pending.status, pending.token_number) == ("pending", None)
    assert pending.approve_until is not None
    assert timedelta(hours=23) < pending.approve_until - clock.now() <= timedelta(hours=24)
    assert (approved.status, approved.token_number) == ("confirmed", 1)
    booked = (await events(pending.id))[-1]
    assert (booked.name, booked.private) == (names.APPOINTMENT_BOOKED, {"note": "Come fasting"})


async def test_the_answer_is_due_before_the_visit_begins() -> None:
    doctor, asha = await a_doctor(approves_visits=True), await a_patient()
    start = clock.now() + timedelta(hours=2)

    pending = await a_visit(asha, await a_slot(doctor, starts_at=start), doctor)

    assert pending.approve_until == start
    with later(hours=2, minutes=1), pytest.raises(AnswerTooLate):
        await services.approve(pending.id, by=acting(doctor))


async def test_a_declined_visit_frees_its_time_and_cannot_be_approved() -> None:
    doctor, asha = await a_doctor(approves_visits=True), await a_patient()
    slot = await a_slot(doctor)
    pending = await a_visit(asha, slot, doctor)

    declined = await services.decline(pending.id, note="Fully booked", by=acting(doctor))

    assert declined.status == "cancelled"
    assert (await events(pending.id))[-1].name == names.APPOINTMENT_DECLINED
    with pytest.raises(NotPossible):
        await services.approve(pending.id, by=acting(doctor))
    with pytest.raises(AlreadyCancelled):
        await services.decline(pending.id, by=acting(doctor))
    assert (await hold_for(await a_patient(), slot, doctor)).status == "held"


async def test_a_confirmed_visit_is_neither_approved_nor_declined() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    with pytest.raises(NotPossible):
        await services.approve(visit.id, by=acting(doctor))
    with pytest.raises(NotPossible):
        await services.decline(visit.id, by=acting(doctor))


async def an_expired_hold(doctor: CastDoctor, slot: UUID) -> UUID:
    """The id of a hold that a patient let lapse."""
    patient = await a_patient()
    held = await hold_for(patient, slot, doctor)
    await services.release_hold(held.id, by=acting(patient))
    return held.id


async def test_late_money_takes_the_time_again_when_it_is_free() -> None:
    doctor = await a_doctor()
    expired = await an_expired_hold(doctor, await a_slot(doctor))

    seated = await services.seat_again(expired, by=GATEWAY)

    assert (seated.status, seated.token_number) == ("confirmed", 1)
    assert (await events(seated.id))[-1].facts["from"] == "expired"


async def test_late_money_finds_the_time_taken_and_leaves_no_gap_in_the_tokens() -> None:
    doctor, vikram = await a_doctor(), await a_patient("Vikram")
    slot, other = await a_slot(doctor), await a_slot(doctor, at="12:00")
    expired = await an_expired_hold(doctor, slot)
    rival = await hold_for(vikram, slot, doctor)

    with pytest.raises(SlotTaken) as refused:
        await services.seat_again(expired, by=GATEWAY)
    confirmed = await services.confirm(rival.id, by=GATEWAY)

    assert [free.id for free in refused.value.free] == [other]
    assert confirmed.token_number == 1
    assert (await queries.get_appointment(expired)).status == "expired"


async def test_a_rivals_lapsed_hold_does_not_stand_in_the_way_of_late_money() -> None:
    doctor, vikram = await a_doctor(), await a_patient("Vikram")
    slot = await a_slot(doctor)
    expired = await an_expired_hold(doctor, slot)
    rival = await hold_for(vikram, slot, doctor)

    with later(minutes=16):
        seated = await services.seat_again(expired, by=GATEWAY)

    assert seated.status == "confirmed"
    assert (await queries.get_appointment(rival.id)).status == "expired"
    assert await live_overlaps() == []


async def test_late_money_does_not_take_a_time_that_has_begun_or_is_withdrawn() -> None:
    doctor = await a_doctor()
    soon = await a_slot(doctor, starts_at=clock.now() + timedelta(minutes=5))
    begun = await an_expired_hold(doctor, soon)
    slot = await a_slot(doctor)
    withdrawn = await an_expired_hold(doctor, slot)
    await services.withdraw_slot(slot, practice_id=doctor.practice_id, by=acting(doctor))

    with later(minutes=6), pytest.raises(SlotPassed):
        await services.seat_again(begun, by=GATEWAY)
    with pytest.raises(SlotGone):
        await services.seat_again(withdrawn, by=GATEWAY)


async def test_only_an_expired_visit_is_seated_again() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    gone = await a_visit(asha, await a_slot(doctor, at="12:00"), doctor)
    await services.cancel(gone.id, reason="", by=acting(asha))

    for appointment_id in (visit.id, gone.id):
        with pytest.raises(NotPossible):
            await services.seat_again(appointment_id, by=SYSTEM)


async def test_seated_again_where_the_doctor_approves_it_waits_for_approval() -> None:
    doctor = await a_doctor(approves_visits=True)
    expired = await an_expired_hold(doctor, await a_slot(doctor))

    assert (await services.seat_again(expired, by=GATEWAY)).status == "pending"
