"""Tokens that no longer prove anything: refused on the next request, cookie and bearer."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import httpx
import jwt
import pytest

from app import clock
from app.accounts import codes
from app.accounts.rules import REFRESH_GRACE
from app.accounts.services import (
    ask_reset,
    block,
    change_password,
    change_role,
    choose_password,
    end_all_sessions,
    log_out,
)
from app.accounts.services.change_email import ask_email_change, change_email_by_code
from app.accounts.services.own_second_step import turn_off
from app.accounts.tokens import access_token
from app.db.clock import set_clock
from app.desks.privacy.leaving import close_for_good
from app.events.actor import SYSTEM
from tests.accounts.authenticator import code_of as app_code
from tests.accounts.authenticator import turned_on
from tests.accounts.confirmations import code_of, newest
from tests.accounts.kept import REFUSED, Kept, answers_to, refreshed, session_of
from tests.accounts.places import HERE
from tests.browser import Browser
from tests.factories import Cast, a_patient

# replay, and the answer that was lost


async def _renew(browser: Browser, refresh: str, device: str) -> httpx.Response:
    browser.client.cookies.clear()
    return await browser.client.get("/me", headers={"Cookie": f"refresh={refresh}; device={device}"})


async def test_of_all_replays_only_the_lost_answer_asked_again_in_time_passes(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    kept = dict(browser.client.cookies)
    first = await _renew(browser, kept["refresh"], kept["device"])

    lost = await _renew(browser, kept["refresh"], kept["device"])

    assert (first.status_code, lost.status_code) == (200, 200)
    assert first.cookies["refresh"] == lost.cookies["refresh"]
    await set_clock(clock.now() + REFRESH_GRACE)
    assert (await _renew(browser, kept["refresh"], kept["device"])).status_code == 303
    assert (await _renew(browser, lost.cookies["refresh"], kept["device"])).status_code == 303


async def test_another_device_has_no_grace_and_ends_the_family(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    kept = dict(browser.client.cookies)
    new = (await _renew(browser, kept["refresh"], kept["device"])).cookies

    thief = await _renew(browser, kept["refresh"], "")

    assert thief.status_code == 303
    assert (await _renew(browser, new["refresh"], kept["device"])).status_code == 303


# what ends a session ends it everywhere


async def _logs_out(person: Cast, kept: Kept) -> None:
    claims = jwt.decode(kept.access, options={"verify_signature": False})
    await log_out(UUID(claims["sid"]), by=(await person.account()).actor)


async def _changes_password(person: Cast, _kept: Kept) -> None:
    account = await person.account()
    await change_password(account, current=person.password, password="an even calmer lake", where=HERE)


async def _resets_password(person: Cast, _kept: Kept) -> None:
    await ask_reset(person.email, address="127.0.0.1")
    token = codes.link_token_for(await newest(person.email), "reset_password")
    await choose_password(token, "an even calmer lake", where=HERE, accepts_in="en")


async def _changes_email(person: Cast, _kept: Kept) -> None:
    account = await person.account()
    await ask_email_change(account, email="new@example.com", password=person.password, where=HERE)
    await change_email_by_code(account, await code_of(person.email))


async def _turns_off_the_second_step(person: Cast, _kept: Kept) -> None:
    secret, _codes = await turned_on(person)
    await turn_off(await person.account(), password=person.password, code=app_code(secret), where=HERE)


async def _is_blocked(person: Cast, _kept: Kept) -> None:
    await block(person.id, why="spam", by=SYSTEM)


async def _becomes_staff(person: Cast, _kept: Kept) -> None:
    await change_role(person.id, "reception", by=SYSTEM)


async def _is_logged_out_by_the_administrator(person: Cast, _kept: Kept) -> None:
    await end_all_sessions(person.id, by=SYSTEM)


async def _erases_the_account(person: Cast, _kept: Kept) -> None:
    await close_for_good(await person.account(), password=person.password, where=HERE)


End = Callable[[Cast, Kept], Awaitable[None]]
ENDS: dict[str, End] = {
    "log-out": _logs_out,
    "another password": _changes_password,
    "a password chosen by letter": _resets_password,
    "another e-mail address": _changes_email,
    "a second step turned off": _turns_off_the_second_step,
    "being blocked": _is_blocked,
    "another role": _becomes_staff,
    "the administrator": _is_logged_out_by_the_administrator,
    "erasure": _erases_the_account,
}


@pytest.mark.parametrize("end", ENDS)
async def test_after(api: httpx.AsyncClient, end: str) -> None:
    """What was handed out before opens nothing on the very next request, and renews nothing."""
    asha, vikram = await a_patient(), await a_patient("Vikram")
    kept, others = await session_of(asha), await session_of(vikram)
    assert await answers_to(api, kept.access) == {"page": 200, "api": 200}

    await ENDS[end](asha, kept)

    assert await answers_to(api, kept.access) == REFUSED
    assert await refreshed(api, kept.refresh) == REFUSED
    assert await answers_to(api, others.access) == {"page": 200, "api": 200}, "nobody else is logged out"


# a session somebody else put there


async def test_log_in_goes_on_with_no_session_that_was_there_before(browser: Browser) -> None:
    """Neither one of a stranger's, planted in the browser, nor one made up keeps its value."""
    asha, mallory = await a_patient(), await a_patient("Mallory")
    planted = await session_of(mallory)
    browser.client.cookies.set("access", planted.access)
    browser.client.cookies.set("refresh", planted.refresh)

    await browser.post("/login", {"identifier": asha.email, "password": asha.password})

    after = {cookie.name: cookie.value for cookie in browser.client.cookies.jar if cookie.domain != ""}
    assert after["access"] != planted.access and after["refresh"] != planted.refresh
    for token in (planted.access, planted.refresh):
        page = await browser.client.get("/me", headers={"Cookie": f"access={token}; refresh={token}"})
        assert asha.email not in page.text


async def test_each_log_in_is_a_session_of_its_own(browser: Browser) -> None:
    asha, seen = await a_patient(), set()
    for _ in range(2):
        await browser.signed_in(asha)
        claims = jwt.decode(browser.client.cookies["access"], options={"verify_signature": False})
        seen |= {claims["sid"], browser.client.cookies["refresh"]}
    assert len(seen) == 4


async def test_a_token_of_an_account_and_a_session_that_do_not_belong_together_is_refused(
    api: httpx.AsyncClient,
) -> None:
    asha, vikram = await a_patient(), await a_patient("Vikram")
    claims = jwt.decode((await session_of(asha)).access, options={"verify_signature": False})
    assert await answers_to(api, access_token(vikram.id, UUID(claims["sid"]), now=clock.now())) == REFUSED
    assert await answers_to(api, access_token(asha.id, uuid4(), now=clock.now())) == REFUSED
