"""Signing up on the page, and proving the address."""

from datetime import timedelta

import httpx
import pytest

from app import clock
from app.accounts.queries import find_user_by_email, self_of
from app.accounts.services import ask_confirmation
from app.db.clock import set_clock
from app.db.engine import fetch_one, fetch_value
from tests.accounts.confirmations import another_code_than, code_of, happened, link_of
from tests.browser import Browser
from tests.factories import a_patient, bearer

ASHA = {
    "name": "Asha Rao",
    "email": "Asha@Example.com",
    "mobile": "98765 43210",
    "password": "a calm green river",
    "notice": "y",
    "next": "/doctors",
}


async def test_signing_up_makes_an_account_and_a_person_and_signs_nobody_in(browser: Browser) -> None:
    answer = await browser.post("/signup", ASHA)

    assert answer.location == "/verify"
    account = await find_user_by_email("asha@example.com")
    assert account is not None
    assert (account.name, account.mobile, account.role, account.is_verified) == (
        "Asha Rao",
        "+919876543210",
        "patient",
        False,
    )
    own = await self_of(account.id)
    assert (own.name, own.mobile) == (account.name, account.mobile)
    assert await happened("EMAIL_CONFIRMATION_ASKED") == 1
    assert (await browser.get("/me")).location.startswith("/login")


async def test_the_code_of_the_letter_confirms_signs_in_and_leads_on(browser: Browser) -> None:
    page = await browser.follow(await browser.post("/signup", ASHA))
    assert "asha@example.com" in page.text
    assert page.one("input[name=next]")["value"] == "/doctors"

    code = await code_of("asha@example.com")
    answer = await browser.post("/verify", {"code": code, "next": "/doctors"})

    assert answer.location == "/doctors"
    assert "asha@example.com" in (await browser.get("/me")).text
    account = await find_user_by_email("asha@example.com")
    assert account is not None
    assert account.is_verified


async def test_neither_address_nor_code_nor_link_stand_in_the_log_of_events(browser: Browser) -> None:
    await browser.post("/signup", ASHA)

    kept = await fetch_value("SELECT string_agg(facts::text, ' ') FROM events")
    assert "asha" not in kept.lower()
    assert await code_of("asha@example.com") not in kept


async def test_a_known_address_gets_the_same_answer_and_its_owner_is_told(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    await browser.post("/verify", {"code": await code_of("asha@example.com")})
    await browser.follow(await browser.post("/logout"))
    fresh = await browser.post("/signup", {**ASHA, "email": "new@example.com"})
    page_for_fresh = (await browser.follow(fresh)).text.replace("new@example.com", "asha@example.com")

    known = await browser.post("/signup", {**ASHA, "name": "Mallory", "password": "another long secret"})

    assert (known.status_code, known.location) == (fresh.status_code, fresh.location)
    assert set(known.headers) == set(fresh.headers)
    assert (await browser.follow(known)).text == page_for_fresh
    assert await happened("SIGN_UP_WITH_KNOWN_EMAIL") == 1
    account = await find_user_by_email("asha@example.com")
    assert account is not None
    assert account.name == "Asha Rao"


async def test_what_is_wrong_is_said_at_each_field_and_what_was_typed_is_kept(browser: Browser) -> None:
    typed = {"name": " ", "email": "asha@", "mobile": "123", "password": "short", "next": "/doctors"}
    answer = await browser.post("/signup", typed)

    assert answer.status_code == 422
    for field in ("name", "email", "mobile", "password"):
        assert answer.error_of(field)
        assert answer.html.select_one(f".summary a[href='#{field}']")
    assert answer.one("#email")["value"] == "asha@"
    assert answer.one("#password").get("value") is None
    assert answer.one("input[name=next]")["value"] == "/doctors"
    assert await fetch_value("SELECT count(*) FROM users") == 0


async def test_a_way_on_to_another_site_is_forgotten(browser: Browser) -> None:
    page = await browser.get("/signup", next="https://evil.example/")
    assert page.one("input[name=next]")["value"] == ""
    await browser.post("/signup", {**ASHA, "next": "//evil.example"})
    code = await code_of("asha@example.com")
    answer = await browser.post("/verify", {"code": code, "next": "//evil.example"})
    assert answer.location == "/"


@pytest.mark.parametrize("own", ["asha@example.com", "Asha-Rao-1", "98765 43210"])
async def test_ones_own_address_name_or_number_is_no_password(browser: Browser, own: str) -> None:
    answer = await browser.post("/signup", {**ASHA, "password": own, "notice": ""})

    assert answer.status_code == 422
    assert "Your own name, address or number" in answer.error_of("password")
    assert answer.error_of("accept-notice")
    assert await fetch_value("SELECT count(*) FROM users") == 0


async def test_five_sign_ups_an_hour_come_from_one_address(browser: Browser) -> None:
    for number in range(5):
        answer = await browser.post("/signup", {**ASHA, "email": f"asha{number}@example.com"})
        assert answer.status_code == 303

    answer = await browser.post("/signup", {**ASHA, "email": "asha6@example.com"})

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    await set_clock(clock.now() + timedelta(hours=1))
    assert (await browser.post("/signup", {**ASHA, "email": "asha6@example.com"})).status_code == 303


async def test_a_form_without_its_token_or_from_another_site_is_refused(browser: Browser) -> None:
    answer = await browser.client.post("/signup", data=ASHA)
    assert answer.status_code == 403

    await browser.get("/signup")
    form = {**ASHA, "_csrf_token": browser.client.cookies["csrf"]}
    answer = await browser.client.post("/signup", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert await fetch_value("SELECT count(*) FROM users") == 0


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
