"""Doors that tell apart known and unknown addresses take their time for both."""

from time import monotonic

from app.web.pace import PACE
from tests.browser import Browser


async def test_a_door_that_knows_addresses_never_answers_sooner_than_its_pace(browser: Browser) -> None:
    await browser.get("/login")
    began = monotonic()
    await browser.post("/login/forgot", {"email": "nobody@example.com"})
    assert monotonic() - began >= PACE
