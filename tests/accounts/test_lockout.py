"""Guessing passwords: how few are looked at, and that the owner is never shut out by it."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app import clock
from app.accounts.codes import device_of_token, link_token_for
from app.accounts.errors import LinkSpent, LogInLocked, OtherBrowser
from app.accounts.services import Tokens, ask_reset, ask_trust, choose_password, trust_device
from app.accounts.services.lockout import Guess
from app.accounts.where import Where
from app.db.engine import execute, fetch, fetch_value
from app.errors import TooMany
from app.events.names import ACCOUNT_LOCKED
from app.web.limits import LIMITS, spend
from tests.accounts.confirmations import happened, newest
from tests.accounts.guessing import OWNER_ADDRESS, addresses, comes_in, counted, guess
from tests.factories import Cast, a_patient, known_device

NETWORK = "203.0.113.7"
SAME_NETWORK = "203.0.113.200"
ELSEWHERE = "192.0.2.4"
OWNER = Where(OWNER_ADDRESS, "tests")
MOST_EVALUATED = 100


def _later(by: timedelta) -> None:
    clock.shift_by(clock.now() - datetime.fromtimestamp(clock.real_ms() / 1000, UTC) + by)


async def _a_device(person: Cast) -> UUID:
    device_id = device_of_token(await known_device(person))
    assert device_id is not None
    return device_id


# the attack


async def _attack(
    monkeypatch: pytest.MonkeyPatch, *, guesses: int, clients: int, owner_log_ins: int = 100
) -> tuple[int, int]:
    """Guesses of as many networks, fifty an hour: (how many were looked at, how often the owner got in).

    The owner logs in meanwhile, on a device they have used before.
    """
    asha = await a_patient("Asha")
    device, networks, entered = await _a_device(asha), addresses(clients), 0
    with counted(monkeypatch) as looked:
        for turn in range(guesses):
            if turn % 50 == 0:
                _later(timedelta(hours=1))
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
    _later(timedelta(minutes=31))
    assert await guess(asha.email, address=NETWORK, password=asha.password) == "in"


async def test_the_half_hour_begins_with_the_last_guess_that_counted() -> None:
    asha = await a_patient("Asha")
    for _ in range(5):
        await guess(asha.email, address=NETWORK)
        _later(timedelta(minutes=20))
    assert await guess(asha.email, address=NETWORK) == "refused"
    _later(timedelta(minutes=11))
    assert await guess(asha.email, address=NETWORK, password=asha.password) == "in"


async def test_the_right_password_gives_all_five_tries_back() -> None:
    asha = await a_patient("Asha")
    for _ in range(3):
        for _ in range(4):
            assert await guess(asha.email, address=NETWORK) == "wrong"
        assert await guess(asha.email, address=NETWORK, password=asha.password) == "in"


async def test_the_owners_own_mistakes_hold_off_that_device_alone() -> None:
    asha = await a_patient("Asha")
    phone, desk = await _a_device(asha), await _a_device(asha)
    for _ in range(5):
        await guess(asha.email, address=OWNER_ADDRESS, device_id=phone)
    assert await guess(asha.email, address=OWNER_ADDRESS, device_id=phone) == "refused"
    assert await guess(asha.email, address=OWNER_ADDRESS, device_id=desk, password=asha.password) == "in"
    assert await guess(asha.email, address=OWNER_ADDRESS, password=asha.password) == "in"


async def test_a_device_one_account_knows_is_a_strangers_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    devices = [await _a_device(vikram) for _ in range(8)]
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
            _later(timedelta(minutes=61))
            for network in everywhere[first : first + 25]:
                await guess(asha.email, address=network)
        assert looked.times == 100
    _later(timedelta(hours=2))
    with pytest.raises(LogInLocked) as refused:
        await comes_in(asha.email, asha.password, address=ELSEWHERE)
    assert refused.value.retry_after > 86_400
    assert "days" in refused.value.message


# one person, several names


async def test_a_lock_of_the_e_mail_address_does_not_show_when_the_mobile_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asha = await a_patient("Asha", mobile="+919876543210")
    for _ in range(5):
        await guess(asha.email, address=NETWORK)
    with counted(monkeypatch) as looked:
        assert await guess("98765 43210", address=NETWORK, password=asha.password) == "wrong"
    assert looked.times == 0
    assert await guess("98765 43211", address=NETWORK) == "wrong"


async def test_guesses_by_address_and_by_mobile_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    asha = await a_patient("Asha", mobile="+919876543210")
    with counted(monkeypatch) as looked:
        for turn in range(12):
            await guess((asha.email, "9876543210")[turn % 2], address=NETWORK)
    assert looked.times == 5


async def test_of_those_who_share_a_mobile_one_being_attacked_shuts_out_none_of_the_others() -> None:
    mobile = "+919876543210"
    asha, vikram = await a_patient("Asha", mobile=mobile), await a_patient("Vikram", mobile=mobile)
    await execute("UPDATE users SET password_hash = '' WHERE id = $1", asha.id)
    for _ in range(6):
        await guess(asha.email, address=NETWORK)
    assert await guess(mobile, address=NETWORK, password=vikram.password) == "in"


async def test_another_new_password_for_ones_own_account_is_no_new_guess_at_anothers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who writes the victim's mobile into their own account may not guess by their own right passwords."""
    mobile = "+919876543210"
    asha, thief = await a_patient("Asha", mobile=mobile), await a_patient("Vikram", mobile=mobile)
    await execute("UPDATE users SET password_hash = 'x' WHERE id = $1", asha.id)
    await execute("UPDATE users SET created_at = created_at - interval '1 day' WHERE id = $1", asha.id)
    with counted(monkeypatch) as looked:
        for _ in range(12):
            await guess(mobile, address=NETWORK, password=thief.password)
    assert looked.times == 12 + 5


# what the answer shows


async def test_known_and_unknown_names_are_held_off_alike() -> None:
    asha = await a_patient("Asha", mobile="+919876543210")
    blocked = await a_patient("Vikram")
    await execute("UPDATE users SET blocked_at = now() WHERE id = $1", blocked.id)
    heard = {}
    for name in (asha.email, "98765 43210", blocked.email, "nobody@example.com", "9876500000", "neither"):
        answers = [await guess(name, address=NETWORK) for _ in range(8)]
        with pytest.raises(LogInLocked) as refused:
            await comes_in(name, "x", address=NETWORK)
        heard[name] = (*answers, refused.value.message, refused.value.params["minutes"])
        await execute("DELETE FROM limits")
    assert len(set(heard.values())) == 1, heard


# the ways past it


async def _under_attack(person: Cast) -> None:
    """Strangers have used up what strangers may try for the next 30 days."""
    assert await guess(person.email, address=NETWORK) == "wrong"
    most = LIMITS["password_strangers_in_a_row"].most
    await execute("UPDATE limits SET hits = $1 WHERE name = 'password_strangers_in_a_row'", most)
    assert await guess(person.email, address=OWNER_ADDRESS, password=person.password) == "refused"


async def test_a_forgotten_password_is_replaced_during_a_lock_and_begins_with_no_tries() -> None:
    asha = await a_patient("Asha")
    await _under_attack(asha)

    await ask_reset(asha.email, address=OWNER_ADDRESS)
    token = link_token_for(await newest(asha.email), "reset_password")
    await choose_password(token, "another long secret 8", where=OWNER, accepts_in=None)

    assert await guess(asha.email, address=OWNER_ADDRESS, password="another long secret 8") == "in"


async def _link_of(person: Cast, where: Where) -> str:
    await ask_trust(person.email, where=where)
    return link_token_for(await newest(person.email), "trust_device")


async def test_a_link_makes_the_browser_that_asked_a_known_one_and_no_other() -> None:
    asha = await a_patient("Asha")
    device = device_of_token(await known_device(await a_patient("Vikram")))
    own, other = Where(OWNER_ADDRESS, "tests", device), Where(NETWORK, "tests", UUID(int=7))
    await _under_attack(asha)
    token = await _link_of(asha, own)

    with pytest.raises(OtherBrowser):
        await trust_device(token, where=other)
    with pytest.raises(OtherBrowser):
        await trust_device(token, where=Where(OWNER_ADDRESS, "tests"))
    await trust_device(token, where=own)

    with pytest.raises(LinkSpent):
        await trust_device(token, where=own)
    assert await guess(asha.email, address=OWNER_ADDRESS, password=asha.password, device_id=device) == "in"
    assert await guess(asha.email, address=OWNER_ADDRESS, password=asha.password) == "refused"


async def test_a_link_is_good_for_an_hour_and_for_nothing_else() -> None:
    asha = await a_patient("Asha")
    where = Where(OWNER_ADDRESS, "tests", UUID(int=7))
    token = await _link_of(asha, where)
    with pytest.raises(LinkSpent):
        await choose_password(token, "another long secret 8", where=OWNER, accepts_in=None)
    _later(timedelta(minutes=61))
    with pytest.raises(LinkSpent):
        await trust_device(token, where=where)


async def test_links_are_asked_for_a_few_times_for_known_and_unknown_names_alike() -> None:
    asha = await a_patient("Asha")
    where = Where(OWNER_ADDRESS, "tests", UUID(int=7))
    asked = []
    for name in (asha.email, "nobody@example.com"):
        times = 0
        with pytest.raises(TooMany):
            for _ in range(50):
                await ask_trust(name, where=where)
                times += 1
        asked.append(times)
    assert asked[0] == asked[1] > 1


async def test_the_owner_hears_once_a_day_that_wrong_passwords_were_tried() -> None:
    asha = await a_patient("Asha")
    for _ in range(9):
        await guess(asha.email, address=NETWORK)
    assert await happened(ACCOUNT_LOCKED) == 1
    _later(timedelta(hours=25))
    for _ in range(9):
        await guess(asha.email, address=NETWORK)
    assert await happened(ACCOUNT_LOCKED) == 2
    events = await fetch("SELECT subject_id, by_role, facts FROM events WHERE name = $1", ACCOUNT_LOCKED)
    assert {(one["subject_id"], one["by_role"], one["facts"]) for one in events} == {
        (asha.id, "stranger", "{}")
    }
