"""Letting doctors in for programs, and signing up with an invitation."""

import asyncio
from uuid import UUID, uuid4

import httpx

from app.accounts.queries import find_user_by_email, get_user
from app.db.engine import fetch_value
from app.directory.queries import find_practice_of_user, get_application
from app.directory.services import invite
from tests.accounts.confirmations import happened
from tests.booking.visits import acting
from tests.directory.test_applying import an_applicant
from tests.factories import a_clinic, a_doctor, an_admin, bearer

NILA = {
    "name": "Dr Nila",
    "email": "nila@example.com",
    "password": "a calm green river",
    "role": "doctor",
    "specialization": "ent",
}


async def test_who_waits_is_listed_with_all_that_is_to_be_looked_up(api: httpx.AsyncClient) -> None:
    kabir, waiting = await an_applicant()
    await a_doctor()
    await bearer(api, await an_admin())

    answer = (await api.get("/api/admin/doctors/pending")).json()

    assert (answer["total"], answer["page"], answer["page_size"]) == (1, 1, 20)
    (item,) = answer["items"]
    assert item.pop("applied_at").endswith("+05:30")
    assert item == {
        "id": str(waiting.id),
        "user_id": str(kabir.id),
        "name": "Dr Kabir",
        "email": kabir.email,
        "email_verified": True,
        "mobile": None,
        "specialization": "dentistry",
        "qualifications": "BDS",
        "registration_number": "MH 4711",
        "state": "waiting",
        "approved": False,
    }


async def test_a_doctor_who_signed_up_is_approved_and_seen_at_the_clinic(api: httpx.AsyncClient) -> None:
    signed_up = await api.post("/api/auth/signup", json=NILA)
    doctor = signed_up.json()["user"]["doctor"]
    assert doctor["approved"] is False
    clinic = await a_clinic()
    await bearer(api, await an_admin())

    answer = await api.post(f"/api/admin/doctors/{doctor['id']}/approve", json={"clinic_id": str(clinic)})

    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["approved"]) == ("approved", True)
    assert (await api.get(f"/api/doctors/{doctor['id']}")).status_code == 200
    again = await api.post(f"/api/admin/doctors/{doctor['id']}/approve")
    assert again.status_code == 200
    assert await happened("DOCTOR_APPROVED") == 1


async def test_approving_needs_no_body_and_no_clinic(api: httpx.AsyncClient) -> None:
    kabir, waiting = await an_applicant()
    await bearer(api, await an_admin())

    answer = await api.post(f"/api/admin/doctors/{waiting.id}/approve")

    assert answer.status_code == 200
    assert (await get_user(kabir.id)).role == "doctor"
    assert (await api.get(f"/api/doctors/{waiting.id}")).status_code == 404


async def test_turning_down_says_why_and_happens_once(api: httpx.AsyncClient) -> None:
    _kabir, waiting = await an_applicant()
    await bearer(api, await an_admin())

    answer = await api.post(f"/api/admin/doctors/{waiting.id}/reject", json={"reason": " Not registered. "})

    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["reason"]) == ("rejected", "Not registered.")
    again = await api.post(f"/api/admin/doctors/{waiting.id}/reject")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/application-rejected")
    assert await happened("DOCTOR_REJECTED") == 1
    assert (await api.get("/api/admin/doctors/pending")).json()["total"] == 0


async def test_what_cannot_be_decided_is_refused(api: httpx.AsyncClient) -> None:
    _kabir, waiting = await an_applicant()
    meera = await a_doctor()
    await bearer(api, await an_admin())

    nowhere = await api.post(f"/api/admin/doctors/{waiting.id}/approve", json={"clinic_id": str(uuid4())})
    long = await api.post(f"/api/admin/doctors/{waiting.id}/reject", json={"reason": "x" * 1001})
    approved = await api.post(f"/api/admin/doctors/{meera.doctor_id}/reject")
    unknown = await api.post(f"/api/admin/doctors/{uuid4()}/approve")

    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "clinic_id")
    assert (long.status_code, long.json()["errors"][0]["field"]) == (422, "reason")
    assert (approved.status_code, approved.json()["type"]) == (409, "/problems/doctor-approved")
    assert unknown.status_code == 404
    assert (await get_application(waiting.id)).state == "waiting"


async def test_an_invitation_signs_a_doctor_up_approved_at_its_clinic(api: httpx.AsyncClient) -> None:
    clinic = await a_clinic()
    await bearer(api, await an_admin())
    made = await api.post(
        "/api/admin/invitations", json={"email": "nila@example.com", "clinic_id": str(clinic)}
    )
    assert made.status_code == 201
    assert {"id", "code", "email", "clinic_id", "expires_at"} == set(made.json())

    answer = await api.post("/api/auth/signup", json={**NILA, "invitation_code": made.json()["code"]})

    assert answer.status_code == 201
    assert answer.json()["user"]["doctor"]["approved"] is True
    practice = await find_practice_of_user(UUID(answer.json()["user"]["id"]))
    assert practice is not None and practice.clinic_id == clinic


async def test_an_invitation_can_be_made_for_nobody_in_particular(api: httpx.AsyncClient) -> None:
    await bearer(api, await an_admin())

    for body in ({}, {"email": None}, None):
        answer = (
            await api.post("/api/admin/invitations", json=body)
            if body is not None
            else (await api.post("/api/admin/invitations"))
        )
        assert answer.status_code == 201
        assert answer.json()["email"] is None
    wrong = await api.post("/api/admin/invitations", json={"email": "nobody"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "email")


async def test_a_code_that_is_none_is_422_at_its_field_and_leaves_no_account(api: httpx.AsyncClient) -> None:
    for code in ("2222-3333-4444", "nonsense", "x" * 5000):
        answer = await api.post("/api/auth/signup", json={**NILA, "invitation_code": code})

        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == ["invitation_code"]
    assert await find_user_by_email("nila@example.com") is None


async def test_a_patient_uses_no_invitation_up(api: httpx.AsyncClient) -> None:
    made = await invite(by=acting(await an_admin()))

    answer = await api.post(
        "/api/auth/signup", json={**NILA, "role": "patient", "invitation_code": made.code}
    )

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "invitation_code")
    assert await fetch_value("SELECT used_at FROM invitations") is None


async def test_a_known_address_uses_no_invitation_up(api: httpx.AsyncClient) -> None:
    made = await invite(by=acting(await an_admin()))
    await api.post("/api/auth/signup", json=NILA)

    answer = await api.post("/api/auth/signup", json={**NILA, "invitation_code": made.code})

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/email-taken")
    assert await fetch_value("SELECT used_at FROM invitations") is None


async def test_of_two_who_sign_up_with_one_code_at_once_one_is_in_and_the_other_is_nobody(
    api: httpx.AsyncClient,
) -> None:
    for n in range(2):
        made = await invite(by=acting(await an_admin()))

        answers = await asyncio.gather(
            *(
                api.post(
                    "/api/auth/signup",
                    json={**NILA, "email": f"nila{n}{who}@example.com", "invitation_code": made.code},
                )
                for who in "ab"
            )
        )

        assert sorted(answer.status_code for answer in answers) == [201, 422]
        refused = next(answer for answer in answers if answer.status_code == 422)
        assert [one["field"] for one in refused.json()["errors"]] == ["invitation_code"]
        known = [await find_user_by_email(f"nila{n}{who}@example.com") for who in "ab"]
        assert [one is None for one in known].count(True) == 1
