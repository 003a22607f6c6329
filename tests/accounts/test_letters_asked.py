"""How many letters of each kind an address gets; nobody uses up the owner's way to a new password."""

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest

from app import clock
from app.accounts.codes import link_token_for
from app.accounts.errors import WrongCode
from app.accounts.rules import CODE_TRIES, LINKS_FOR
from app.accounts.services import (
    ask_confirmation,
    ask_reset,
    ask_trust,
    choose_password,
    confirm_by_code,
    confirm_by_link,
    count_letter,
)
from app.accounts.where import Where
from app.db.clock import set_clock
from app.db.engine import execute, fetch_value
from app.errors import TooMany
from app.web.limits import LIMITS
from tests.accounts.confirmations import another_code_than, code_of, newest
from tests.accounts.guessing import OWNER_ADDRESS, addresses, guess
from tests.browser import Browser
from tests.factories import Cast, a_patient, run_jobs
from tests.notifications.office import text_of
from tests.surroundings import PostOffice

NEW = "another long secret 8"
HERE = Where(OWNER_ADDRESS, "tests", uuid4())
PURPOSES = ("verify_email", "reset_password", "trust_device", "change_email")


async def _comes_in_by_the_newest_reset(person: Cast) -> None:
    letter = await fetch_value(
        "SELECT id FROM email_confirmations WHERE user_id = $1 AND purpose = 'reset_password' "
        "ORDER BY created_at DESC LIMIT 1",
        person.id,
    )
    await choose_password(link_token_for(letter, "reset_password"), NEW, where=HERE, accepts_in=None)
    assert (await guess(person.email, address=OWNER_ADDRESS, password=NEW, device_id=HERE.device_id)) == "in"


async def _everybody_asks_for_other_letters(person: Cast) -> None:
    for network in addresses(200):
        for purpose in ("verify_email", "change_email"):
            with suppress(TooMany):
                await count_letter(purpose, person.email, address=network)
        with suppress(TooMany):
            await ask_trust(person.email, where=Where(network, "tests", uuid4()))


async def test_after_any_mix_of_other_letters_the_owner_gets_the_one_to_a_new_password(
    browser: Browser, post_office: PostOffice
) -> None:
    asha = await a_patient("Asha")
    await _everybody_asks_for_other_letters(asha)

    assert (await browser.post("/login/forgot", {"email": asha.email})).status_code == 303
    await run_jobs()

    assert any("/login/reset/" in text_of(letter) for letter in post_office.to(asha.email))
    await _comes_in_by_the_newest_reset(asha)


@pytest.mark.parametrize("minutes", [0, 14, 29, 31, 59, 61])
async def test_strangers_who_ask_for_resets_from_everywhere_leave_the_owner_one_that_works(
    minutes: int,
) -> None:
    asha = await a_patient("Asha")
    for network in addresses(200):
        await ask_reset(asha.email, address=network)
    assert await fetch_value("SELECT count(*) FROM email_confirmations") == LIMITS["letters_to_address"].most
    await set_clock(clock.now() + timedelta(minutes=minutes))

    await ask_reset(asha.email, address=OWNER_ADDRESS)

    await _comes_in_by_the_newest_reset(asha)


def test_letters_are_held_back_for_less_time_than_their_links_hold() -> None:
    assert LIMITS["letters_to_address"].window * 2 <= min(LINKS_FOR[purpose] for purpose in PURPOSES)


async def test_ones_own_asking_again_and_again_is_refused_whoever_is_asked_for(
    browser: Browser,
) -> None:
    asha = await a_patient("Asha")
    for email in (asha.email, "nobody@example.com"):
        answers = [(await browser.post("/login/forgot", {"email": email})).status_code for _ in range(6)]
        assert answers == [303] * 5 + [429]


@pytest.mark.parametrize("used_up", PURPOSES)
async def test_letters_of_one_purpose_use_up_none_of_another(used_up: str) -> None:
    for network in addresses(LIMITS["letters_to_address"].most):
        await count_letter(used_up, "asha@example.com", address=network)
    with pytest.raises(TooMany):
        await count_letter(used_up, "asha@example.com", address=OWNER_ADDRESS)
    for other in PURPOSES:
        if other != used_up:
            await count_letter(other, "asha@example.com", address=OWNER_ADDRESS)


# digits


async def _wrong_digits(person: Cast, times: int) -> None:
    for turn in range(times):
        if turn % CODE_TRIES == 0:
            await ask_confirmation(person.id)
        with pytest.raises(WrongCode):
            await confirm_by_code(
                person.email, await another_code_than(person.email), address=addresses(times)[turn]
            )


async def test_digits_of_letter_after_letter_are_looked_at_fifty_times_a_day() -> None:
    asha = await a_patient("Asha", verified=False)
    await _wrong_digits(asha, 50)
    await ask_confirmation(asha.id)
    with pytest.raises(WrongCode):
        await confirm_by_code(asha.email, await code_of(asha.email), address=OWNER_ADDRESS)

    token = link_token_for(await newest(asha.email))
    confirmed = await confirm_by_link(
        token, letter=None, account=None, password=asha.password, address=OWNER_ADDRESS, accepts_in=None
    )
    assert confirmed.is_verified


async def test_after_a_day_digits_are_looked_at_again_and_right_ones_cost_nothing() -> None:
    asha = await a_patient("Asha", verified=False)
    await _wrong_digits(asha, 49)
    for _ in range(3):
        await execute("UPDATE users SET email_verified_at = NULL")
        await ask_confirmation(asha.id)
        assert (
            await confirm_by_code(asha.email, await code_of(asha.email), address=OWNER_ADDRESS)
        ).is_verified
    await execute("UPDATE users SET email_verified_at = NULL")
    await _wrong_digits(asha, 1)
    await set_clock(clock.now() + timedelta(days=1, minutes=2))
    await ask_confirmation(asha.id)
    assert (await confirm_by_code(asha.email, await code_of(asha.email), address=OWNER_ADDRESS)).is_verified
