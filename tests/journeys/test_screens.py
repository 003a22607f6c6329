"""The pages of a visit fit every screen, however long the words are; on phones all can be pressed."""

from datetime import time
from typing import Literal
from uuid import UUID

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize

from app.booking import services as booking
from app.checkout import services as checkout
from app.db.engine import execute
from app.directory import services as directory
from app.directory.queries import get_practice
from app.scheduling.rules import CalendarException, Session
from app.scheduling.services import add_exception, set_week
from tests.booking.visits import a_visit, acting
from tests.factories import Cast, CastDoctor, a_doctor, a_patient, a_service, a_slot, clinic_day
from tests.journeys.conftest import DESK, PHONE, NewPage
from tests.journeys.entering import log_in

OLD_PHONE = ViewportSize(width=320, height=568)
TABLET = ViewportSize(width=768, height=1024)
LONG_NAME = "Venkatanarasimharajuvaripeta" * 4
LONG_NOTE = "Friday" * 60

PRESSED = "a, button, input:not([type=hidden], [aria-hidden]), select, textarea, summary"
BESIDE_THE_SCREEN = """(pressed) => [...document.querySelectorAll(pressed)]
    .filter((it) => it.offsetParent && !it.closest(".skip"))
    .filter((it) => it.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        || it.getBoundingClientRect().left < 0)
    .map((it) => it.outerHTML)"""
TOO_SMALL = """(pressed) => [...document.querySelectorAll(pressed)]
    .filter((it) => it.offsetParent && !it.closest(".skip"))
    .filter((it) => (it.closest("label") ?? it).getBoundingClientRect().height < 47.5)
    .map((it) => it.outerHTML)"""


async def _a_full_desk(doctor: CastDoctor, asha: Cast) -> tuple[str, str]:
    """A visit with a wish for another time, and one that is only held; their codes."""
    wished = await a_visit(asha, await a_slot(doctor), doctor)
    await booking.request_reschedule(wished.id, note=LONG_NOTE, wish=LONG_NOTE, by=acting(asha))
    for at in ("11:00", "12:00", "15:30"):
        await a_slot(doctor, at=at)
    held = await checkout.start(
        await a_slot(doctor, days_ahead=2), reason=LONG_NOTE, account=await asha.account()
    )
    await checkout.try_order(held.id)
    await execute("UPDATE persons SET name = $1", LONG_NAME)
    return wished.code, held.code


async def _a_doctor_with_much_to_say(follower: Cast) -> CastDoctor:
    """A doctor with long words everywhere, many services, stars and a follower."""
    doctor = await a_doctor(f"Dr {LONG_NAME}", city=LONG_NAME, languages=["Hindi", LONG_NAME[:40]])
    for position, mode in enumerate(("in_person", "video"), 1):
        await a_service(doctor.practice_id, name=LONG_NAME, position=position, mode=mode)
    await execute("UPDATE services SET description = $1, fee_paise = 50000000", LONG_NOTE)
    await execute("UPDATE clinics SET opening_text = $1", LONG_NOTE)
    await execute(
        "UPDATE doctors SET about = $1, qualifications = $1, registration_number = $1, designation = $2, "
        "reviews_count = 12345, stars_total = 50000 WHERE id = $3",
        LONG_NOTE,
        LONG_NAME,
        doctor.doctor_id,
    )
    await directory.follow(doctor.doctor_id, user_id=follower.id, by=acting(follower))
    return doctor


async def _a_full_calendar(doctor: CastDoctor) -> UUID:
    """Two sessions on each weekday, and leave of a long name, which is given back."""
    practice, by = await get_practice(doctor.practice_id), acting(doctor)
    rest = ((time(10, 30), time(10, 45)), (time(11, 30), time(11, 45)))
    week = [Session(day, time(9), time(13), 20, 5, rest) for day in range(7)]
    evenings = [Session(day, time(17), time(20), 30) for day in range(7)]
    await set_week(practice, [*week, *evenings], version=0, by=by)
    leave = CalendarException("leave", clinic_day(3), clinic_day(20), title=LONG_NAME[:100])
    done = await add_exception(practice, leave, by=by)
    assert done.exception_id
    return done.exception_id


async def _everybodys_pages() -> dict[Cast, list[str]]:
    """Who opens which pages, with much on all of them."""
    doctor, asha = await a_doctor(), await a_patient()
    wished, held = await _a_full_desk(doctor, asha)
    leave = await _a_full_calendar(doctor)
    another = await _a_doctor_with_much_to_say(asha)
    return {
        doctor: [
            "/doctor",
            f"/doctor/availability?day={clinic_day()}",
            f"/doctor/availability?day={clinic_day(4)}",
            "/doctor/week",
            "/doctor/exceptions?kind=leave",
            "/doctor/exceptions?kind=extra",
            f"/doctor/exceptions/{leave}/end",
            "/doctor/rules",
            "/doctor/requests",
            "/doctor/profile",
            "/doctor/services",
            "/doctor/services/new",
            f"/doctor/services/{doctor.service_id}",
            f"/doctor/services/{doctor.service_id}/retire",
            "/me/photo",
            "/me/photo/remove",
            "/appointments?status=all",
            f"/appointments/{wished}",
            f"/appointments/{wished}/reschedule",
            f"/appointments/{wished}/cancel",
        ],
        asha: [
            "/",
            "/doctors",
            f"/doctors?q={LONG_NAME}&city=Pune&language=Hindi&fee=500&speciality=dentistry&day={clinic_day()}",
            f"/doctors/{doctor.slug}",
            f"/doctors/{another.slug}",
            "/me/doctors",
            "/visits",
            f"/visits/{wished}",
            f"/visits/{wished}/cancel",
            f"/visits/{wished}/another-time",
            f"/checkout/{held}",
            "/me",
            "/me/password",
            "/me/email",
            "/me/people",
        ],
    }


@pytest.mark.parametrize("size", [OLD_PHONE, PHONE, TABLET, DESK], ids=["320", "360", "768", "1280"])
async def test_nothing_lies_beside_the_screen(new_page: NewPage, size: ViewportSize) -> None:
    for person, paths in (await _everybodys_pages()).items():
        page = await new_page(size=size)
        await log_in(page, person)
        for path in paths:
            await page.goto(path)
            await assert_fits(page, size, path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_to_complain_of(new_page: NewPage, scheme: Literal["light", "dark"]) -> None:
    for person, paths in (await _everybodys_pages()).items():
        page = await new_page()
        await page.emulate_media(color_scheme=scheme)
        for path in ("/login", "/signup", "/verify", "/login/forgot", "/login/forgot/sent"):
            await page.goto(path)
            await assert_accessible(page, path)
        await log_in(page, person)
        for path in paths:
            await page.goto(path)
            await assert_accessible(page, path)


async def assert_fits(page: Page, size: ViewportSize, path: str) -> None:
    """Nothing lies beside the screen, and on phones whatever is pressed is large enough."""
    assert await page.evaluate("document.documentElement.scrollWidth") == size["width"], path
    assert await page.evaluate(BESIDE_THE_SCREEN, PRESSED) == [], path
    if size["width"] < TABLET["width"]:
        assert await page.evaluate(TOO_SMALL, PRESSED) == [], path


async def assert_accessible(page: Page, path: str) -> None:
    """Axe has nothing to say of the page as it is shown now."""
    found = await Axe().run(page)
    assert not found.response["violations"], f"{path}: {found.generate_report()}"
