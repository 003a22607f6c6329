"""Doctors come in by the pages: applying, with an invitation, with the account they have."""

import pytest

from app.accounts.queries import find_user_by_email, get_user
from app.db.engine import execute, fetch_value
from app.directory.queries import application_of_user, listed_slugs
from app.directory.services import approve, reject
from tests.accounts.confirmations import code_of, happened
from tests.booking.visits import acting, later
from tests.browser import Browser
from tests.directory.test_applying import an_applicant
from tests.factories import a_clinic, a_doctor, a_patient, an_admin, run_jobs

ACCOUNT = {
    "name": "Dr Nila Rao",
    "email": "Nila@Example.com",
    "mobile": "98765 43210",
    "password": "a calm green river",
    "notice": "y",
}
SAID = {"specialization": "ent", "registration_number": "MH  12345", "qualifications": "MBBS, MS (ENT)"}
NEW = {**ACCOUNT, **SAID}
NILA = "nila@example.com"


async def test_the_ways_in_are_explained_to_strangers_patients_and_doctors(browser: Browser) -> None:
    for_strangers = await browser.get("/join")
    await browser.signed_in(await a_patient())
    for_patients = await browser.get("/join")
    await browser.signed_in(await a_doctor())
    for_doctors = await browser.get("/join")

    assert for_strangers.one("a[href='/join/doctor']")
    assert for_patients.one("main a[href='/me/practise']")
    assert "applied already" in for_doctors.text
    for page in (for_strangers, for_patients, for_doctors):
        assert page.one("a[href='/join/invitation']")
        assert "Added by an administrator" in page.text


async def test_a_new_doctor_applies_confirms_and_waits(browser: Browser) -> None:
    assert "What happens next" in (await browser.get("/join/doctor")).text

    answer = await browser.post("/join/doctor", NEW)
    assert answer.location == "/verify"
    assert (await browser.get("/doctor")).location.startswith("/login")
    confirmed = await browser.post("/verify", {"code": await code_of(NILA), "next": "/me/practise"})

    assert confirmed.location == "/me/practise"
    page = await browser.follow(confirmed)
    assert "waits for an administrator" in page.text
    assert "You have told us everything we need." in page.text
    account = await find_user_by_email(NILA)
    assert account is not None and account.role == "doctor"
    application = await application_of_user(account.id)
    assert application is not None
    assert (application.name, application.speciality, application.registration_number) == (
        "Dr Nila Rao",
        "ent",
        "MH 12345",
    )
    assert (application.state, application.is_verified) == ("waiting", True)
    assert await listed_slugs() == []


@pytest.mark.parametrize(
    ("instead", "field"),
    [
        ({"specialization": ""}, "specialization"),
        ({"specialization": "magic"}, "specialization"),
        ({"registration_number": " "}, "registration_number"),
        ({"registration_number": "x" * 121}, "registration_number"),
        ({"qualifications": ""}, "qualifications"),
        ({"name": ""}, "name"),
        ({"email": "nobody"}, "email"),
        ({"password": "short"}, "password"),
        ({"notice": ""}, "accept-notice"),
    ],
)
async def test_what_cannot_be_used_is_said_at_its_field_and_nothing_is_written(
    browser: Browser, instead: dict[str, str], field: str
) -> None:
    answer = await browser.post("/join/doctor", {**NEW, **instead})

    assert answer.status_code == 422
    assert answer.error_of(field)
    if field != "qualifications":
        assert answer.one("#qualifications")["value"] == "MBBS, MS (ENT)"
    assert await fetch_value("SELECT count(*) FROM users") == 0
    assert await fetch_value("SELECT count(*) FROM doctors") == 0


async def test_a_known_address_gets_the_same_answer_and_its_account_stays_as_it_is(browser: Browser) -> None:
    asha = await a_patient("Asha")
    unknown = await browser.post("/join/doctor", NEW)

    known = await browser.post("/join/doctor", {**NEW, "email": asha.email})

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert await happened("SIGN_UP_WITH_KNOWN_EMAIL") == 1
    assert await application_of_user(asha.id) is None
    assert await fetch_value("SELECT count(*) FROM pending_applications") == 0


async def test_an_application_begun_by_a_stranger_gives_way_once_the_owner_confirms(browser: Browser) -> None:
    stranger = {**NEW, "name": "Mallory", "registration_number": "XX 1", "password": "the secret of mallory"}
    await browser.post("/join/doctor", stranger)
    await browser.post("/join/doctor", NEW)

    await browser.post("/verify", {"code": await code_of(NILA)})
    await run_jobs()

    account = await find_user_by_email(NILA)
    assert account is not None and account.name == "Dr Nila Rao"
    application = await application_of_user(account.id)
    assert application is not None
    assert (application.name, application.registration_number, application.state) == (
        "Dr Nila Rao",
        "MH 12345",
        "waiting",
    )
    assert await fetch_value("SELECT count(*) FROM pending_applications") == 0


async def test_an_application_that_nobody_confirmed_is_forgotten(browser: Browser) -> None:
    from app.directory.services import tidy_applications

    await browser.post("/join/doctor", NEW)
    await browser.post("/join/doctor", NEW)
    await tidy_applications()
    assert await fetch_value("SELECT count(*) FROM pending_applications") == 1

    with later(days=3):
        await tidy_applications()

    assert await fetch_value("SELECT count(*) FROM pending_applications") == 0


async def test_who_is_signed_in_applies_with_that_account(browser: Browser) -> None:
    await browser.signed_in(await a_patient())

    assert (await browser.get("/join/doctor")).location == "/me/practise"


async def test_a_patient_applies_and_reads_where_it_stands(browser: Browser) -> None:
    asha = await a_patient("Asha Rao")
    await browser.signed_in(asha)
    assert "nothing changes for you" in (await browser.get("/me/practise")).text

    answer = await browser.post("/me/practise", SAID)

    page = await browser.follow(answer)
    assert "waits for an administrator" in page.text
    assert page.one("#registration_number")["value"] == "MH 12345"
    assert (await get_user(asha.id)).role == "patient"
    assert (await browser.get("/visits")).status_code == 200


async def test_an_address_is_confirmed_before_an_application(browser: Browser) -> None:
    await browser.signed_in(await a_patient(verified=False))

    for answer in (await browser.get("/me/practise"), await browser.post("/me/practise", SAID)):
        assert answer.location == "/verify?next=%2Fme%2Fpractise"
    assert await fetch_value("SELECT count(*) FROM doctors") == 0


async def test_who_waits_puts_it_better(browser: Browser) -> None:
    kabir, _waiting = await an_applicant()
    await browser.signed_in(kabir)

    answer = await browser.post("/me/practise", {**SAID, "registration_number": "MH 9"})

    assert (await browser.follow(answer)).one("#registration_number")["value"] == "MH 9"
    assert await happened("DOCTOR_APPLIED") == 1


async def test_who_was_turned_down_reads_why_and_applies_again(browser: Browser) -> None:
    kabir, waiting = await an_applicant()
    await reject(waiting.id, why="Not in the register.\n<b>Sorry</b>", by=acting(await an_admin()))
    await browser.signed_in(kabir)
    page = await browser.get("/me/practise")
    assert "Not in the register. <b>Sorry</b>" in page.text

    wrong = await browser.post("/me/practise", {**SAID, "registration_number": ""})
    assert wrong.status_code == 422
    assert "Not in the register." in wrong.text
    await browser.post("/me/practise", SAID)

    application = await application_of_user(kabir.id)
    assert application is not None and application.state == "waiting"
    assert "Not in the register." not in (await browser.get("/me/practise")).text


async def test_approval_ends_the_patients_session_and_the_doctor_logs_in_anew(browser: Browser) -> None:
    kabir, waiting = await an_applicant()
    await browser.signed_in(kabir)

    await approve(waiting.id, clinic_id=await a_clinic(), by=acting(await an_admin()))

    assert (await browser.get("/me/practise")).location.startswith("/login")
    await browser.signed_in(kabir)
    assert "Patients see you and can book." in (await browser.get("/me/practise")).text
    assert (await browser.get("/doctor")).status_code == 200


async def test_an_approved_doctor_cannot_apply_and_is_told(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())

    answer = await browser.post("/me/practise", SAID)

    assert answer.status_code == 409
    assert "approved already" in answer.text


async def test_a_waiting_doctor_sees_on_the_first_page_what_is_missing(browser: Browser) -> None:
    doctor = await a_doctor(approved=False)
    await execute("UPDATE users SET email_verified_at = NULL WHERE id = $1", doctor.id)
    await browser.signed_in(doctor)

    page = await browser.get("/doctor")

    assert "Your e-mail address is not confirmed." in page.text
    assert "Your registration number" in page.text
    assert "Your qualifications." in page.text
    assert "What happens next" in page.text


async def test_a_doctor_turned_down_sees_on_the_first_page_why(browser: Browser) -> None:
    doctor = await a_doctor(approved=False)
    await reject(doctor.doctor_id, why="Not in the register.", by=acting(await an_admin()))
    await browser.signed_in(doctor)

    page = await browser.get("/doctor")

    assert "Not in the register." in page.text
    assert page.one("a[href='/me/practise#apply-again']")


async def test_an_approved_doctor_without_a_clinic_is_told_what_comes(browser: Browser) -> None:
    kabir, waiting = await an_applicant()
    await approve(waiting.id, by=acting(await an_admin()))
    await browser.signed_in(kabir)

    page = await browser.get("/doctor")

    assert "You do not belong to a clinic yet" in page.text
    assert page.one("main a[href='/doctor/profile']")


async def test_a_doctors_account_without_an_application_is_led_to_one(browser: Browser) -> None:
    someone = await a_patient("Nila")
    await execute("UPDATE users SET role = 'doctor' WHERE id = $1", someone.id)
    await browser.signed_in(someone)

    assert (await browser.get("/doctor")).one("main a[href='/me/practise']")


async def test_what_is_wrong_is_listed_in_the_order_of_the_page(browser: Browser) -> None:
    long = {"registration_number": "x" * 121, "qualifications": "y" * 121}

    answer = await browser.post("/join/invitation", long)

    said = {link["href"]: link.text for link in answer.html.select(".summary a")}
    assert list(said) == [
        *("#invitation_code", "#name", "#email", "#password"),
        *("#specialization", "#registration_number", "#qualifications", "#accept-notice"),
    ]
    assert said["#registration_number"] == "Registration number: use up to 120 letters."
    assert said["#qualifications"] == "Qualifications: use up to 120 letters."
