"""The whole story in a real browser: sign up, confirm, choose, pay; the doctor sees it; cancel."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from app.db.engine import fetch_value
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot, sandbox_ledger
from tests.journeys.conftest import DESK, NewPage, until
from tests.journeys.entering import log_in
from tests.surroundings import PostOffice

BOTH = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])


@BOTH
async def test_a_patient_books_pays_and_cancels(
    new_page: NewPage, worker: None, post_office: PostOffice, script: bool
) -> None:
    doctor = await a_doctor("Dr Meera Kulkarni")
    await a_slot(doctor, at="10:00")
    await a_slot(doctor, at="10:30")
    patient = await new_page(script=script)

    await _sign_up(patient, post_office, email="nandini@example.com")
    await _choose_a_time(patient, doctor, "10:00")
    await _pay(patient, script=script)
    code = await _slip(patient)

    desk = await new_page(script=script, size=DESK)
    await log_in(desk, doctor)
    await desk.get_by_role("link", name="Appointments").first.click()
    await expect(desk.locator("main")).to_contain_text("Nandini")
    await until(
        lambda: bool(
            _told(post_office, "nandini@example.com", code) and _told(post_office, doctor.email, code)
        ),
        what="the letters about the booking",
    )

    await _cancel(patient)
    await until(
        lambda: "cancel" in _subjects(post_office, doctor.email), what="the letter about the cancellation"
    )
    await _refund_arrived(code)
    await patient.goto(f"/doctors/{doctor.slug}")
    await _open_day(patient)
    await expect(patient.get_by_role("button", name="10:00 am")).to_be_visible()


async def _sign_up(page: Page, post_office: PostOffice, *, email: str) -> None:
    await page.goto("/signup")
    await page.locator("[name=name]").fill("Nandini Rao")
    await page.locator("[name=email]").fill(email)
    await page.locator("[name=password]").fill("a quiet green river")
    await page.locator("#accept-notice").check()
    await page.get_by_role("button", name="Continue").click()
    await expect(page).to_have_url(re.compile("/verify"))
    await until(lambda: bool(post_office.to(email)), what="the letter with the code")
    letter = post_office.to(email)[0].get_body(("plain",))
    assert letter is not None
    code = re.search(r"\b(\d{6})\b", letter.get_content())
    assert code is not None
    await page.locator("[name=code]").fill(code[1])
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("button", name="Log out")).to_be_attached()


async def _open_day(page: Page) -> None:
    """The day of the slots: tomorrow at the clinic, second in the strip unless it is shown already."""
    if await page.get_by_role("button", name="10:30 am").count() == 0:
        await page.locator(".daystrip a").nth(1).click()


async def _choose_a_time(page: Page, doctor: CastDoctor, at: str) -> None:
    await page.goto("/doctors")
    await page.get_by_role("link", name=re.compile(doctor.name)).first.click()
    await _open_day(page)
    await page.get_by_role("button", name=f"{at} am").click()
    await expect(page.get_by_role("heading", name="Check and pay")).to_be_visible()


async def _pay(page: Page, *, script: bool) -> None:
    await page.get_by_role("button", name=re.compile("Pay ₹500")).click()
    if script:
        bank = page.frame_locator("iframe")
        await bank.get_by_label("UPI").check()
        await bank.get_by_role("button", name="Success").click()
    else:
        await page.get_by_label("Netbanking").check()
        await page.get_by_role("button", name="Success").click()
        await page.get_by_role("button", name="Return to the shop").click()
    await expect(page).to_have_url(re.compile("/visits/"))


async def _slip(page: Page) -> str:
    for _look in range(20):
        if await page.get_by_role("heading", name="Your visit is booked").count():
            break
        await page.wait_for_timeout(300)
        await page.reload()
    await expect(page.get_by_role("heading", name="Your visit is booked")).to_be_visible()
    code = await fetch_value("SELECT code FROM appointments WHERE status = 'confirmed' AND token_number = 1")
    await expect(page.locator("main")).to_contain_text(code)
    return str(code)


def _told(post_office: PostOffice, address: str, code: str) -> bool:
    bodies = [letter.get_body(("plain",)) for letter in post_office.to(address)]
    return any(code in body.get_content() for body in bodies if body is not None)


def _subjects(post_office: PostOffice, address: str) -> str:
    return " ".join(str(letter["Subject"]).lower() for letter in post_office.to(address))


async def _cancel(page: Page) -> None:
    await page.get_by_role("link", name="Cancel this visit").click()
    await expect(page.locator("main")).to_contain_text("₹500")
    await page.get_by_role("button", name="Cancel this visit").click()
    await expect(page.get_by_role("heading", name="This visit is cancelled")).to_be_visible()


async def _refund_arrived(code: str) -> None:
    order = await fetch_value(
        "SELECT p.razorpay_order_id FROM payments p JOIN appointments a ON a.id = p.appointment_id "
        "WHERE a.code = $1",
        code,
    )
    for _look in range(100):
        ledger = await sandbox_ledger()
        paid = next(payment for payment in ledger["payments"] if payment["order_id"] == order)
        refunds = [refund for refund in ledger["refunds"] if refund["payment_id"] == paid["id"]]
        if refunds:
            break
        await asyncio.sleep(0.1)
    assert [refund["amount"] for refund in refunds] == [50_000]


async def test_a_patient_who_was_signed_out_gets_the_pressed_time_after_logging_in(
    new_page: NewPage, worker: None
) -> None:
    doctor = await a_doctor()
    await a_slot(doctor, at="10:30")
    asha = await a_patient("Asha")
    page = await new_page()

    await page.goto(f"/doctors/{doctor.slug}")
    await _open_day(page)
    await page.get_by_role("button", name="10:30 am").click()
    await page.locator("[name=identifier]").fill(asha.email)
    await page.locator("[name=password]").fill(asha.password)
    await page.get_by_role("button", name="Log in").click()

    await expect(page.get_by_role("heading", name="Check and pay")).to_be_visible()


async def test_a_failed_and_a_closed_payment_leave_the_time_held(new_page: NewPage, worker: None) -> None:
    doctor = await a_doctor()
    await a_slot(doctor, at="10:30")
    asha = await a_patient("Asha")
    page = await new_page()
    await log_in(page, asha)
    await _choose_a_time(page, doctor, "10:30")

    await page.get_by_role("button", name=re.compile("Pay ₹500")).click()
    bank = page.frame_locator("iframe")
    await bank.get_by_role("button", name="Failure").click()
    await expect(bank.get_by_text("Payment failed")).to_be_visible()
    await bank.get_by_role("button", name="Close").click()

    await expect(page.locator("#notice")).to_contain_text("the time is still held for you")
    await _pay(page, script=True)
    await _slip(page)
