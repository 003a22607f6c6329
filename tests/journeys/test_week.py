"""A doctor describes a working week in a real browser, and a patient finds the times."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from tests.factories import a_doctor, clinic_day
from tests.journeys.conftest import DESK, PHONE, NewPage
from tests.journeys.entering import log_in

BOTH = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
TUESDAY = 1


async def _describe(page: Page) -> None:
    """Monday morning and evening, and the same from Tuesday to Friday."""
    await page.fill("#sessions-0-starts", "09:00")
    await page.fill("#sessions-0-ends", "12:00")
    await page.fill("#sessions-0-breaks", "10:30-11")
    await page.click("#add-0")
    await expect(page.locator("#sessions-1-starts")).to_be_focused()
    await page.fill("#sessions-1-starts", "17:00")
    await page.fill("#sessions-1-ends", "18:00")
    await page.click("text=Copy Monday to Tuesday–Friday")
    await expect(page.locator(".session:not(.session-head)")).to_have_count(10)


@BOTH
async def test_a_doctor_describes_a_week_and_a_patient_finds_its_times(
    new_page: NewPage, script: bool
) -> None:
    meera = await a_doctor()
    desk = await new_page(script=script, size=DESK)
    await log_in(desk, meera)
    await desk.click("text=Availability")
    await desk.click(".tabs >> text=Week")

    await _describe(desk)
    await desk.fill("#sessions-3-ends", "16:30")
    await desk.click("text=Save the week")
    await expect(desk.locator("#sessions-3-ends-error")).to_contain_text("must end after it begins")
    await expect(desk.locator("#sessions-0-breaks")).to_have_value("10:30-11")
    await desk.fill("#sessions-3-ends", "18:00")
    await desk.click("text=Show the times it makes")
    await expect(desk.locator("#preview h3")).to_have_text("Monday – Friday 7 times each")
    await expect(desk.locator("#preview")).to_contain_text("Saving adds")
    await desk.click("text=Save the week")
    await expect(desk.locator("#notice")).to_contain_text("Saved. Times added:")

    tuesday = next(day for n in range(1, 8) if (day := clinic_day(n)).weekday() == TUESDAY)
    patient = await new_page(script=script, size=PHONE)
    await patient.goto(f"/doctors/{meera.slug}/slots?day={tuesday}")
    await expect(patient.locator("button.slot")).to_have_text(
        ["9:00 am", "9:30 am", "10:00 am", "11:00 am", "11:30 am", "5:00 pm", "5:30 pm"]
    )

    await desk.goto(f"/doctor/availability?day={tuesday}")
    await desk.click("text=Close this day")
    await expect(desk.locator("#first_on")).to_have_value(str(tuesday))
    await desk.click("text=Add the leave")
    await expect(desk.locator("#notice")).to_contain_text("Closed. Times taken away: 7.")
    await patient.goto(f"/doctors/{meera.slug}/slots?day={tuesday}")
    await expect(patient.locator("button.slot")).to_have_count(0)
    await patient.goto(f"/doctors/{meera.slug}/slots?day={tuesday + timedelta(days=1)}")
    await expect(patient.locator("button.slot")).to_have_count(7)


async def test_the_preview_follows_what_is_typed(new_page: NewPage) -> None:
    desk = await new_page(size=DESK)
    await log_in(desk, await a_doctor())
    await desk.goto("/doctor/week")
    await desk.evaluate("window.kept = true")

    await desk.fill("#sessions-0-starts", "09:00")
    await desk.fill("#sessions-0-ends", "10:00")
    await desk.press("#sessions-0-ends", "Tab")
    await expect(desk.locator("#preview .time")).to_have_text(["9:00 am", "9:30 am"])
    await desk.fill("#sessions-0-slot_minutes", "20")
    await desk.press("#sessions-0-slot_minutes", "Tab")
    await expect(desk.locator("#preview .time")).to_have_text(["9:00 am", "9:20 am", "9:40 am"])
    await desk.fill("#sessions-0-breaks", "noon")
    await desk.press("#sessions-0-breaks", "Tab")
    await expect(desk.locator("#preview")).to_contain_text("“noon” is not a break")
    await expect(desk.locator("#sessions-0-slot_minutes")).to_have_value("20")
    assert await desk.evaluate("window.kept === true")


@BOTH
async def test_enter_shows_the_times_and_saves_nothing(new_page: NewPage, script: bool) -> None:
    desk = await new_page(script=script, size=DESK)
    await log_in(desk, await a_doctor())
    await desk.goto("/doctor/week")
    await desk.fill("#sessions-0-starts", "09:00")
    await desk.fill("#sessions-0-ends", "10:00")

    await desk.press("#sessions-0-breaks", "Enter")

    await expect(desk.locator("#preview")).to_contain_text("Saving adds")
    await desk.goto("/doctor/week")
    await expect(desk.locator("#sessions-0-starts")).to_have_value("")
