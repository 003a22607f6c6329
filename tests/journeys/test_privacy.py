"""Reading the notice, taking one's data along, and leaving, in a real browser."""

from typing import Literal

import pytest
from playwright.async_api import Page

from app.accounts.services import accept_notice
from app.db.engine import execute, fetch_value
from tests.booking.visits import a_visit
from tests.factories import Cast, a_clinic, a_doctor, a_patient, a_slot
from tests.journeys.conftest import DESK, PHONE, NewPage, screenshots
from tests.journeys.entering import log_in
from tests.journeys.test_screens import LONG_NAME, PRESSED, TOO_SMALL, assert_accessible
from tests.surroundings import PostOffice

PATHS = ("/privacy", "/privacy?language=hi", "/me/data", "/me/data/erase")


@pytest.mark.usefixtures("worker")
async def test_a_copy_appears_on_the_open_page_and_is_taken_along(new_page: NewPage) -> None:
    asha = await a_patient()
    page = await new_page()
    await log_in(page, asha)

    await page.goto("/me/data")
    await page.fill("#password", asha.password)
    await page.click("button:has-text('Ask for a copy')")
    link = page.locator("a[download]")
    await link.wait_for()
    async with page.expect_download() as downloading:
        await link.click()

    download = await downloading.value
    assert download.suggested_filename.startswith("parchi-")
    assert (await download.path()).read_bytes().startswith(b"PK")


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("script", [True, False])
async def test_leaving_takes_a_tap_to_the_data_and_one_to_the_end(
    new_page: NewPage, post_office: PostOffice, script: bool
) -> None:
    asha = await a_patient()
    page = await new_page(script=script)
    await log_in(page, asha)
    await page.goto("/me")

    await page.click("main a[href='/me/data']")
    await page.click("main a[href='/me/data/erase']")
    await page.fill("#password", asha.password)
    await page.check("#sure")
    await page.click("button:has-text('Erase the account for good')")

    await page.wait_for_url("/")
    assert "Your account is closed" in await page.inner_text("#notice")
    assert await page.locator("header a[href='/login']").count() == 1
    assert await fetch_value("SELECT erased_at FROM users")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_fit_and_are_accessible(new_page: NewPage, scheme: Literal["light", "dark"]) -> None:
    asha, doctor = await _people()
    for size in (PHONE, DESK):
        page = await new_page(size=size)
        await page.emulate_media(color_scheme=scheme)
        for person in (asha, doctor):
            await page.context.clear_cookies()
            await log_in(page, person)
            for path in PATHS:
                await page.goto(path)
                await _look(page, f"{person.role}-{scheme}-{size['width']}", path)
                assert await page.evaluate("document.documentElement.scrollWidth") == size["width"], path
                if size == PHONE:
                    assert await page.evaluate(TOO_SMALL, f"main :is({PRESSED}):not([readonly])") == [], path
                await assert_accessible(page, path)


async def _people() -> tuple[Cast, Cast]:
    """A patient and her doctor with a visit ahead, under names that are hard to fit."""
    clinic = await a_clinic()
    asha, doctor = await a_patient(), await a_doctor(clinic_id=clinic, fee_paise=0)
    await a_visit(asha, await a_slot(doctor), doctor)
    await execute("UPDATE doctors SET name = $1", LONG_NAME)
    await accept_notice(asha.id, language="en", through="page")
    return asha, doctor


async def _look(page: Page, who: str, path: str) -> None:
    folder = screenshots()
    if folder is not None:
        named = path.strip("/").replace("/", "-").replace("?", "-")
        await page.screenshot(path=folder / f"{named}-{who}.png", full_page=True)
