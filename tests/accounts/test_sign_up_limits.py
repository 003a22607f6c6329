"""Many honest people behind one address: a clinic's desk, a village, a mobile network."""

import httpx
import pytest

from app.db.engine import execute, fetch_value
from app.web.limits import LIMITS
from tests.accounts.confirmations import code_of
from tests.browser import Browser
from tests.factories import PASSWORD
from tests.web.test_limiting import STRANGER, used_up

NEW = {"name": "Asha Rao", "mobile": "", "password": PASSWORD, "notice": "y"}


async def test_a_page_signs_up_more_people_of_one_address_than_programs_may(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    for number in range(LIMITS["sign_up"].most + 2):
        answer = await browser.post("/signup", {**NEW, "email": f"asha{number}@example.com"})
        assert answer.location == "/verify"
        browser.client.cookies.clear()
    by_program = {"name": "Asha", "email": "api{}@example.com", "password": PASSWORD, "role": "patient"}
    statuses = []
    for number in range(LIMITS["sign_up"].most + 1):
        body = {**by_program, "email": f"api{number}@example.com"}
        statuses.append((await api.post("/api/auth/signup", json=body)).status_code)

    assert statuses == [201] * LIMITS["sign_up"].most + [429]


@pytest.mark.parametrize("path", ["/signup", "/join/doctor"])
async def test_a_full_address_is_told_what_to_do_and_nothing_is_written(browser: Browser, path: str) -> None:
    await used_up("sign_up_on_page", STRANGER)
    await execute("UPDATE limits SET window_start = window_start - interval '20 minutes'")
    doctors = {"specialization": "dentistry", "registration_number": "MH 1", "qualifications": "BDS"}

    answer = await browser.post(path, {**NEW, **doctors, "email": "asha@example.com"})

    assert answer.status_code == 429
    assert "try again in 40 minutes" in answer.text and "another network" in answer.text
    assert 0 < int(answer.headers["retry-after"]) <= 3_600
    assert await fetch_value("SELECT count(*) FROM users") == 0


async def test_wrong_codes_of_programs_keep_no_browser_of_the_same_address_from_its_own_letter(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await browser.post("/signup", {**NEW, "email": "asha@example.com"})
    code = await code_of("asha@example.com")
    wrong = {"email": "nobody@example.com", "code": "000000"}
    statuses = [
        (await api.post("/api/auth/verify-email", json=wrong)).status_code
        for _try in range(LIMITS["email_code"].most + 1)
    ]
    assert statuses[-1] == 429 and 429 not in statuses[:-1]

    answer = await browser.post("/verify", {"code": code, "next": ""})

    assert answer.status_code == 303
    assert await fetch_value("SELECT email_verified_at IS NOT NULL FROM users")
