"""Holding a time, and what may happen to a hold."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app import clock
from app.accounts.queries import get_person, self_of
from app.booking import queries, services
from app.booking.errors import (
    AlreadyBooked,
    AlreadyExtended,
    BadText,
    HoldOver,
    HoldRunning,
    NotPossible,
    OwnLimit,
    OwnOverlap,
    SlotGone,
    SlotPassed,
    SlotTaken,
)
from app.db.engine import execute, transaction
from app.errors import NotFound
from app.events import names
from app.events.actor import SYSTEM
from app.settings import settings
from tests.booking.visits import a_visit, acting, events, hold_for, later, live_overlaps
from tests.factories import a_doctor, a_patient, a_person, a_service, a_slot, clinic_day


async def test_a_hold_keeps_the_time_the_price_and_the_reason() -> None:
    doctor, asha = await a_doctor(fee_paise=45_000), await a_patient()
    slot = await a_slot(doctor)

    held = await hold_for(asha, slot, doctor, reason="Cough")

    assert (held.status, held.amount_paise, held.reason, held.slot_id) == ("held", 45_000, "Cough", slot)
    assert held.token_number is None
    assert held.on_date == clinic_day()
    assert held.hold_expires_at is not None
    assert timedelta(minutes=14) < held.hold_expires_at - clock.now() <= timedelta(minutes=15)


async def test_a_hold_writes_one_event_that_holds_nothing_personal() -> None:
    doctor, asha = await a_doctor(), await a_patient()

    held = await hold_for(asha, await a_slot(doctor), doctor, reason="Something private")

    [event] = await events(held.id)
    assert (event.name, event.by_id, event.by_role) == (names.APPOINTMENT_HELD, asha.id, "patient")
    assert (event.facts["from"], event.facts["to"]) == (None, "held")
    assert "private" not in str(event.facts)
    assert held.code not in str(event.facts)


async def test_a_held_time_is_taken_and_three_others_are_named() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot = await a_slot(doctor, at="10:00")
    others = [await a_slot(doctor, at=at) for at in ("09:30", "10:30", "11:00", "15:00")]
    await hold_for(asha, slot, doctor)

    with pytest.raises(SlotTaken) as refused:
        await hold_for(vikram, slot, doctor)

    assert [free.id for free in refused.value.free] == others[:3]
    first = refused.value.extra["free"][0]
    assert first["id"] == str(others[0])
    assert first["starts_at"] == f"{clinic_day()}T09:30:00+05:30"
    assert first["ends_at"] == f"{clinic_day()}T10:00:00+05:30"


async def test_a_lapsed_hold_frees_its_time_by_time_alone() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot = await a_slot(doctor)
    first = await hold_for(asha, slot, doctor)

    with later(minutes=16):
        free = await queries.open_slots(doctor.practice_id, clinic_day(), minutes=30, now=clock.now())
        second = await hold_for(vikram, slot, doctor)

    assert [one.id for one in free] == [slot]
    assert second.status == "held"
    assert (await queries.get_appointment(first.id)).status == "expired"
    assert [event.name for event in await events(first.id)] == [
        names.APPOINTMENT_HELD,
        names.APPOINTMENT_EXPIRED,
    ]
    assert await live_overlaps() == []


async def test_a_visit_may_cover_several_slots_in_a_row_but_no_gap() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    long = await a_service(doctor.practice_id, name="Long", minutes=60)
    ten, half_past, eleven = [await a_slot(doctor, at=at) for at in ("10:00", "10:30", "11:30")]

    held = await hold_for(asha, ten, doctor, service_id=long)

    assert held.starts_at is not None
    assert held.ends_at == held.starts_at + timedelta(minutes=60)
    for slot in (half_past, eleven):
        with pytest.raises((SlotGone, SlotTaken)):
            await hold_for(await a_patient(), slot, doctor, service_id=long)
    with pytest.raises(SlotTaken):
        await hold_for(await a_patient(), half_past, doctor)


async def test_a_time_that_has_begun_is_refused() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor, starts_at=clock.now() - timedelta(seconds=1))
    later_one = await a_slot(doctor, days_ahead=1)

    with pytest.raises(SlotPassed) as refused:
        await hold_for(asha, slot, doctor)

    assert [free.id for free in refused.value.free] == [later_one]


async def test_a_withdrawn_or_unknown_slot_and_another_practices_are_refused() -> None:
    doctor, other, asha = await a_doctor(), await a_doctor("Dr Arjun"), await a_patient()
    withdrawn = await a_slot(doctor)
    await services.withdraw_slot(withdrawn, practice_id=doctor.practice_id, by=acting(doctor))

    with pytest.raises(SlotGone):
        await hold_for(asha, withdrawn, doctor)
    with pytest.raises(NotFound):
        await hold_for(asha, uuid4(), doctor)
    with pytest.raises(NotFound):
        await hold_for(asha, await a_slot(other), doctor)


async def test_nobody_holds_a_time_of_a_practice_that_is_closed() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor)
    await execute("UPDATE practices SET is_active = false WHERE id = $1", doctor.practice_id)

    with pytest.raises(SlotGone):
        await hold_for(asha, slot, doctor)


async def test_three_times_may_be_held_at_once_and_a_lapsed_one_counts_no_more() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slots = [await a_slot(doctor, at=at) for at in ("10:00", "10:30", "11:00", "11:30")]
    for slot in slots[:3]:
        await hold_for(asha, slot, doctor)

    with pytest.raises(OwnLimit):
        await hold_for(asha, slots[3], doctor)

    with later(minutes=16):
        assert (await hold_for(asha, slots[3], doctor)).status == "held"


async def test_one_person_has_one_visit_at_a_time_but_a_family_may_have_two() -> None:
    meera, arjun, asha = await a_doctor(), await a_doctor("Dr Arjun"), await a_patient()
    child = await get_person(await a_person(asha.id), account_id=asha.id)
    await hold_for(asha, await a_slot(meera), meera)
    same_time = await a_slot(arjun)

    with pytest.raises(OwnOverlap) as refused:
        await hold_for(asha, same_time, arjun)
    for_the_child = await hold_for(asha, same_time, arjun, person=child)

    assert refused.value.slug == "own-limit"
    assert for_the_child.person_id == child.id


async def test_a_reason_too_long_is_refused_at_its_field() -> None:
    doctor, asha = await a_doctor(), await a_patient()

    with pytest.raises(BadText) as refused:
        await hold_for(asha, await a_slot(doctor), doctor, reason="a" * 501)

    assert list(refused.value.fields) == ["reason"]


async def test_a_reason_with_a_sign_that_cannot_be_stored_is_refused_at_its_field() -> None:
    doctor, asha = await a_doctor(), await a_patient()

    with pytest.raises(BadText) as refused:
        await hold_for(asha, await a_slot(doctor), doctor, reason="a\x00b")

    assert list(refused.value.fields) == ["reason"]


async def test_a_refused_hold_leaves_nothing_behind() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot = await a_slot(doctor)
    await hold_for(asha, slot, doctor)

    with pytest.raises(SlotTaken):
        async with transaction():
            await hold_for(vikram, slot, doctor)

    assert await queries.open_holds(vikram.id, now=clock.now()) == []


async def test_pressing_twice_finds_the_own_hold() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot = await a_slot(doctor)
    held = await hold_for(asha, slot, doctor)

    assert await queries.find_own_hold(slot, asha.id, now=clock.now()) == held
    assert await queries.find_own_hold(slot, vikram.id, now=clock.now()) is None


async def test_a_hold_is_extended_once_by_its_full_length_however_early_that_is_asked() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await hold_for(asha, await a_slot(doctor), doctor)

    with later(minutes=2):
        extended = await services.extend_hold(held.id, by=acting(asha))
        with pytest.raises(AlreadyExtended):
            await services.extend_hold(held.id, by=acting(asha))

    assert held.hold_expires_at is not None
    assert extended.hold_expires_at is not None
    assert extended.hold_expires_at == held.hold_expires_at + settings().hold_for


async def test_a_lapsed_hold_is_not_extended_or_changed() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await hold_for(asha, await a_slot(doctor), doctor)

    with later(minutes=16):
        with pytest.raises(HoldOver):
            await services.extend_hold(held.id, by=acting(asha))
        with pytest.raises(HoldOver):
            await services.change_details(held.id, person=await self_of(asha.id), reason="", by=acting(asha))


async def test_a_booked_visit_is_not_told_that_its_hold_is_over() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    with pytest.raises(AlreadyBooked):
        await services.extend_hold(visit.id, by=acting(asha))
    with pytest.raises(AlreadyBooked):
        await services.change_details(visit.id, person=await self_of(asha.id), reason="", by=acting(asha))


async def test_details_change_while_held_and_only_their_names_are_told() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    child = await get_person(await a_person(asha.id), account_id=asha.id)
    held = await hold_for(asha, await a_slot(doctor), doctor, reason="Cough")

    changed = await services.change_details(held.id, person=child, reason="Fever", by=acting(asha))
    again = await services.change_details(held.id, person=child, reason="Fever", by=acting(asha))

    assert (changed.person_id, changed.reason) == (child.id, "Fever")
    assert again == changed
    told = [event for event in await events(held.id) if event.name == names.HOLD_DETAILS_CHANGED]
    assert [event.facts["changed"] for event in told] == [["person_id", "reason"]]


async def test_details_may_change_with_three_holds_open_but_not_onto_a_person_who_is_busy() -> None:
    doctor, arjun, asha = await a_doctor(), await a_doctor("Dr Arjun"), await a_patient()
    child = await get_person(await a_person(asha.id), account_id=asha.id)
    own = await hold_for(asha, await a_slot(doctor), doctor)
    childs = await hold_for(asha, await a_slot(arjun), arjun, person=child)
    await hold_for(asha, await a_slot(doctor, at="11:00"), doctor)

    changed = await services.change_details(
        own.id, person=await self_of(asha.id), reason="Cough", by=acting(asha)
    )
    with pytest.raises(OwnOverlap):
        await services.change_details(childs.id, person=await self_of(asha.id), reason="", by=acting(asha))

    assert changed.reason == "Cough"


async def test_giving_up_a_hold_frees_the_time_at_once_and_twice_is_refused() -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    slot = await a_slot(doctor)
    held = await hold_for(asha, slot, doctor)

    released = await services.release_hold(held.id, by=acting(asha))
    with pytest.raises(HoldOver):
        await services.release_hold(held.id, by=acting(asha))

    assert released.status == "expired"
    assert (await hold_for(vikram, slot, doctor)).status == "held"


async def test_a_running_hold_is_not_closed_by_the_sweeper_and_closing_twice_closes_once() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await hold_for(asha, await a_slot(doctor), doctor)

    with pytest.raises(HoldRunning):
        await services.expire(held.id, by=SYSTEM)
    with later(minutes=16):
        first = await services.expire(held.id, by=SYSTEM)
        second = await services.expire(held.id, by=SYSTEM)

    assert first == second
    assert len([e for e in await events(held.id) if e.name == names.APPOINTMENT_EXPIRED]) == 1


async def test_a_booked_visit_is_neither_released_nor_expired() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await hold_for(asha, await a_slot(doctor), doctor)
    await services.confirm(held.id, by=SYSTEM)

    with pytest.raises(NotPossible):
        await services.release_hold(held.id, by=acting(asha))
    with later(minutes=16), pytest.raises(NotPossible):
        await services.expire(held.id, by=SYSTEM)
