"""Choosing a day and offering times in a real browser, with JavaScript and without."""

import re

import pytest
from playwright.async_api import expect

from tests.factories import a_doctor, a_service, a_slot, clinic_day
from tests.journeys.conftest import DESK, PHONE, NewPage
from tests.journeys.entering import log_in

WITH_AND_WITHOUT = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])


@WITH_AND_WITHOUT
async def test_a_day_and_a_service_are_chosen_and_can_be_gone_back_from(
    new_page: NewPage, script: bool
) -> None:
    meera = await a_doctor()
    await a_service(meera.practice_id, name="Check-up", minutes=60, position=1)
    for ahead in (1, 2):
        for at in ("10:00", "10:30"):
            await a_slot(meera, at=at, days_ahead=ahead)
    page = await new_page(script=script, size=PHONE)
    await page.goto(f"/doctors/{meera.slug}")
    await page.evaluate("window.kept = true")
    slots = page.locator("#slot-picker .slot")
    await expect(slots).to_have_count(2)

    await page.click(f"#day-{clinic_day(2)}")
    await page.wait_for_url(f"**/slots?day={clinic_day(2)}")
    await expect(page.locator(f"#day-{clinic_day(2)}")).to_have_attribute("aria-current", "true")
    await page.click("#service-2")
    await page.wait_for_url("**&service=*")
    await expect(slots).to_have_count(1)
    assert bool(await page.evaluate("window.kept === true")) is script
    if script:
        await expect(page.locator("#service-2")).to_be_focused()

    await page.go_back()
    await expect(slots).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@WITH_AND_WITHOUT
async def test_a_doctor_writes_a_session_adds_it_and_removes_a_time(new_page: NewPage, script: bool) -> None:
    meera = await a_doctor()
    page = await new_page(script=script, size=DESK)
    await log_in(page, meera)
    await page.goto("/doctor/availability")

    await page.click(f"#day-{clinic_day(1)}")
    await expect(page.locator("#date")).to_have_value(str(clinic_day(1)))
    await page.click("summary")
    await page.fill("#start", "09:00")
    await page.fill("#end", "10:00")
    await page.click("button[name=act]")
    await expect(page.locator("#time_slots")).to_have_value("09:00, 09:30")
    await page.fill("#time_slots", "09:00, 09:30, 9:40")
    await page.click("text=Add these times")
    await expect(page.locator("#time_slots-error")).to_contain_text("09:30, 09:40 overlap")
    await expect(page).to_have_title(re.compile("^Error:"))
    if script:
        await expect(page.locator(".summary")).to_be_focused()
    await page.fill("#time_slots", "09:00, 09:30")
    await page.click("text=Add these times")
    await expect(page.locator("#notice")).to_have_text("Times added: 2.")

    await page.click("tbody tr:first-child button")
    await expect(page.locator("#notice")).to_have_text("The time was removed.")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody tr")).to_contain_text("9:30 am")
