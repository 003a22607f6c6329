"""A receptionist comes in on a new device, and a patient past a lock, in a real browser."""

import pytest
from playwright.async_api import Page, expect

from tests.factories import Cast, a_clinic, a_patient, a_receptionist
from tests.journeys.conftest import PHONE, NewPage, until
from tests.notifications.office import text_of
from tests.surroundings import PostOffice

WITH_AND_WITHOUT = pytest.mark.parametrize(
    "script", [True, False], ids=["with JavaScript", "without JavaScript"]
)


async def _log_in(page: Page, person: Cast, password: str) -> None:
    await page.goto("/login")
    await page.fill("#identifier", person.email)
    await page.fill("#password", password)
    await page.click("main form button:has-text('Log in')")


def _line(post_office: PostOffice, person: Cast, words: str) -> str:
    """The newest line with these words in the letters to somebody; empty while there is none."""
    lines = [line for letter in post_office.to(person.email) for line in text_of(letter).splitlines()]
    return next((line for line in reversed(lines) if words in line), "")


@WITH_AND_WITHOUT
async def test_a_receptionist_enters_the_second_code_that_was_sent(
    new_page: NewPage, post_office: PostOffice, worker: None, script: bool
) -> None:
    sunita = await a_receptionist(await a_clinic())
    page = await new_page(script=script)
    await _log_in(page, sunita, sunita.password)
    await page.wait_for_url("**/login/confirm")
    await until(lambda: bool(_line(post_office, sunita, "Your code: ")), what="the first code")
    first = _line(post_office, sunita, "Your code: ")

    await page.click("text=Send another code")
    await expect(page.locator("#notice")).to_contain_text("A new code is on its way.")
    await until(lambda: _line(post_office, sunita, "Your code: ") != first, what="another code")

    await page.fill("#code", first.removeprefix("Your code: "))
    await page.press("#code", "Enter")
    await expect(page.locator("#code-error")).to_contain_text("does not work")
    await page.fill("#code", _line(post_office, sunita, "Your code: ").removeprefix("Your code: "))
    await page.press("#code", "Enter")
    await page.wait_for_url("**/appointments")

    await page.click("text=Log out")
    await _log_in(page, sunita, sunita.password)
    await page.wait_for_url("**/appointments")


@WITH_AND_WITHOUT
async def test_a_patient_who_is_held_off_comes_in_by_a_link(
    new_page: NewPage, post_office: PostOffice, worker: None, script: bool
) -> None:
    asha = await a_patient("Asha")
    page = await new_page(script=script, size=PHONE)
    for _ in range(6):
        await _log_in(page, asha, "a wrong password")
        await expect(page.locator(".summary")).to_be_visible()
    await expect(page.locator(".summary")).to_contain_text("Try again in 30 minutes.")

    await page.click("text=Send me a link")
    await page.wait_for_url("**/login/trust/sent")
    await until(lambda: bool(_line(post_office, asha, "/login/trust/")), what="the link")
    await page.goto(_line(post_office, asha, "/login/trust/"))
    await page.click("text=This browser is mine")
    await page.wait_for_url("**/login")
    await _log_in(page, asha, asha.password)
    await page.wait_for_url(lambda url: "/login" not in url)
