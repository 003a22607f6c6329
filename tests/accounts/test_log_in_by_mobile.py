"""Logging in by a mobile number: one look at a password, whoever else wrote the same number down."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.accounts.codes import link_token_for
from app.accounts.passwords import hash_password
from app.accounts.services import (
    Tokens,
    ask_reset,
    ask_trust,
    change_password,
    change_profile,
    choose_password,
    create_account,
)
from app.accounts.services.by_mobile import learn_mobile
from app.accounts.where import Where
from app.db.engine import execute, fetch_value
from app.events.names import DEVICE_TRUST_ASKED
from app.web.limits import LIMITS
from tests.accounts.confirmations import code_of, happened, newest
from tests.accounts.guessing import a_known_device, addresses, comes_in, counted, guess
from tests.browser import Browser
from tests.factories import Cast, a_patient

MOBILE = "+919876543210"
NETWORK = "203.0.113.7"
ELSEWHERE = "192.0.2.4"
NEW = "another long secret 8"
HERE = Where(ELSEWHERE, "tests", UUID(int=9))


async def _keep_password(person: Cast, password: str) -> Cast:
    kept = await hash_password(password)
    await execute("UPDATE users SET password_hash = $2 WHERE id = $1", person.id, kept)
    await learn_mobile(person.id, password, kept)
    return replace(person, password=password)


async def _people(*names: str) -> list[Cast]:
    """People who share a mobile, each with a password of their own."""
    return [
        await _keep_password(await a_patient(name, mobile=MOBILE), f"the long river of {name}")
        for name in names
    ]


async def _entered(identifier: str, password: str, *, address: str = ELSEWHERE) -> UUID:
    tokens = await comes_in(identifier, password, address=address)
    assert isinstance(tokens, Tokens)
    return tokens.account.id


# whose password it is


async def test_of_many_who_share_a_mobile_each_comes_in_by_their_own_password() -> None:
    people = await _people("Asha", "Vikram", "Ravi", "Meena", "Kiran")
    assert [await _entered("98765 43210", one.password) for one in people] == [one.id for one in people]


async def test_a_try_by_mobile_takes_one_hash_however_many_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    people = await _people("Asha", "Vikram", "Ravi", "Meena")
    with counted(monkeypatch) as looked:
        for mobile, password in ((MOBILE, people[-1].password), (MOBILE, "x"), ("+919876500000", "x")):
            await guess(mobile, address=NETWORK, password=password)
    assert looked.times == 3


async def test_who_is_blocked_does_not_come_in_by_mobile_either() -> None:
    asha = await a_patient("Asha", mobile=MOBILE)
    await execute("UPDATE users SET blocked_at = now() WHERE id = $1", asha.id)
    assert await guess(MOBILE, address=NETWORK, password=asha.password) == "wrong"


async def test_a_password_too_long_is_wrong_even_where_its_beginning_is_right() -> None:
    asha = await _keep_password(await a_patient("Asha", mobile=MOBILE), "x" * 128)
    assert await guess(MOBILE, address=NETWORK, password=asha.password + "x") == "wrong"
    assert await guess(MOBILE, address=NETWORK, password=asha.password) == "in"


# when the mobile serves


async def test_a_mobile_serves_after_sign_up_and_after_adopting_one(browser: Browser) -> None:
    mallory = {"name": "M", "email": "asha@example.com", "mobile": "+919876500001", "notice": "y"}
    asha = {"name": "Asha Rao", "email": "asha@example.com", "mobile": MOBILE, "notice": "y"}
    await browser.post("/signup", {**mallory, "password": "a calm green river"})
    assert await guess("+919876500001", address=NETWORK, password="a calm green river") == "in"
    await browser.post("/signup", {**asha, "password": NEW})
    await browser.post("/verify/again")
    await browser.post("/verify", {"code": await code_of("asha@example.com")})

    assert await guess(MOBILE, address=ELSEWHERE, password=NEW) == "in"
    assert await guess("+919876500001", address=ELSEWHERE, password="a calm green river") == "wrong"


async def test_an_account_made_by_hand_comes_in_by_its_mobile() -> None:
    await create_account(name="Asha", email="a@example.com", password=NEW, role="patient", mobile=MOBILE)
    assert await guess(MOBILE, address=NETWORK, password=NEW) == "in"


async def test_a_new_mobile_serves_after_the_next_log_in_by_e_mail_and_the_old_one_never_again() -> None:
    asha = await a_patient("Asha", mobile=MOBILE)
    account = await asha.account()
    await change_profile(account, name="Asha", mobile="+919876500002", language="en", by=account.actor)
    for mobile in (MOBILE, "+919876500002"):
        assert await guess(mobile, address=NETWORK, password=asha.password) == "wrong"
    assert await guess(asha.email, address=ELSEWHERE, password=asha.password) == "in"
    assert await guess("+919876500002", address=ELSEWHERE, password=asha.password) == "in"
    assert await guess(MOBILE, address=ELSEWHERE, password=asha.password) == "wrong"


async def test_a_hash_of_another_key_is_made_anew_at_the_next_log_in_by_e_mail_and_then_kept() -> None:
    asha = await a_patient("Asha", mobile=MOBILE)
    await execute("UPDATE users SET mobile_hash = 'of another key'")
    assert await guess(MOBILE, address=NETWORK, password=asha.password) == "wrong"
    for _ in range(2):
        assert await guess(asha.email, address=ELSEWHERE, password=asha.password) == "in"
    assert await guess(MOBILE, address=ELSEWHERE, password=asha.password) == "in"


@pytest.mark.parametrize("how", ["changed", "reset"])
async def test_a_new_password_serves_with_the_mobile_and_the_old_one_no_more(how: str) -> None:
    asha = await a_patient("Asha", mobile=MOBILE)
    if how == "changed":
        await change_password(await asha.account(), current=asha.password, password=NEW, where=HERE)
    else:
        await ask_reset(asha.email, address=ELSEWHERE)
        token = link_token_for(await newest(asha.email), "reset_password")
        await choose_password(token, NEW, where=HERE, accepts_in=None)
    assert await guess(MOBILE, address=NETWORK, password=NEW) == "in"
    assert await guess(MOBILE, address=NETWORK, password=asha.password) == "wrong"


async def test_the_database_lets_go_of_the_hash_with_whatever_changes_number_or_password() -> None:
    asha = await a_patient("Asha", mobile=MOBILE)
    for change in ("mobile = '+919876500003'", "password_hash = ''"):
        await execute("UPDATE users SET mobile_hash = 'x' WHERE id = $1", asha.id)
        await execute(f"UPDATE users SET name = 'Asha Rao', {change} WHERE id = $1", asha.id)
        assert await fetch_value("SELECT mobile_hash FROM users WHERE id = $1", asha.id) is None
    await execute("UPDATE users SET mobile_hash = 'x' WHERE id = $1", asha.id)
    await execute("UPDATE users SET name = 'Asha', language = 'hi' WHERE id = $1", asha.id)
    assert await fetch_value("SELECT mobile_hash FROM users WHERE id = $1", asha.id) == b"x"


# who is counted


async def test_right_log_ins_by_a_shared_mobile_hold_off_nobody_who_shares_it() -> None:
    asha, vikram = await _people("Asha", "Vikram")
    for _ in range(12):
        assert await guess(MOBILE, address=NETWORK, password=vikram.password) == "in"
    for name in (MOBILE, asha.email):
        assert await guess(name, address=NETWORK, password=asha.password) == "in"


async def test_wrong_ones_at_a_shared_mobile_hold_off_nobody_by_e_mail() -> None:
    asha, _vikram = await _people("Asha", "Vikram")
    for _ in range(8):
        await guess(MOBILE, address=NETWORK)
    assert await guess(MOBILE, address=NETWORK, password=asha.password) == "refused"
    assert await guess(asha.email, address=NETWORK, password=asha.password) == "in"


async def test_of_those_who_share_a_mobile_one_being_attacked_shuts_out_none_of_the_others() -> None:
    asha, vikram = await _people("Asha", "Vikram")
    for _ in range(6):
        await guess(asha.email, address=NETWORK)
    assert await guess(MOBILE, address=NETWORK, password=vikram.password) == "in"


async def test_guesses_by_address_and_by_a_mobile_of_ones_own_are_counted_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asha = await a_patient("Asha", mobile=MOBILE)
    for turn in range(10):
        await guess((asha.email, MOBILE)[turn % 2], address=NETWORK)
    for name in (asha.email, MOBILE):
        assert await guess(name, address=NETWORK, password=asha.password) != "in"


async def test_strangers_at_the_e_mail_address_leave_the_owners_device_its_mobile() -> None:
    asha = await a_patient("Asha", mobile=MOBILE)
    device = await a_known_device(asha)
    for network in addresses(25):
        await guess(asha.email, address=network)
        await guess(MOBILE, address=network)
    assert await guess(MOBILE, address=NETWORK, password=asha.password) == "refused"
    assert await guess(MOBILE, address=NETWORK, password=asha.password, device_id=device) == "in"


async def test_a_lock_of_the_e_mail_address_does_not_show_when_the_mobile_is_tried() -> None:
    asha = await a_patient("Asha", mobile=MOBILE)
    for _ in range(6):
        await guess(asha.email, address=NETWORK)
    assert await guess(MOBILE, address=NETWORK, password=asha.password) == "wrong"
    assert await guess("98765 43211", address=NETWORK) == "wrong"


async def _guesses_that_got_through(thief: Cast, victim: Cast, *, device_id: UUID | None = None) -> int:
    """How many passwords a thief with the victim's mobile tries by choosing each for their own account."""
    through = 0
    for turn, network in enumerate(addresses(40)):
        thief = await _keep_password(thief, f"a guess of number {turn}")
        answer = await guess(MOBILE, address=network, password=thief.password, device_id=device_id)
        through += answer != "refused"
    return through


async def test_another_new_password_for_ones_own_account_is_a_guess_at_the_others_who_share_the_mobile() -> (
    None
):
    victim, thief = await _people("Asha", "Vikram")
    assert await _guesses_that_got_through(thief, victim) == LIMITS["password_strangers"].most
    assert await guess(victim.email, address=ELSEWHERE, password=victim.password) == "in"


async def test_a_device_of_ones_own_is_a_strangers_to_the_others_who_share_the_mobile() -> None:
    victim, thief = await _people("Asha", "Vikram")
    devices = [await a_known_device(thief) for _ in range(30)]
    for device in devices:
        assert await guess(MOBILE, address=NETWORK, device_id=device) == "wrong"
    assert await guess(MOBILE, address=NETWORK, password=victim.password, device_id=devices[0]) == "wrong"
    assert await guess(MOBILE, address=NETWORK, password=thief.password, device_id=devices[0]) == "in"


# links


async def test_a_link_asked_for_by_mobile_goes_to_confirmed_addresses_only() -> None:
    await _people("Asha", "Vikram")
    await a_patient("Mallory", mobile=MOBILE, verified=False)
    await ask_trust(MOBILE, where=HERE)
    assert await happened(DEVICE_TRUST_ASKED) == 2
