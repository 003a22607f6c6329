"""One browser, more than one person: whose session it shows, and what is left of whoever sat there before."""

import pytest

from app.accounts.codes import code_for
from app.accounts.services import ask_confirmation
from app.db.engine import execute, fetch_value
from tests.accounts.authenticator import turned_on
from tests.accounts.confirmations import code_of, link_of, newest
from tests.browser import Browser
from tests.factories import Cast, a_doctor, a_patient

SIGN_UP = {
    "name": "Asha Rao",
    "email": "asha@example.com",
    "password": "a calm green river",
    "notice": "y",
}


async def _open_sessions(person: Cast) -> int:
    found: int = await fetch_value(
        "SELECT count(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL", person.id
    )
    return found


async def _log_in_over(browser: Browser, person: Cast) -> None:
    await browser.post("/login", {"identifier": person.email, "password": person.password})


async def test_a_log_in_over_a_session_ends_that(browser: Browser) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    await browser.signed_in(asha)

    await _log_in_over(browser, vikram)

    assert vikram.email in (await browser.get("/me")).text
    assert (await _open_sessions(asha), await _open_sessions(vikram)) == (0, 1)


async def test_a_log_in_over_ones_own_session_leaves_one(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    await _log_in_over(browser, asha)
    assert await _open_sessions(asha) == 1


async def test_a_wrong_password_over_a_session_leaves_that_alone(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    await browser.post("/login", {"identifier": asha.email, "password": "not the password"})
    assert await _open_sessions(asha) == 1


async def test_a_log_in_whose_second_step_is_due_ends_the_session_once_that_is_shown(
    browser: Browser,
) -> None:
    asha, meera = await a_patient("Asha"), await a_doctor("Dr Meera")
    await browser.signed_in(asha)
    await _log_in_over(browser, meera)
    assert await _open_sessions(asha) == 1
    challenge = await fetch_value("SELECT id FROM log_in_challenges")

    await browser.post("/login/confirm", {"code": code_for(challenge, "log-in code")})

    assert (await _open_sessions(asha), await _open_sessions(meera)) == (0, 1)


@pytest.mark.parametrize("by", ["code", "link"])
async def test_confirming_an_address_is_no_way_around_the_app_for_somebody_signed_in(
    browser: Browser, by: str
) -> None:
    """The browser waits for the letter of one account, and shows the session of another."""
    vikram, meera = await a_patient("Vikram"), await a_doctor("Dr Meera")
    await turned_on(meera)
    await execute("UPDATE users SET email_verified_at = NULL WHERE id = $1", meera.id)
    await ask_confirmation(meera.id)
    await browser.signed_in(vikram)
    await _waits_for(browser, meera)

    if by == "code":
        answer = await browser.post("/verify", {"code": await code_of(meera.email)})
    else:
        answer = await browser.post(await link_of(meera.email), {"password": meera.password})

    assert answer.location == "/"
    assert vikram.email in (await browser.get("/me")).text
    assert (await _open_sessions(vikram), await _open_sessions(meera)) == (1, 0)
    assert await fetch_value("SELECT email_verified_at IS NOT NULL FROM users WHERE id = $1", meera.id)


async def _waits_for(browser: Browser, person: Cast) -> None:
    """Let the browser wait for the newest letter to somebody, as it does after a sign-up."""
    from litestar import Response

    from app.accounts.cookies import remember_confirming

    answer = remember_confirming(
        Response(None), email=person.email, then="", letter=await newest(person.email)
    )
    (cookie,) = answer.cookies
    browser.client.cookies.set(cookie.key, str(cookie.value), domain=browser.client.base_url.host)


async def test_log_out_takes_back_what_the_browser_waited_for(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")
    await browser.post("/signup", SIGN_UP)
    await _log_in_over(browser, meera)
    assert {"confirming", "second_step", "device"} <= set(browser.client.cookies)

    await browser.post("/logout")

    assert not {"confirming", "second_step", "access", "refresh"} & set(browser.client.cookies)
    assert "device" in browser.client.cookies, "whose browser it is does not depend on who sits there"
    assert (await browser.post("/verify", {"code": await code_of("asha@example.com")})).status_code == 422
