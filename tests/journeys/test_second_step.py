"""A doctor sets up a second step and comes in by it, in a real browser."""

import pytest
from playwright.async_api import Page, expect

from tests.accounts.authenticator import a_step_begins, code_of
from tests.factories import Cast, a_doctor, token_of
from tests.journeys.conftest import NewPage
from tests.surroundings import Surroundings


async def _log_in(page: Page, person: Cast) -> None:
    """The password; the second step is asked for."""
    await page.goto("/login")
    await page.fill("#identifier", person.email)
    await page.fill("#password", person.password)
    await page.click("main form button")
    await page.wait_for_url("**/login/confirm")


async def _enter(page: Page, code: str) -> None:
    await page.fill("#code", code)
    await page.click("main form button:has-text('Log in')")


async def _log_out(page: Page) -> None:
    await page.click("text=Log out")
    await page.wait_for_url("**/")


async def _set_up(page: Page, person: Cast) -> tuple[str, list[str]]:
    """The key and the recovery codes, as a person reads them from the pages."""
    await page.goto("/me")
    await page.click("a:has-text('See who comes into your account')")
    await page.click("a:has-text('Set up the second step')")
    await page.fill("#password", person.password)
    await page.click("text=Set it up")
    await expect(page.locator("img.qr")).not_to_have_js_property("naturalWidth", 0)
    key = "".join((await page.inner_text(".secret")).split())
    await page.fill("#code", "000000")
    await page.click("text=Turn it on")
    await expect(page.locator("#code-error")).to_contain_text("Wait until the app shows the next one")
    await page.fill("#code", code_of(key))
    await page.click("text=Turn it on")
    await expect(page.locator("h1")).to_have_text("Your recovery codes")
    codes = (await page.inner_text("pre.secret")).split()
    await page.click("text=I have kept them")
    await expect(page.locator("main")).to_contain_text("10 left")
    return key, codes


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_a_doctor_comes_in_by_app_and_by_recovery_code_each_code_once(
    new_page: NewPage, surroundings: Surroundings, script: bool
) -> None:
    meera = await a_doctor("Dr Meera")
    page = await new_page(script=script)
    session = {"name": "access", "value": await token_of(meera), "url": surroundings.base_url}
    await page.context.add_cookies([session])  # type: ignore[list-item]
    await a_step_begins(1)
    key, codes = await _set_up(page, meera)
    await _log_out(page)

    await a_step_begins(4)
    code = code_of(key)
    await _log_in(page, meera)
    await _enter(page, f" {code[:3]} {code[3:]} ")
    await page.wait_for_url("**/doctor")
    await _log_out(page)

    await _log_in(page, meera)
    await _enter(page, code)
    await expect(page.locator("#code-error")).to_be_visible()
    await _enter(page, codes[0].lower())
    await page.wait_for_url("**/doctor")
    await _log_out(page)

    await _log_in(page, meera)
    await _enter(page, codes[0])
    await expect(page.locator("#code-error")).to_be_visible()

    await a_step_begins(7)
    await _enter(page, code_of(key))
    await page.wait_for_url("**/doctor")
    await page.goto("/me/security/log-ins")
    await expect(page.locator("ul.listed")).to_contain_text("Wrong code")
    await expect(page.locator("ul.listed")).to_contain_text("Logged in")
