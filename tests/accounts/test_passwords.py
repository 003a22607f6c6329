"""Passwords: chosen for the first time, changed, asked again."""

from datetime import timedelta

import httpx
import pytest

from app import clock
from app.accounts.codes import link_token_for
from app.accounts.queries import get_user
from app.accounts.services import check_password, create_member, invite_to_set_password
from app.db.clock import set_clock
from app.errors import Invalid, TooMany
from app.events.actor import SYSTEM
from tests.accounts.confirmations import happened, newest
from tests.accounts.places import HERE
from tests.accounts.resets import NEW, logs_in, reset_link
from tests.browser import Browser
from tests.factories import Cast, a_patient, an_admin, bearer, token_of

# an account that was made for somebody


async def test_whoever_an_account_was_made_for_chooses_the_password_within_a_week(browser: Browser) -> None:
    admin = await an_admin()
    by = (await admin.account()).actor
    member = await create_member(
        name="Sunita", email="Sunita@Example.com", mobile="98765 43210", role="reception", by=by
    )
    await invite_to_set_password(member, by=by)
    sunita = Cast(member, "Sunita", "sunita@example.com", "reception")
    assert (await browser.post("/login", {"identifier": sunita.email, "password": ""})).status_code == 422
    link = f"/login/reset/{link_token_for(await newest(sunita.email), 'set_password')}"
    await set_clock(clock.now() + timedelta(days=7) - timedelta(seconds=1))

    page = await browser.get(link)
    assert page.one("h1").text == "Choose a password"
    answer = await browser.post(link, {"password": NEW, "notice": "y"})

    assert answer.location == "/login"
    assert (await get_user(member)).is_verified


async def test_nobody_logs_in_before_a_password_was_chosen(api: httpx.AsyncClient) -> None:
    member = await create_member(name="S", email="s@example.com", mobile=None, role="patient", by=SYSTEM)
    sunita = Cast(member, "S", "s@example.com", "patient")

    for password in ("", " ", "none", "NO_PASSWORD"):
        assert await logs_in(api, sunita, password) == 401
    with pytest.raises(Invalid):
        await check_password(await get_user(member), "", where=HERE)


async def test_an_account_is_made_once_and_of_good_values() -> None:
    with pytest.raises(Invalid) as refused:
        await create_member(name=" ", email="x", mobile="1", role="king", by=SYSTEM)
    assert set(refused.value.fields) == {"name", "email", "mobile", "role"}


# changing


async def test_a_password_is_changed_here_and_logged_out_everywhere_else(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha = await a_patient("Asha")
    await bearer(api, asha)
    await browser.signed_in(asha)
    stolen = {name: browser.client.cookies[name] for name in ("access", "refresh")}

    answer = await browser.post("/me/password", {"current": asha.password, "password": NEW})

    assert answer.location == "/me/security"
    assert asha.email in (await browser.get("/me")).text
    assert (await api.get("/api/me")).status_code == 401
    assert await logs_in(api, asha, asha.password) == 401
    assert await logs_in(api, asha, NEW) == 200
    assert browser.client.cookies["access"] != stolen["access"]
    browser.client.cookies.clear()
    browser.client.cookies.update(stolen)
    assert (await browser.get("/me")).location.startswith("/login")


async def test_what_is_wrong_with_a_change_is_said_at_its_field(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)

    tries = {
        ("", NEW): "current",
        ("a wrong guess", NEW): "current",
        (asha.password, "short"): "password",
        (asha.password, asha.password): "password",
    }
    for (current, password), field in tries.items():
        answer = await browser.post("/me/password", {"current": current, "password": password})
        assert answer.status_code == 422
        assert answer.error_of(field)
        assert not answer.html.select("input[type=password][value]")
    assert await happened("PASSWORD_CHANGED") == 0


async def test_five_wrong_passwords_make_the_sixth_wait_even_if_it_is_right(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    for _ in range(5):
        await browser.post("/me/password", {"current": "a wrong guess", "password": NEW})

    answer = await browser.post("/me/password", {"current": asha.password, "password": NEW})

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    await set_clock(clock.now() + timedelta(minutes=30))
    await browser.signed_in(asha)
    assert (
        await browser.post("/me/password", {"current": asha.password, "password": NEW})
    ).status_code == 303


async def test_right_passwords_are_not_counted() -> None:
    account = await (await a_patient("Asha")).account()
    for _ in range(8):
        await check_password(account, "demo-pass-2026", where=HERE)
    for _ in range(5):
        with pytest.raises(Invalid) as refused:
            await check_password(account, "x" * 10_000, where=HERE, field="secret")
    assert set(refused.value.fields) == {"secret"}
    with pytest.raises(TooMany):
        await check_password(account, "demo-pass-2026", where=HERE)


async def test_a_letter_on_its_way_is_worth_nothing_once_the_password_was_changed(browser: Browser) -> None:
    asha = await a_patient("Asha")
    link = await reset_link(browser, asha)
    await browser.signed_in(asha)

    await browser.post("/me/password", {"current": asha.password, "password": NEW})

    assert (await browser.get(link)).status_code == 404


async def test_a_session_of_before_the_change_is_over_at_once(
    api: httpx.AsyncClient, browser: Browser
) -> None:
    asha = await a_patient("Asha")
    api.headers["Authorization"] = f"Bearer {await token_of(asha)}"
    assert (await api.get("/api/me")).status_code == 200
    await browser.signed_in(asha)

    await browser.post("/me/password", {"current": asha.password, "password": NEW})

    assert (await api.get("/api/me")).status_code == 401


async def test_neither_a_change_nor_a_reset_takes_a_known_browser_for_a_new_one(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    await browser.post("/me/password", {"current": asha.password, "password": NEW})
    await browser.post("/logout")
    assert await happened("NEW_DEVICE_USED") == 0

    await browser.post(await reset_link(browser, asha), {"password": "a third calm one", "notice": "y"})

    assert await happened("USER_LOGGED_IN") == 3
    assert await happened("NEW_DEVICE_USED") == 0


async def test_ones_own_address_or_name_is_no_new_password_either(browser: Browser) -> None:
    asha = await a_patient("Asha")
    link = await reset_link(browser, asha)

    for own in (asha.email, "Asha-1984"):
        by_letter = await browser.post(link, {"password": own, "notice": "y"})
        assert by_letter.status_code == 422
        assert "Your own name" in by_letter.error_of("password")

    await browser.signed_in(asha)
    changed = await browser.post("/me/password", {"current": asha.password, "password": asha.email})
    assert changed.status_code == 422
    assert "Your own name" in changed.error_of("password")
