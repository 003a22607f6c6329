"""Nobody gets into somebody else's account by signing up with their address first."""

from datetime import timedelta

import httpx
import pytest

from app import clock
from app.accounts.queries import find_user_by_email, get_user, persons_of
from app.accounts.services import add_person, count_letter, create_member, forget_pending
from app.db.clock import set_clock
from app.db.engine import execute, fetch_value
from app.errors import TooMany
from app.events.actor import SYSTEM
from tests.accounts.confirmations import code_of, happened, link_of, newest
from tests.browser import Browser
from tests.factories import a_patient, run_jobs

EMAIL = "asha@example.com"
MALLORY = {
    "name": "Mallory",
    "email": EMAIL,
    "mobile": "9000000001",
    "password": "the secret of mallory",
    "notice": "y",
}
ASHA = {**MALLORY, "name": "Asha Rao", "mobile": "9876543210", "password": "a calm green river"}


async def logs_in(api: httpx.AsyncClient, password: str) -> int:
    body = {"identifier": EMAIL, "password": password}
    return (await api.post("/api/auth/login", json=body)).status_code


async def test_a_sign_up_over_an_unconfirmed_account_changes_nothing_before_its_letter_is_confirmed(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await browser.post("/signup", ASHA)

    await browser.post("/signup", MALLORY)

    account = await find_user_by_email(EMAIL)
    assert account is not None
    assert (account.name, account.mobile) == ("Asha Rao", "+919876543210")
    assert await logs_in(api, ASHA["password"]) == 200
    assert await logs_in(api, MALLORY["password"]) == 401


async def test_its_letter_brings_what_was_typed_with_it_and_nothing_of_before(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await browser.post("/signup", MALLORY)
    before = await find_user_by_email(EMAIL)
    assert before is not None
    await add_person(before, name="Mallory's own", relation="other", by=before.actor)
    tokens = (
        await api.post("/api/auth/login", json={"identifier": EMAIL, "password": MALLORY["password"]})
    ).json()
    old_link = await link_of(EMAIL)

    await browser.post("/signup", ASHA)
    answer = await browser.post("/verify", {"code": await code_of(EMAIL)})

    assert answer.location == "/"
    assert "Asha Rao" in (await browser.get("/me")).text
    after = await get_user(before.id)
    assert (after.name, after.is_verified) == ("Asha Rao", True)
    assert [person.name for person in await persons_of(after.id)] == ["Asha Rao"]
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await api.get("/api/me", headers=headers)).status_code == 401
    assert await logs_in(api, MALLORY["password"]) == 401
    assert await logs_in(api, ASHA["password"]) == 200
    assert (await browser.post(old_link)).status_code == 422
    assert await fetch_value("SELECT count(*) FROM pending_sign_ups") == 0


async def test_a_photo_the_stranger_put_up_goes_too(browser: Browser) -> None:
    await browser.post("/signup", MALLORY)
    account = await find_user_by_email(EMAIL)
    assert account is not None
    await execute(
        "INSERT INTO photos (key, user_id, created_at) VALUES ($1, $2, $3)", "0" * 32, account.id, clock.now()
    )

    await browser.post("/signup", ASHA)
    await browser.post("/verify", {"code": await code_of(EMAIL)})

    assert await fetch_value("SELECT count(*) FROM photos WHERE removed_at IS NULL") == 0


async def test_the_code_of_a_strangers_letter_does_not_work_where_the_owner_signed_up(
    browser: Browser,
) -> None:
    await browser.post("/signup", ASHA)
    await browser.post("/verify/again")
    own = browser.client.cookies["confirming"]
    await browser.post("/signup", MALLORY)
    strangers = await code_of(EMAIL)
    browser.client.cookies.set("confirming", own)

    answer = await browser.post("/verify", {"code": strangers})

    assert answer.status_code == 422
    assert await happened("EMAIL_CONFIRMED") == 0


async def test_another_letter_for_a_sign_up_that_waits_still_brings_what_was_typed_with_it(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await browser.post("/signup", MALLORY)
    await browser.post("/signup", ASHA)
    await browser.post("/verify/again")

    answer = await browser.post("/verify", {"code": await code_of(EMAIL)})

    assert answer.status_code == 303
    assert await logs_in(api, ASHA["password"]) == 200
    assert await logs_in(api, MALLORY["password"]) == 401


@pytest.mark.parametrize("over", [False, True], ids=["a new account", "an account that waits"])
async def test_a_link_in_another_browser_wants_the_password_of_its_sign_up(
    browser: Browser, over: bool
) -> None:
    if over:
        await browser.post("/signup", MALLORY)
    await browser.post("/signup", ASHA)
    link = await link_of(EMAIL)
    browser.client.cookies.clear()

    page = await browser.get(link)
    assert page.status_code == 200
    assert page.one("#password")["autocomplete"] == "current-password"
    for password in ("", MALLORY["password"]):
        answer = await browser.post(link, {"password": password})
        assert answer.status_code == 422
        assert answer.error_of("password")
    assert await happened("EMAIL_CONFIRMED") == 0

    answer = await browser.post(link, {"password": ASHA["password"]})

    assert answer.location == "/"
    assert "Asha Rao" in (await browser.get("/me")).text


async def test_the_password_of_a_link_can_be_guessed_five_times(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    link = await link_of(EMAIL)
    browser.client.cookies.clear()

    answers = [await browser.post(link, {"password": f"guess number {n}"}) for n in range(5)]
    last = await browser.post(link, {"password": ASHA["password"]})

    assert [answer.status_code for answer in answers] == [422] * 5
    assert last.status_code == 429


async def test_the_letter_before_works_by_one_press_where_another_was_asked_for(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    first = await link_of(EMAIL)
    await browser.post("/verify/again")

    assert (await browser.post(first)).status_code == 303


async def test_a_link_opened_by_somebody_else_confirms_and_leaves_them_logged_in(browser: Browser) -> None:
    await browser.post("/signup", ASHA)
    link = await link_of(EMAIL)
    vikram = await a_patient("Vikram")
    await browser.signed_in(vikram)

    answer = await browser.post(link, {"password": ASHA["password"]})

    assert answer.location == "/"
    assert await happened("EMAIL_CONFIRMED") == 1
    assert vikram.email in (await browser.get("/me")).text


async def test_a_browser_that_waits_for_nothing_is_told_the_ways(browser: Browser) -> None:
    page = await browser.get("/verify")
    assert "password you chose" in page.text
    assert not page.html.select("#code")

    browser.client.cookies.set("confirming", "0" * 64 + '.["asha@example.com","",""]')
    assert not (await browser.get("/verify")).html.select("#code")
    assert (await browser.post("/verify", {"code": "123456"})).status_code == 422
    assert (await browser.post("/verify/again")).location == "/verify"
    assert await happened("EMAIL_CONFIRMATION_ASKED") == 0


async def test_a_program_can_neither_confirm_a_sign_up_that_waits_nor_use_up_its_tries(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await browser.post("/signup", MALLORY)
    plain = await newest(EMAIL)
    await browser.post("/signup", ASHA)
    code, token = await code_of(EMAIL), (await link_of(EMAIL)).removeprefix("/verify/")

    for proof in ({"token": token}, {"email": EMAIL, "code": code}):
        assert (await api.post("/api/auth/verify-email", json=proof)).status_code == 422

    tried = await fetch_value("SELECT id FROM email_confirmations WHERE tries > 0")
    assert tried == plain


async def test_a_strangers_many_sign_ups_leave_the_owner_their_letter(browser: Browser) -> None:
    for _ in range(5):
        await count_letter("verify_email", EMAIL, address="203.0.113.7")
    with pytest.raises(TooMany):
        await count_letter("verify_email", EMAIL, address="203.0.113.8")

    assert (await browser.post("/signup", ASHA)).status_code == 303


async def test_sign_ups_that_nobody_confirmed_are_forgotten_after_a_day(browser: Browser) -> None:
    await browser.post("/signup", MALLORY)
    await browser.post("/signup", ASHA)
    await forget_pending()
    assert await fetch_value("SELECT count(*) FROM pending_sign_ups") == 1

    await set_clock(clock.now() + timedelta(hours=24))
    await forget_pending()

    assert await fetch_value("SELECT count(*) FROM pending_sign_ups") == 0
    again = await browser.post("/verify/again")
    assert again.status_code == 303
    assert await happened("EMAIL_CONFIRMATION_ASKED") == 2, "its browser does not wait for it any more"


async def test_the_notice_is_accepted_by_whoever_signs_up(browser: Browser, api: httpx.AsyncClient) -> None:
    assert (await browser.get("/signup")).one("#accept-notice").get("checked") is None
    without = {name: text for name, text in ASHA.items() if name != "notice"}
    refused = await browser.post("/signup", without)
    assert refused.status_code == 422
    assert refused.error_of("accept-notice")
    await browser.post("/signup", ASHA)
    body = {"name": "Ravi", "email": "ravi@example.com", "password": "a calm green river"}
    assert (await api.post("/api/auth/signup", json=body)).status_code == 201

    through = await fetch_value(
        "SELECT string_agg(u.email || ' ' || c.through, ', ' ORDER BY u.email) "
        "FROM consents c JOIN users u ON u.id = c.user_id"
    )
    assert through == "asha@example.com page", "a program shows nobody the notice"


async def test_an_account_a_stranger_began_as_a_doctors_becomes_the_patients_who_signs_up(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    body = {**MALLORY, "role": "doctor"}
    del body["notice"]
    assert (await api.post("/api/auth/signup", json=body)).status_code == 201

    await browser.post("/signup", ASHA)
    await browser.post("/verify/again")
    await browser.post("/verify", {"code": await code_of(EMAIL)})
    await run_jobs()

    account = await find_user_by_email(EMAIL)
    assert account is not None
    assert (account.role, account.name) == ("patient", "Asha Rao")
    waiting = "SELECT count(*) FROM doctors WHERE left_at IS NULL"
    assert await fetch_value(waiting) == 0
    assert await happened("APPLICATION_DROPPED") == 1


async def test_an_account_that_was_made_for_somebody_waits_for_its_own_letter(browser: Browser) -> None:
    await create_member(name="Asha", email=EMAIL, mobile=None, role="patient", by=SYSTEM)

    assert (await browser.post("/signup", MALLORY)).location == "/verify"

    assert await fetch_value("SELECT count(*) FROM pending_sign_ups") == 0
    assert await happened("SIGN_UP_WITH_KNOWN_EMAIL") == 1
