"""Two people look at the same doctor: what one takes, the other's page loses at once, and gets back."""

import re
import time
from collections.abc import Awaitable

import asyncpg
import pytest
from playwright.async_api import Page, Route, expect

from app.booking import services as booking
from app.web import live
from tests.booking.visits import acting, hold_for
from tests.factories import CastDoctor, a_doctor, a_patient, a_service, a_slot
from tests.journeys.conftest import NewPage, until
from tests.journeys.entering import log_in

SOON = 5_000
"""Milliseconds a busy machine may take; what it took is printed, and bench/live.py measures it."""
TEN_SECONDS = 10_000
COLD_START = 20_000
"""Milliseconds until a page is there for the first time, templates and browser included."""


async def _doctor_with_times(*times: str) -> CastDoctor:
    doctor = await a_doctor("Dr Meera Kulkarni")
    for at in times:
        await a_slot(doctor, at=at)
    return doctor


async def _watching(page: Page, doctor: CastDoctor) -> Page:
    """The doctor's page, its stream open; it would tell of a reload by what was written on it."""
    async with page.expect_response(re.compile("/live"), timeout=COLD_START):
        await page.goto(f"/doctors/{doctor.slug}")
    await page.evaluate("window.sameDocument = true")
    return page


async def _is_same_document(page: Page) -> bool:
    return bool(await page.evaluate("window.sameDocument === true"))


async def _took(what: str, done: Awaitable[None]) -> None:
    began = time.perf_counter()
    await done
    print(f"{what} after {(time.perf_counter() - began) * 1000:.0f} ms")


async def test_a_time_somebody_takes_leaves_the_other_page_and_comes_back_when_given_up(
    new_page: NewPage,
) -> None:
    doctor, vikram = await _doctor_with_times("10:00", "10:30"), await a_patient("Vikram")
    watching = await _watching(await new_page(), doctor)
    booking_page = await new_page()
    await log_in(booking_page, vikram)
    await booking_page.goto(f"/doctors/{doctor.slug}")
    wanted = watching.get_by_role("button", name="10:00 am")
    await expect(wanted).to_have_count(1)

    await booking_page.get_by_role("button", name="10:00 am").click(no_wait_after=True)
    await _took("taken, gone elsewhere", expect(wanted).to_have_count(0, timeout=SOON))
    await expect(watching.locator("#picked")).to_contain_text("1 free")
    await expect(watching.locator(".daystrip [aria-current]")).to_contain_text("1 free")
    await expect(booking_page.get_by_role("heading", name="Check and pay")).to_be_visible()

    await booking_page.get_by_role(
        "button", name=re.compile("Give up|Let it go|Choose another")
    ).first.click()
    await _took("given up, back elsewhere", expect(wanted).to_have_count(1, timeout=SOON))
    assert await _is_same_document(watching)


async def test_the_focus_stays_on_the_time_one_stands_on_while_others_go_and_come(new_page: NewPage) -> None:
    doctor, vikram = await _doctor_with_times("10:00", "10:30", "11:00"), await a_patient("Vikram")
    first = await a_slot(doctor, at="09:30")
    page = await _watching(await new_page(), doctor)
    mine = page.get_by_role("button", name="10:30 am")
    await mine.focus()

    held = await hold_for(vikram, first, doctor)
    await expect(page.get_by_role("button", name="9:30 am")).to_have_count(0, timeout=SOON)
    await expect(mine).to_be_focused()
    await booking.release_hold(held.id, by=acting(vikram))
    await expect(page.get_by_role("button", name="9:30 am")).to_have_count(1, timeout=SOON)
    await expect(mine).to_be_focused()
    assert [text.strip() for text in await page.locator("button[name=slot]").all_inner_texts()] == [
        "9:30 am",
        "10:00 am",
        "10:30 am",
        "11:00 am",
    ]


async def test_who_stands_on_a_time_that_goes_away_stays_in_the_picker(new_page: NewPage) -> None:
    doctor = await _doctor_with_times("09:30")
    wanted, next_one = await a_slot(doctor, at="10:00"), await a_slot(doctor, at="10:30")
    page = await _watching(await new_page(), doctor)
    await page.get_by_role("button", name="10:00 am").focus()

    await hold_for(await a_patient(), wanted, doctor)

    await expect(page.get_by_role("button", name="10:00 am")).to_have_count(0, timeout=SOON)
    await expect(page.get_by_role("button", name="10:30 am")).to_be_focused()

    await hold_for(await a_patient(), next_one, doctor)
    await expect(page.get_by_role("button", name="9:30 am")).to_be_focused(timeout=SOON)


async def test_the_day_and_the_service_that_are_shown_stay(new_page: NewPage) -> None:
    doctor, vikram = await _doctor_with_times("10:00", "10:30", "11:00"), await a_patient("Vikram")
    await a_service(doctor.practice_id, name="Long visit", minutes=60, position=1)
    for at in ("15:00", "15:30"):
        await a_slot(doctor, at=at, days_ahead=2)
    later_day = await a_slot(doctor, at="16:00", days_ahead=2)
    page = await _watching(await new_page(), doctor)
    await page.get_by_role("link", name="Long visit").click()
    await expect(page.get_by_role("link", name="✓ Long visit")).to_be_visible()
    await page.locator(".daystrip a").nth(2).click()
    await expect(page.get_by_role("button", name="3:00 pm")).to_be_visible()
    await expect(page.get_by_role("button", name="3:30 pm")).to_be_visible()

    await hold_for(vikram, later_day, doctor)

    await expect(page.get_by_role("button", name="3:30 pm")).to_have_count(0, timeout=SOON)
    await expect(page.get_by_role("button", name="3:00 pm")).to_be_visible()
    await expect(page.get_by_role("link", name="✓ Long visit")).to_be_visible()
    assert await _is_same_document(page)


async def test_a_change_while_another_day_is_on_its_way_shows_on_that_day(new_page: NewPage) -> None:
    doctor, vikram = await _doctor_with_times("10:00"), await a_patient("Vikram")
    wanted = await a_slot(doctor, at="15:00", days_ahead=2)
    await a_slot(doctor, at="15:30", days_ahead=2)
    page = await _watching(await new_page(), doctor)
    held: list[object] = []

    async def slowly(route: Route) -> None:
        """The answer was made before the change, and comes after it."""
        answer = await route.fetch()
        if not held:
            held.append(await hold_for(vikram, wanted, doctor))
            await page.wait_for_timeout(800)
        await route.fulfill(response=answer)

    await page.route(re.compile(r"/slots\?"), slowly)
    await page.locator(".daystrip a").nth(2).click()

    await expect(page.get_by_role("button", name="3:30 pm")).to_be_visible(timeout=SOON)
    await expect(page.get_by_role("button", name="3:00 pm")).to_have_count(0, timeout=SOON)


async def test_after_the_listening_connection_was_cut_pages_follow_again_within_ten_seconds(
    new_page: NewPage, owner: asyncpg.Connection
) -> None:
    doctor, vikram = await _doctor_with_times("10:30"), await a_patient("Vikram")
    wanted = await a_slot(doctor, at="10:00")
    page = await _watching(await new_page(), doctor)

    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = $1",
        live.NAME,
    )
    await hold_for(vikram, wanted, doctor)

    gone = page.get_by_role("button", name="10:00 am")
    await _took("cut, taken, gone", expect(gone).to_have_count(0, timeout=TEN_SECONDS))
    assert await _is_same_document(page)


async def test_what_a_page_asks_by_itself_fails_without_a_word_and_is_asked_again(new_page: NewPage) -> None:
    doctor, vikram = await _doctor_with_times("10:30"), await a_patient("Vikram")
    wanted = await a_slot(doctor, at="10:00")
    page = await _watching(await new_page(), doctor)
    asked: list[str] = []

    async def at_first_not(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            await route.abort()
        elif len(asked) == 2:
            await route.fulfill(status=503, body="<p>away</p>", content_type="text/html")
        else:
            await route.continue_()

    await page.route(re.compile(r"/slots\?"), at_first_not)
    await hold_for(vikram, wanted, doctor)
    await until(lambda: len(asked) >= 3, seconds=20, what="the third try")

    await expect(page.get_by_role("button", name="10:00 am")).to_have_count(0, timeout=SOON)
    await expect(page.locator("#notice")).to_be_empty()
    await expect(page.get_by_role("button", name="10:30 am")).to_be_visible()


@pytest.mark.parametrize("how", ["blocked", "without JavaScript"])
async def test_without_a_stream_the_page_is_as_fresh_as_its_load_and_books_all_the_same(
    new_page: NewPage, how: str
) -> None:
    doctor, vikram = await _doctor_with_times("10:30"), await a_patient("Vikram")
    wanted = await a_slot(doctor, at="10:00")
    page = await new_page(script=how == "blocked")
    await page.route(re.compile("/live"), lambda route: route.abort())
    asha = await a_patient()
    await log_in(page, asha)
    await page.goto(f"/doctors/{doctor.slug}")

    await hold_for(vikram, wanted, doctor)
    await page.wait_for_timeout(700)

    await expect(page.get_by_role("button", name="10:00 am")).to_be_visible()
    await expect(page.locator("#notice")).to_be_empty()
    await page.get_by_role("button", name="10:00 am").click()
    await expect(page.locator("#notice")).to_contain_text("just taken")
    await expect(page.get_by_role("button", name="10:00 am")).to_have_count(0)
    await page.get_by_role("button", name="10:30 am").first.click()
    await expect(page.get_by_role("heading", name="Check and pay")).to_be_visible()
