"""Many patients press at the same moment: each time is sold once, and everybody gets an answer."""

import asyncio
from collections import Counter
from uuid import UUID

import asyncpg
import httpx
import pytest

from app.db.engine import fetch_value
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot, token_of
from tests.surroundings import Surroundings

CLIENTS = 100
SLOTS = 10

OVERLAPS = """
SELECT count(*) FROM appointments a JOIN appointments b
  ON a.id < b.id AND a.doctor_id = b.doctor_id
 AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
WHERE a.status NOT IN ('cancelled', 'expired') AND b.status NOT IN ('cancelled', 'expired')
"""


async def _slots(doctor: CastDoctor) -> list[UUID]:
    return [await a_slot(doctor, at=f"{9 + place // 2:02}:{place % 2 * 30:02}") for place in range(SLOTS)]


async def _rush(base_url: str, tokens: list[str], slots: list[UUID]) -> list[httpx.Response]:
    """All clients start at once, each on its own connection, and press one time after the other."""

    async def press_all(token: str) -> list[httpx.Response]:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=base_url, timeout=120, headers=headers, verify=False) as client:
            return [
                await client.post(
                    "/api/appointments/book", json={"slot_id": str(slot), "pay_with": "razorpay"}
                )
                for slot in slots
            ]

    answers = await asyncio.gather(*map(press_all, tokens))
    return [answer for own in answers for answer in own]


async def _crowd() -> list[str]:
    return [await token_of(await a_patient(f"Patient {number}")) for number in range(CLIENTS)]


@pytest.mark.xdist_group("race")
async def test_a_hundred_patients_and_ten_times_make_ten_holds(surroundings: Surroundings) -> None:
    doctor = await a_doctor()
    slots = await _slots(doctor)

    answers = await _rush(surroundings.base_url, await _crowd(), slots)

    assert Counter(answer.status_code for answer in answers) == {201: SLOTS, 409: CLIENTS * SLOTS - SLOTS}
    assert (
        len({answer.json()["appointment"]["starts_at"] for answer in answers if answer.status_code == 201})
        == SLOTS
    )
    assert await fetch_value(OVERLAPS) == 0


@pytest.mark.xdist_group("race")
async def test_who_comes_second_is_offered_three_other_times(surroundings: Surroundings) -> None:
    doctor = await a_doctor()
    wanted, *others = await _slots(doctor)

    answers = await _rush(surroundings.base_url, (await _crowd())[:5], [wanted])
    refused = [answer.json() for answer in answers if answer.status_code == 409]

    assert len(refused) == 4
    for problem in refused:
        assert problem["type"] == "/problems/slot-taken"
        assert [slot["id"] for slot in problem["free"]] == [str(slot) for slot in others[:3]]


@pytest.mark.xdist_group("race")
async def test_without_the_constraint_the_same_rush_sells_times_twice(
    surroundings: Surroundings, owner: asyncpg.Connection
) -> None:
    """The negative control: it is the constraint that decides, and this test would notice its absence."""
    doctor = await a_doctor()
    slots = await _slots(doctor)
    tokens = (await _crowd())[:20]
    definition = await owner.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'appointments_no_overlap'"
    )

    await owner.execute("ALTER TABLE appointments DROP CONSTRAINT appointments_no_overlap")
    try:
        await _rush(surroundings.base_url, tokens, slots)
        sold_twice = await fetch_value(OVERLAPS)
    finally:
        await owner.execute("SET session_replication_role = replica; DELETE FROM appointments")
        await owner.execute(f"ALTER TABLE appointments ADD CONSTRAINT appointments_no_overlap {definition}")

    assert sold_twice > 0
