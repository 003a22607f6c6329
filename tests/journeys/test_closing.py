"""A doctor closes a day that has visits, in a real browser, and watches what becomes of them."""

import pytest
from playwright.async_api import Page, ViewportSize, expect

from app.booking.queries.displaced import closings_of, open_moves
from app.checkout.services import move_one
from tests.booking.visits import a_visit
from tests.checkout.closings import DAY, clock_times, free
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot, clinic_day, run_jobs
from tests.journeys.conftest import DESK, PHONE, NewPage
from tests.journeys.entering import log_in
from tests.journeys.test_screens import (
    LONG_NAME,
    assert_accessible,
    assert_fits,
)

BUTTON = "#confirm-plan button"


async def _a_day(visits: int) -> CastDoctor:
    doctor = await a_doctor()
    for at in clock_times(visits):
        await a_visit(await a_patient(LONG_NAME), await a_slot(doctor, at=at, days_ahead=DAY), doctor)
    await free(doctor, *clock_times(visits))
    return doctor


async def _ask_for_leave(page: Page, doctor: CastDoctor) -> None:
    await log_in(page, doctor)
    await page.goto(f"/doctor/exceptions?kind=leave&day={clinic_day(DAY)}")
    await page.get_by_role("button", name="Add the leave").click()
    await page.wait_for_selector(BUTTON)


async def test_the_button_says_what_is_chosen_and_the_progress_ends_by_itself(new_page: NewPage) -> None:
    doctor = await _a_day(3)
    page = await new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await _ask_for_leave(page, doctor)
    assert await page.inner_text(BUTTON) == "Save and move 3 visits"

    await page.locator("select").first.select_option("cancel")
    await expect(page.locator(BUTTON)).to_have_text("Save, move 2 visits, cancel 1")
    await page.click(BUTTON)
    await page.wait_for_url("**/doctor/closings/*")
    await page.wait_for_selector("text=0 of 3 visits are dealt with")
    await page.locator("#progress tbody a").nth(1).focus()
    focused = await page.evaluate("document.activeElement.href")
    for closing_id, appointment_id in (await open_moves())[:2]:
        await move_one(closing_id, appointment_id)
    await page.wait_for_selector("text=2 of 3 visits are dealt with")
    await run_jobs()
    await page.wait_for_selector("text=All 3 visits are dealt with")

    assert await page.evaluate("document.activeElement.href") == focused
    asked.clear()
    await page.wait_for_timeout(4_500)
    assert asked == []
    closing = (await closings_of(doctor.practice_id)).items[0]
    assert (closing.moved, closing.cancelled) == (2, 1)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
async def test_closing_a_day_fits_the_screen_and_axe_has_nothing_to_say(
    new_page: NewPage, size: ViewportSize
) -> None:
    doctor = await _a_day(2)
    page = await new_page(size=size)

    await _ask_for_leave(page, doctor)
    await _fits(page, size, "the question")
    await page.click(BUTTON)
    await page.wait_for_url("**/doctor/closings/*")
    await _fits(page, size, "the progress")
    await run_jobs()
    await page.reload()
    await _fits(page, size, "the end")
    await page.goto("/doctor/closings")
    await _fits(page, size, "the list")


async def _fits(page: Page, size: ViewportSize, what: str) -> None:
    await assert_fits(page, size, what)
    await assert_accessible(page, what)
