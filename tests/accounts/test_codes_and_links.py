"""Proving an address: by the code or the link of a letter, one time."""

from datetime import timedelta

import httpx
import pytest

from app import clock
from app.accounts.services import ask_confirmation
from app.db.clock import set_clock
from app.db.engine import fetch_one, fetch_value
from tests.accounts.confirmations import another_code_than, code_of, happened, link_of
from tests.accounts.signing_up import ASHA
from tests.browser import Browser
from tests.factories import a_patient, bearer


async def test_a_wrong_code_is_refused_five_times_and_then_the_right_one_too(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    right, wrong = await code_of("asha@example.com"), await another_code_than("asha@example.com")

    for _ in range(5):
        answer = await browser.post("/verify", {"code": wrong})
        assert answer.status_code == 422
        assert answer.error_of("code")
    assert (await browser.post("/verify", {"code": right})).status_code == 422

    await browser.post("/verify/again")
    newer = await code_of("asha@example.com")
    assert (await browser.post("/verify", {"code": newer})).status_code == 303


async def test_four_wrong_codes_leave_one_try(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    wrong = await another_code_than("asha@example.com")
    for _ in range(4):
        await browser.post("/verify", {"code": wrong})

    answer = await browser.post("/verify", {"code": await code_of("asha@example.com")})

    assert answer.status_code == 303


async def test_a_code_holds_ten_minutes_and_the_link_a_day(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    code, link = await code_of("asha@example.com"), await link_of("asha@example.com")

    await set_clock(clock.now() + timedelta(minutes=10))
    assert (await browser.post("/verify", {"code": code})).status_code == 422
    await set_clock(clock.now() + timedelta(hours=23, minutes=49))
    assert (await browser.post(link)).status_code == 303


async def test_a_link_is_too_old_after_a_day(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    link = await link_of("asha@example.com")

    await set_clock(clock.now() + timedelta(hours=24))

    assert (await browser.post(link)).status_code == 422


async def test_a_code_serves_once_and_the_link_is_then_spent_too(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    code, link = await code_of("asha@example.com"), await link_of("asha@example.com")
    assert (await browser.post("/verify", {"code": code})).status_code == 303

    again = await browser.post("/verify", {"code": code})
    by_link = await browser.post(link)

    assert (again.status_code, by_link.status_code) == (422, 422)
    assert await happened("EMAIL_CONFIRMED") == 1


async def test_the_page_for_a_known_address_takes_codes_as_any_other(browser: Browser) -> None:
    confirmed = await a_patient("Vikram")
    answers = []
    for email in (ASHA["email"], confirmed.email):
        await browser.post("/signup", {**ASHA, "email": email})
        answers.append(await browser.post("/verify", {"code": "000000"}))

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].error_of("code") == answers[1].error_of("code")


async def test_opening_the_link_changes_nothing_until_the_button_is_pressed(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    link = await link_of("asha@example.com")

    page = await browser.get(link)
    assert page.status_code == 200
    assert page.one("main form")["action"] == link
    assert await happened("EMAIL_CONFIRMED") == 0

    answer = await browser.post(link)

    assert answer.location == "/doctors"
    assert "asha@example.com" in (await browser.get("/me")).text


@pytest.mark.parametrize("token", ["x", "A" * 43, "%F0%9F%98%80"])
async def test_a_forged_link_is_refused_in_words(browser: Browser, token: str) -> None:
    answer = await browser.post(f"/verify/{token}")
    assert answer.status_code == 422
    assert "already used or is too old" in answer.text


async def test_asking_again_answers_alike_for_waiting_and_confirmed_addresses(browser: Browser) -> None:
    confirmed = await a_patient("Vikram")
    answers = []
    for email in (ASHA["email"], confirmed.email):
        await browser.post("/signup", {**ASHA, "email": email})
        answers.append(await browser.post("/verify/again"))

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/verify")}
    assert set(answers[0].headers) == set(answers[1].headers)
    assert await happened("EMAIL_CONFIRMATION_ASKED") == 2


async def test_letters_to_one_address_are_counted_known_or_not(browser: Browser) -> None:
    confirmed = await a_patient("Vikram")
    for email in (ASHA["email"], confirmed.email):
        await browser.post("/signup", {**ASHA, "email": email})
        for _ in range(4):
            assert (await browser.post("/verify/again")).status_code == 303
        assert (await browser.post("/verify/again")).status_code == 429


async def test_an_account_that_is_confirmed_is_not_asked_again() -> None:
    asha = await a_patient("Asha")
    assert await ask_confirmation(asha.id) is None


async def test_who_logs_in_unconfirmed_is_led_to_the_code_and_then_on(browser: Browser) -> None:
    asha = await a_patient("Asha", verified=False)

    answer = await browser.post(
        "/login", {"identifier": asha.email, "password": asha.password, "next": "/me/people"}
    )

    assert answer.location == "/verify"
    page = await browser.follow(answer)
    assert asha.email in page.text
    await browser.post("/verify/again")
    code = await code_of(asha.email)
    done = await browser.post("/verify", {"code": code, "next": "/me/people"})
    assert done.location == "/me/people"
    assert await fetch_value("SELECT count(*) FROM sessions") == 1


async def test_a_program_proves_an_address_by_code_or_token(api: httpx.AsyncClient) -> None:
    for name in ("Asha", "Vikram"):
        await ask_confirmation((await a_patient(name, verified=False)).id)
    asha, vikram = [
        str(row)
        for row in (
            await fetch_value("SELECT email FROM users WHERE name = 'Asha'"),
            await fetch_value("SELECT email FROM users WHERE name = 'Vikram'"),
        )
    ]
    by_code = {"email": asha, "code": await code_of(asha)}
    by_token = {"token": (await link_of(vikram)).removeprefix("/verify/")}

    for proof in (by_code, by_token):
        answer = await api.post("/api/auth/verify-email", json=proof)
        assert (answer.status_code, answer.json()) == (200, {"email_verified": True})
        again = await api.post("/api/auth/verify-email", json=proof)
        assert again.status_code == 422
        assert again.headers["content-type"].startswith("application/problem+json")
    for proof in ({}, {"email": asha}, {"token": 5}, {"email": asha, "code": "12"}):
        assert (await api.post("/api/auth/verify-email", json=proof)).status_code == 422


async def test_a_blocked_account_cannot_be_confirmed(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    code, link = await code_of("asha@example.com"), await link_of("asha@example.com")
    await fetch_one("UPDATE users SET blocked_at = now() RETURNING id")

    assert (await browser.post("/verify", {"code": code})).status_code == 422
    assert (await browser.post(link)).status_code == 422
    assert await happened("EMAIL_CONFIRMED") == 0


async def test_the_door_for_confirmed_addresses_opens_with_the_code(
    api: httpx.AsyncClient,
) -> None:
    asha = await a_patient("Asha", verified=False)
    await bearer(api, asha)
    assert (await api.get("/api/me")).json()["email_verified"] is False
    await ask_confirmation(asha.id)

    await api.post("/api/auth/verify-email", json={"email": asha.email, "code": await code_of(asha.email)})

    assert (await api.get("/api/me")).json()["email_verified"] is True
