"""Devices: known once they were logged in on, told of when they are new, and ended."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from app import clock
from app.accounts.codes import device_of_token, device_token
from app.accounts.cookies import find_device
from app.accounts.services import Tokens, devices_of, end_device, end_other_sessions
from app.accounts.services.sessions import end_sessions
from app.db.engine import fetch, fetch_value
from app.errors import NotFound
from tests.accounts.confirmations import happened
from tests.accounts.devices import ANDROID, a_device
from tests.accounts.guessing import comes_in
from tests.browser import Browser
from tests.factories import Cast, a_patient, bearer, run_jobs, token_of
from tests.notifications.office import newest_to, says, text_of
from tests.surroundings import PostOffice


async def _log_in(person: Cast, device_id: UUID | None = None) -> Tokens:
    tokens = await comes_in(person.email, person.password, device_id=device_id)
    assert isinstance(tokens, Tokens)
    return tokens


async def _is_known(person: Cast, device_id: UUID) -> bool:
    known = "SELECT 1 FROM known_devices WHERE user_id = $1 AND device_id = $2 AND forgotten_at IS NULL"
    return await fetch_value(known, person.id, device_id) is not None


# the cookie


async def test_a_browser_keeps_which_one_it_is_through_log_out_and_log_in(browser: Browser) -> None:
    asha = await a_patient("Asha")
    form = {"identifier": asha.email, "password": asha.password}
    answer = await browser.post("/login", form)
    line = next(one for one in answer.response.headers.get_list("set-cookie") if one.startswith("device="))
    assert "httponly" in line.lower()
    assert "samesite=lax" in line.lower()
    assert "max-age=34560000" in line.lower()
    device_id = find_device(browser.client.cookies)

    await browser.post("/logout")
    await browser.post("/login", form)

    assert device_id is not None
    assert find_device(browser.client.cookies) == device_id
    assert [one.id for one in await devices_of(asha.id)] == [device_id]


async def test_looking_at_a_page_tells_no_browser_which_one_it_is(browser: Browser) -> None:
    for path in ("/login", "/signup", "/", "/login/trust"):
        assert "device" not in (await browser.get(path)).response.headers.get("set-cookie", "")


async def test_a_failed_log_in_makes_no_device_known(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.post("/login", {"identifier": asha.email, "password": "not the password"})
    assert not await fetch("SELECT 1 FROM known_devices")


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é", "\0", "A" * 5000])
def test_a_token_somebody_made_up_is_of_no_device(token: str) -> None:
    assert device_of_token(token) is None


def test_a_token_with_another_device_in_it_is_of_none() -> None:
    one, other = device_token(uuid4()), device_token(uuid4())
    assert device_of_token(one[:21] + other[21:]) is None
    assert device_of_token(one) is not None


# the letter


async def test_a_second_device_is_told_to_the_owner_and_the_first_is_not(post_office: PostOffice) -> None:
    asha = await a_patient("Asha")
    first = await _log_in(asha)
    await run_jobs()
    assert not post_office.to(asha.email)

    second = await _log_in(asha)
    await run_jobs()
    letter = newest_to(post_office, asha)
    assert "new device" in str(letter["Subject"])
    says(letter, "198.51.100.7")
    says(letter, "A browser or program we do not know")
    assert "/me/security" in text_of(letter)

    for device in (first.device_id, second.device_id):
        await _log_in(asha, device)
    assert await happened("NEW_DEVICE_USED") == 1


async def test_a_device_that_was_ended_is_new_when_it_comes_again() -> None:
    asha = await a_patient("Asha")
    first, second = await _log_in(asha), await _log_in(asha)
    by = (await asha.account()).actor
    await end_device(asha.id, second.device_id, by=by)
    await _log_in(asha, second.device_id)
    await _log_in(asha, first.device_id)
    assert await happened("NEW_DEVICE_USED") == 2


# ending


async def test_devices_are_listed_with_the_one_that_asks_first() -> None:
    asha = await a_patient("Asha")
    old = await a_device(asha, named=ANDROID)
    gone = await a_device(asha, is_signed_in=False)
    await token_of(asha)
    own = await _log_in(asha)

    listed = await devices_of(asha.id, session_id=own.account.session_id)

    assert listed[0].id == own.device_id
    assert [one.is_current for one in listed] == [True, False, False, False]
    by_id = {one.id: one for one in listed}
    assert by_id[old].is_signed_in
    assert not by_id[gone].is_signed_in
    assert (by_id[old].name, by_id[old].address) == ("Chrome on Android", "203.0.113.7")
    assert sum(one.is_signed_in for one in listed) == 3
    assert not await devices_of((await a_patient("Vikram")).id)


async def test_ending_a_device_ends_its_sessions_at_once_and_no_others(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    device_id = find_device(browser.client.cookies)
    await bearer(api, asha)
    assert device_id is not None

    await end_device(asha.id, device_id, by=(await asha.account()).actor)

    assert (await browser.get("/me")).status_code == 303
    assert (await api.get("/api/me")).status_code == 200
    assert not await _is_known(asha, device_id)
    with pytest.raises(NotFound):
        await end_device(asha.id, device_id, by=(await asha.account()).actor)
    assert await happened("DEVICE_ENDED") == 1


async def test_a_session_from_before_devices_can_be_ended_too(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    api.headers["Authorization"] = f"Bearer {await token_of(asha)}"
    (only,) = await devices_of(asha.id)
    await end_device(asha.id, only.id, by=(await asha.account()).actor)
    assert (await api.get("/api/me")).status_code == 401


async def test_somebody_elses_device_is_not_there() -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    tokens = await _log_in(asha)
    with pytest.raises(NotFound):
        await end_device(vikram.id, tokens.device_id, by=(await vikram.account()).actor)
    assert await _is_known(asha, tokens.device_id)


async def test_logging_out_everywhere_else_leaves_the_one_that_asks_and_its_device(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    await bearer(api, asha)
    own = await _log_in(asha)

    await end_other_sessions(own.account, by=own.account.actor)

    assert (await browser.get("/me")).status_code == 303
    assert (await api.get("/api/me")).status_code == 401
    assert [(one.id, one.is_signed_in) for one in await devices_of(asha.id)] == [(own.device_id, True)]


async def test_whatever_ends_sessions_takes_the_devices_for_strangers() -> None:
    asha = await a_patient("Asha")
    first, second = await _log_in(asha), await _log_in(asha)
    await end_sessions(asha.id, why="ended_by_user", keep=second.account.session_id)
    assert not await _is_known(asha, first.device_id)
    assert await _is_known(asha, second.device_id)
    await end_sessions(asha.id, why="password_changed")
    assert not await _is_known(asha, second.device_id)
    assert await fetch_value("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 0


@pytest.mark.parametrize("is_signed_in", [True, False])
async def test_the_page_ends_all_other_devices_as_soon_as_there_is_one(
    browser: Browser, is_signed_in: bool
) -> None:
    """One that is logged out already is still known, so nobody there is asked for a second step."""
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    link = "a[href='/me/security/devices/end-others']"
    assert not (await browser.get("/me/security/devices")).html.select(link)
    other = await a_device(asha, is_signed_in=is_signed_in)
    assert (await browser.get("/me/security/devices")).html.select(link)

    await browser.post("/me/security/devices/end-others")

    assert not await _is_known(asha, other)


async def test_a_device_is_seen_when_its_session_is_renewed(browser: Browser) -> None:
    from app.db.clock import set_clock

    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    await set_clock(clock.now() + timedelta(days=2))
    await browser.get("/me")
    (device,) = await devices_of(asha.id)
    assert clock.now() - device.last_seen_at < timedelta(minutes=1)
    assert device.last_seen_at - device.first_seen_at > timedelta(days=1)
