"""The administrator lets doctors in or turns them down, adds them by hand, and invites them."""

from uuid import uuid4

from app.accounts.queries import find_user_by_email, get_user
from app.db.engine import fetch, fetch_value
from app.desks.admin import standing
from app.directory.queries import application_of_user, get_application, invitations
from app.directory.services import approve, invite, reject, use_invitation
from tests.accounts.confirmations import happened
from tests.booking.visits import acting
from tests.browser import Browser
from tests.directory.test_applying import an_applicant
from tests.directory.test_invitations import SAID
from tests.factories import a_clinic, a_doctor, a_patient, a_receptionist, an_admin

NILA = {
    "name": "Dr Nila Rao",
    "email": "Nila@Example.com",
    "specialization": "ent",
    "registration_number": "",
    "qualifications": "",
    "clinic_id": "",
}


async def test_who_waits_stands_first_with_all_that_is_to_be_looked_up(browser: Browser) -> None:
    first, _one = await an_applicant("Dr Kabir", "MH 1")
    await an_applicant("Dr Nila", "MH 2")
    await a_doctor("Dr Meera")
    await browser.signed_in(await an_admin())

    page = await browser.get("/admin/doctors")

    rows = [" ".join(row.get_text(" ").split()) for row in page.html.select("tbody tr")]
    assert len(rows) == 2
    for words in ("Dr Kabir", "Dentistry", "MH 1", first.email, "Confirmed"):
        assert words in rows[0]
    assert "Waiting (2)" in page.text
    assert "Dr Meera" in (await browser.get("/admin/doctors", state="approved")).text
    assert "Nobody was turned down" in (await browser.get("/admin/doctors", state="rejected")).text
    assert "Waiting (2)" in (await browser.get("/admin/doctors", state="nonsense", page="x")).text


async def test_the_list_is_searched_and_turned_in_pages(browser: Browser) -> None:
    for n in range(21):
        await an_applicant(f"Dr Number{n}", f"MH {n}")
    await browser.signed_in(await an_admin())

    second = await browser.get("/admin/doctors", page=2)
    found = await browser.get("/admin/doctors", q="number7")
    nobody = await browser.get("/admin/doctors", q="<nobody>")

    assert len(second.html.select("tbody tr")) == 1
    assert "Page 2 of 2" in second.text
    assert len(found.html.select("tbody tr")) == 1
    assert "Nobody found" in nobody.text
    assert nobody.one("#q")["value"] == "<nobody>"


async def test_each_look_at_an_applicant_who_is_a_patient_is_written_down(browser: Browser) -> None:
    _kabir, waiting = await an_applicant()
    await browser.signed_in(await an_admin())

    await browser.get("/admin/doctors")
    await browser.get(f"/admin/doctors/{waiting.id}")
    await browser.get("/admin/doctors", state="approved")

    assert (await happened("PATIENTS_LISTED"), await happened("PATIENT_VIEWED")) == (1, 1)


async def test_approving_with_a_clinic_opens_the_practice(browser: Browser) -> None:
    kabir, waiting = await an_applicant()
    clinic = await a_clinic("Shanti Clinic")
    await browser.signed_in(await an_admin())

    answer = await browser.post(f"/admin/doctors/{waiting.id}/approve", {"clinic_id": clinic})

    page = await browser.follow(answer)
    assert "Approved. A letter tells the doctor." in page.text
    assert "Shanti Clinic" in page.text
    assert (await get_application(waiting.id)).is_listed
    assert (await get_user(kabir.id)).role == "doctor"
    again = await browser.post(f"/admin/doctors/{waiting.id}/approve", {"clinic_id": ""})
    assert again.status_code == 303
    assert await happened("DOCTOR_APPROVED") == 1


async def test_the_clinic_can_come_later_and_another_one_beside_it(browser: Browser) -> None:
    _kabir, waiting = await an_applicant()
    await browser.signed_in(await an_admin())
    await browser.post(f"/admin/doctors/{waiting.id}/approve", {"clinic_id": ""})
    assert not (await get_application(waiting.id)).is_listed

    for name in ("Shanti Clinic", "Second Clinic"):
        await browser.post(f"/admin/doctors/{waiting.id}/practice", {"clinic_id": await a_clinic(name)})

    assert (await get_application(waiting.id)).clinics == ["Shanti Clinic", "Second Clinic"]
    assert await happened("PRACTICE_ADDED") == 2


async def test_a_clinic_that_is_none_is_said_at_its_field(browser: Browser) -> None:
    _kabir, waiting = await an_applicant()
    await browser.signed_in(await an_admin())

    for clinic in (uuid4(), "nonsense"):
        answer = await browser.post(f"/admin/doctors/{waiting.id}/approve", {"clinic_id": clinic})
        assert (answer.status_code, answer.error_of("clinic_id")) == (
            422,
            "Error: Choose a clinic of the list.",
        )
    await approve(waiting.id, by=acting(await an_admin()))
    answer = await browser.post(f"/admin/doctors/{waiting.id}/practice", {"clinic_id": ""})
    assert answer.status_code == 422


async def test_turning_down_wants_a_reason_and_keeps_what_was_typed(browser: Browser) -> None:
    _kabir, waiting = await an_applicant()
    await browser.signed_in(await an_admin())

    without = await browser.post(f"/admin/doctors/{waiting.id}/reject", {"reason": "  "})
    long = await browser.post(f"/admin/doctors/{waiting.id}/reject", {"reason": "x" * 1001})
    answer = await browser.post(f"/admin/doctors/{waiting.id}/reject", {"reason": "Not in the register."})

    assert (without.status_code, long.status_code) == (422, 422)
    assert without.error_of("reason") and long.error_of("reason")
    assert "x" * 1001 in long.one("#reason").get_text()
    assert "Not in the register." in (await browser.follow(answer)).text
    assert (await get_application(waiting.id)).state == "rejected"
    assert await happened("DOCTOR_REJECTED") == 1
    assert "Dr Kabir" in (await browser.get("/admin/doctors", state="rejected")).text


async def test_who_was_turned_down_can_still_be_approved(browser: Browser) -> None:
    _kabir, waiting = await an_applicant()
    admin = await an_admin()
    await reject(waiting.id, why="Wrong number.", by=acting(admin))
    await browser.signed_in(admin)
    assert "Wrong number." in (await browser.get(f"/admin/doctors/{waiting.id}")).text

    await browser.post(f"/admin/doctors/{waiting.id}/approve", {"clinic_id": ""})

    assert (await get_application(waiting.id)).state == "approved"


async def test_of_two_administrators_the_slower_sees_what_the_other_decided(browser: Browser) -> None:
    _kabir, waiting = await an_applicant()
    admin = await an_admin()
    await browser.signed_in(admin)
    await reject(waiting.id, why="Wrong number.", by=acting(admin))

    answer = await browser.post(f"/admin/doctors/{waiting.id}/reject", {"reason": "Another one."})
    assert answer.status_code == 409
    assert "turned down already" in answer.text
    assert "Wrong number." in answer.text
    await approve(waiting.id, by=acting(admin))
    answer = await browser.post(f"/admin/doctors/{waiting.id}/reject", {"reason": "Another one."})

    assert answer.status_code == 409
    assert "approved already" in answer.text


async def test_nothing_is_decided_about_a_blocked_doctor_and_the_page_says_so(browser: Browser) -> None:
    meera, clinic, admin = await a_doctor("Dr Meera"), await a_clinic("Second Clinic"), await an_admin()
    await standing.block(meera.id, why="", by=acting(admin))
    await browser.signed_in(admin)

    page = await browser.get(f"/admin/doctors/{meera.doctor_id}")
    answer = await browser.post(f"/admin/doctors/{meera.doctor_id}/practice", {"clinic_id": clinic})

    assert "Patients do not find this doctor" in page.text
    assert not page.html.select("main form")
    assert answer.status_code == 409
    assert "Unblock it first" in answer.text
    assert (await get_application(meera.doctor_id)).clinics == []


async def test_a_doctor_there_is_not_is_404(browser: Browser) -> None:
    await browser.signed_in(await an_admin())

    for path in ("approve", "reject", "practice"):
        answer = await browser.post(f"/admin/doctors/{uuid4()}/{path}", {"reason": "No.", "clinic_id": ""})
        assert answer.status_code == 404, path
    assert (await browser.get(f"/admin/doctors/{uuid4()}")).status_code == 404


# adding by hand


async def test_a_doctor_added_by_hand_is_in_and_chooses_a_password(browser: Browser) -> None:
    clinic = await a_clinic()
    await browser.signed_in(await an_admin())

    answer = await browser.post("/admin/doctors/add", {**NILA, "clinic_id": clinic})

    assert "choose a password" in (await browser.follow(answer)).text
    account = await find_user_by_email("nila@example.com")
    assert account is not None
    assert (account.role, account.is_verified) == ("doctor", False)
    application = await application_of_user(account.id)
    assert application is not None
    assert (application.state, application.is_listed) == ("approved", True)
    assert await happened("PASSWORD_CHOICE_ASKED") == 1


async def test_what_cannot_be_used_is_said_at_its_field_and_adds_nobody(browser: Browser) -> None:
    await browser.signed_in(await an_admin())

    for field, wrong in [
        ("name", ""),
        ("email", "nobody"),
        ("specialization", ""),
        ("specialization", "magic"),
        ("clinic_id", uuid4()),
        ("clinic_id", "nonsense"),
        ("registration_number", "x" * 121),
    ]:
        answer = await browser.post("/admin/doctors/add", {**NILA, field: wrong})
        assert answer.status_code == 422, field
        assert answer.error_of(field)
    assert await find_user_by_email("nila@example.com") is None


async def test_a_patients_account_becomes_a_doctors_only_after_being_asked(browser: Browser) -> None:
    asha = await a_patient("Asha Rao")
    await browser.signed_in(await an_admin())
    typed = {**NILA, "email": asha.email.upper()}

    asked = await browser.post("/admin/doctors/add", typed)
    assert asked.status_code == 409
    assert "Asha Rao" in asked.text
    assert (await get_user(asha.id)).role == "patient"
    account = asked.one("button[name=account]")["value"]
    untouched = await browser.post("/admin/doctors/add", typed)
    assert untouched.status_code == 409
    answer = await browser.post("/admin/doctors/add", {**typed, "account": account})

    assert answer.status_code == 303
    assert (await get_user(asha.id)).role == "doctor"
    application = await application_of_user(asha.id)
    assert application is not None and (application.name, application.state) == ("Asha Rao", "approved")


async def test_asking_about_one_account_does_not_answer_for_another(browser: Browser) -> None:
    asha, vikram = await a_patient("Asha"), await a_patient("Vikram")
    await browser.signed_in(await an_admin())

    answer = await browser.post(
        "/admin/doctors/add", {**NILA, "email": vikram.email, "account": str(asha.id)}
    )

    assert answer.status_code == 409
    assert {(await get_user(one.id)).role for one in (asha, vikram)} == {"patient"}


async def test_a_doctors_account_is_approved_or_gets_one_more_clinic(browser: Browser) -> None:
    waiting, meera = await a_doctor("Dr Kabir", approved=False), await a_doctor("Dr Meera")
    second = await a_clinic("Second Clinic")
    await browser.signed_in(await an_admin())

    for doctor in (waiting, meera):
        await browser.post(
            "/admin/doctors/add",
            {**NILA, "email": doctor.email, "account": str(doctor.id), "clinic_id": second},
        )
    nothing_to_do = await browser.post(
        "/admin/doctors/add", {**NILA, "email": meera.email, "account": str(meera.id)}
    )

    for doctor in (waiting, meera):
        application = await get_application(doctor.doctor_id)
        assert (application.state, application.clinics[-1]) == ("approved", "Second Clinic")
    assert nothing_to_do.status_code == 409
    assert nothing_to_do.one("#email")["value"] == meera.email
    assert "approved already" in nothing_to_do.text


async def test_staff_cannot_be_made_doctors_here(browser: Browser) -> None:
    sunita = await a_receptionist(await a_clinic())
    await browser.signed_in(await an_admin())
    typed = {**NILA, "email": sunita.email}

    asked = await browser.post("/admin/doctors/add", typed)
    answer = await browser.post("/admin/doctors/add", {**typed, "account": str(sunita.id)})

    assert not asked.html.select("[name=account]")
    assert answer.status_code == 409
    assert (await get_user(sunita.id)).role == "reception"


# invitations


async def test_an_invitation_is_made_shown_and_withdrawn(browser: Browser) -> None:
    clinic = await a_clinic("Shanti Clinic")
    await browser.signed_in(await an_admin())

    page = await browser.follow(
        await browser.post("/admin/invitations", {"email": "New@Example.com", "clinic_id": clinic})
    )

    (made,) = (await invitations()).items
    assert made.code not in page.one("#notice").get_text()
    row = " ".join(page.one("tbody tr").get_text(" ").split())
    for words in (made.code, "Open until", "new@example.com", "Shanti Clinic"):
        assert words in row
    asked = await browser.get(f"/admin/invitations/{made.id}/withdraw")
    assert made.code in asked.text
    page = await browser.follow(await browser.post(f"/admin/invitations/{made.id}/withdraw"))
    assert "Withdrawn" in page.one("tbody tr").get_text()


async def test_an_invitation_for_nobody_or_nowhere_is_said_at_its_field(browser: Browser) -> None:
    await browser.signed_in(await an_admin())

    wrong = await browser.post("/admin/invitations", {"email": "nobody", "clinic_id": ""})
    nowhere = await browser.post("/admin/invitations", {"email": "", "clinic_id": "nonsense"})

    assert (wrong.status_code, nowhere.status_code) == (422, 422)
    assert wrong.error_of("email") and nowhere.error_of("clinic_id")
    assert wrong.one("#email")["value"] == "nobody"
    assert await fetch("SELECT 1 FROM invitations") == []


async def test_a_used_invitation_is_not_withdrawn_and_says_who_used_it(browser: Browser) -> None:
    admin, kabir = await an_admin(), await a_patient("Dr Kabir")
    made = await invite(by=acting(admin))
    await use_invitation(made.id, user_id=kabir.id, name=kabir.name, said=SAID, by=acting(kabir))
    await browser.signed_in(admin)

    answer = await browser.post(f"/admin/invitations/{made.id}/withdraw")

    assert answer.status_code == 409
    assert "used this invitation already" in answer.text
    assert "Dr Kabir" in answer.one("tbody tr").get_text()
    assert await fetch_value("SELECT withdrawn_at FROM invitations") is None
    assert (await browser.get(f"/admin/invitations/{uuid4()}/withdraw")).status_code == 404
