"""Doctors come in by invitations: on pages with the letter of the sign-up, or with the account they have."""

from app.accounts.codes import link_token_for
from app.accounts.queries import find_user_by_email, get_user
from app.accounts.services import block
from app.db.engine import fetch_value
from app.directory.codes import invitation_code
from app.directory.queries import application_of_user, find_practice_of_user, listed_slugs
from app.directory.services import invite, withdraw_invitation
from app.events.actor import SYSTEM
from tests.accounts.confirmations import code_of, newest
from tests.booking.visits import acting
from tests.browser import Browser
from tests.desks.test_joining import ACCOUNT, NEW, NILA, SAID
from tests.directory.test_applying import an_applicant
from tests.factories import a_clinic, a_doctor, a_patient, a_receptionist, an_admin, run_jobs


async def _confirmed(browser: Browser) -> None:
    """Type the code of the newest letter, and let happen what follows."""
    await browser.post("/verify", {"code": await code_of(NILA)})
    await run_jobs()


async def _state(email: str = NILA) -> str | None:
    account = await find_user_by_email(email)
    application = await application_of_user(account.id) if account else None
    return application.state if application else None


async def test_the_letters_link_brings_the_code_and_a_stranger_is_in_once_the_address_is_confirmed(
    browser: Browser,
) -> None:
    clinic = await a_clinic()
    made = await invite(clinic_id=clinic, by=acting(await an_admin()))
    page = await browser.get("/join/invitation", code=made.code)
    assert page.one("#invitation_code")["value"] == made.code

    answer = await browser.post("/join/invitation", {**NEW, "invitation_code": made.code.lower()})

    assert answer.location == "/verify"
    assert await _state() == "waiting"
    assert await fetch_value("SELECT used_at FROM invitations") is None
    confirmed = await browser.post("/verify", {"code": await code_of(NILA), "next": "/me/practise"})
    assert "Your invitation is looked at now" in (await browser.follow(confirmed)).text
    await run_jobs()
    account = await find_user_by_email(NILA)
    assert account is not None and account.role == "doctor"
    practice = await find_practice_of_user(account.id)
    assert practice is not None and practice.clinic_id == clinic
    assert "Patients see you and can book." in (await browser.get("/me/practise")).text


async def test_an_invitation_waits_alike_for_the_letters_of_new_and_of_half_finished_accounts(
    browser: Browser,
) -> None:
    made = await invite(by=acting(await an_admin()))
    await browser.post("/join/doctor", {**NEW, "name": "Mallory"})
    known = await browser.post("/join/invitation", {**NEW, "invitation_code": made.code})
    unknown = await browser.post(
        "/join/invitation", {**NEW, "email": "another@example.com", "invitation_code": made.code}
    )

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert await fetch_value("SELECT used_at FROM invitations") is None
    assert await fetch_value("SELECT count(*) FROM pending_applications WHERE invitation_id IS NOT NULL") == 2


async def test_who_takes_the_account_over_by_another_password_is_let_in_by_no_strangers_invitation(
    browser: Browser,
) -> None:
    """Nobody knows whether the one who had the code is the one who reads the mail."""
    made = await invite(by=acting(await an_admin()))
    await browser.post("/join/invitation", {**NEW, "invitation_code": made.code})
    await browser.post("/login/forgot", {"email": NILA})

    token = link_token_for(await newest(NILA), "reset_password")
    await browser.post(
        f"/login/reset/{token}", {"password": "another calm river", "name": "Nila", "notice": "y"}
    )
    await run_jobs()

    account = await find_user_by_email(NILA)
    assert account is not None and account.is_verified
    assert await _state() is None
    assert await fetch_value("SELECT used_at FROM invitations") is None
    assert await fetch_value("SELECT count(*) FROM pending_applications") == 0


async def test_an_invitation_written_to_an_address_serves_no_other(browser: Browser) -> None:
    made = await invite(email="invited@example.com", by=acting(await an_admin()))
    await a_patient("Owner")
    asha = await a_patient("Asha")

    for email in (NILA, asha.email):
        sent = {**NEW, "email": email, "invitation_code": made.code}
        answer = await browser.post("/join/invitation", sent)
        assert answer.status_code == 422
        assert "another e-mail address" in answer.error_of("invitation_code")
        assert answer.one("#email")["value"] == email
    await browser.signed_in(asha)
    answer = await browser.post("/join/invitation", {**SAID, "invitation_code": made.code})

    assert answer.status_code == 422
    assert "another e-mail address" in answer.error_of("invitation_code")
    assert await fetch_value("SELECT used_at FROM invitations") is None
    assert await find_user_by_email(NILA) is None


async def test_an_invitation_written_to_an_address_serves_it(browser: Browser) -> None:
    made = await invite(email=NILA.upper(), by=acting(await an_admin()))

    await browser.post("/join/invitation", {**NEW, "invitation_code": made.code})
    await _confirmed(browser)

    assert await _state() == "approved"


async def test_an_account_blocked_meanwhile_is_not_let_in_and_no_job_stays_undone(browser: Browser) -> None:
    made = await invite(by=acting(await an_admin()))
    await browser.post("/join/invitation", {**NEW, "invitation_code": made.code})
    await browser.post("/verify", {"code": await code_of(NILA)})
    account = await find_user_by_email(NILA)
    assert account is not None
    await block(account.id, why="", by=SYSTEM)

    await run_jobs()

    assert await _state() == "waiting"
    assert await fetch_value("SELECT used_at FROM invitations") is None
    assert await fetch_value("SELECT count(*) FROM pending_applications") == 0
    assert await fetch_value("SELECT count(*) FROM pgqueuer") == 0


async def test_the_code_goes_into_no_address_but_the_letters(browser: Browser) -> None:
    made = await invite(by=acting(await an_admin()))

    page = await browser.get("/join/invitation", code=made.code)

    links = [str(link["href"]) for link in page.html.select("a[href]")]
    assert any(link.startswith("/login?next=") for link in links)
    assert not [link for link in links if made.code in link or made.code.replace("-", "") in link]


async def test_an_invitation_that_is_none_leaves_no_account(browser: Browser) -> None:
    admin = acting(await an_admin())
    gone = await invite(by=admin)
    await withdraw_invitation(gone.id, by=admin)

    for code in (gone.code, "2222-3333-4444", "nonsense"):
        assert (await browser.get("/join/invitation", code=code)).error_of("invitation_code")
        answer = await browser.post("/join/invitation", {**NEW, "invitation_code": code})
        assert answer.status_code == 422
        assert answer.error_of("invitation_code")
        assert answer.one("#email")["value"] == ACCOUNT["email"]
    assert await find_user_by_email(NILA) is None


async def test_a_known_address_uses_no_invitation_up_and_gets_the_same_answer(browser: Browser) -> None:
    asha = await a_patient("Asha")
    made = await invite(by=acting(await an_admin()))

    answer = await browser.post(
        "/join/invitation", {**NEW, "email": asha.email, "invitation_code": made.code}
    )

    assert answer.location == "/verify"
    assert (await get_user(asha.id)).role == "patient"
    assert await fetch_value("SELECT used_at FROM invitations") is None


async def test_an_invitation_given_with_a_second_sign_up_counts_once_its_letter_is_confirmed(
    browser: Browser,
) -> None:
    made = await invite(by=acting(await an_admin()))
    await browser.post("/join/doctor", {**NEW, "name": "Mallory"})
    await browser.post("/join/invitation", {**NEW, "invitation_code": made.code})
    assert await fetch_value("SELECT used_at FROM invitations") is None

    await _confirmed(browser)

    account = await find_user_by_email(NILA)
    assert account is not None
    application = await application_of_user(account.id)
    assert application is not None
    assert (application.state, application.name) == ("approved", "Dr Nila Rao")
    assert await fetch_value("SELECT used_by_id FROM invitations") == account.id


async def test_who_was_slower_with_an_invitation_waits_for_an_administrator(browser: Browser) -> None:
    admin = acting(await an_admin())
    made = await invite(by=admin)
    await browser.post("/join/doctor", NEW)
    await browser.post("/join/invitation", {**NEW, "invitation_code": made.code})
    await withdraw_invitation(made.id, by=admin)

    await _confirmed(browser)

    account = await find_user_by_email(NILA)
    assert account is not None
    application = await application_of_user(account.id)
    assert application is not None and application.state == "waiting"


async def test_a_signed_in_patient_names_a_speciality_and_comes_in_by_the_code(browser: Browser) -> None:
    asha = await a_patient("Asha Rao")
    made = await invite(by=acting(await an_admin()))
    await browser.signed_in(asha)
    page = await browser.get("/join/invitation", code=made.code)
    assert not page.html.select("#password")

    answer = await browser.post("/join/invitation", {**SAID, "invitation_code": made.code})

    assert answer.location == "/login"
    assert "please log in again" in (await browser.follow(answer)).text
    assert (await get_user(asha.id)).role == "doctor"
    assert (await browser.get("/me")).location.startswith("/login")


async def test_for_a_patient_whose_application_waits_one_button_is_enough(browser: Browser) -> None:
    kabir, waiting = await an_applicant()
    made = await invite(by=acting(await an_admin()))
    await browser.signed_in(kabir)
    page = await browser.get("/join/invitation", code=made.code)
    assert not page.html.select("#specialization")

    await browser.post("/join/invitation", {"invitation_code": made.code})

    application = await application_of_user(kabir.id)
    assert application is not None
    assert (application.state, application.speciality) == ("approved", waiting.speciality)


async def test_a_waiting_doctor_stays_logged_in(browser: Browser) -> None:
    doctor = await a_doctor(approved=False)
    made = await invite(by=acting(await an_admin()))
    await browser.signed_in(doctor)

    answer = await browser.post("/join/invitation", {"invitation_code": made.code})

    assert answer.location == "/doctor"
    assert "You are in." in (await browser.follow(answer)).text
    assert await listed_slugs() == [doctor.slug]


async def test_approved_doctors_and_staff_use_no_invitation_up(browser: Browser) -> None:
    admin = await an_admin()
    made = await invite(by=acting(admin))
    for someone in (await a_doctor(), await a_receptionist(await a_clinic()), admin):
        await browser.signed_in(someone)

        answer = await browser.post("/join/invitation", {**SAID, "invitation_code": made.code})

        assert answer.status_code == 409
        assert "There is a problem" in answer.text
        assert answer.one("#invitation_code")["value"] == made.code
    assert await fetch_value("SELECT used_at FROM invitations") is None


async def test_codes_are_guessed_only_a_few_times(browser: Browser) -> None:
    made = await invite(by=acting(await an_admin()))
    for _try in range(20):
        await browser.get("/join/invitation", code=invitation_code(made.clinic_id or made.id)[:-1] + "2")

    answer = await browser.post("/join/invitation", {**NEW, "invitation_code": made.code})

    assert answer.status_code == 429
    assert await find_user_by_email(NILA) is None
