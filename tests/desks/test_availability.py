"""A doctor offers and removes times, on the page and through the API."""

from uuid import uuid4

import httpx
import pytest

from app.db.engine import execute, fetch_value
from app.scheduling.queries import slots_on
from tests.booking.visits import hold_for
from tests.browser import Browser
from tests.factories import a_doctor, a_patient, a_receptionist, a_slot, an_admin, bearer, clinic_day

PAGE = "/doctor/availability"


def _typed(**fields: object) -> dict[str, object]:
    return {"date": clinic_day(), "duration_minutes": 30, "time_slots": "", **fields}


async def test_a_doctor_adds_several_times_and_sees_them(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.post(PAGE, _typed(time_slots="10:00, 10:30 4pm"))

    assert answer.location == f"{PAGE}?day={clinic_day()}"
    day = await browser.follow(answer)
    assert "Times added: 3." in day.text
    assert [" ".join(row.get_text().split()) for row in day.html.select("tbody th")] == [
        "10:00 am – 10:30 am",
        "10:30 am – 11:00 am",
        "4:00 pm – 4:30 pm",
    ]
    assert day.text.count("Free") == 3


async def test_a_time_that_was_typed_is_told_from_one_of_the_week(browser: Browser) -> None:
    meera = await a_doctor()
    await a_slot(meera, at="10:00")
    await a_slot(meera, at="11:00")
    await execute(
        "UPDATE slots SET origin = 'rule' WHERE id = (SELECT id FROM slots ORDER BY starts_at LIMIT 1)"
    )
    await browser.signed_in(meera)

    day = await browser.get(f"{PAGE}?day={clinic_day()}")

    rows = [" ".join(row.get_text().split()) for row in day.html.select("tbody tr")]
    assert ["by hand" in row for row in rows] == [False, True]


async def test_a_session_is_written_into_the_field_and_adds_nothing_yet(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.post(
        PAGE, _typed(start="09:00", end="11:00", every=45, time_slots="x", act="session")
    )

    assert answer.status_code == 200
    assert answer.one("#time_slots")["value"] == "09:00, 09:45, 10:30"
    assert await slots_on(meera.practice_id, clinic_day()) == []


async def test_a_session_alone_can_be_added_at_once(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.post(PAGE, _typed(start="09:00", end="11:00"))

    assert answer.status_code == 303
    assert len(await slots_on(meera.practice_id, clinic_day())) == 4


@pytest.mark.parametrize(
    ("fields", "at", "words"),
    [
        ({"time_slots": "10:00, 25:00"}, "time_slots", "“25:00” is not a time of day"),
        ({"time_slots": "10:00 <b>"}, "time_slots", "“<b>” is not a time of day"),
        ({"time_slots": "100% %(times)s"}, "time_slots", "is not a time of day"),
        ({"time_slots": ""}, "time_slots", "Write at least one time"),
        ({"time_slots": "10:00 10:15"}, "time_slots", "10:00, 10:15 overlap: each lasts 30 minutes"),
        ({"time_slots": "08:00 08:00"}, "time_slots", "08:00 is there twice"),
        ({"time_slots": "12:15"}, "time_slots", "12:15 overlaps 12:00 to 12:30"),
        ({"time_slots": "10:00", "date": clinic_day(-1)}, "date", "This day is over"),
        ({"time_slots": "10:00", "date": clinic_day(61)}, "date", "open for 60 days ahead"),
        ({"time_slots": "10:00", "date": "9999-12-31"}, "date", "open for 60 days ahead"),
        ({"time_slots": "10:00", "date": "tomorrow"}, "date", "Choose a day of the calendar"),
        ({"time_slots": "10:00", "date": ""}, "date", "Choose a day."),
        ({"time_slots": "10:00", "duration_minutes": "4"}, "duration_minutes", "from 5 to 480 minutes"),
        ({"time_slots": "10:00", "duration_minutes": "half"}, "duration_minutes", "whole number"),
        ({"time_slots": "10:00", "duration_minutes": "9" * 5000}, "duration_minutes", "whole number"),
        ({"time_slots": "10:00", "duration_minutes": ""}, "duration_minutes", "Say how many minutes"),
        ({"start": "09:00", "act": "session"}, "end", "Say from when to when"),
        ({"start": "11:00", "end": "09:00", "act": "session"}, "end", "must end after it begins"),
        ({"start": "09:00", "end": "09:10", "act": "session"}, "end", "too short"),
        ({"start": "09:00", "end": "11:00", "every": "10", "act": "session"}, "every", "cannot follow"),
        ({"start": "nine", "end": "11:00", "act": "session"}, "start", "Write a time of day"),
    ],
)
async def test_bad_input_stands_at_its_field_and_adds_nothing(
    browser: Browser, fields: dict[str, object], at: str, words: str
) -> None:
    meera = await a_doctor()
    await a_slot(meera, at="12:00")
    await browser.signed_in(meera)

    answer = await browser.post(PAGE, _typed(**fields))

    assert answer.status_code == 422
    assert words in answer.error_of(at)
    assert answer.one(f'.summary a[href="#{at}"]')
    for name, value in fields.items():
        if name != "act":
            assert answer.one(f"#{name}")["value"] == str(value)
    assert await fetch_value("SELECT count(*) FROM slots") == 1


async def test_a_form_with_nothing_in_it_is_refused_with_sentences(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.post(PAGE, {})

    assert answer.status_code == 422
    assert "Choose a day." in answer.text


async def test_a_time_that_has_passed_today_is_refused(browser: Browser) -> None:
    meera = await a_doctor(zone="Etc/GMT+12")
    await browser.signed_in(meera)
    today = await fetch_value("SELECT (now() AT TIME ZONE 'Etc/GMT+12')::date")

    answer = await browser.post(PAGE, _typed(date=today, time_slots="00:00"))

    assert answer.status_code == 422
    assert "00:00 has passed already" in answer.error_of("time_slots")


async def test_a_free_time_is_removed_once(browser: Browser) -> None:
    meera = await a_doctor()
    slot_id = await a_slot(meera)
    await browser.signed_in(meera)

    answer = await browser.post(f"{PAGE}/{slot_id}/remove")

    assert answer.location == f"{PAGE}?day={clinic_day()}"
    assert "The time was removed." in (await browser.follow(answer)).text
    assert (await browser.post(f"{PAGE}/{slot_id}/remove")).status_code == 404


async def test_a_held_time_stays_and_the_day_says_why(browser: Browser) -> None:
    meera, asha = await a_doctor(), await a_patient()
    slot_id = await a_slot(meera)
    await hold_for(asha, slot_id, meera)
    await browser.signed_in(meera)

    day = await browser.get(PAGE, day=clinic_day())
    assert "Held" in day.text
    assert day.html.select(f'form[action*="{slot_id}"]') == []

    answer = await browser.post(f"{PAGE}/{slot_id}/remove")

    assert answer.status_code == 409
    assert "Somebody holds or has booked this time" in answer.text
    assert "10:00 am – 10:30 am" in answer.text
    assert len(await slots_on(meera.practice_id, clinic_day())) == 1


async def test_another_doctors_time_is_not_found(browser: Browser) -> None:
    meera, arjun = await a_doctor(), await a_doctor("Dr Arjun")
    slot_id = await a_slot(meera)
    await browser.signed_in(arjun)

    for unknown in (slot_id, uuid4(), "x"):
        assert (await browser.post(f"{PAGE}/{unknown}/remove")).status_code == 404
    assert len(await slots_on(meera.practice_id, clinic_day())) == 1


async def test_before_approval_the_page_says_what_happens_next(browser: Browser) -> None:
    meera = await a_doctor(approved=False)
    await browser.signed_in(meera)

    answer = await browser.get(PAGE)

    assert answer.status_code == 200
    assert "Your practice is not open yet" in answer.text
    assert answer.html.select("main form") == []
    assert (await browser.post(PAGE, _typed(time_slots="10:00"))).status_code == 404


async def test_only_doctors_come_here(browser: Browser) -> None:
    meera = await a_doctor()
    assert (await browser.get(PAGE)).location.startswith("/login")
    for person in (await a_patient(), await a_receptionist(meera.clinic_id), await an_admin()):
        await browser.signed_in(person)
        assert (await browser.get(PAGE)).status_code == 403
        assert (await browser.post(PAGE, _typed(time_slots="10:00"))).status_code == 403


@pytest.mark.parametrize("day", ["x", "", "0001-01-01", "9999-12-31", "\x00"])
async def test_any_day_in_the_address_opens_the_editor(browser: Browser, day: str) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    assert (await browser.get(PAGE, day=day)).status_code == 200


async def test_the_part_brings_the_day_of_the_form_along(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.get(PAGE, day=clinic_day(2), part=True)

    assert "<html" not in answer.response.text
    field = answer.one('hx-partial[hx-target="#day-field"] input')
    assert field["value"] == str(clinic_day(2))


async def test_programs_add_and_remove_times(api: httpx.AsyncClient) -> None:
    meera = await a_doctor()
    await bearer(api, meera)
    day = str(clinic_day())

    added = await api.post("/api/availability/add", json={"date": day, "time_slots": ["10:30", "10:00"]})

    assert added.status_code == 201
    slots = added.json()["slots"]
    assert [(slot["starts_at"], slot["ends_at"], slot["state"]) for slot in slots] == [
        (f"{day}T10:00:00+05:30", f"{day}T10:30:00+05:30", "free"),
        (f"{day}T10:30:00+05:30", f"{day}T11:00:00+05:30", "free"),
    ]
    assert (await api.delete(f"/api/availability/{slots[0]['id']}")).status_code == 204
    assert (await api.delete(f"/api/availability/{slots[0]['id']}")).status_code == 404
    left = (
        await api.get("/api/availability", params={"doctor_id": str(meera.doctor_id), "date": day})
    ).json()
    assert left["slots"] == slots[1:]


async def test_programs_do_not_remove_a_held_time(api: httpx.AsyncClient) -> None:
    meera, asha = await a_doctor(), await a_patient()
    slot_id = await a_slot(meera)
    await hold_for(asha, slot_id, meera)
    await bearer(api, meera)

    answer = await api.delete(f"/api/availability/{slot_id}")

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/slot-in-use"
    await execute("UPDATE appointments SET hold_expires_at = now() - interval '1 second'")
    assert (await api.delete(f"/api/availability/{slot_id}")).status_code == 204


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_slots": []}, "time_slots"),
        ({"time_slots": ["10:00", "25:00"]}, "time_slots"),
        ({"time_slots": ["10:00", "10:15"]}, "time_slots"),
        ({"time_slots": ["12:15"]}, "time_slots"),
        ({"time_slots": "10:00"}, "time_slots"),
        ({"time_slots": [1000]}, "time_slots"),
        ({"time_slots": None}, "time_slots"),
        ({"date": "2020-01-01"}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"date": "soon"}, "date"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": "half"}, "duration_minutes"),
        ({"duration_minutes": 10**30}, "duration_minutes"),
    ],
)
async def test_programs_get_the_field_and_nothing_is_added(
    api: httpx.AsyncClient, change: dict[str, object], field: str
) -> None:
    meera = await a_doctor()
    await a_slot(meera, at="12:00")
    await bearer(api, meera)
    body = {"date": str(clinic_day()), "time_slots": ["10:00"], "duration_minutes": 30, **change}

    answer = await api.post("/api/availability/add", json=body)

    assert answer.status_code == 422, answer.text
    assert field in answer.json()["errors"][0]["field"], answer.text
    assert await fetch_value("SELECT count(*) FROM slots") == 1


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '{"date": "2026-12-01"}'])
async def test_a_body_that_cannot_be_read_is_a_problem(api: httpx.AsyncClient, body: str) -> None:
    await bearer(api, await a_doctor())

    answer = await api.post(
        "/api/availability/add", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


async def test_only_doctors_change_times_through_the_api(api: httpx.AsyncClient) -> None:
    meera = await a_doctor()
    slot_id, body = await a_slot(meera), {"date": str(clinic_day()), "time_slots": ["11:00"]}
    assert (await api.post("/api/availability/add", json=body)).status_code == 401
    assert (await api.delete(f"/api/availability/{slot_id}")).status_code == 401

    await bearer(api, await a_patient())
    assert (await api.post("/api/availability/add", json=body)).status_code == 403
    assert (await api.delete(f"/api/availability/{slot_id}")).status_code == 403

    await bearer(api, await a_doctor("Dr Arjun"))
    assert (await api.delete(f"/api/availability/{slot_id}")).status_code == 404
    await bearer(api, await a_doctor("Dr New", approved=False))
    assert (await api.post("/api/availability/add", json=body)).status_code == 404
