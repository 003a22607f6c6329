"""Finding and following a doctor in a real browser: what is swapped, the address, the focus."""

import re

import pytest
from playwright.async_api import Page, expect

from app.directory.rules import SORTS
from tests.factories import a_doctor, a_patient, a_slot
from tests.journeys.conftest import DESK, NewPage
from tests.journeys.entering import log_in

BOTH = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])


async def _a_city() -> None:
    for n in range(21):
        await a_doctor(f"Dr Pune {n:02}", languages=("Marathi",))
    await a_doctor("Dr Arjun Rao", speciality="dentistry", city="Mysuru", languages=("Kannada",))


async def _documents(page: Page) -> list[str]:
    """The whole pages loaded from now on."""
    loaded: list[str] = []
    page.on("request", lambda sent: loaded.append(sent.url) if sent.is_navigation_request() else None)
    return loaded


@BOTH
async def test_somebody_searches_filters_and_turns_pages(new_page: NewPage, script: bool) -> None:
    await _a_city()
    page = await new_page(script=script)
    await page.goto("/")

    await page.get_by_label("Name, speciality, clinic or city").fill("pune")
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_role("status")).to_contain_text("21 doctors")
    await page.get_by_role("link", name="Next").click()
    await expect(page.locator("#results .card h2")).to_have_count(1)
    await expect(page).to_have_url(re.compile(r"/doctors\?q=pune.*page=2"))
    await page.get_by_text("Filter and sort").click()
    await page.get_by_label("City", exact=True).select_option("Mysuru")
    await page.get_by_label("Name, speciality, clinic or city").fill("")
    await page.get_by_role("button", name="Show doctors").click()
    await expect(page.locator("#results .card h2")).to_have_text(["Dr Arjun Rao"])
    await page.get_by_role("link", name="Take away: Mysuru").click()

    await expect(page.get_by_role("status")).to_contain_text("22 doctors")


async def test_a_filter_swaps_the_results_alone_and_back_leads_back(new_page: NewPage) -> None:
    await _a_city()
    page = await new_page(size=DESK)
    await page.goto("/doctors")
    loaded = await _documents(page)

    await page.get_by_label("Language").select_option("Kannada")
    await expect(page.locator("#results .card h2")).to_have_text(["Dr Arjun Rao"])
    await expect(page).to_have_url(re.compile(r"/doctors\?language=Kannada$"))
    await expect(page.get_by_role("status")).to_have_text("1 doctor")
    assert loaded == [], "the whole page was loaded again"

    await page.go_back()
    await expect(page.locator("#results .card h2")).to_have_count(20)
    await expect(page).to_have_url(re.compile(r"/doctors$"))


async def test_who_turns_a_page_stands_at_the_results_and_reads_its_number_in_the_title(
    new_page: NewPage,
) -> None:
    await _a_city()
    page = await new_page()
    await page.goto("/doctors")
    loaded = await _documents(page)

    await page.get_by_role("link", name="Next").press("Enter")

    await expect(page.locator("#results")).to_be_focused()
    await expect(page).to_have_title("Doctors, page 2 · Parchi")
    assert loaded == [], "the whole page was loaded again"


async def test_on_desks_the_filters_lie_open(new_page: NewPage) -> None:
    await _a_city()
    desk, phone = await new_page(size=DESK), await new_page()

    for page in (desk, phone):
        await page.goto("/doctors")

    await expect(desk.get_by_label("City", exact=True)).to_be_visible()
    await expect(desk.get_by_text("Filter and sort")).to_be_hidden()
    await expect(phone.get_by_label("City", exact=True)).to_be_hidden()
    await phone.get_by_text("Filter and sort").click()
    await expect(phone.get_by_label("City", exact=True)).to_be_visible()
    assert await phone.locator("#sort option").count() == 1 + len(SORTS)


async def test_following_keeps_the_focus_on_the_button(new_page: NewPage) -> None:
    meera, asha = await a_doctor(), await a_patient()
    await a_slot(meera)
    page = await new_page()
    await log_in(page, asha)
    await page.goto(f"/doctors/{meera.slug}")
    loaded = await _documents(page)

    await page.get_by_role("button", name="Follow").press("Enter")
    await expect(page.locator("#follow")).to_contain_text("1 follower")
    await expect(page.get_by_role("button", name="Unfollow")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#follow")).to_contain_text("0 followers")

    assert loaded == [], "the whole page was loaded again"
