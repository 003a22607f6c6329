"""A photo from a phone's gallery, put up in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from app.accounts.photos import TOO_LARGE
from tests.accounts.uploads import quarters, saved
from tests.factories import a_doctor
from tests.journeys.conftest import NewPage
from tests.journeys.entering import log_in


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_a_doctor_puts_up_a_photo_and_takes_it_away(
    new_page: NewPage, tmp_path: Path, script: bool
) -> None:
    photo, large = tmp_path / "face.jpg", tmp_path / "large.jpg"
    photo.write_bytes(saved(quarters(3000, 2000), quality=95))
    large.write_bytes(photo.read_bytes() + bytes(30 * 1024 * 1024))
    page = await new_page(script=script)
    await log_in(page, await a_doctor())

    await page.goto("/doctor/profile")
    await page.click("text=Add a photo")
    await page.set_input_files("#photo", large)
    await page.click("text=Use this photo")
    await expect(page.locator("#notice")).to_contain_text(TOO_LARGE)

    await page.set_input_files("#photo", photo)
    await page.click("text=Use this photo")
    await expect(page.locator("#notice")).to_contain_text("This is your photo now.")
    face = page.locator("main img.avatar")
    await expect(face).to_have_js_property("naturalWidth", 256)

    await page.click("text=Change or remove the photo")
    await page.click("text=Remove the photo")
    await page.click("main button:has-text('Remove the photo')")
    await expect(page.locator("#notice")).to_contain_text("The photo is removed.")
    await expect(page.locator("main img.avatar")).to_have_count(0)
