"""The slot page stays light: what a phone loads on its first visit, as Chromium counted it over the wire.

The event stream counts as a request; it carries a few bytes every 15 seconds.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page

from tests.factories import a_doctor, a_slot
from tests.journeys.conftest import NewPage

KB = 1024


@dataclass
class Wire:
    """Every response of one page load: address to bytes over the wire, headers included."""

    sizes: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    async def watch(self, page: Page) -> None:
        """Count from now on, with a cold cache."""
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)

    def _received(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["response"]["url"]
        self.kinds[event["response"]["url"]] = event["type"]

    def _finished(self, event: dict[str, Any]) -> None:
        address = self._addresses.get(event["requestId"])
        if address:
            self.sizes[address] = int(event["encodedDataLength"])

    def of(self, *kinds: str) -> int:
        """Bytes of responses of these kinds."""
        return sum(size for address, size in self.sizes.items() if self.kinds[address] in kinds)


async def _a_full_day(minutes: int = 15) -> str:
    doctor = await a_doctor("Dr Meera Kulkarni", minutes=minutes)
    for place in range(40):
        at = 9 * 60 + place * minutes
        await a_slot(doctor, at=f"{at // 60:02}:{at % 60:02}", minutes=minutes)
    return f"/doctors/{doctor.slug}"


async def _loaded(page: Page, path: str) -> None:
    """Open a page whose stream stays open, so that its network is never idle."""
    async with page.expect_response(re.compile("/live"), timeout=20_000):
        await page.goto(path)
    await page.wait_for_timeout(700)


async def test_the_slot_page_keeps_its_budgets(new_page: NewPage) -> None:
    path = await _a_full_day()
    page = await new_page()
    wire = Wire()
    await wire.watch(page)

    await _loaded(page, path)

    assert await page.locator("button[name=slot]").count() == 40
    assert wire.of("Document", "Stylesheet") <= 14 * KB, wire.sizes
    assert sum(wire.sizes.values()) <= 32 * KB, wire.sizes
    assert len(wire.kinds) <= 8, wire.kinds
    assert len({urlsplit(address).netloc for address in wire.kinds}) == 1, wire.kinds


async def test_the_part_swapped_in_for_another_day_keeps_its_budget(new_page: NewPage) -> None:
    path = await _a_full_day()
    page = await new_page()
    await _loaded(page, path)
    wire = Wire()
    await wire.watch(page)

    async with page.expect_request_finished():
        await page.locator(".daystrip a").nth(2).click()
    await page.wait_for_timeout(300)

    assert wire.of("Document") == 0, "the whole page was loaded again"
    assert 0 < wire.of("Fetch", "XHR") <= 3 * KB, wire.sizes
