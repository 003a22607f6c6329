"""Reviews for programs."""

from uuid import uuid4

import httpx
import pytest

from app.reviews import services
from app.reviews.queries import find_review_of
from app.web.filters import iso
from tests.booking.visits import a_visit, acting, all_clocks_later
from tests.desks.test_appointments_api import PROBLEM, call
from tests.factories import a_doctor, a_patient, a_slot, an_admin
from tests.reviews.visits import a_review, a_seen_visit, kept_sum

ZONE = "Asia/Kolkata"


async def test_a_review_is_written_once_and_changed(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    visit = await a_seen_visit(asha, doctor)
    path = f"/appointments/{visit.id}/review"

    written = await call(api, asha, "POST", path, {"stars": 4, "text": " Kind. "})
    second = await call(api, asha, "POST", path, {"stars": 1})
    async with all_clocks_later(hours=1):
        changed = await call(api, asha, "PATCH", path, {"stars": 5})

    review = await find_review_of(visit.id)
    assert review
    assert written.status_code == 201
    assert written.json() == {
        "id": str(review.id),
        "stars": 4,
        "text": "Kind.",
        "author": "Asha R.",
        "at": iso(review.created_at, ZONE),
        "answer": None,
    }
    assert (second.status_code, second.json()["type"]) == (409, "/problems/already-reviewed")
    assert changed.status_code == 200
    assert (changed.json()["stars"], changed.json()["text"]) == (5, "Kind.")
    assert changed.json()["changed_at"] == iso(review.changed_at, ZONE) > changed.json()["at"]
    assert await kept_sum(doctor.doctor_id) == (5, 1)


async def test_a_text_can_be_taken_away_by_a_change(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_seen_visit(asha, doctor)
    await services.write(visit.id, stars=4, text="Kind.", by=acting(asha))

    answer = await call(api, asha, "PATCH", f"/appointments/{visit.id}/review", {"text": ""})

    assert (answer.json()["stars"], answer.json()["text"]) == (4, "")


async def test_a_visit_that_is_not_over_is_a_conflict(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    early = await call(api, asha, "POST", f"/appointments/{visit.id}/review", {"stars": 5})
    nothing = await call(api, asha, "PATCH", f"/appointments/{visit.id}/review", {"stars": 5})

    assert (early.status_code, early.json()["type"]) == (409, "/problems/not-completed")
    assert (nothing.status_code, nothing.json()["type"]) == (404, "/problems/no-such-review")


async def test_strangers_and_other_roles_review_nothing(api: httpx.AsyncClient) -> None:
    doctor, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    visit = await a_seen_visit(asha, doctor)
    path = f"/appointments/{visit.id}/review"

    for method in ("POST", "PATCH"):
        stranger = await call(api, vikram, method, path, {"stars": 1})
        of_the_clinic = await call(api, doctor, method, path, {"stars": 5})
        out = await api.request(method, f"/api{path}", json={"stars": 1})
        assert [stranger.status_code, of_the_clinic.status_code, out.status_code] == [404, 403, 401]
    assert await kept_sum(doctor.doctor_id) == (0, 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"stars": 0}, "stars"),
        ({"stars": 6}, "stars"),
        ({"stars": 4.5}, "stars"),
        ({"stars": "many"}, "stars"),
        ({"stars": True}, "stars"),
        ({"stars": None}, "stars"),
        ({"stars": 10**30}, "stars"),
        ({}, "stars"),
        ({"stars": 5, "text": "x" * 2001}, "text"),
        ({"stars": 5, "text": "a\x00b"}, "text"),
        ({"stars": 5, "text": None}, "text"),
    ],
)
async def test_what_cannot_be_kept_is_refused_at_its_field(
    api: httpx.AsyncClient, body: object, field: str
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    visit = await a_seen_visit(asha, doctor)

    answer = await call(api, asha, "POST", f"/appointments/{visit.id}/review", body)

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith(PROBLEM)
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await find_review_of(visit.id) is None


async def test_everybody_reads_a_doctors_reviews_page_by_page(api: httpx.AsyncClient) -> None:
    doctor, asha = await a_doctor(), await a_patient("Asha Rao")
    reviews = [
        await a_review(asha, doctor, stars=stars, number=number) for number, stars in enumerate((5, 4, 4))
    ]
    answered = await services.answer(reviews[2].id, text="Thank you.", by=acting(doctor))

    first = (await api.get(f"/api/doctors/{doctor.doctor_id}/reviews", params={"page_size": 2})).json()
    second = (
        await api.get(f"/api/doctors/{doctor.doctor_id}/reviews", params={"page_size": 2, "page": 2})
    ).json()

    assert (first["page"], first["page_size"], first["total"], first["rating"]) == (1, 2, 3, 4.3)
    assert [one["id"] for one in first["items"] + second["items"]] == [str(one.id) for one in reviews[::-1]]
    assert answered.answered_at
    assert first["items"][0]["answer"] == "Thank you."
    assert first["items"][0]["answered_at"] == iso(answered.answered_at, ZONE)
    assert "Rao" not in str(first)


async def test_hidden_reviews_and_hidden_doctors_are_not_listed(api: httpx.AsyncClient) -> None:
    doctor, hidden = await a_doctor(), await a_doctor(approved=False)
    review = await a_review(await a_patient(), doctor)
    await services.report(review.id, why="Abuse.", by=acting(doctor))
    await services.decide(review.id, "hidden", by=acting(await an_admin()))

    answer = await api.get(f"/api/doctors/{doctor.doctor_id}/reviews")

    assert answer.json() == {"items": [], "page": 1, "page_size": 20, "total": 0, "rating": None}
    for nobody in (hidden.doctor_id, uuid4()):
        assert (await api.get(f"/api/doctors/{nobody}/reviews")).status_code == 404
