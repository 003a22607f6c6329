"""How a visit ends, and taking slots back."""

import pytest

from app import clock
from app.booking import queries, services
from app.booking.errors import AlreadyCancelled, NotBegun, NotPossible, SlotInUse, VisitBegun
from app.db.engine import execute
from app.errors import NotFound
from app.events import names
from tests.booking.visits import a_visit, acting, events, hold_for, later, the_clock_at
from tests.factories import a_doctor, a_patient, a_receptionist, a_slot, clinic_day


async def test_cancelling_frees_the_time_tells_why_apart_and_twice_is_refused() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor)
    visit = await a_visit(asha, slot, doctor)

    cancelled = await services.cancel(visit.id, reason="Feeling better", by=acting(asha))
    with pytest.raises(AlreadyCancelled):
        await services.cancel(visit.id, reason="", by=acting(asha))

    assert cancelled.status == "cancelled"
    told = [event for event in await events(visit.id) if event.name == names.APPOINTMENT_CANCELLED]
    assert [(event.facts["from"], event.facts["to"], event.private) for event in told] == [
        ("confirmed", "cancelled", {"note": "Feeling better"})
    ]
    assert (await hold_for(await a_patient(), slot, doctor)).status == "held"


async def test_a_patient_cannot_cancel_once_the_visit_has_begun_but_the_clinic_can() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    sunita = await a_receptionist(doctor.clinic_id)
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    with later(days=2):
        with pytest.raises(VisitBegun):
            await services.cancel(visit.id, reason="", by=acting(asha))
        cancelled = await services.cancel(visit.id, reason="Doctor ill", by=acting(sunita))

    assert cancelled.status == "cancelled"


async def test_a_hold_can_be_cancelled_for_good() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await hold_for(asha, await a_slot(doctor), doctor)

    assert (await services.cancel(held.id, reason="", by=acting(asha))).status == "cancelled"


async def test_who_comes_early_is_seen_early() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor, days_ahead=3), doctor)
    await services.request_reschedule(visit.id, wish="sooner", by=acting(asha))

    completed = await services.complete(visit.id, by=acting(doctor))

    assert completed.status == "completed"
    assert (await queries.visit_by_id(visit.id)).request is None


async def test_a_visit_is_completed_once() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor, at="23:00"), doctor)

    with later(days=1):
        completed = await services.complete(visit.id, by=acting(doctor))
        with pytest.raises(NotPossible):
            await services.complete(visit.id, by=acting(doctor))
        with pytest.raises(NotPossible):
            await services.cancel(visit.id, reason="", by=acting(doctor))

    assert completed.status == "completed"
    assert len([e for e in await events(visit.id) if e.name == names.APPOINTMENT_COMPLETED]) == 1


async def test_nobody_has_failed_to_come_before_the_time_has_come() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    assert visit.starts_at is not None

    with pytest.raises(NotBegun):
        await services.mark_no_show(visit.id, by=acting(doctor))
    with the_clock_at(visit.starts_at):
        missed = await services.mark_no_show(visit.id, by=acting(doctor))

    assert missed.status == "no_show"


async def test_a_hold_is_neither_completed_nor_missed() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await hold_for(asha, await a_slot(doctor), doctor)

    with later(days=2):
        with pytest.raises(NotPossible):
            await services.complete(held.id, by=acting(doctor))
        with pytest.raises(NotPossible):
            await services.mark_no_show(held.id, by=acting(doctor))


async def test_appointments_are_never_deleted() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    with pytest.raises(Exception, match="never deleted"):
        await execute("DELETE FROM appointments WHERE id = $1", visit.id)


async def test_a_slot_somebody_holds_or_booked_stays_and_a_lapsed_hold_does_not_keep_it() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    booked, held, free = [await a_slot(doctor, at=at) for at in ("10:00", "11:00", "12:00")]
    await a_visit(asha, booked, doctor)
    await hold_for(asha, held, doctor)

    for slot in (booked, held):
        with pytest.raises(SlotInUse):
            await services.withdraw_slot(slot, practice_id=doctor.practice_id, by=acting(doctor))
    await services.withdraw_slot(free, practice_id=doctor.practice_id, by=acting(doctor))
    with later(minutes=16):
        await services.withdraw_slot(held, practice_id=doctor.practice_id, by=acting(doctor))

    left = await queries.day_slots(doctor.practice_id, clinic_day(), now=clock.now())
    assert [slot.id for slot in left] == [booked]


async def test_a_doctor_withdraws_only_her_own_slots_and_each_once() -> None:
    meera, arjun = await a_doctor(), await a_doctor("Dr Arjun")
    slot = await a_slot(meera)

    with pytest.raises(NotFound):
        await services.withdraw_slot(slot, practice_id=arjun.practice_id, by=acting(arjun))
    await services.withdraw_slot(slot, practice_id=meera.practice_id, by=acting(meera))
    with pytest.raises(NotFound):
        await services.withdraw_slot(slot, practice_id=meera.practice_id, by=acting(meera))
