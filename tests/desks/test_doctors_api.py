"""Doctors, their services and their times for other programs."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from app.db.engine import execute
from tests.booking.visits import hold_for
from tests.factories import (
    NOBODY,
    a_doctor,
    a_patient,
    a_service,
    a_slot,
    bearer,
    clinic_day,
)


async def test_programs_read_doctors_services_and_free_times(api: httpx.AsyncClient) -> None:
    meera, asha = await a_doctor(), await a_patient()
    free, held = await a_slot(meera, at="10:00"), await a_slot(meera, at="10:30")
    await hold_for(asha, held, meera)

    listed = (await api.get("/api/doctors", params={"page_size": 1})).json()
    one = (await api.get(f"/api/doctors/{meera.doctor_id}")).json()
    services = (await api.get(f"/api/doctors/{meera.doctor_id}/services")).json()["services"]
    day = {"doctor_id": str(meera.doctor_id), "date": str(clinic_day())}
    slots = (await api.get("/api/availability", params=day)).json()["slots"]

    assert listed == {"items": [one], "page": 1, "page_size": 1, "total": 1}
    assert one["id"] == str(meera.doctor_id)
    assert (one["fee"], one["currency"], one["rating"], one["reviews_count"]) == (50_000, "INR", None, 0)
    assert one["services"] == services
    assert services[0]["id"] == str(meera.service_id)
    assert slots == [
        {
            "id": str(free),
            "starts_at": f"{clinic_day()}T10:00:00+05:30",
            "ends_at": f"{clinic_day()}T10:30:00+05:30",
            "state": "free",
        }
    ]
    assert one["next_free_at"] == slots[0]["starts_at"]


async def test_programs_ask_for_the_times_of_a_service(api: httpx.AsyncClient) -> None:
    meera = await a_doctor()
    long = await a_service(meera.practice_id, minutes=60, position=1)
    first = await a_slot(meera, at="10:00")
    await a_slot(meera, at="10:30")
    day = {"doctor_id": str(meera.doctor_id), "date": str(clinic_day())}

    slots = (await api.get("/api/availability", params={**day, "service_id": str(long)})).json()["slots"]
    unknown = await api.get("/api/availability", params={**day, "service_id": str(uuid4())})

    assert [slot["id"] for slot in slots] == [str(first)]
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/doctors?page=0", 422),
        ("/api/doctors?page=x", 422),
        ("/api/doctors?page=" + "9" * 30, 422),
        ("/api/doctors?page_size=101", 422),
        ("/api/doctors?specialization=magic", 422),
        ("/api/doctors?specialization=General%20medicine", 200),
        ("/api/doctors?city=", 200),
        ("/api/doctors?city=%00", 200),
        ("/api/doctors/1", 404),
        (f"/api/doctors/{NOBODY}", 404),
        (f"/api/doctors/{NOBODY}/services", 404),
        ("/api/availability", 422),
        ("/api/availability?doctor_id=1&date=2026-12-01", 422),
        (f"/api/availability?doctor_id={NOBODY}&date=tomorrow", 422),
        (f"/api/availability?doctor_id={NOBODY}&date=2026-12-01", 404),
    ],
)
async def test_programs_are_answered_in_problems(api: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await api.get(path)

    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["type"].startswith("/problems/")


async def test_the_extreme_dates_of_a_calendar_are_empty(api: httpx.AsyncClient) -> None:
    meera = await a_doctor()

    for day in ("0001-01-01", "9999-12-31", str(clinic_day() - timedelta(days=400))):
        answer = await api.get("/api/availability", params={"doctor_id": str(meera.doctor_id), "date": day})
        assert (answer.status_code, answer.json()) == (200, {"slots": []})


async def test_programs_find_doctors_by_everything_at_once(api: httpx.AsyncClient) -> None:
    meera = await a_doctor("Dr Meera Kulkarni", speciality="cardiology", languages=["Hindi"])
    other = await a_doctor("Dr Arjun Rao", speciality="cardiology", languages=["Hindi"], fee_paise=90_000)
    for doctor in (meera, other):
        await a_slot(doctor)
    asked = {
        "q": "हृदय",
        "specialization": "cardiology",
        "city": "PUNE",
        "language": "hindi",
        "max_fee": "50000",
        "date": str(clinic_day()),
        "sort": "soonest",
    }

    found = (await api.get("/api/doctors", params=asked)).json()
    dearer = (await api.get("/api/doctors", params={**asked, "max_fee": "90000", "sort": "fee"})).json()

    assert [one["id"] for one in found["items"]] == [str(meera.doctor_id)]
    assert [one["fee"] for one in dearer["items"]] == [50_000, 90_000]
    assert found["items"][0]["next_free_at"] == f"{clinic_day()}T10:00:00+05:30"


async def test_programs_read_ratings_and_followers(api: httpx.AsyncClient) -> None:
    meera = await a_doctor()
    await execute(
        "UPDATE doctors SET followers_count = 7, reviews_count = 3, stars_total = 13 WHERE id = $1",
        meera.doctor_id,
    )

    one = (await api.get(f"/api/doctors/{meera.doctor_id}")).json()

    assert (one["rating"], one["reviews_count"], one["followers_count"]) == (4.3, 3, 7)
    assert (await api.get("/api/doctors")).json()["items"] == [one]


async def test_the_next_free_time_fits_the_first_service(api: httpx.AsyncClient) -> None:
    meera = await a_doctor(minutes=60)
    await a_slot(meera, at="09:00")
    for at in ("11:00", "11:30"):
        await a_slot(meera, at=at)

    one = (await api.get(f"/api/doctors/{meera.doctor_id}")).json()

    assert one["next_free_at"] == f"{clinic_day()}T11:00:00+05:30"
    assert (await api.get("/api/doctors")).json()["items"] == [one]


async def test_a_patient_follows_and_unfollows_a_doctor_each_once(api: httpx.AsyncClient) -> None:
    meera, asha = await a_doctor(), await a_patient()
    await bearer(api, asha)
    path = f"/api/doctors/{meera.doctor_id}"

    answers = [await api.put(f"{path}/follow") for _again in range(2)]
    followed = (await api.get(path)).json()["followers_count"]
    answers += [await api.delete(f"{path}/follow") for _again in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 4
    assert followed == 1
    assert (await api.get(path)).json()["followers_count"] == 0


async def test_following_is_for_patients_and_for_doctors_there_are(api: httpx.AsyncClient) -> None:
    meera, hidden = await a_doctor(), await a_doctor("Dr Hidden", approved=False)

    signed_out = [await api.request(how, f"/api/doctors/{NOBODY}/follow") for how in ("PUT", "DELETE")]
    await bearer(api, meera)
    a_doctors = await api.put(f"/api/doctors/{meera.doctor_id}/follow")
    await bearer(api, await a_patient())
    unknown = [await api.request(how, f"/api/doctors/{NOBODY}/follow") for how in ("PUT", "DELETE")]
    unseen = await api.put(f"/api/doctors/{hidden.doctor_id}/follow")

    assert [answer.status_code for answer in signed_out] == [401, 401]
    assert a_doctors.status_code == 403
    assert [answer.status_code for answer in (*unknown, unseen)] == [404, 404, 404]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sort=price", "sort"),
        ("sort=", "sort"),
        ("sort=popularity%00", "sort"),
        ("date=tomorrow", "date"),
        ("date=2026-02-30", "date"),
        ("date=", "date"),
        ("max_fee=-1", "max_fee"),
        ("max_fee=five", "max_fee"),
        ("max_fee=1.5", "max_fee"),
        ("max_fee=", "max_fee"),
        ("specialization=magic", "specialization"),
        ("specialization=%FF%00", "specialization"),
        ("page=0", "page"),
        ("page_size=0", "page_size"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_refused_at_its_field(
    api: httpx.AsyncClient, query: str, field: str
) -> None:
    answer = await api.get(f"/api/doctors?{query}")

    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


ANY_TEXT = [
    "'",
    '"',
    "\\",
    "%",
    "%%%",
    "'; DROP TABLE doctors; --",
    "meera:*",
    "!meera & | ( <->",
    "%00",
    "%00meera%00",
    "%ED%A0%80",
    "%FF%FE%80",
    "%E0%A4",
    "%",
    "%zz",
    "a" * 10_000,
    "a%20" * 2_500,
    "%E0%A4%A1%E0%A5%8D" * 400,
    "%F0%9F%98%80",
    "%E2%80%8D",
    "+",
    "dr",
    "_",
    "*",
]


@pytest.mark.parametrize("text", ANY_TEXT, ids=lambda text: text[:12])
async def test_any_text_is_answered(api: httpx.AsyncClient, text: str) -> None:
    await a_doctor()

    for name in ("q", "city", "language"):
        answer = await api.get(f"/api/doctors?{name}={text}")
        assert answer.status_code == 200, (name, answer.text)


@pytest.mark.parametrize("figure", ["0", "50000", "2147483648", "9" * 18])
async def test_any_fee_is_answered(api: httpx.AsyncClient, figure: str) -> None:
    await a_doctor(fee_paise=50_000)

    found = (await api.get("/api/doctors", params={"max_fee": figure})).json()

    assert found["total"] == (0 if figure == "0" else 1)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_at_the_end_of_all_days_finds_nobody(api: httpx.AsyncClient, day: str) -> None:
    await a_slot(await a_doctor())

    answer = await api.get("/api/doctors", params={"date": day})

    assert (answer.status_code, answer.json()["total"]) == (200, 0)
