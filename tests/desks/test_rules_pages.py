"""A doctor decides how soon, how far ahead and how many of the times can be booked online."""

import pytest

from app.db.engine import execute, fetch_value
from app.directory.queries import policies_of, practice_of_user
from app.events import names
from app.events.queries import events_of
from tests.browser import Browser
from tests.factories import (
    CastDoctor,
    a_doctor,
    a_patient,
    a_receptionist,
    an_admin,
    clinic_day,
    run_jobs,
)

PAGE = "/doctor/rules"


def _typed(**fields: object) -> dict[str, object]:
    return {"lead_minutes": "", "calendar_days": "", "walk_in_percent": "", **fields}


async def test_what_is_left_empty_is_as_the_clinic_has_it(browser: Browser) -> None:
    meera = await a_doctor()
    await execute("UPDATE clinics SET calendar_days = 45, lead_minutes = 120, walk_in_percent = 20")
    await browser.signed_in(meera)

    page = await browser.get(PAGE)

    assert "as the clinic, 45" in page.one("#calendar_days-hint").text
    assert "as the clinic, 20" in page.one("#walk_in_percent-hint").text
    assert page.one("#lead_minutes option[selected]").text == "as the clinic: 2 hours"
    assert page.one("#calendar_days")["value"] == ""
    assert (await browser.post(PAGE, _typed())).status_code == 303
    assert (await policies_of(meera.practice_id)).calendar_days is None


async def test_own_rules_are_kept_and_shown(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.post(PAGE, _typed(lead_minutes=240, calendar_days="30", walk_in_percent="0"))

    page = await browser.follow(answer)
    assert "The booking rules are saved." in page.text
    assert page.one("#lead_minutes option[selected]").text == "4 hours"
    assert page.one("#calendar_days")["value"] == "30"
    assert page.one("#walk_in_percent")["value"] == "0"
    practice = await practice_of_user(meera.id)
    assert (practice.lead_minutes, practice.calendar_days, practice.walk_in_percent) == (240, 30, 0)


async def test_a_lead_time_set_elsewhere_stands_among_the_choices(browser: Browser) -> None:
    meera = await a_doctor()
    await execute("UPDATE practices SET lead_minutes = 90")
    await browser.signed_in(meera)

    page = await browser.get(PAGE)

    assert page.one("#lead_minutes option[selected]").text == "90 minutes"
    await browser.post(PAGE, _typed(lead_minutes=90, walk_in_percent=10))
    assert (await practice_of_user(meera.id)).lead_minutes == 90


async def test_the_times_follow_the_rules_at_once(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())
    await browser.post("/doctor/week", {**_mondays(), "version": 0, "act": "save"})
    kept = "SELECT count(*) FILTER (WHERE is_kept)::float / count(*) FROM slots WHERE withdrawn_at IS NULL"
    last = "SELECT max(on_date) - current_date FROM slots WHERE withdrawn_at IS NULL"
    assert await fetch_value(kept) == 0
    assert await fetch_value(last) <= 61

    await browser.post(PAGE, _typed(walk_in_percent=50, calendar_days=200))

    assert await fetch_value(kept) == 0.5
    assert await fetch_value(last) >= 192


async def test_followers_hear_of_the_days_that_a_longer_window_opens_and_of_none_twice(
    browser: Browser,
) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    await browser.post("/doctor/week", {**_mondays(), "version": 0, "act": "save"})
    before = await _days_told(meera)

    await browser.post(PAGE, _typed(calendar_days=90))
    opened = (await _days_told(meera))[len(before) :]
    await browser.post(PAGE, _typed(calendar_days=90, walk_in_percent=10))
    await run_jobs()

    beyond = [clinic_day(number) for number in range(61, 91)]
    assert opened == [day.isoformat() for day in beyond if day.weekday() == 0]
    assert (await _days_told(meera))[len(before) :] == opened


def _mondays() -> dict[str, object]:
    row = {"weekday": 0, "starts": "09:00", "ends": "11:00", "slot_minutes": 30}
    return {f"sessions-0-{name}": value for name, value in row.items()}


async def _days_told(doctor: CastDoctor) -> list[str]:
    told = [event for event in await events_of(doctor.practice_id) if event.name == names.DAYS_OPENED]
    return [day for event in told for day in event.facts["days"]]


@pytest.mark.parametrize(
    ("fields", "at", "words"),
    [
        ({"lead_minutes": "7"}, "lead_minutes", "choose one from the list"),
        ({"lead_minutes": "x"}, "lead_minutes", "choose one from the list"),
        ({"calendar_days": "0"}, "calendar_days", "366"),
        ({"calendar_days": "367"}, "calendar_days", "366"),
        ({"calendar_days": "9" * 400}, "calendar_days", "366"),
        ({"calendar_days": "many"}, "calendar_days", "whole number"),
        ({"walk_in_percent": "91"}, "walk_in_percent", "90"),
        ({"walk_in_percent": "-1"}, "walk_in_percent", "90"),
        ({"walk_in_percent": "12.5"}, "walk_in_percent", "whole number"),
    ],
)
async def test_bad_input_stands_at_its_field_and_changes_nothing(
    browser: Browser, fields: dict[str, object], at: str, words: str
) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.post(PAGE, _typed(**fields))

    assert answer.status_code == 422
    assert words in answer.error_of(at)
    assert answer.one(f'.summary a[href="#{at}"]')
    if at != "lead_minutes":
        assert answer.one(f"#{at}")["value"] == fields[at]
    assert (await practice_of_user(meera.id)).calendar_days == 60


async def test_a_form_with_nothing_in_it_is_refused(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())

    assert (await browser.post(PAGE, {})).status_code == 422


async def test_before_approval_the_page_says_what_happens_next(browser: Browser) -> None:
    await browser.signed_in(await a_doctor(approved=False))

    answer = await browser.get(PAGE)

    assert "Your practice is not open yet" in answer.text
    assert answer.html.select("main form") == []
    assert (await browser.post(PAGE, _typed())).status_code == 404


async def test_only_doctors_come_here(browser: Browser) -> None:
    meera = await a_doctor()
    assert (await browser.get(PAGE)).location.startswith("/login")
    for person in (await a_patient(), await a_receptionist(meera.clinic_id), await an_admin()):
        await browser.signed_in(person)
        assert (await browser.get(PAGE)).status_code == 403
        assert (await browser.post(PAGE, _typed())).status_code == 403
