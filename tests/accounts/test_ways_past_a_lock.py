"""What a lock shows, and the owner's ways past it."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.accounts.codes import device_of_token, link_token_for
from app.accounts.errors import LinkSpent, LogInLocked, OtherBrowser
from app.accounts.services import ask_reset, ask_trust, choose_password, trust_device
from app.accounts.where import Where
from app.db.engine import execute, fetch
from app.errors import TooMany
from app.events.names import ACCOUNT_LOCKED
from app.web.limits import LIMITS
from tests.accounts.confirmations import happened, newest
from tests.accounts.guessing import OWNER_ADDRESS, comes_in, guess, later
from tests.factories import Cast, a_patient, known_device

NETWORK = "203.0.113.7"
OWNER = Where(OWNER_ADDRESS, "tests", UUID(int=9))


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


async def test_a_forgotten_password_is_replaced_during_a_lock_and_its_browser_comes_in() -> None:
    asha = await a_patient("Asha")
    await _under_attack(asha)

    await ask_reset(asha.email, address=OWNER_ADDRESS)
    token = link_token_for(await newest(asha.email), "reset_password")
    await choose_password(token, "another long secret 8", where=OWNER, accepts_in=None)

    new, device = "another long secret 8", OWNER.device_id
    assert await guess(asha.email, address=OWNER_ADDRESS, password=new, device_id=device) == "in"


@pytest.mark.parametrize("typed", ["\x00", "\ud800", "neither", "x" * 5000, "a\x00@example.com", "+91\x00"])
async def test_what_is_neither_address_nor_number_is_nobodys_and_counted_all_the_same(typed: str) -> None:
    answers = [await guess(typed, address=NETWORK) for _ in range(6)]
    assert answers == ["wrong"] * 5 + ["refused"]
    await ask_trust(typed, where=OWNER)


async def test_a_new_password_ends_no_lock_that_strangers_see() -> None:
    """Else who watches an address would learn that it has an account, and when its owner was there."""
    asha = await a_patient("Asha")
    for name in (asha.email, "nobody@example.com"):
        for _ in range(5):
            await guess(name, address=NETWORK)
    await ask_reset(asha.email, address=OWNER_ADDRESS)
    token = link_token_for(await newest(asha.email), "reset_password")
    await choose_password(token, "another long secret 8", where=OWNER, accepts_in=None)
    for name in (asha.email, "nobody@example.com"):
        assert await guess(name, address=NETWORK) == "refused"


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
    later(timedelta(minutes=61))
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
    later(timedelta(hours=25))
    for _ in range(9):
        await guess(asha.email, address=NETWORK)
    assert await happened(ACCOUNT_LOCKED) == 2
    events = await fetch("SELECT subject_id, by_role, facts FROM events WHERE name = $1", ACCOUNT_LOCKED)
    assert {(one["subject_id"], one["by_role"], one["facts"]) for one in events} == {
        (asha.id, "stranger", "{}")
    }
