"""The log-in page while tries are held off, and the link past it."""

import httpx
import pytest

from app.accounts.codes import link_token_for
from app.accounts.cookies import find_device
from app.db.engine import execute
from app.settings import settings
from tests.accounts.confirmations import happened, newest
from tests.accounts.guessing import OWNER_ADDRESS, addresses, guess
from tests.browser import Answer, Browser
from tests.factories import Cast, a_doctor, a_patient, run_jobs
from tests.notifications.office import text_of
from tests.surroundings import PostOffice

NOBODY = "nobody@example.com"


async def _held_off(browser: Browser, identifier: str) -> Answer:
    """The page after five wrong passwords and one more."""
    for _ in range(5):
        wrong = await browser.post("/login", {"identifier": identifier, "password": "not the password"})
        assert wrong.status_code == 422
    return await browser.post("/login", {"identifier": identifier, "password": "x", "next": "/me"})


async def test_the_page_says_how_long_and_offers_a_link_and_a_new_password(browser: Browser) -> None:
    asha = await a_patient("Asha")
    page = await _held_off(browser, asha.email)
    assert page.status_code == 429
    assert 1_700 < int(page.headers["retry-after"]) <= 1_800
    assert "Try again in 30 minutes." in page.text
    assert page.one("#identifier")["value"] == asha.email
    assert page.one("form[action='/login'] input[name=next]")["value"] == "/me"
    assert page.one("form[action='/login/trust'] input[name=identifier]")["value"] == asha.email
    assert page.html.select("a[href='/login/forgot']")


async def test_the_page_is_the_same_for_a_name_nobody_has(browser: Browser) -> None:
    asha = await a_patient("Asha")
    pages = []
    for name in (asha.email, NOBODY):
        page = await _held_off(browser, name)
        pages.append(page.response.text.replace(name, "NAME"))
        await execute("DELETE FROM limits")
    token = browser.client.cookies["csrf"]
    assert token
    assert len(pages[0]) == len(pages[1])


async def test_a_program_is_told_when_to_try_again(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    for name in (asha.email, NOBODY):
        log_in = {"identifier": name, "password": "not the password"}
        for _ in range(5):
            assert (await api.post("/api/auth/login", json=log_in)).status_code == 401
        answer = await api.post("/api/auth/login", json=log_in)
        assert (answer.status_code, answer.json()["type"]) == (429, "/problems/log-in-locked")
        assert 1_700 < int(answer.headers["retry-after"]) <= 1_800


async def _asked(browser: Browser, person: Cast, post_office: PostOffice) -> str:
    """The path of the letter's link."""
    answer = await browser.post("/login/trust", {"identifier": person.email})
    page = await browser.follow(answer)
    assert page.one("h1").text == "Look into your mailbox"
    assert "on its way" in page.text
    await run_jobs()
    texts = "\n".join(text_of(letter) for letter in post_office.to(person.email))
    link = next(line for line in texts.splitlines() if "/login/trust/" in line)
    return link.removeprefix(settings().base_url)


async def test_the_owner_comes_in_by_the_link_of_the_letter(
    browser: Browser, post_office: PostOffice
) -> None:
    asha = await a_patient("Asha")
    await _held_off(browser, asha.email)
    link = await _asked(browser, asha, post_office)

    opened = await browser.get(link)
    assert opened.status_code == 200
    assert await happened("DEVICE_TRUSTED") == 0
    pressed = await browser.post(link)
    assert pressed.location == "/login"

    right = await browser.post("/login", {"identifier": asha.email, "password": asha.password})
    assert right.location == "/"


async def test_the_link_is_of_no_use_in_another_browser_and_says_so(
    browser: Browser, post_office: PostOffice
) -> None:
    asha = await a_patient("Asha")
    link = await _asked(browser, asha, post_office)
    asked_in = browser.client.cookies["device"]
    browser.client.cookies.clear()

    refused = await browser.post(link)
    assert refused.status_code == 422
    assert "only in the browser you asked for it in" in refused.text
    browser.client.cookies.set("device", asked_in, domain=browser.client.base_url.host)
    assert (await browser.post(link)).location == "/login"
    used = await browser.post(link)
    assert used.status_code == 422
    assert "already used" in used.text


async def test_asking_for_a_link_is_answered_alike_for_a_name_nobody_has(browser: Browser) -> None:
    asha = await a_patient("Asha")
    answers = []
    for name in (asha.email, NOBODY, "9876543210", "neither"):
        answer = await browser.post("/login/trust", {"identifier": name})
        page = await browser.follow(answer)
        answers.append((answer.status_code, answer.location, page.text))
    assert len(set(answers)) == 1
    assert (await browser.post("/login/trust", {"identifier": " "})).error_of("identifier")
    assert find_device(browser.client.cookies) is not None


@pytest.mark.parametrize("role", ["patient", "doctor"])
async def test_a_new_password_lets_the_owner_in_while_strangers_go_on_trying(
    browser: Browser, role: str
) -> None:
    person = await a_patient("Asha") if role == "patient" else await a_doctor("Dr Meera")
    await _held_off(browser, person.email)
    await browser.post("/login/forgot", {"email": person.email})
    link = f"/login/reset/{link_token_for(await newest(person.email), 'reset_password')}"
    new = {"password": "another long secret 8", "notice": "y"}

    assert (await browser.post(link, new)).status_code == 303
    await browser.post("/logout")
    for network in addresses(25):
        await guess(person.email, address=network)
    assert await guess(person.email, address=OWNER_ADDRESS, password=new["password"]) == "refused"

    back = await browser.post("/login", {"identifier": person.email, "password": new["password"]})
    assert back.location == ("/" if role == "patient" else "/doctor")


async def test_a_link_of_another_purpose_trusts_no_browser(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await browser.post("/login/trust", {"identifier": asha.email})
    for purpose in ("reset_password", "verify_email"):
        token = link_token_for(await newest(asha.email), purpose)
        assert (await browser.post(f"/login/trust/{token}")).status_code == 422
    assert await happened("DEVICE_TRUSTED") == 0


async def test_asking_too_often_keeps_the_page_and_says_when(browser: Browser) -> None:
    asha = await a_patient("Asha")
    status = 303
    for _ in range(50):
        answer = await browser.post("/login/trust", {"identifier": asha.email})
        status = answer.status_code
        if status != 303:
            break
    assert status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert answer.one("#identifier")["value"] == asha.email


async def test_who_was_just_tried_stands_in_the_next_forms_and_nobody_else(browser: Browser) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    sign_up = {"name": "V", "email": "old@example.com", "password": "an even calmer lake", "notice": "y"}
    await browser.post("/signup", sign_up)
    assert (await browser.get("/login/forgot")).one("#email")["value"] == ""

    await browser.post("/login", {"identifier": asha.email, "password": "wrong password"})
    assert (await browser.get("/login/forgot")).one("#email")["value"] == asha.email
    assert (await browser.get("/login")).one("#identifier")["value"] == asha.email

    await browser.post("/login", {"identifier": "98765 43210", "password": "wrong password"})
    assert (await browser.get("/login/forgot")).one("#email")["value"] == ""
    assert (await browser.get("/login")).one("#identifier")["value"] == "98765 43210"

    await browser.post("/login", {"identifier": vikram.email, "password": vikram.password})
    await browser.post("/logout")
    assert (await browser.get("/login")).one("#identifier")["value"] == ""


async def test_the_link_leads_to_a_log_in_that_knows_whom_it_was_asked_for(
    browser: Browser, post_office: PostOffice
) -> None:
    asha = await a_patient("Asha")

    page = await browser.follow(await browser.post(await _asked(browser, asha, post_office)))

    assert page.one("#identifier")["value"] == asha.email
