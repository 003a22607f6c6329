"""Live pages of a real installation: through a restart of its database, and at its end."""

import asyncio
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from app.db.embedded import EmbeddedPostgres
from tests.journeys.conftest import PHONE
from tests.test_start import SLOW_MACHINE, Installation, assert_all_gone, everything_below
from tests.test_start import installation as installation  # noqa: PLC0414 - the fixture, used by name here

PASSWORD = "demo-pass-2026"
COLD_START = 20_000
AGAIN_WITHIN = 10
"""Seconds from the moment the database answers again until a page follows what happens."""


@pytest.fixture(autouse=True)
def clean() -> None:
    """These tests have servers of their own, so the shared one is not cleaned for them."""


def _a_doctors_page(installation: Installation) -> str:
    page = httpx.get(f"{installation.url}/doctors", timeout=SLOW_MACHINE).text
    found = re.search(r'href="(/doctors/dr-[a-z0-9-]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def away(installation: Installation) -> Iterator["Away"]:
    yield Away(installation.data_dir)


class Away:
    """Takes an installation's database away and brings it back."""

    def __init__(self, data_dir: Path) -> None:
        self.database = EmbeddedPostgres(data_dir)

    def go(self) -> None:
        self.database.start()  # joins the running one, which tells where its programs are
        own = self.database
        own._run_as.run(own._programs / "pg_ctl", "-w", "-D", own.data, "-m", "fast", "stop")

    def come_back(self) -> None:
        again = EmbeddedPostgres(self.database.home)
        again.start()
        again.stop()
        self.database.stop()


@pytest.mark.parametrize("processes", ["1", "2"])
def test_open_streams_do_not_hold_up_the_end(installation: Installation, processes: str) -> None:
    process = installation.start(WEB_WORKERS=processes)
    below = everything_below(process)
    path = f"{installation.url}{_a_doctors_page(installation)}/live"
    with httpx.Client(timeout=SLOW_MACHINE) as client, client.stream("GET", path) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(":")

        process.send_signal(signal.SIGTERM)
        rest = list(lines)

    assert process.wait(15) == 0
    assert_all_gone(below)
    assert all(line == "" or line.startswith((":", "event", "id", "data")) for line in rest)
    assert "graceful shutdown exceeded" not in installation.said
    assert "Traceback" not in installation.said


async def _log_in(page: Page, email: str) -> None:
    await page.goto("/login")
    await page.fill("[name=identifier]", email)
    await page.fill("[name=password]", PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("button", name="Log out")).to_be_attached()


@pytest.mark.full
async def test_after_the_database_was_restarted_pages_follow_again_within_ten_seconds(
    installation: Installation, away: Away, chromium: Browser
) -> None:
    await asyncio.to_thread(installation.start)
    path = await asyncio.to_thread(_a_doctors_page, installation)
    watching, booking = [
        await (await chromium.new_context(base_url=installation.url, viewport=PHONE)).new_page()
        for _each in range(2)
    ]
    async with watching.expect_response(re.compile("/live"), timeout=COLD_START):
        await watching.goto(path)
    await watching.evaluate("window.sameDocument = true")
    await _log_in(booking, "vikram@example.com")
    await booking.goto(path)
    wanted = booking.locator("#slot-picker button[name=slot]").first
    slot = await wanted.get_attribute("value")
    there = watching.locator(f"button[value='{slot}']")
    await expect(there).to_have_count(1)

    await asyncio.to_thread(away.go)
    await asyncio.sleep(4)
    await asyncio.to_thread(away.come_back)
    back = time.monotonic()
    answer = None
    while time.monotonic() < back + AGAIN_WITHIN:
        answer = await watching.request.get("/health/ready")
        if answer.ok:
            break
        await asyncio.sleep(0.1)
    assert answer is not None
    assert answer.ok
    await wanted.click()

    await expect(there).to_have_count(0, timeout=(back + AGAIN_WITHIN - time.monotonic()) * 1000)
    print(f"the other page follows {time.monotonic() - back:.1f} s after the database is back")
    assert await watching.evaluate("window.sameDocument === true")
    await expect(watching.locator("#notice")).to_be_empty()
    await expect(watching.locator("#slot-picker button[name=slot]").first).to_be_visible()
    for page in (watching, booking):
        await page.context.close()
