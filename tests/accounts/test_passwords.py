"""Passwords: forgotten, chosen for the first time, changed, asked again."""

from datetime import timedelta

import httpx
import pytest

from app import clock
from app.accounts.codes import confirmation_of, link_token_for
from app.accounts.queries import get_user
from app.accounts.services import check_password, create_member, invite_to_set_password
from app.db.clock import set_clock
from app.db.engine import execute, fetch_value
from app.errors import Invalid, TooMany
from app.events.actor import SYSTEM
from tests.accounts.confirmations import happened, newest
from tests.accounts.places import HERE
from tests.browser import Browser
from tests.factories import Cast, a_doctor, a_patient, an_admin, bearer, token_of

NEW = "an even calmer lake"


async def reset_link(browser: Browser, person: Cast) -> str:
    """Ask for the letter, and give its link's path."""
    answer = await browser.post("/login/forgot", {"email": person.email})
    assert answer.location == "/login/forgot/sent"
    return f"/login/reset/{link_token_for(await newest(person.email), 'reset_password')}"


async def logs_in(api: httpx.AsyncClient, person: Cast, password: str) -> int:
    answer = await api.post("/api/auth/login", json={"identifier": person.email, "password": password})
    return answer.status_code


async def test_a_forgotten_password_is_replaced_by_the_letters_link_once(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha = await a_patient("Asha")
    link = await reset_link(browser, asha)

    page = await browser.get(link)
    assert asha.email in page.text
    assert page.one("#password")["autocomplete"] == "new-password"
    assert page.one("input[autocomplete=username]")["value"] == asha.email
    assert await happened("PASSWORD_CHANGED") == 0
    answer = await browser.post(link, {"password": NEW, "notice": "y"})

    assert answer.location == "/"
    assert asha.email in (await browser.get("/me")).text
    assert await logs_in(api, asha, asha.password) == 401
    assert await logs_in(api, asha, NEW) == 200
    again = await browser.post(link, {"password": "yet another one 77", "notice": "y"})
    assert again.status_code == 422
    assert (await browser.get(link)).status_code == 404
    assert "/login/forgot" in again.response.text


async def test_asking_answers_alike_for_known_unknown_and_blocked(browser: Browser) -> None:
    asha, blocked = await a_patient("Asha"), await a_patient("Vikram")
    await execute("UPDATE users SET blocked_at = $2 WHERE id = $1", blocked.id, clock.now())

    answers = [
        await browser.post("/login/forgot", {"email": email})
        for email in (asha.email, "nobody@example.com", blocked.email)
    ]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/login/forgot/sent")}
    assert len({tuple(answer.headers) for answer in answers}) == 1
    assert await happened("PASSWORD_RESET_ASKED") == 1
    assert (await browser.post("/login/forgot", {"email": "no address"})).error_of("email")


async def test_six_letters_in_an_hour_are_too_many_known_or_not(browser: Browser) -> None:
    asha = await a_patient("Asha")
    for email in (asha.email, "nobody@example.com"):
        for _ in range(5):
            assert (await browser.post("/login/forgot", {"email": email})).status_code == 303
        answer = await browser.post("/login/forgot", {"email": email})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


async def test_every_session_ends_with_a_reset(browser: Browser, api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    await bearer(api, asha)
    link = await reset_link(browser, asha)

    await browser.post(link, {"password": NEW, "notice": "y"})

    assert (await api.get("/api/me")).status_code == 401
    ended = await fetch_value("SELECT count(*) FROM sessions WHERE ended_why = 'password_changed'")
    assert ended == 1


async def test_a_reset_works_while_tries_are_held_off_and_ends_that(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha = await a_patient("Asha")
    for _ in range(6):
        status = await logs_in(api, asha, "a wrong guess")
    assert status == 429

    await browser.post(await reset_link(browser, asha), {"password": NEW, "notice": "y"})

    assert await logs_in(api, asha, NEW) == 200


async def test_a_reset_proves_an_address_that_was_not_confirmed(browser: Browser) -> None:
    asha = await a_patient("Asha", verified=False)
    await execute(
        "INSERT INTO totp_keys (user_id, id, created_at, confirmed_at) VALUES ($1, $1, $2, $2)",
        asha.id,
        clock.now(),
    )
    link = await reset_link(browser, asha)

    answer = await browser.post(link, {"password": NEW, "notice": "y"})

    assert answer.location == "/"
    assert (await get_user(asha.id)).is_verified
    assert await happened("EMAIL_CONFIRMED") == 1
    assert await fetch_value("SELECT count(*) FROM totp_keys") == 0, "a stranger may have set it up"


async def test_staff_log_in_after_a_reset_since_more_may_be_asked_of_them(browser: Browser) -> None:
    meera = await a_doctor("Dr Meera")

    answer = await browser.post(await reset_link(browser, meera), {"password": NEW, "notice": "y"})

    assert answer.location == "/login"
    assert (await browser.get("/me")).location.startswith("/login")


async def test_a_link_is_too_old_after_an_hour_and_the_page_offers_another(browser: Browser) -> None:
    asha = await a_patient("Asha")
    link = await reset_link(browser, asha)
    await set_clock(clock.now() + timedelta(hours=1))

    page = await browser.get(link)
    answer = await browser.post(link, {"password": NEW, "notice": "y"})

    assert (page.status_code, answer.status_code) == (404, 422)
    assert page.html.select_one("a[href='/login/forgot']")


async def test_a_link_for_one_thing_is_none_for_another(browser: Browser, api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha", verified=False)
    await reset_link(browser, asha)
    proof = await newest(asha.email)

    for purpose in ("verify_email", "set_password", "trust_device", "change_email"):
        token = link_token_for(proof, purpose)
        assert confirmation_of(token, "reset_password") is None
        for path in (f"/login/reset/{token}", f"/verify/{token}"):
            assert (await browser.post(path, {"password": NEW})).status_code == 422
    token = link_token_for(proof, "reset_password")
    assert (await api.post("/api/auth/verify-email", json={"token": token})).status_code == 422


async def test_a_bad_password_leaves_the_link_good_and_says_why(browser: Browser) -> None:
    asha = await a_patient("Asha")
    link = await reset_link(browser, asha)

    for password in ("short", "password123", "x" * 129):
        answer = await browser.post(link, {"password": password, "notice": "y"})
        assert answer.status_code == 422
        assert answer.error_of("password")

    assert (await browser.post(link, {"password": NEW, "notice": "y"})).status_code == 303


async def test_somebody_else_who_is_logged_in_is_told_and_logged_out(browser: Browser) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    link = await reset_link(browser, asha)
    await browser.signed_in(vikram)

    assert "logged in as Vikram" in (await browser.get(link)).text
    await browser.post(link, {"password": NEW, "notice": "y"})

    assert asha.email in (await browser.get("/me")).text
    left = await fetch_value(
        "SELECT count(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL", vikram.id
    )
    assert left == 0


async def test_a_blocked_account_gets_no_password(browser: Browser) -> None:
    asha = await a_patient("Asha")
    link = await reset_link(browser, asha)
    await execute("UPDATE users SET blocked_at = $2 WHERE id = $1", asha.id, clock.now())

    assert (await browser.post(link, {"password": NEW, "notice": "y"})).status_code == 422


async def test_the_notice_is_asked_for_once(browser: Browser) -> None:
    asha = await a_patient("Asha")
    link = await reset_link(browser, asha)
    assert (await browser.post(link, {"password": NEW})).error_of("accept-notice")
    await browser.post(link, {"password": NEW, "notice": "y"})
    assert await fetch_value("SELECT through FROM consents WHERE user_id = $1", asha.id) == "page"
    browser.client.cookies.clear()

    link = await reset_link(browser, asha)

    assert not (await browser.get(link)).html.select("#accept-notice")
    assert (await browser.post(link, {"password": "a third calm one"})).status_code == 303


async def test_a_program_asks_and_resets(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    asked = [
        await api.post("/api/auth/forgot-password", json={"email": email})
        for email in (asha.email, "nobody@example.com", "no address")
    ]
    assert {answer.status_code for answer in asked} == {202}
    assert len({answer.text for answer in asked}) == 1
    token = link_token_for(await newest(asha.email), "reset_password")

    refused = await api.post("/api/auth/reset-password", json={"token": token, "password": "short"})
    done = await api.post("/api/auth/reset-password", json={"token": token, "password": NEW})
    again = await api.post("/api/auth/reset-password", json={"token": token, "password": NEW})

    assert refused.json()["errors"][0]["field"] == "password"
    assert (done.status_code, done.json()) == (200, {"password_changed": True})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "token")
    assert await logs_in(api, asha, NEW) == 200


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
