"""Reviews in a real browser: they fit every screen, can be heard and pressed, and are answered in place."""

from typing import Literal

import pytest
from playwright.async_api import ViewportSize

from app.booking.queries import get_appointment
from app.db.engine import execute
from app.reviews import services
from tests.booking.visits import acting
from tests.factories import Cast, CastDoctor, a_doctor, a_patient, an_admin
from tests.journeys.conftest import DESK, PHONE, NewPage
from tests.journeys.entering import log_in
from tests.journeys.test_screens import (
    LONG_NAME,
    OLD_PHONE,
    TABLET,
    assert_accessible,
    assert_fits,
)
from tests.reviews.visits import a_review, a_seen_visit

LONG_WORD = "Friday" * 100
HINDI = "डॉक्टर साहिबा ने बहुत ध्यान से सुना।\n\nइंतज़ार थोड़ा लंबा था।"


async def _everybodys_pages() -> dict[Cast, list[str]]:
    """Who opens which pages, with long words, other scripts, every state, and nothing at all."""
    doctor, without, asha, admin = (
        await a_doctor(),
        await a_doctor("Dr Arjun"),
        await a_patient(),
        await an_admin(),
    )
    vikram = await a_patient("Vikram")
    written = [
        await a_review(vikram, doctor, stars=number % 5 + 1, text=text, number=number)
        for number, text in enumerate((LONG_WORD, HINDI, "", *["Good."] * 9))
    ]
    for review in written[:2]:
        await services.answer(review.id, text=review.text, by=acting(doctor))
        await services.report(review.id, why=LONG_WORD[:500], by=acting(doctor))
    await services.decide(written[1].id, "hidden", by=acting(admin))
    to_write = await a_seen_visit(asha, doctor, number=13)
    mine = await a_review(asha, doctor, text=LONG_WORD, number=14)
    await services.answer(mine.id, text=LONG_WORD, by=acting(doctor))
    reviewed = (await get_appointment(mine.appointment_id)).code
    await execute("UPDATE users SET name = $1 WHERE id = $2", LONG_NAME, vikram.id)
    return {
        asha: [
            f"/visits/{to_write.code}",
            f"/visits/{to_write.code}/review",
            f"/visits/{reviewed}",
            f"/visits/{reviewed}/review",
            f"/doctors/{doctor.slug}/reviews",
            f"/doctors/{doctor.slug}/reviews?page=2",
            f"/doctors/{without.slug}/reviews",
            f"/reviews/{written[0].id}/report",
        ],
        doctor: ["/doctor/reviews", "/doctor/reviews?show=unanswered"],
        without: ["/doctor/reviews"],
        admin: ["/admin/reviews", "/admin/reviews?show=hidden"],
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
        await log_in(page, person)
        for path in paths:
            await page.goto(path)
            await assert_accessible(page, path)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
async def test_a_patient_writes_and_the_doctor_answers(new_page: NewPage, *, script: bool) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    visit = await a_seen_visit(asha, doctor)
    patients = await new_page(script=script)
    await log_in(patients, asha)

    await patients.goto(f"/visits/{visit.code}")
    await patients.get_by_role("link", name="Write a review").click()
    await patients.get_by_role("button", name="Publish the review").click()
    await patients.get_by_role("link", name="Choose from 1 to 5 stars.").click()
    await patients.get_by_role("radio", name="4 stars of 5 Good").check()
    await patients.get_by_label("What would you tell others?").fill("Listened well.")
    await patients.get_by_role("button", name="Publish the review").click()
    await patients.wait_for_url(f"**/visits/{visit.code}")
    assert "Thank you. Your review helps" in await patients.inner_text("#notice")

    await _answer(new_page, doctor, script=script)

    await patients.reload()
    assert "Dr Meera answered on" in await patients.inner_text(".panel")
    assert "Thank you, Asha." in await patients.inner_text(".panel")


async def _answer(new_page: NewPage, doctor: CastDoctor, *, script: bool) -> None:
    """The doctor answers the one review there is, first with nothing; with script, without a reload."""
    page = await new_page(size=DESK, script=script)
    await log_in(page, doctor)
    await page.goto("/doctor/reviews")
    if script:
        await page.evaluate("window.isSamePage = true")
    card = page.locator("article.card")
    await card.locator("summary", has_text="Answer").click()
    await card.get_by_role("button", name="Publish the answer").click()
    await card.locator(".summary").wait_for()
    if script:
        assert await page.evaluate("document.activeElement.className") == "summary"
    await card.get_by_label("Your answer, for everybody to read").fill("Thank you, Asha.")
    await card.get_by_role("button", name="Publish the answer").click()
    await page.get_by_text("Your answer stands below the review").wait_for()
    assert "Thank you, Asha." in await card.locator(".said").inner_text()
    if script:
        assert await page.evaluate("window.isSamePage")
        assert "Your answer stands" in await page.evaluate("document.activeElement.textContent")
        await page.get_by_role("link", name="Unanswered").click()
        await page.get_by_text("Every review is answered").wait_for()
        assert await page.evaluate("window.isSamePage") and page.url.endswith("?show=unanswered")
