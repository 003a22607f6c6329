"""How long a device stays known to an account."""

from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.accounts.rules import DEVICE_KNOWN_FOR, DEVICE_OF_STAFF_KNOWN_FOR
from app.accounts.services import Challenge, Tokens, refresh
from app.accounts.services.identifying import identify
from app.accounts.services.known_devices import learn_device
from app.db.clock import set_clock
from app.db.engine import execute, fetch_value
from tests.accounts.guessing import a_known_device, addresses, comes_in, guess
from tests.factories import Cast, a_doctor, a_patient

A_DAY = timedelta(days=1)


async def _is_known(person: Cast, device: UUID) -> bool:
    return (await identify(person.email, device)).knows_device


@pytest.mark.parametrize("role", ["patient", "doctor"])
async def test_a_device_is_known_for_as_long_as_it_is_used(role: str) -> None:
    person = await a_patient() if role == "patient" else await a_doctor()
    longest = DEVICE_KNOWN_FOR if role == "patient" else DEVICE_OF_STAFF_KNOWN_FOR
    device = await a_known_device(person)
    await set_clock(clock.now() + longest - A_DAY)
    assert await _is_known(person, device)
    await set_clock(clock.now() + 2 * A_DAY)
    assert not await _is_known(person, device)
    assert (timedelta(days=90), timedelta(days=30)) == (DEVICE_KNOWN_FOR, DEVICE_OF_STAFF_KNOWN_FOR)


async def test_a_session_that_goes_on_keeps_its_device_known() -> None:
    asha = await a_patient()
    device = await a_known_device(asha)
    tokens = await comes_in(asha.email, asha.password, device_id=device)
    assert isinstance(tokens, Tokens)
    for _ in range(3):
        await set_clock(clock.now() + timedelta(days=29))
        tokens = await refresh(tokens.refresh_token, device_id=device)
    await set_clock(clock.now() + timedelta(days=60))
    assert await _is_known(asha, device)


async def test_a_refresh_knows_no_device_again_that_was_forgotten() -> None:
    asha = await a_patient()
    device = await a_known_device(asha)
    tokens = await comes_in(asha.email, asha.password, device_id=device)
    assert isinstance(tokens, Tokens)
    await execute("UPDATE known_devices SET forgotten_at = $1", clock.now())
    await refresh(tokens.refresh_token, device_id=device)
    assert not await _is_known(asha, device)


async def test_staff_are_asked_for_a_code_again_and_told_of_a_device_not_used_for_long() -> None:
    doctor = await a_doctor()
    device = await a_known_device(doctor)
    assert isinstance(await comes_in(doctor.email, doctor.password, device_id=device), Tokens)
    await set_clock(clock.now() + DEVICE_OF_STAFF_KNOWN_FOR + A_DAY)
    assert isinstance(await comes_in(doctor.email, doctor.password, device_id=device), Challenge)
    assert await learn_device(doctor.id, device, address="127.0.0.1", device="tests")


async def test_many_tries_from_one_address_leave_the_known_devices_behind_it_alone() -> None:
    asha = await a_patient()
    device, address = await a_known_device(asha), addresses(1)[0]
    for turn in range(61):
        last = await guess(f"nobody{turn}@example.com", address=address)
    assert last == "refused"
    assert await guess(asha.email, address=address, password=asha.password) == "refused"
    assert await guess(asha.email, address=address, password=asha.password, device_id=device) == "in"


async def test_a_known_device_is_counted_wherever_it_tries_from() -> None:
    asha = await a_patient()
    device = await a_known_device(asha)
    await comes_in(asha.email, asha.password, device_id=device)
    await execute("UPDATE limits SET hits = 60 WHERE name = 'log_in'")
    for address in addresses(2):
        assert await guess(asha.email, address=address, password=asha.password, device_id=device) == "refused"
    assert await fetch_value("SELECT count(*) FROM limits WHERE name = 'log_in'") == 1
