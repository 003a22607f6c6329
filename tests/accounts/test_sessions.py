"""Staying in and logging out: cookies of browsers, tokens of programs."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from app import clock
from app.accounts.services import log_in
from app.accounts.tokens import access_token
from app.db.clock import set_clock
from app.db.engine import execute, fetch_value
from tests.accounts.confirmations import happened
from tests.browser import Browser
from tests.factories import a_patient, known_device


async def _later(by: timedelta) -> None:
    await set_clock(clock.now() + by)


def _set_cookies(response: httpx.Response) -> dict[str, str]:
    lines = response.headers.get_list("set-cookie")
    return {line.split("=", 1)[0]: line for line in lines}


async def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(browser: Browser) -> None:
    asha = await a_patient("Asha")

    answer = await browser.post("/login", {"identifier": asha.email, "password": asha.password})

    for name in ("access", "refresh"):
        line = _set_cookies(answer.response)[name].lower()
        assert "httponly" in line
        assert "samesite=lax" in line
        assert "path=/" in line
        assert "domain" not in line


async def test_a_browser_stays_in_by_itself_when_the_access_token_is_too_old(browser: Browser) -> None:
    await browser.signed_in(await a_patient("Asha"))
    before = dict(browser.client.cookies)
    await _later(timedelta(minutes=16))

    answer = await browser.get("/me")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert browser.client.cookies["access"] != before["access"]
    assert browser.client.cookies["refresh"] != before["refresh"]
    assert await fetch_value("SELECT count(*) FROM sessions") == 1
    again = await browser.get("/me")
    assert "access" not in _set_cookies(again.response)


async def test_five_requests_at_once_with_an_old_token_all_stay_in_with_one_new_one(browser: Browser) -> None:
    await browser.signed_in(await a_patient("Asha"))
    kept = browser.client.cookies
    old = {"Cookie": f"refresh={kept['refresh']}; device={kept['device']}"}
    browser.client.cookies.clear()
    await _later(timedelta(minutes=16))

    answers = await asyncio.gather(*(browser.client.get("/me", headers=old) for _ in range(5)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({_set_cookies(answer)["refresh"].split(";")[0] for answer in answers}) == 1
    assert await fetch_value("SELECT count(*) FROM refresh_tokens") == 2


async def test_a_spent_token_shown_again_later_ends_the_session_for_everybody(browser: Browser) -> None:
    await browser.signed_in(await a_patient("Asha"))
    stolen = {"Cookie": f"refresh={browser.client.cookies['refresh']}"}
    await _later(timedelta(minutes=16))
    assert (await browser.get("/me")).status_code == 200
    kept = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())}
    browser.client.cookies.clear()
    await _later(timedelta(seconds=31))

    thief = await browser.client.get("/me", headers=stolen)
    owner = await browser.client.get("/me", headers=kept)

    assert (thief.status_code, owner.status_code) == (303, 303)
    assert "max-age=0" in _set_cookies(thief)["refresh"].lower()
    assert await fetch_value("SELECT ended_why FROM sessions") == "token_reused"
    assert await happened("SESSION_FAMILY_ENDED") == 1


async def test_the_grace_is_over_once_the_successor_was_used(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    first, device = browser.client.cookies["refresh"], browser.client.cookies["device"]
    del browser.client.cookies["access"]
    await browser.get("/me")
    del browser.client.cookies["access"]
    await browser.get("/me")
    browser.client.cookies.clear()

    answer = await browser.client.get("/me", headers={"Cookie": f"refresh={first}; device={device}"})

    assert answer.status_code == 303


@pytest.mark.parametrize("shows", ["no device", "another device"])
async def test_within_the_grace_another_device_with_a_spent_token_ends_the_session(
    browser: Browser, shows: str
) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    spent, own = browser.client.cookies["refresh"], browser.client.cookies["device"]
    device = "" if shows == "no device" else f"; device={await known_device(asha)}"
    cookies = {"Cookie": f"refresh={spent}"}
    browser.client.cookies.clear()
    kept = await browser.client.get("/me", headers={"Cookie": f"refresh={spent}; device={own}"})
    assert kept.status_code == 200

    copied = await browser.client.get("/me", headers={"Cookie": cookies["Cookie"] + device})

    assert copied.status_code == 303
    assert await fetch_value("SELECT ended_why FROM sessions") == "token_reused"


async def test_a_lost_answer_is_given_again_to_the_device_that_asked(browser: Browser) -> None:
    await browser.signed_in(await a_patient("Asha"))
    kept = browser.client.cookies
    asks = {"Cookie": f"refresh={kept['refresh']}; device={kept['device']}"}
    browser.client.cookies.clear()

    lost, again = [await browser.client.get("/me", headers=asks) for _ in range(2)]

    assert (lost.status_code, again.status_code) == (200, 200)
    assert _set_cookies(lost)["refresh"].split(";")[0] == _set_cookies(again)["refresh"].split(";")[0]


async def test_a_session_ends_after_thirty_idle_days_and_after_ninety_in_any_case(browser: Browser) -> None:
    await browser.signed_in(await a_patient("Asha"))
    began = clock.now()
    for day in (29, 58, 87):
        await set_clock(began + timedelta(days=day))
        assert (await browser.get("/me")).status_code == 200
    await set_clock(began + timedelta(days=90))
    assert (await browser.get("/me")).status_code == 303

    await browser.signed_in(await a_patient("Vikram"))
    await _later(timedelta(days=30))
    assert (await browser.get("/me")).status_code == 303


async def test_logging_out_ends_the_session_at_once_everywhere(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await browser.signed_in(await a_patient("Asha"))
    kept = dict(browser.client.cookies)

    answer = await browser.post("/logout")

    assert answer.location == "/"
    assert "access" not in browser.client.cookies
    browser.client.cookies.clear()
    both = {"Cookie": f"access={kept['access']}; refresh={kept['refresh']}"}
    assert (await browser.client.get("/me", headers=both)).status_code == 303
    assert (await api.post("/api/auth/refresh", json={"refresh_token": kept["refresh"]})).status_code == 401
    bearer = {"Authorization": f"Bearer {kept['access']}"}
    assert (await api.get("/api/me", headers=bearer)).status_code == 401


async def test_logging_out_twice_is_logging_out_once(browser: Browser) -> None:
    await browser.signed_in(await a_patient("Asha"))
    for _ in range(2):
        assert (await browser.post("/logout")).location == "/"
    assert await happened("USER_LOGGED_OUT") == 1


async def test_log_in_with_an_old_cookie_leaves_only_the_new_session_in_the_browser(browser: Browser) -> None:
    await browser.signed_in(await a_patient("Asha"))
    vikram = await a_patient("Vikram")
    await _later(timedelta(minutes=16))

    await browser.post("/login", {"identifier": vikram.email, "password": vikram.password})

    assert vikram.email in (await browser.get("/me")).text


async def test_a_blocked_account_is_out_at_once(browser: Browser, api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    refresh = browser.client.cookies["refresh"]

    await execute("UPDATE users SET blocked_at = now() WHERE id = $1", asha.id)

    assert (await browser.get("/me")).status_code == 303
    assert (await api.post("/api/auth/refresh", json={"refresh_token": refresh})).status_code == 401


async def test_a_session_serves_only_the_account_it_belongs_to(api: httpx.AsyncClient) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    tokens = await log_in(asha.email, asha.password, address="127.0.0.1", device="test")
    session = tokens.account.session_id
    assert session is not None
    mixed = access_token(vikram.id, session, now=clock.now())

    answer = await api.get("/api/me", headers={"Authorization": f"Bearer {mixed}"})

    assert answer.status_code == 401


async def test_a_cookie_alone_never_opens_the_api_and_a_bearer_no_page(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await browser.signed_in(await a_patient("Asha"))
    token = browser.client.cookies["access"]

    assert (await browser.client.get("/api/me")).status_code == 401
    assert (await api.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 303
    assert (await api.get("/api/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200


async def test_a_spent_refresh_token_of_a_program_ends_the_family(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    first = (
        await api.post("/api/auth/login", json={"identifier": asha.email, "password": asha.password})
    ).json()
    second = await api.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200

    reused = await api.post("/api/auth/refresh", json={"refresh_token": first["refresh_token"]})

    assert reused.status_code == 401
    after = await api.post("/api/auth/refresh", json={"refresh_token": second.json()["refresh_token"]})
    assert after.status_code == 401
    bearer = {"Authorization": f"Bearer {second.json()['access_token']}"}
    assert (await api.get("/api/me", headers=bearer)).status_code == 401


async def test_of_two_programs_with_one_token_one_wins_and_then_nobody(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    first = await log_in(asha.email, asha.password, address="127.0.0.1", device="test")

    answers = await asyncio.gather(
        *(api.post("/api/auth/refresh", json={"refresh_token": first.refresh_token}) for _ in range(2))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert await fetch_value("SELECT ended_why FROM sessions") == "token_reused"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  x", "Basic abc", "Bearer a.b.c", "Bearer \xff"])
async def test_any_other_authorization_is_answered_in_problem_json(
    api: httpx.AsyncClient, header: str
) -> None:
    answer = await api.get("/api/me", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
