"""Who signs up as a doctor with another's address leaves nothing behind once its owner comes."""

from uuid import UUID

import httpx
import pytest

from app.accounts.codes import link_token_for
from app.accounts.queries import find_user_by_email
from app.db.engine import fetch_one, fetch_value
from app.directory.listeners import on_email_confirmed
from app.directory.queries import Application, application_of_user, applications, listed_slugs
from app.directory.services import add_service, approve, follow, invite, practise_at
from app.events.actor import SYSTEM
from app.events.queries import get_event
from tests.accounts.confirmations import code_of, happened, newest
from tests.booking.visits import acting
from tests.browser import Browser
from tests.desks.test_joining import ACCOUNT, NEW, NILA, SAID
from tests.factories import a_clinic, a_patient, an_admin, run_jobs

STRANGER = {
    "name": "Mallory Malone",
    "email": NILA,
    "password": "the secret of mallory",
    "role": "doctor",
    "specialization": "dentistry",
    "qualifications": "None",
    "registration_number": "XX 1",
}


async def _stranger(api: httpx.AsyncClient, *, invited_to: UUID | None = None) -> None:
    code = (await invite(clinic_id=invited_to, by=acting(await an_admin()))).code if invited_to else None
    answer = await api.post(
        "/api/auth/signup", json={**STRANGER, **({"invitation_code": code} if code else {})}
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["user"]["doctor"]["approved"] is (invited_to is not None)
    await run_jobs()


async def _owner_comes(browser: Browser, path: str) -> UUID:
    """The owner signs up on a page and types the code of the letter."""
    await browser.post(path, NEW if path == "/join/doctor" else ACCOUNT)
    await browser.post("/verify", {"code": await code_of(NILA)})
    await run_jobs()
    account = await find_user_by_email(NILA)
    assert account is not None and account.name == "Dr Nila Rao"
    return account.id


async def _application(user_id: UUID) -> Application:
    application = await application_of_user(user_id)
    assert application is not None
    return application


async def test_an_invited_strangers_approval_is_undone_and_the_owner_waits_under_her_own_name(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    clinic = await a_clinic()
    await _stranger(api, invited_to=clinic)
    assert await listed_slugs() == ["mallory-malone"]

    owner = await _owner_comes(browser, "/join/doctor")

    application = await _application(owner)
    assert (application.state, application.is_listed, application.clinics) == ("waiting", False, [])
    assert (application.name, application.slug) == ("Dr Nila Rao", "dr-nila-rao")
    assert (application.speciality, application.qualifications, application.registration_number) == (
        "ent",
        "MBBS, MS (ENT)",
        "MH 12345",
    )
    assert await listed_slugs() == []
    assert (await api.get(f"/api/doctors/{application.id}")).status_code == 404
    assert await happened("APPLICATION_DROPPED") == 1
    assert await fetch_value("SELECT count(*) FROM practices WHERE is_active") == 0


async def test_nothing_the_stranger_offered_comes_back_when_the_owner_is_approved_at_the_same_clinic(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    clinic, asha = await a_clinic(), await a_patient()
    await _stranger(api, invited_to=clinic)
    row = await fetch_one("SELECT p.id, p.doctor_id FROM practices p")
    assert row is not None
    await add_service(
        row["id"], name="Cheap teeth", duration_minutes=30, fee_paise=100, mode="in_person", by=SYSTEM
    )
    await follow(row["doctor_id"], user_id=asha.id, by=acting(asha))

    owner = await _owner_comes(browser, "/join/doctor")
    await approve((await _application(owner)).id, clinic_id=clinic, by=SYSTEM)

    assert await listed_slugs() == ["dr-nila-rao"]
    page = await browser.get("/doctors/dr-nila-rao")
    assert page.status_code == 200
    for words in ("Cheap teeth", "Mallory", "XX 1"):
        assert words not in page.text
    kept = await fetch_one("SELECT followers_count, name, slug FROM doctors")
    assert kept is not None and tuple(kept) == (0, "Dr Nila Rao", "dr-nila-rao")


@pytest.mark.parametrize("approved", [True, False])
async def test_an_owner_who_is_no_doctor_reads_of_no_application_and_may_make_one(
    browser: Browser, api: httpx.AsyncClient, approved: bool
) -> None:
    await _stranger(api, invited_to=await a_clinic() if approved else None)

    owner = await _owner_comes(browser, "/signup")

    assert await application_of_user(owner) is None
    assert [(await applications(state)).total for state in ("waiting", "approved", "rejected")] == [0, 0, 0]
    assert await listed_slugs() == []
    page = await browser.get("/me/practise")
    assert "not accepted" not in page.text
    assert "XX 1" not in page.text
    await browser.post("/me/practise", SAID)
    application = await _application(owner)
    assert (application.state, application.name, application.slug) == (
        "waiting",
        "Dr Nila Rao",
        "dr-nila-rao",
    )


async def test_what_the_owner_began_is_not_taken_back_when_the_job_runs_twice(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await _stranger(api, invited_to=await a_clinic())
    owner = await _owner_comes(browser, "/join/doctor")
    application = await _application(owner)
    await approve(application.id, by=SYSTEM)
    await practise_at(application.id, await a_clinic("Own Clinic"), by=SYSTEM)
    event_id = await fetch_value("SELECT id FROM events WHERE name = 'EMAIL_CONFIRMED'")

    await on_email_confirmed(await get_event(event_id))

    again = await _application(owner)
    assert (again.state, again.clinics) == ("approved", ["Own Clinic"])


async def test_an_approval_is_undone_too_when_the_owner_chooses_another_password(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await _stranger(api, invited_to=await a_clinic())
    await browser.post("/login/forgot", {"email": NILA})
    token = link_token_for(await newest(NILA), "reset_password")

    await browser.post(
        f"/login/reset/{token}", {"password": "another calm river", "name": "Nila", "notice": "y"}
    )
    await run_jobs()

    account = await find_user_by_email(NILA)
    assert account is not None and account.is_verified
    assert await application_of_user(account.id) is None
    assert await listed_slugs() == []


async def test_who_proves_the_own_address_keeps_the_approval(api: httpx.AsyncClient) -> None:
    await _stranger(api, invited_to=await a_clinic())

    await api.post("/api/auth/verify-email", json={"email": NILA, "code": await code_of(NILA)})
    await run_jobs()

    assert await listed_slugs() == ["mallory-malone"]
