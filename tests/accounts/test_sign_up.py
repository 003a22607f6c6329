"""Signing up on the page."""

import pytest

from app.accounts.queries import find_user_by_email, self_of
from app.db.engine import fetch_value
from tests.accounts.confirmations import code_of, happened
from tests.accounts.signing_up import ASHA
from tests.browser import Browser


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


async def test_a_form_without_its_token_or_from_another_site_is_refused(browser: Browser) -> None:
    answer = await browser.client.post("/signup", data=ASHA)
    assert answer.status_code == 403

    await browser.get("/signup")
    form = {**ASHA, "_csrf_token": browser.client.cookies["csrf"]}
    answer = await browser.client.post("/signup", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert await fetch_value("SELECT count(*) FROM users") == 0
