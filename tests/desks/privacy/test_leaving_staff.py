"""Giving an account up as somebody who works here: the patients come first, and somebody keeps the keys."""

import asyncio

import httpx

from app.booking import services as booking
from app.db.engine import execute, fetch_one, fetch_value
from app.desks.privacy.leaving import close_for_good
from tests.accounts.places import HERE
from tests.booking.visits import a_visit, acting
from tests.browser import Browser
from tests.desks.privacy.entering import entered
from tests.desks.privacy.leaving import erase, give_up
from tests.factories import a_clinic, a_doctor, a_patient, a_receptionist, a_slot, an_admin
from tests.reviews.visits import a_seen_visit


async def test_a_doctor_sees_to_the_patients_first(browser: Browser) -> None:
    asha, doctor = await a_patient(), await a_doctor(fee_paise=0)
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    assert await give_up(browser, doctor) == 409
    page = await browser.get("/me/data/erase")

    assert "One visit is booked with you" in page.text
    closing = str(page.one("main a[href^='/doctor/exceptions']")["href"])
    assert (await browser.get(closing)).status_code == 200
    assert await fetch_value("SELECT is_active FROM practices")
    assert await fetch_value("SELECT left_at FROM doctors") is None
    await booking.cancel(visit.id, reason="", by=acting(doctor))
    assert await give_up(browser, doctor) == 303


async def test_a_doctor_who_left_is_found_no_more_and_stays_on_past_visits(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    asha, doctor = await a_patient(), await a_doctor("Dr Meera")
    await execute(
        "UPDATE doctors SET registration_number = 'MH 12345', about = 'Listens.', languages = '{Hindi}'"
    )
    visit = await a_seen_visit(asha, doctor)

    await erase(doctor)

    row = await fetch_one("SELECT name, registration_number, about, languages, left_at FROM doctors")
    assert row and (row["name"], row["registration_number"]) == ("Dr Meera", "MH 12345")
    assert (row["about"], row["languages"]) == ("", []) and row["left_at"]
    assert await fetch_value("SELECT name FROM users WHERE id = $1", doctor.id) == "(erased)"
    assert (await api.get(f"/api/doctors/{doctor.doctor_id}")).status_code == 404
    assert (await browser.get(f"/doctors/{doctor.slug}")).status_code == 404
    page = await (await entered(browser, asha)).get(f"/visits/{visit.code}")
    assert "Dr Meera" in page.text


async def test_of_a_doctor_who_was_never_approved_nothing_stays() -> None:
    doctor = await a_doctor("Dr Nobody Yet", approved=False)
    await execute("UPDATE doctors SET registration_number = 'MH 12345'")
    await execute("UPDATE services SET name = 'At Dr Nobody', description = 'Come', category = 'Best'")

    await erase(doctor)

    row = await fetch_one("SELECT name, registration_number, slug FROM doctors")
    assert row and tuple(row) == ("(erased)", "", f"erased-{doctor.doctor_id}")
    service = await fetch_one("SELECT name, description, category FROM services")
    assert service and tuple(service) == ("(erased)", "", "")


async def test_reception_leaves_and_the_clinic_stays() -> None:
    clinic = await a_clinic()
    sunita = await a_receptionist(clinic)

    await erase(sunita)

    assert await fetch_value("SELECT count(*) FROM staff") == 0
    assert await fetch_value("SELECT name FROM clinics") == "Shanti Clinic"


async def test_the_last_administrator_stays(browser: Browser) -> None:
    first, second = await an_admin("First"), await an_admin("Second")

    await erase(first)

    assert await give_up(browser, second) == 409
    assert (
        "only administrator"
        in (await browser.post("/me/data/erase", {"password": second.password, "sure": "y"})).text
    )
    assert await fetch_value("SELECT blocked_at FROM users WHERE id = $1", second.id) is None


async def test_of_two_administrators_who_leave_at_once_one_stays() -> None:
    both = [await an_admin("First"), await an_admin("Second")]
    accounts = [await one.account() for one in both]

    results = await asyncio.gather(
        *(close_for_good(one, password=both[0].password, where=HERE) for one in accounts),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == ["LastAdmin", "datetime"]
