"""Visits by video: when the doctor's link stands on the page, and who never sees it."""

from datetime import timedelta

import pytest

from app import clock
from app.db.engine import execute
from tests.browser import Answer, Browser
from tests.desks.steps import booked_code, pass_time
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot

LINK = "https://meet.example.com/dr-meera"


async def _a_doctor_on_video(link: str = LINK) -> CastDoctor:
    meera = await a_doctor()
    await execute("UPDATE services SET mode = 'video' WHERE practice_id = $1", meera.practice_id)
    await execute("UPDATE practices SET meeting_link = $2 WHERE id = $1", meera.practice_id, link)
    return meera


async def _booked(browser: Browser, meera: CastDoctor) -> str:
    """A paid visit in an hour, half an hour long, of whoever is signed in then."""
    slot = await a_slot(meera, starts_at=clock.now() + timedelta(hours=1))
    return await booked_code(browser, await a_patient(), slot, meera)


def _link(page: Answer) -> list[str]:
    return [str(link["href"]) for link in page.html.select("a") if link["href"] == LINK]


@pytest.mark.parametrize(
    ("minutes", "is_shown"), [(0, False), (44, False), (46, True), (75, True), (89, True), (91, False)]
)
async def test_the_link_is_shown_from_fifteen_minutes_before_until_the_end(
    browser: Browser, minutes: int, is_shown: bool
) -> None:
    code = await _booked(browser, await _a_doctor_on_video())
    await pass_time(minutes=minutes)

    page = await browser.get(f"/visits/{code}")

    assert _link(page) == ([LINK] if is_shown else [])
    assert (LINK in page.response.text) == is_shown


async def test_before_that_the_page_says_when_and_looks_again_by_itself(browser: Browser) -> None:
    code = await _booked(browser, await _a_doctor_on_video())

    page = await browser.get(f"/visits/{code}")

    assert "The link to the call appears here at" in page.text
    assert "You need not come to the clinic." in page.text
    waiting = page.one('[hx-trigger^="load delay:"]')
    seconds = int(str(waiting["hx-trigger"]).removeprefix("load delay:").removesuffix("s"))
    assert 44 * 60 < seconds <= 45 * 60
    assert waiting["hx-target"] == "#visit-now"


async def test_a_doctor_without_a_link_is_to_be_called(browser: Browser) -> None:
    code = await _booked(browser, await _a_doctor_on_video(link=""))
    await pass_time(minutes=50)

    page = await browser.get(f"/visits/{code}")

    assert "has not given a link for the call yet" in page.text


async def test_a_visit_in_person_or_cancelled_has_no_link(browser: Browser) -> None:
    meera = await _a_doctor_on_video()
    code = await _booked(browser, meera)
    await browser.post(f"/visits/{code}/cancel", {"reason": ""})
    await pass_time(minutes=50)
    cancelled = await browser.get(f"/visits/{code}")
    await execute("UPDATE services SET mode = 'in_person'")
    await execute("UPDATE appointments SET status = 'confirmed'")

    in_person = await browser.get(f"/visits/{code}")

    for page in (cancelled, in_person):
        assert page.status_code == 200
        assert LINK not in page.response.text and "This visit is by video" not in page.text
    assert "Find the clinic on a map" in in_person.text


async def test_video_is_said_where_a_visit_is_named(browser: Browser) -> None:
    meera = await _a_doctor_on_video()
    code = await _booked(browser, meera)

    for path in ("/visits", f"/visits/{code}"):
        assert "by video" in (await browser.get(path)).text, path
