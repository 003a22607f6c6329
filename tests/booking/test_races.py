"""Many at once: exactly one gets the time, on every path; the proof that the constraint decides it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import asyncpg
import pytest

from app.accounts.queries import get_person
from app.booking import services
from app.booking.errors import OwnLimit, OwnOverlap, SlotTaken
from app.errors import DomainError
from app.events.actor import GATEWAY
from tests.booking.visits import a_visit, acting, hold_for, later, live_overlaps
from tests.factories import a_doctor, a_patient, a_person, a_slot

T = TypeVar("T")

CONSTRAINT = "appointments_no_overlap"


async def all_at_once(*acts: Awaitable[T]) -> tuple[list[T], list[DomainError]]:
    """What came of acts that run at the same time: results, and refusals; anything else is a bug."""
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    bugs = [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, DomainError)]
    assert not bugs, bugs
    done = [one for one in outcomes if not isinstance(one, BaseException)]
    return done, [one for one in outcomes if isinstance(one, DomainError)]


async def test_of_many_patients_who_press_one_time_exactly_one_holds_it() -> None:
    doctor = await a_doctor()
    slot = await a_slot(doctor)
    patients = [await a_patient() for _n in range(20)]

    held, refused = await all_at_once(*(hold_for(patient, slot, doctor) for patient in patients))

    assert (len(held), len(refused)) == (1, 19)
    assert all(isinstance(refusal, SlotTaken) for refusal in refused)
    assert await live_overlaps() == []


async def test_of_many_patients_who_press_a_lapsed_time_exactly_one_holds_it() -> None:
    doctor = await a_doctor()
    slot = await a_slot(doctor)
    await hold_for(await a_patient(), slot, doctor)
    patients = [await a_patient() for _n in range(10)]

    with later(minutes=16):
        held, refused = await all_at_once(*(hold_for(patient, slot, doctor) for patient in patients))

    assert (len(held), len(refused)) == (1, 9)
    assert await live_overlaps() == []


async def test_visits_of_different_lengths_never_overlap() -> None:
    doctor = await a_doctor(minutes=60)
    slots = [await a_slot(doctor, at=f"{hour}:{half}") for hour in range(10, 14) for half in ("00", "30")]
    patients = [await a_patient() for _slot in slots]

    held, _refused = await all_at_once(
        *(hold_for(patient, slot, doctor) for patient, slot in zip(patients, slots, strict=True))
    )

    assert held
    assert await live_overlaps() == []


async def test_one_accounts_presses_are_counted_right() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slots = [await a_slot(doctor, at=f"1{n}:00") for n in range(8)]

    held, refused = await all_at_once(*(hold_for(asha, slot, doctor) for slot in slots))

    assert (len(held), len(refused)) == (3, 5)
    assert all(isinstance(refusal, OwnLimit) for refusal in refused)


async def test_two_holds_of_one_time_never_both_become_the_same_persons() -> None:
    asha = await a_patient()
    child, parent = [
        await get_person(await a_person(asha.id, relation=relation), account_id=asha.id)
        for relation in ("child", "parent")
    ]
    held = []
    for person in (None, child):
        doctor = await a_doctor()
        held.append(await hold_for(asha, await a_slot(doctor), doctor, person=person))

    done, refused = await all_at_once(
        *(services.change_details(one.id, person=parent, reason="", by=acting(asha)) for one in held)
    )

    assert (len(done), len(refused)) == (1, 1)
    assert isinstance(refused[0], OwnOverlap)


async def test_a_move_and_a_hold_that_want_one_time_never_both_get_it() -> None:
    for hour in range(10, 18):
        doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
        wanted = await a_slot(doctor, at=f"{hour}:00")
        visit = await a_visit(asha, await a_slot(doctor, at="08:00"), doctor)

        done, refused = await all_at_once(
            services.reschedule(visit.id, slot_id=wanted, by=acting(doctor)), hold_for(vikram, wanted, doctor)
        )

        assert (len(done), len(refused)) == (1, 1)
        assert isinstance(refused[0], SlotTaken)
    assert await live_overlaps() == []


async def test_two_moves_to_one_time_never_both_get_it() -> None:
    doctor = await a_doctor()
    wanted = await a_slot(doctor, at="18:00")
    visits = [await a_visit(await a_patient(), await a_slot(doctor, at=f"1{n}:00"), doctor) for n in range(6)]

    done, refused = await all_at_once(
        *(services.reschedule(visit.id, slot_id=wanted, by=acting(doctor)) for visit in visits)
    )

    assert (len(done), len(refused)) == (1, 5)
    assert await live_overlaps() == []


async def test_late_money_and_a_hold_that_want_one_time_never_both_get_it() -> None:
    for hour in range(10, 18):
        doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
        slot = await a_slot(doctor, at=f"{hour}:00")
        late = await hold_for(asha, slot, doctor)
        await services.release_hold(late.id, by=acting(asha))

        done, refused = await all_at_once(
            services.seat_again(late.id, by=GATEWAY), hold_for(vikram, slot, doctor)
        )

        assert (len(done), len(refused)) == (1, 1)
    assert await live_overlaps() == []


async def test_a_slot_is_either_withdrawn_or_held() -> None:
    for hour in range(10, 18):
        doctor, asha = await a_doctor(), await a_patient()
        slot = await a_slot(doctor, at=f"{hour}:00")

        done, refused = await all_at_once(
            services.withdraw_slot(slot, practice_id=doctor.practice_id, by=acting(doctor)),
            hold_for(asha, slot, doctor),
        )

        assert (len(done), len(refused)) == (1, 1)


async def test_tokens_given_at_once_are_gap_free_and_unique() -> None:
    doctor = await a_doctor()
    held = [await hold_for(await a_patient(), await a_slot(doctor, at=f"1{n}:00"), doctor) for n in range(8)]

    confirmed, refused = await all_at_once(*(services.confirm(one.id, by=GATEWAY) for one in held))

    assert refused == []
    assert sorted(visit.token_number or 0 for visit in confirmed) == list(range(1, 9))


async def test_a_visit_cancelled_by_many_at_once_is_cancelled_once() -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    done, refused = await all_at_once(
        *(services.cancel(visit.id, reason="", by=acting(asha)) for _n in range(6))
    )

    assert (len(done), len(refused)) == (1, 5)


@pytest.fixture
async def without_the_constraint(owner: asyncpg.Connection) -> AsyncIterator[None]:
    """The guard taken away, and put back as it was."""
    definition = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", CONSTRAINT
    )
    await owner.execute(f"ALTER TABLE appointments DROP CONSTRAINT {CONSTRAINT}")
    yield
    await owner.execute("SET session_replication_role = replica; DELETE FROM appointments;")
    await owner.execute(f"ALTER TABLE appointments ADD CONSTRAINT {CONSTRAINT} {definition}")


@pytest.mark.usefixtures("without_the_constraint")
async def test_without_the_constraint_the_same_presses_double_book() -> None:
    doctor = await a_doctor()
    slot = await a_slot(doctor)
    patients = [await a_patient() for _n in range(20)]

    held, _refused = await all_at_once(*(hold_for(patient, slot, doctor) for patient in patients))

    assert len(held) > 1
    assert await live_overlaps() != []
