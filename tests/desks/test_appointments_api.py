"""Appointments for programs: who sees what, and what may happen to one."""

from uuid import uuid4

import httpx
import pytest

from app.booking import queries, services
from app.web.filters import iso
from tests.booking.visits import a_visit, acting, all_clocks_later, hold_for
from tests.factories import (
    Cast,
    a_doctor,
    a_patient,
    a_receptionist,
    a_slot,
    an_admin,
    clinic_day,
    token_of,
)

PROBLEM = "application/problem+json"


async def call(
    api: httpx.AsyncClient, person: Cast, method: str, path: str, body: object = None, **query: object
) -> httpx.Response:
    """One call with the person's own token; without a body nothing is sent."""
    headers = {"Authorization": f"Bearer {await token_of(person)}"}
    sent = {} if body is None else {"json": body}
    return await api.request(method, f"/api{path}", headers=headers, params=query, **sent)  # type: ignore[arg-type]


async def test_an_appointment_has_every_part_the_contract_names(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(fee_paise=45_000), await a_patient()
    slot = await a_slot(doctor)
    held = await hold_for(asha, slot, doctor, reason="Cough")

    before = (await call(api, asha, "GET", f"/appointments/{held.id}")).json()
    await services.confirm(held.id, by=acting(asha))
    after = (await call(api, asha, "GET", f"/appointments/{held.id}")).json()

    day = clinic_day()
    assert before["status"] == "held"
    assert held.hold_expires_at is not None
    assert before["hold_expires_at"] == iso(held.hold_expires_at, "Asia/Kolkata")
    assert after["id"] == str(held.id)
    assert (after["code"], after["status"], after["token_number"]) == (held.code, "confirmed", 1)
    assert after["starts_at"] == f"{day}T10:00:00+05:30"
    assert after["ends_at"] == f"{day}T10:30:00+05:30"
    assert (after["amount"], after["currency"], after["hold_expires_at"]) == (45_000, "INR", None)
    assert after["doctor"]["id"] == str(doctor.doctor_id)
    assert after["doctor"]["name"] == "Dr Meera"
    assert after["service"]["id"] == str(doctor.service_id)
    assert after["patient"]["name"] == "Asha"
    assert after["reschedule_requested"] is False
    assert "refund" not in after
    assert [(one["from"], one["to"], one["by_role"]) for one in after["history"]] == [
        (None, "held", "patient"),
        ("held", "confirmed", "patient"),
    ]
    assert all(one["at"].endswith("+05:30") for one in after["history"])


async def test_each_role_lists_what_it_may_see(api: httpx.AsyncClient) -> None:
    doctor, other = await a_doctor(), await a_doctor("Dr Arjun")
    asha, vikram = await a_patient(), await a_patient("Vikram")
    mine = await a_visit(asha, await a_slot(doctor), doctor)
    his = await a_visit(vikram, await a_slot(doctor, at="12:00"), doctor)
    elsewhere = await a_visit(vikram, await a_slot(other), other)
    expected = [
        (asha, {mine}),
        (vikram, {his, elsewhere}),
        (doctor, {mine, his}),
        (other, {elsewhere}),
        (await a_receptionist(doctor.clinic_id), {mine, his}),
        (await an_admin(), {mine, his, elsewhere}),
    ]

    for person, visits in expected:
        answer = (await call(api, person, "GET", "/appointments")).json()
        assert {one["id"] for one in answer["items"]} == {str(visit.id) for visit in visits}, person
        assert (answer["page"], answer["page_size"], answer["total"]) == (1, 20, len(visits))


async def test_the_list_is_filtered_and_paged(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    first = await a_visit(asha, await a_slot(doctor), doctor)
    second = await a_visit(asha, await a_slot(doctor, days_ahead=2), doctor)
    gone = await a_visit(asha, await a_slot(doctor, days_ahead=3), doctor)
    await services.cancel(gone.id, reason="", by=acting(asha))

    async def ids(**query: object) -> list[str]:
        answer = await call(api, asha, "GET", "/appointments", **query)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    assert await ids() == [str(gone.id), str(second.id), str(first.id)]
    assert await ids(status="cancelled") == [str(gone.id)]
    assert await ids(status="cancelled,confirmed", page_size=2) == [str(gone.id), str(second.id)]
    assert await ids(page=2, page_size=2) == [str(first.id)]
    assert await ids(to=str(clinic_day(1))) == [str(first.id)]
    assert await ids(**{"from": str(clinic_day(3))}) == [str(gone.id)]
    assert await ids(doctor_id=doctor.doctor_id, page=9) == []


@pytest.mark.parametrize(
    "query", [{"status": "lost"}, {"from": "yesterday"}, {"page": 0}, {"page_size": 101}, {"doctor_id": "x"}]
)
async def test_filters_that_make_no_sense_are_422(api: httpx.AsyncClient, query: dict[str, object]) -> None:
    answer = await call(api, await a_patient(), "GET", "/appointments", **query)

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith(PROBLEM)
    assert answer.json()["errors"]


async def test_others_and_unknown_appointments_are_404_for_every_call(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor, at="16:00")
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    stranger, other_doctor = await a_patient("Vikram"), await a_doctor("Dr Arjun")
    other_reception = await a_receptionist(other_doctor.clinic_id)

    for wanted in (visit.id, uuid4()):
        for person, method, act, body in (
            (stranger, "GET", "", None),
            (stranger, "DELETE", "/cancel", {}),
            (stranger, "POST", "/reschedule-request", {}),
            (other_doctor, "GET", "", None),
            (other_doctor, "PATCH", "/reschedule", {"slot_id": str(slot)}),
            (other_doctor, "PATCH", "/complete", None),
            (other_doctor, "PATCH", "/no-show", None),
            (other_doctor, "PATCH", "/approve", {}),
            (other_reception, "PATCH", "/decline", {}),
            (other_reception, "DELETE", "/cancel", None),
        ):
            answer = await call(api, person, method, f"/appointments/{wanted}{act}", body)
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found"), act
    assert (await queries.get_appointment(visit.id)).status == "confirmed"


async def test_patients_may_not_do_what_the_clinic_does_and_strangers_nothing(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    slot = await a_slot(doctor, at="16:00")
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    body = {"slot_id": str(slot)}

    for act in ("reschedule", "complete", "no-show", "approve", "decline"):
        answer = await call(api, asha, "PATCH", f"/appointments/{visit.id}/{act}", body)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed"), act
        without = await api.patch(f"/api/appointments/{visit.id}/{act}", json=body)
        assert without.status_code == 401
    asked = await call(api, doctor, "POST", f"/appointments/{visit.id}/reschedule-request", {})
    assert asked.status_code == 403
    for method, path in (("GET", ""), ("GET", f"/{visit.id}"), ("DELETE", f"/{visit.id}/cancel")):
        assert (await api.request(method, f"/api/appointments{path}")).status_code == 401


@pytest.mark.parametrize("who", ["doctor", "reception", "admin"])
async def test_the_clinic_reschedules(api: httpx.AsyncClient, who: str) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    sunita = await a_receptionist(doctor.clinic_id)
    person = {"doctor": doctor, "reception": sunita, "admin": await an_admin()}[who]
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    other = await a_slot(doctor, days_ahead=2)

    answer = await call(
        api,
        person,
        "PATCH",
        f"/appointments/{visit.id}/reschedule",
        {"slot_id": str(other), "note": "Away"},
    )

    assert answer.status_code == 200
    assert answer.json()["starts_at"] == f"{clinic_day(2)}T10:00:00+05:30"
    last = answer.json()["history"][-1]
    assert (last["from"], last["to"], last["by_role"], last["note"]) == (
        "confirmed",
        "confirmed",
        who,
        "Away",
    )


async def test_a_taken_time_is_409_with_three_others(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    taken = await a_slot(doctor, at="12:00")
    free = [await a_slot(doctor, at=at) for at in ("11:30", "12:30", "13:00", "18:00")]
    await hold_for(await a_patient("Vikram"), taken, doctor)

    answer = await call(api, doctor, "PATCH", f"/appointments/{visit.id}/reschedule", {"slot_id": str(taken)})

    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (409, "/problems/slot-taken")
    assert [slot["id"] for slot in problem["free"]] == [str(slot) for slot in free[:3]]
    assert problem["free"][0]["starts_at"] == f"{clinic_day()}T11:30:00+05:30"


@pytest.mark.parametrize("body", [{}, {"slot_id": "x"}, {"slot_id": None}, [], {"slot_id": 1, "note": 2}])
async def test_a_body_that_says_no_slot_is_422(api: httpx.AsyncClient, body: object) -> None:
    doctor = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(doctor), doctor)

    answer = await call(api, doctor, "PATCH", f"/appointments/{visit.id}/reschedule", body)

    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_text_that_cannot_be_kept_is_422_at_its_field(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    for reason in ("a" * 501, "a\x00b"):
        answer = await call(api, asha, "DELETE", f"/appointments/{visit.id}/cancel", {"reason": reason})
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["reason"]


async def test_a_patient_asks_for_another_time_once(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    path = f"/appointments/{visit.id}/reschedule-request"

    asked = await call(api, asha, "POST", path, {"note": "Exam", "wish": "afternoons"})
    again = await call(api, asha, "POST", path)

    assert asked.status_code == 202
    assert asked.json()["reschedule_requested"] is True
    assert (again.status_code, again.json()["type"]) == (409, "/problems/request-open")


@pytest.mark.parametrize("who", ["patient", "doctor", "reception", "admin"])
async def test_cancelling_answers_200_and_twice_409(api: httpx.AsyncClient, who: str) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    sunita = await a_receptionist(doctor.clinic_id)
    people = {"patient": asha, "doctor": doctor, "reception": sunita, "admin": await an_admin()}
    visit = await a_visit(asha, await a_slot(doctor), doctor)
    path = f"/appointments/{visit.id}/cancel"

    done = await call(api, people[who], "DELETE", path)
    again = await call(api, people[who], "DELETE", path, {"reason": "once more"})

    assert done.status_code == 200
    assert done.json()["appointment"]["status"] == "cancelled"
    assert done.json()["appointment"]["history"][-1]["by_role"] == who
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-cancelled")


async def test_a_refund_to_a_wallet_is_not_offered_yet(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    answer = await call(api, asha, "DELETE", f"/appointments/{visit.id}/cancel", {"refund_to": "wallet"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "refund_to"
    assert (await queries.get_appointment(visit.id)).status == "confirmed"


async def test_the_doctor_approves_and_declines_and_an_admin_does_not(api: httpx.AsyncClient) -> None:
    doctor = await a_doctor(approves_visits=True)
    first = await a_visit(await a_patient(), await a_slot(doctor, days_ahead=3), doctor)
    second = await a_visit(await a_patient(), await a_slot(doctor, days_ahead=4), doctor)

    forbidden = await call(api, await an_admin(), "PATCH", f"/appointments/{first.id}/approve")
    approved = await call(api, doctor, "PATCH", f"/appointments/{first.id}/approve")
    declined = await call(api, doctor, "PATCH", f"/appointments/{second.id}/decline", {"note": "On leave"})
    again = await call(api, doctor, "PATCH", f"/appointments/{second.id}/approve")

    assert forbidden.status_code == 403
    assert (approved.json()["status"], approved.json()["token_number"]) == ("confirmed", 1)
    assert (declined.json()["status"], declined.json()["history"][-1]["note"]) == ("cancelled", "On leave")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-possible")


async def test_a_visit_is_completed_early_but_never_missed_early(api: httpx.AsyncClient) -> None:
    doctor = await a_doctor()
    seen = await a_visit(await a_patient(), await a_slot(doctor), doctor)
    missed = await a_visit(await a_patient(), await a_slot(doctor, at="12:00"), doctor)

    early = await call(api, doctor, "PATCH", f"/appointments/{missed.id}/no-show")
    done = await call(api, doctor, "PATCH", f"/appointments/{seen.id}/complete")
    async with all_clocks_later(days=2):
        twice = await call(api, doctor, "PATCH", f"/appointments/{seen.id}/complete")
        absent = await call(api, doctor, "PATCH", f"/appointments/{missed.id}/no-show")

    assert (early.status_code, early.json()["type"]) == (409, "/problems/too-early")
    assert (done.json()["status"], twice.status_code, absent.json()["status"]) == (
        "completed",
        409,
        "no_show",
    )


async def test_a_cookie_alone_opens_nothing(api: httpx.AsyncClient) -> None:
    asha = await a_patient()

    answer = await api.get("/api/appointments", headers={"Cookie": f"access={await token_of(asha)}"})

    assert answer.status_code == 401
