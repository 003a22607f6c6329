"""Whoever became staff keeps the visits booked as a patient, and acts on them as a patient does."""

import pytest

from app.db.engine import execute
from app.events import names
from app.events.queries import events_of
from tests.browser import Browser
from tests.checkout.stories import a_held_visit
from tests.factories import Cast, a_receptionist, an_admin

STAFF = ("doctor", "reception", "admin")


async def _became(person: Cast, role: str) -> Cast:
    await execute("UPDATE users SET role = $2 WHERE id = $1", person.id, role)
    return Cast(person.id, person.name, person.email, role)


@pytest.mark.parametrize("role", STAFF)
async def test_their_visits_stay_open_to_them(browser: Browser, role: str) -> None:
    story = await a_held_visit()
    await browser.signed_in(await _became(story.patient, role))

    assert story.code in (await browser.get("/visits")).html.decode()
    for path in (f"/checkout/{story.code}", f"/visits/{story.code}"):
        assert (await browser.get(path)).status_code == 200, path
    assert (await browser.post(f"/checkout/{story.code}/extend")).status_code == 303
    assert (await browser.post(f"/checkout/{story.code}/release")).location == "/visits"


@pytest.mark.parametrize("role", STAFF)
async def test_what_they_do_with_them_they_do_as_the_patient(browser: Browser, role: str) -> None:
    story = await a_held_visit()
    await execute("UPDATE appointments SET status = 'confirmed', token_number = 1, token_on = on_date")
    await browser.signed_in(await _became(story.patient, role))

    for path in ("", "/another-time", "/calendar.ics", "/cancel"):
        assert (await browser.get(f"/visits/{story.code}{path}")).status_code == 200, path
    asked = await browser.post(f"/visits/{story.code}/another-time", {"wish": "Any evening"})
    done = await browser.post(f"/visits/{story.code}/cancel", {"reason": ""})

    assert asked.location == done.location == f"/visits/{story.code}"
    by = {event.name: event.by_role for event in await events_of(story.visit_id)}
    assert by[names.RESCHEDULE_REQUESTED] == by[names.APPOINTMENT_CANCELLED] == "patient"


async def test_being_staff_opens_nobody_elses_visit_there(browser: Browser) -> None:
    """What the clinic sees of a visit, it sees at its own pages, where each look is written down."""
    story = await a_held_visit()
    for person in (story.doctor, await a_receptionist(story.doctor.clinic_id), await an_admin()):
        await browser.signed_in(person)
        for path in (f"/visits/{story.code}", f"/visits/{story.code}/cancel", f"/checkout/{story.code}"):
            assert (await browser.get(path)).status_code == 404, path
        assert (await browser.post(f"/checkout/{story.code}/release")).status_code == 404


async def test_only_staff_with_visits_is_shown_the_way_to_them(browser: Browser) -> None:
    story = await a_held_visit()
    await browser.signed_in(await _became(story.patient, "doctor"))
    assert (await browser.get("/me")).html.select("dl a[href='/visits']")

    await browser.signed_in(story.doctor)
    assert not (await browser.get("/me")).html.select("dl a[href='/visits']")
