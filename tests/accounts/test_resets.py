"""Passwords that were forgotten: replaced by the link of a letter."""

from datetime import timedelta

import httpx

from app import clock
from app.accounts.codes import confirmation_of, link_token_for
from app.accounts.queries import get_user, persons_of
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_value
from tests.accounts.confirmations import happened, newest
from tests.accounts.resets import NEW, logs_in, reset_link
from tests.accounts.uploads import a_photo
from tests.browser import Browser
from tests.factories import Cast, a_doctor, a_patient, bearer

MALLORY = {
    "name": "Mallory",
    "email": "asha@example.com",
    "mobile": "98111 11111",
    "password": "a password of hers",
    "notice": "y",
}


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


async def test_a_reset_works_while_tries_are_held_off_and_ends_that_for_its_browser(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha = await a_patient("Asha")
    for _ in range(6):
        status = await logs_in(api, asha, "a wrong guess")
    assert status == 429

    answer = await browser.post(await reset_link(browser, asha), {"password": NEW, "notice": "y"})

    assert answer.location == "/"
    await browser.post("/logout")
    again = await browser.post("/login", {"identifier": asha.email, "password": NEW})
    assert again.location == "/"


async def test_a_reset_proves_an_address_that_was_not_confirmed(browser: Browser) -> None:
    asha = await a_patient("Asha", verified=False)

    answer = await browser.post(
        await reset_link(browser, asha), {"name": "Asha", "password": NEW, "notice": "y"}
    )

    assert answer.location == "/"
    assert (await get_user(asha.id)).is_verified
    assert await happened("EMAIL_CONFIRMED") == 1


async def _strangers_account(browser: Browser) -> Cast:
    """An account somebody began with another's address, and filled with what is theirs."""
    await browser.post("/signup", MALLORY)
    user_id = await fetch_value("SELECT id FROM users WHERE email = $1", MALLORY["email"])
    cast = Cast(user_id, "Mallory", MALLORY["email"], "patient", MALLORY["password"])
    await a_photo(cast)
    await execute("UPDATE persons SET birth_year = 1980, sex = 'male' WHERE account_id = $1", user_id)
    await execute(
        "INSERT INTO persons (account_id, name, relation, created_at) VALUES ($1, 'Her child', 'child', $2)",
        user_id,
        clock.now(),
    )
    await execute(
        "INSERT INTO totp_keys (user_id, id, created_at, confirmed_at) VALUES ($1, $1, $2, $2)",
        user_id,
        clock.now(),
    )
    return cast


async def test_the_owner_who_resets_keeps_nothing_of_a_stranger_who_began_the_account(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    stranger = await _strangers_account(browser)
    link = await reset_link(browser, stranger)
    page = await browser.get(link)
    assert not page.one("#name").get("value"), "what the stranger typed is not even shown"
    assert (await browser.post(link, {"password": NEW, "notice": "y"})).error_of("name")

    await browser.post(link, {"name": " Asha  Rao ", "password": NEW, "notice": "y"})

    account = await get_user(stranger.id)
    assert (account.name, account.mobile, account.is_verified) == ("Asha Rao", None, True)
    (own,) = await persons_of(stranger.id)
    assert (own.name, own.mobile, own.birth_year, own.sex) == ("Asha Rao", None, None, None)
    left = """
        SELECT (SELECT count(*) FROM totp_keys) AS keys, (SELECT count(*) FROM consents) AS consents,
               (SELECT count(*) FROM photos WHERE removed_at IS NULL) AS photos
    """
    assert dict((await fetch(left))[0]) == {"keys": 0, "consents": 1, "photos": 0}
    assert await logs_in(api, stranger, MALLORY["password"]) == 401


async def test_a_program_that_resets_an_address_nobody_had_proved_gives_the_name(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    stranger = await _strangers_account(browser)
    token = (await reset_link(browser, stranger)).rpartition("/")[2]
    body = {"token": token, "password": NEW}

    refused = await api.post("/api/auth/reset-password", json=body)
    done = await api.post("/api/auth/reset-password", json={**body, "name": "Asha Rao"})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "name")
    assert done.status_code == 200
    assert (await get_user(stranger.id)).name == "Asha Rao"


async def test_whoever_proved_the_address_before_keeps_everything_through_a_reset(browser: Browser) -> None:
    asha = await a_patient("Asha", mobile="+919876543210")
    await a_photo(asha)
    link = await reset_link(browser, asha)
    assert not (await browser.get(link)).html.select("#name")

    await browser.post(link, {"name": "Mallory", "password": NEW, "notice": "y"})

    account = await get_user(asha.id)
    assert (account.name, account.mobile) == ("Asha", "+919876543210")
    assert await fetch_value("SELECT count(*) FROM photos WHERE removed_at IS NULL") == 1


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
