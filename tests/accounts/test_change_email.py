"""Another e-mail address for an account."""

from datetime import timedelta

import httpx
import pytest

from app import clock
from app.accounts.codes import code_for, link_token_for
from app.accounts.queries import get_user
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_value
from tests.accounts.confirmations import another_code_than, code_of, happened, newest
from tests.browser import Answer, Browser
from tests.factories import Cast, a_patient, bearer

NEW = "asha.new@example.com"


async def ask(browser: Browser, asha: Cast, email: str = NEW) -> Answer:
    return await browser.post("/me/email", {"email": email, "password": asha.password})


async def link_of(asha: Cast) -> str:
    return f"/me/email/{link_token_for(await newest(asha.email), 'change_email')}"


async def test_the_code_sent_to_the_new_address_changes_it_and_logs_out_the_others(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha = await a_patient("Asha")
    await bearer(api, asha)
    await browser.signed_in(asha)

    asked = await ask(browser, asha, "Asha.New@Example.com")
    assert asked.location == "/me/email/code"
    assert NEW in (await browser.follow(asked)).text
    assert (await get_user(asha.id)).email == asha.email
    answer = await browser.post("/me/email/code", {"code": await code_of(asha.email)})

    assert answer.location == "/me/security"
    account = await get_user(asha.id)
    assert (account.email, account.is_verified) == (NEW, True)
    assert NEW in (await browser.get("/me")).text, "this browser stays logged in"
    assert (await api.get("/api/me")).status_code == 401
    log = await fetch_value("SELECT string_agg(facts::text, ' ') FROM events")
    assert "example.com" not in log


async def test_the_link_changes_it_where_the_account_is_logged_in(browser: Browser) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    await browser.signed_in(asha)
    await ask(browser, asha)
    link = await link_of(asha)
    await browser.signed_in(vikram)
    other = await browser.get(link)
    assert (other.status_code, (await browser.post(link)).status_code) == (404, 422)
    assert NEW not in other.text
    browser.client.cookies.clear()
    assert (await browser.get(link)).location.startswith("/login?next=")
    await browser.signed_in(asha)

    page = await browser.get(link)
    assert NEW in page.text
    assert await happened("EMAIL_CHANGED") == 0
    answer = await browser.post(link)

    assert answer.location == "/me/security"
    assert (await get_user(asha.id)).email == NEW
    assert (await browser.post(link)).status_code == 422


@pytest.mark.parametrize("verified", [True, False], ids=["confirmed", "waiting"])
async def test_an_address_of_somebody_else_gets_the_same_answers_and_its_owner_a_word(
    browser: Browser, verified: bool
) -> None:
    asha, owner = await a_patient("Asha"), await a_patient("Owner", verified=verified)
    await browser.signed_in(asha)
    free = await ask(browser, asha)
    page_for_free = (await browser.follow(free)).text.replace(NEW, owner.email)

    taken = await ask(browser, asha, owner.email)

    assert (taken.status_code, taken.location) == (free.status_code, free.location)
    assert set(taken.headers) == set(free.headers)
    assert (await browser.follow(taken)).text == page_for_free
    told = await fetch("SELECT subject_id FROM events WHERE name = 'EMAIL_CHANGE_TO_KNOWN'")
    assert [row["subject_id"] for row in told] == [owner.id]
    guessed = code_for(await newest(asha.email))
    answer = await browser.post("/me/email/code", {"code": guessed})
    assert answer.error_of("code")
    assert (await get_user(asha.id)).email == asha.email


async def test_an_address_that_somebody_took_meanwhile_stays_theirs(browser: Browser) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    await browser.signed_in(asha)
    await ask(browser, asha)
    await execute("UPDATE users SET email = $2 WHERE id = $1", vikram.id, NEW)

    answer = await browser.post("/me/email/code", {"code": await code_of(asha.email)})

    assert answer.status_code == 422
    assert (await get_user(asha.id)).email == asha.email


async def test_what_is_wrong_is_said_at_its_field_and_the_address_typed_is_kept(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)

    for email, password, field in (
        ("no address", asha.password, "email"),
        (asha.email.upper(), asha.password, "email"),
        (NEW, "", "password"),
        (NEW, "a wrong guess", "password"),
    ):
        answer = await browser.post("/me/email", {"email": email, "password": password})
        assert answer.status_code == 422
        assert answer.error_of(field)
        assert answer.one("#email")["value"] == email
    assert await happened("EMAIL_CHANGE_ASKED") == 0


async def test_five_wrong_codes_end_a_letter_and_another_one_works(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    await ask(browser, asha)
    right, wrong = await code_of(asha.email), await another_code_than(asha.email)
    for _ in range(5):
        assert (await browser.post("/me/email/code", {"code": wrong})).error_of("code")
    assert (await browser.post("/me/email/code", {"code": right})).status_code == 422

    await ask(browser, asha)

    assert (await browser.post("/me/email/code", {"code": await code_of(asha.email)})).status_code == 303


async def test_a_code_holds_ten_minutes_and_the_link_a_day(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.signed_in(asha)
    await ask(browser, asha)
    code, link = await code_of(asha.email), await link_of(asha)

    await set_clock(clock.now() + timedelta(minutes=10))
    assert (await browser.post("/me/email/code", {"code": code})).status_code == 422
    assert (await browser.get(link)).status_code == 200
    await set_clock(clock.now() + timedelta(hours=24))
    assert (await browser.get(link)).status_code == 404
    assert (await browser.get("/me/email/code")).location == "/me/email"


async def test_links_sent_to_the_old_address_are_worth_nothing_afterwards(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.post("/login/forgot", {"email": asha.email})
    reset = f"/login/reset/{link_token_for(await newest(asha.email), 'reset_password')}"
    await browser.signed_in(asha)
    await ask(browser, asha)

    await browser.post("/me/email/code", {"code": await code_of(asha.email)})

    assert (await browser.get(reset)).status_code == 404


async def test_a_slip_at_sign_up_is_put_right_and_confirmed_in_one(browser: Browser) -> None:
    asha = await a_patient("Asha", verified=False)
    await browser.signed_in(asha)
    assert (await browser.get("/verify")).html.select_one("a[href='/me/email']")
    await ask(browser, asha)

    await browser.post("/me/email/code", {"code": await code_of(asha.email)})

    account = await get_user(asha.id)
    assert (account.email, account.is_verified) == (NEW, True)
    assert await happened("EMAIL_CONFIRMED") == 1
