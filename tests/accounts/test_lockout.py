"""Guessing passwords: how few are looked at, and that the owner is never shut out by it."""

import asyncio
from datetime import timedelta

import pytest

from app.accounts.errors import LogInLocked
from app.accounts.services import Tokens
from app.accounts.services.lockout import Guess
from app.db.engine import fetch_value
from app.errors import TooMany
from app.web.limits import LIMITS, spend
from tests.accounts.guessing import (
    OWNER_ADDRESS,
    a_known_device,
    addresses,
    comes_in,
    counted,
    guess,
    later,
)
from tests.factories import a_patient

NETWORK = "203.0.113.7"
SAME_NETWORK = "203.0.113.200"
ELSEWHERE = "192.0.2.4"
MOST_EVALUATED = 100


# the attack


async def _attack(
    monkeypatch: pytest.MonkeyPatch, *, guesses: int, clients: int, owner_log_ins: int = 100
) -> tuple[int, int]:
    """Guesses of as many networks, fifty an hour: (how many were looked at, how often the owner got in).

    The owner logs in meanwhile, on a device they have used before.
    """
    asha = await a_patient("Asha")
    device, networks, entered = await a_known_device(asha), addresses(clients), 0
    with counted(monkeypatch) as looked:
        for turn in range(guesses):
            if turn % 50 == 0:
                later(timedelta(hours=1))
            assert await guess(asha.email, address=networks[turn % clients]) in ("wrong", "refused")
            if turn % (guesses // owner_log_ins) == 0:
                tokens = await comes_in(asha.email, asha.password, device_id=device)
                entered += isinstance(tokens, Tokens)
    return looked.times - entered, entered


@pytest.mark.parametrize("clients", [1, 200])
async def test_of_a_thousand_guesses_few_are_looked_at_and_the_owner_gets_in_each_time(
    monkeypatch: pytest.MonkeyPatch, clients: int
) -> None:
    looked_at, entered = await _attack(monkeypatch, guesses=1_000, clients=clients, owner_log_ins=20)
    assert 5 <= looked_at <= MOST_EVALUATED
    assert entered == 20


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("clients", [1, 200])
async def test_of_ten_thousand_guesses_few_are_looked_at_and_the_owner_gets_in_each_time(
    monkeypatch: pytest.MonkeyPatch, clients: int
) -> None:
    looked_at, entered = await _attack(monkeypatch, guesses=10_000, clients=clients)
    assert 5 <= looked_at <= MOST_EVALUATED
    assert entered == 100


async def test_of_many_guesses_at_once_as_few_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    asha = await a_patient("Asha")
    with counted(monkeypatch) as looked:
        answers = await asyncio.gather(*(guess(asha.email, address=NETWORK) for _ in range(40)))
    assert sorted(answers) == ["refused"] * 35 + ["wrong"] * 5
    assert looked.times == 5


async def test_without_counting_first_many_guesses_at_once_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control of the test above: whoever looks first and counts afterwards is too late."""

    async def look_only(self: Guess) -> None:
        hits = await fetch_value("SELECT max(hits) FROM limits WHERE name = 'password_client'")
        if (hits or 0) >= LIMITS["password_client"].most:
            raise TooMany(retry_after=1)

    asha = await a_patient("Asha")
    monkeypatch.setattr(Guess, "count", look_only)
    with counted(monkeypatch) as looked:

        async def guess_then_count() -> None:
            if await guess(asha.email, address=NETWORK) == "wrong":
                await spend("password_client", "counted afterwards")

        await asyncio.gather(*(guess_then_count() for _ in range(40)), return_exceptions=True)
    assert looked.times > 5


# who is counted together


async def test_five_wrong_ones_hold_off_a_network_and_nobody_else_for_half_an_hour() -> None:
    asha = await a_patient("Asha")
    for _ in range(5):
        assert await guess(asha.email, address=NETWORK) == "wrong"

    with pytest.raises(LogInLocked) as refused:
        await comes_in(asha.email, asha.password, address=SAME_NETWORK)
    assert 1_790 <= refused.value.retry_after <= 1_800
    assert await guess(asha.email, address=ELSEWHERE, password=asha.password) == "in"
    later(timedelta(minutes=31))
    assert await guess(asha.email, address=NETWORK, password=asha.password) == "in"


async def test_the_half_hour_begins_with_the_last_guess_that_counted() -> None:
    asha = await a_patient("Asha")
    for _ in range(5):
        await guess(asha.email, address=NETWORK)
        later(timedelta(minutes=20))
    assert await guess(asha.email, address=NETWORK) == "refused"
    later(timedelta(minutes=11))
    assert await guess(asha.email, address=NETWORK, password=asha.password) == "in"


async def test_the_right_password_gives_all_five_tries_back() -> None:
    asha = await a_patient("Asha")
    for _ in range(3):
        for _ in range(4):
            assert await guess(asha.email, address=NETWORK) == "wrong"
        assert await guess(asha.email, address=NETWORK, password=asha.password) == "in"


async def test_the_owners_own_mistakes_hold_off_that_device_alone() -> None:
    asha = await a_patient("Asha")
    phone, desk = await a_known_device(asha), await a_known_device(asha)
    for _ in range(5):
        await guess(asha.email, address=OWNER_ADDRESS, device_id=phone)
    assert await guess(asha.email, address=OWNER_ADDRESS, device_id=phone) == "refused"
    assert await guess(asha.email, address=OWNER_ADDRESS, device_id=desk, password=asha.password) == "in"
    assert await guess(asha.email, address=OWNER_ADDRESS, password=asha.password) == "in"


async def test_a_device_one_account_knows_is_a_strangers_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    devices = [await a_known_device(vikram) for _ in range(8)]
    with counted(monkeypatch) as looked:
        for device in devices:
            await guess(asha.email, address=NETWORK, device_id=device)
    assert looked.times == 5


async def test_twenty_strangers_an_hour_are_looked_at_and_a_hundred_until_one_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asha, everywhere = await a_patient("Asha"), addresses(130)
    with counted(monkeypatch) as looked:
        for network in everywhere[:25]:
            await guess(asha.email, address=network)
        assert looked.times == 20
        for first in range(25, 125, 25):
            later(timedelta(minutes=61))
            for network in everywhere[first : first + 25]:
                await guess(asha.email, address=network)
        assert looked.times == 100
    later(timedelta(hours=2))
    with pytest.raises(LogInLocked) as refused:
        await comes_in(asha.email, asha.password, address=ELSEWHERE)
    assert refused.value.retry_after > 86_400
    assert "days" in refused.value.message
