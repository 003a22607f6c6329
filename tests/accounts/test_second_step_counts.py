"""Guessing second steps: whoever has a stolen password neither gets far, nor shuts the owner out."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app import clock
from app.accounts.errors import SecondStepLocked, WrongSecondStep
from app.accounts.passwords import hash_password
from app.accounts.queries import Account
from app.accounts.services import (
    Tokens,
    confirm_log_in,
    open_session,
    own_second_step,
    send_another_code,
    totp,
)
from app.accounts.where import Where
from app.db.clock import set_clock
from app.db.engine import execute
from app.web.limits import LIMITS
from tests.accounts.authenticator import a_step_begins, code_of, turned_on
from tests.accounts.guessing import OWNER_ADDRESS, a_known_device, addresses, comes_in
from tests.accounts.second_steps import BROWSER, another_code, begun, sent_code
from tests.browser import Browser
from tests.factories import Cast, a_doctor, an_admin

WRONG = "000000"
MOST = LIMITS["second_step_day"].most


async def _strangers_use_up_the_day(person: Cast) -> None:
    """With the right password from many networks, until no code is looked at any more."""
    for network in addresses(MOST):
        stranger = Where(network, "tests", uuid4())
        challenge = await begun(person, stranger)
        with pytest.raises(WrongSecondStep):
            await confirm_log_in(challenge.id, WRONG, where=stranger)
    challenge = await begun(person, stranger)
    with pytest.raises(SecondStepLocked):
        await confirm_log_in(challenge.id, WRONG, where=stranger)


async def test_strangers_use_up_their_own_codes_and_not_those_of_a_known_device() -> None:
    doctor = await a_doctor()
    secret, _codes = await turned_on(doctor)
    at_desk = Where(OWNER_ADDRESS, "tests", await a_known_device(doctor))
    await _strangers_use_up_the_day(doctor)

    challenge = await begun(doctor, at_desk)
    tokens = await confirm_log_in(challenge.id, code_of(secret), where=at_desk)
    assert tokens.account.id == doctor.id


async def test_a_new_password_begins_with_no_codes_tried() -> None:
    doctor = await a_doctor()
    secret, _codes = await turned_on(doctor)
    await _strangers_use_up_the_day(doctor)
    with pytest.raises(SecondStepLocked):
        await confirm_log_in((await begun(doctor)).id, code_of(secret), where=BROWSER)

    new = "another long secret 8"
    await execute("UPDATE users SET password_hash = $2 WHERE id = $1", doctor.id, await hash_password(new))
    challenge = await comes_in(doctor.email, new, device_id=BROWSER.device_id)
    assert not isinstance(challenge, Tokens)
    await confirm_log_in(challenge.id, code_of(secret), where=BROWSER)


async def test_an_app_that_was_taken_away_takes_the_count_along() -> None:
    doctor, admin = await a_doctor(), await an_admin()
    await turned_on(doctor)
    await _strangers_use_up_the_day(doctor)

    await totp.turn_off(doctor.id, by=(await admin.account()).actor)
    challenge = await begun(doctor)
    assert challenge.kind == "email_code"
    await confirm_log_in(challenge.id, sent_code(challenge), where=BROWSER)
    secret, _codes = await turned_on(doctor)
    await a_step_begins(8)
    again = Where(OWNER_ADDRESS, "tests", UUID(int=12))
    await confirm_log_in((await begun(doctor, again)).id, code_of(secret), where=again)


async def test_right_codes_cost_nothing() -> None:
    doctor = await a_doctor()
    for turn in range(12):
        where = Where(OWNER_ADDRESS, "tests", UUID(int=100 + turn))
        challenge = await begun(doctor, where)
        if turn % 2:
            with pytest.raises(WrongSecondStep):
                await confirm_log_in(challenge.id, another_code(challenge), where=where)
        await confirm_log_in(challenge.id, sent_code(challenge), where=where)
        await execute("UPDATE limits SET hits = 0 WHERE name = 'log_in_code_asked'")


async def test_five_codes_hold_off_a_network_for_five_minutes_and_nobody_else() -> None:
    doctor = await a_doctor()
    for turn in range(5):
        where = Where(addresses(1)[0], "tests", UUID(int=100 + turn))
        with pytest.raises(WrongSecondStep):
            await confirm_log_in((challenge := await begun(doctor, where)).id, WRONG, where=where)
    with pytest.raises(SecondStepLocked) as refused:
        await confirm_log_in((await begun(doctor, where)).id, WRONG, where=where)
    assert refused.value.retry_after <= 300
    challenge = await begun(doctor)
    await confirm_log_in(challenge.id, sent_code(challenge), where=BROWSER)


async def test_strangers_letters_with_codes_leave_the_owner_theirs() -> None:
    doctor = await a_doctor()
    stranger = Where(addresses(1)[0], "tests", UUID(int=12))
    challenge = await begun(doctor, stranger)
    with pytest.raises(SecondStepLocked):
        for _ in range(LIMITS["log_in_code_asked"].most):
            challenge = await send_another_code(challenge.id, where=stranger)
    own = await begun(doctor)
    await confirm_log_in(own.id, sent_code(own), where=BROWSER)


async def test_letters_with_codes_from_everywhere_come_to_an_end_that_a_new_password_lifts() -> None:
    doctor = await a_doctor()
    with pytest.raises(SecondStepLocked):
        for network in addresses(LIMITS["log_in_codes_sent"].most + 1):
            await begun(doctor, Where(network, "tests", uuid4()))
    kept = await hash_password("another long secret 8")
    await execute("UPDATE users SET password_hash = $2 WHERE id = $1", doctor.id, kept)
    assert not isinstance(await comes_in(doctor.email, "another long secret 8"), Tokens)


async def _signed_in(person: Cast) -> Account:
    """An account in a session of its own."""
    tokens = await open_session(person.id, address=OWNER_ADDRESS, device="tests", device_id=uuid4())
    return tokens.account


async def test_codes_of_somebody_signed_in_are_counted_for_that_session() -> None:
    doctor = await a_doctor()
    secret, _codes = await turned_on(doctor)
    found_open, own = await _signed_in(doctor), await _signed_in(doctor)
    for _ in range(5):
        with pytest.raises(WrongSecondStep):
            await own_second_step.renew(found_open, password=doctor.password, code=WRONG, where=BROWSER)
    with pytest.raises(SecondStepLocked):
        await own_second_step.renew(found_open, password=doctor.password, code=WRONG, where=BROWSER)

    assert (
        len(await own_second_step.renew(own, password=doctor.password, code=code_of(secret), where=BROWSER))
        == 10
    )
    await a_step_begins(6)
    await confirm_log_in((await begun(doctor)).id, code_of(secret), where=BROWSER)


async def test_the_page_says_for_how_many_hours_and_what_staff_can_do(browser: Browser) -> None:
    doctor = await a_doctor()
    await execute("DELETE FROM limits")
    await browser.post("/login", {"identifier": doctor.email, "password": doctor.password})
    await browser.post("/login/confirm", {"code": WRONG})
    await execute("UPDATE limits SET hits = $1 WHERE name = 'second_step_day'", MOST)
    await set_clock(clock.now() + timedelta(minutes=6))

    page = await browser.post("/login/confirm", {"code": WRONG})
    assert page.status_code == 429
    assert "Try again in 24 hours." in page.text
    assert "ask your administrator" in page.text
    assert page.one("a[href='/login/forgot']")
