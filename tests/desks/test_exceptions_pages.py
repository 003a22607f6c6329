"""A doctor writes down leave, holidays and extra days, and takes them back."""

from datetime import date, datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from app.db.engine import execute, fetch, fetch_value
from tests.booking.visits import a_visit, all_clocks_later
from tests.browser import Answer, Browser
from tests.factories import (
    KOLKATA,
    CastDoctor,
    a_doctor,
    a_patient,
    a_receptionist,
    a_slot,
    an_admin,
    clinic_day,
)

PAGE = "/doctor/exceptions"


async def _working(browser: Browser, *, zone: str = "Asia/Kolkata") -> CastDoctor:
    """A signed-in doctor who works from nine to eleven every day, with four times a day."""
    meera = await a_doctor(zone=zone)
    await browser.signed_in(meera)
    week: dict[str, object] = {"version": 0, "act": "save"}
    for day in range(7):
        row = {"weekday": day, "starts": "09:00", "ends": "11:00", "slot_minutes": 30}
        week |= {f"sessions-{day}-{name}": value for name, value in row.items()}
    assert (await browser.post("/doctor/week", week)).status_code == 303
    return meera


async def _on(on: date, zone: str = "Asia/Kolkata") -> list[str]:
    """What is offered on a day, by the clinic's clock."""
    rows = await fetch(
        "SELECT starts_at FROM slots WHERE on_date = $1 AND withdrawn_at IS NULL ORDER BY starts_at", on
    )
    return [f"{row['starts_at'].astimezone(ZoneInfo(zone)):%H:%M}" for row in rows]


def _coming(page: Answer) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.html.select("table")[0].select("tbody tr")]


async def test_leave_closes_its_days_and_is_listed(browser: Browser) -> None:
    await _working(browser)
    first, last = clinic_day(3), clinic_day(5)

    answer = await browser.post(
        PAGE, {"kind": "leave", "first_on": first, "last_on": last, "title": "Wedding"}
    )

    assert answer.location == PAGE
    page = await browser.follow(answer)
    assert "Closed. Times taken away: 12." in page.one("#notice").text
    assert len(_coming(page)) == 1
    assert "Leave Wedding" in _coming(page)[0]
    assert await _on(first) == await _on(last) == []
    assert len(await _on(clinic_day(6))) == 4


async def test_leave_for_a_part_of_a_day_leaves_the_rest(browser: Browser) -> None:
    await _working(browser)

    answer = await browser.post(
        PAGE, {"kind": "leave", "first_on": clinic_day(3), "starts": "9:30", "ends": "10:30 am"}
    )

    assert "9:30 am – 10:30 am" in _coming(await browser.follow(answer))[0]
    assert await _on(clinic_day(3)) == ["09:00", "10:30"]


async def test_a_holiday_has_a_name(browser: Browser) -> None:
    await _working(browser)

    refused = await browser.post(PAGE, {"kind": "holiday", "first_on": clinic_day(3)})
    assert refused.status_code == 422
    assert "Give the holiday a name" in refused.error_of("title")

    answer = await browser.post(PAGE, {"kind": "holiday", "first_on": clinic_day(3), "title": "Diwali"})
    assert "Holiday Diwali" in _coming(await browser.follow(answer))[0]
    assert await _on(clinic_day(3)) == []


async def test_an_extra_day_offers_times_besides_those_of_the_week(browser: Browser) -> None:
    await _working(browser)
    extra = {"starts": "17:00", "ends": "18:00", "slot_minutes": 20, "gap_minutes": 5}

    answer = await browser.post(PAGE, {"kind": "extra", "first_on": clinic_day(3), **extra})

    assert "Extra day" in _coming(await browser.follow(answer))[0]
    assert await _on(clinic_day(3)) == ["09:00", "09:30", "10:00", "10:30", "17:00", "17:25"]


async def test_the_form_is_the_one_asked_for_with_the_day_written_in(browser: Browser) -> None:
    await _working(browser)
    day = clinic_day(4)

    for kind, fields in {
        "leave": {"first_on", "last_on", "starts", "ends", "title"},
        "holiday": {"first_on", "last_on", "title"},
        "extra": {"first_on", "starts", "ends", "slot_minutes", "gap_minutes"},
        "nothing": {"first_on", "last_on", "starts", "ends", "title"},
    }.items():
        page = await browser.get(PAGE, kind=kind, day=day)
        assert {one["id"] for one in page.html.select("#add input[id]")} == fields
        assert page.one("#first_on")["value"] == str(day)

    links = (await browser.get("/doctor/availability", day=day)).html.select("caption a")
    assert [one["href"] for one in links] == [f"{PAGE}?kind=leave&day={day}#add"]


@pytest.mark.parametrize(
    ("fields", "at", "words"),
    [
        ({"first_on": ""}, "first_on", "Choose a day."),
        ({"first_on": "soon"}, "first_on", "Choose a day of the calendar"),
        ({"first_on": clinic_day(-1)}, "first_on", "This day is over"),
        ({"first_on": "9999-12-31"}, "last_on", "too far ahead"),
        ({"last_on": clinic_day(2)}, "last_on", "cannot come before the first"),
        ({"last_on": "x"}, "last_on", "Choose a day of the calendar"),
        ({"last_on": clinic_day(500)}, "last_on", "days at most"),
        ({"starts": "nine"}, "starts", "Write a time of day"),
        ({"starts": "09:00"}, "ends", "Write both times"),
        ({"starts": "11:00", "ends": "10:00"}, "ends", "must end after it begins"),
        ({"starts": "9", "ends": "10", "last_on": clinic_day(4)}, "starts", "one day"),
        ({"title": "a" * 101}, "title", "at most 100"),
        ({"title": "a\x07b"}, "title", "readable"),
        ({"kind": "extra", "starts": "09:00", "ends": "10:00"}, "slot_minutes", "fill this in"),
        ({"kind": "extra", "slot_minutes": "30", "ends": "10:00"}, "starts", "fill this in"),
        ({"kind": "extra", "starts": "9", "ends": "10", "slot_minutes": "90"}, "slot_minutes", "longer than"),
        ({"kind": "extra", "starts": "9", "ends": "10", "slot_minutes": "x"}, "slot_minutes", "whole number"),
        ({"kind": "extra", "first_on": clinic_day(99), "starts": "9", "ends": "10", "slot_minutes": "30"},
         "first_on", "open for 60 days"),
    ],
)  # fmt: skip
async def test_bad_input_stands_at_its_field_and_changes_nothing(
    browser: Browser, fields: dict[str, object], at: str, words: str
) -> None:
    await _working(browser)

    answer = await browser.post(PAGE, {"kind": "leave", "first_on": clinic_day(3), **fields})

    assert answer.status_code == 422
    assert words in answer.error_of(at)
    assert answer.one(f'.summary a[href="#{at}"]')
    for name, value in fields.items():
        shown = answer.html.select(f"#add [name={name}]")[0]["value"]
        assert shown in (str(value), f"{value!s:0>2}:00")
    assert await fetch_value("SELECT count(*) FROM calendar_exceptions") == 0


async def test_what_the_calendar_refuses_beside_other_entries_stands_at_its_field(browser: Browser) -> None:
    await _working(browser)
    extra = {
        "kind": "extra",
        "first_on": clinic_day(3),
        "starts": "17:00",
        "ends": "18:00",
        "slot_minutes": 30,
    }
    assert (await browser.post(PAGE, extra)).status_code == 303

    overlapping = await browser.post(PAGE, {**extra, "ends": "19:00"})
    assert overlapping.status_code == 422
    assert "overlaps another extra day" in overlapping.error_of("starts")
    assert overlapping.one("#ends")["value"] == "19:00"

    await browser.post(PAGE, {"kind": "leave", "first_on": clinic_day(4)})
    on_leave = await browser.post(PAGE, {**extra, "first_on": clinic_day(4)})
    assert "You have leave then" in on_leave.error_of("first_on")


async def test_the_same_leave_twice_is_one(browser: Browser) -> None:
    await _working(browser)
    leave = {"kind": "leave", "first_on": clinic_day(3)}

    for _press in range(2):
        assert (await browser.post(PAGE, leave)).status_code == 303

    assert len(_coming(await browser.get(PAGE))) == 1


async def test_leave_is_taken_back_after_saying_what_comes_back(browser: Browser) -> None:
    meera = await _working(browser)
    await a_slot(meera, at="16:00", days_ahead=3)
    await browser.post(PAGE, {"kind": "leave", "first_on": clinic_day(3)})
    assert await _on(clinic_day(3)) == []
    link = (await browser.get(PAGE)).one("td.last a")["href"]

    asked = await browser.get(str(link))

    assert "4 times of your working week are offered again." in asked.text
    assert "added by hand on these days do not come back" in asked.text
    assert await _on(clinic_day(3)) == []

    answer = await browser.post(str(link))

    assert answer.location == PAGE
    assert "Nothing is written down" in (await browser.follow(answer)).text
    assert await _on(clinic_day(3)) == ["09:00", "09:30", "10:00", "10:30"]
    for press in (browser.get, browser.post):
        again = await press(str(link))
        assert again.location == PAGE
        assert "That was taken back already." in (await browser.follow(again)).one("#notice").text


@pytest.mark.parametrize("kind", ["leave", "holiday"])
async def test_the_form_says_that_times_added_by_hand_do_not_come_back(browser: Browser, kind: str) -> None:
    await _working(browser)
    assert (
        "Times you added by hand then are taken away" in (await browser.get(PAGE, kind=kind)).one("#add").text
    )


async def test_what_changes_nothing_says_why(browser: Browser) -> None:
    await _working(browser)
    extra = {"kind": "extra", "starts": "09:00", "ends": "11:00", "slot_minutes": 30}

    async def told(fields: dict[str, object]) -> str:
        return str((await browser.follow(await browser.post(PAGE, fields))).one("#notice").text)

    assert "These times were on offer already." in await told({**extra, "first_on": clinic_day(3)})
    assert "Times taken away: 4." in await told({"kind": "leave", "first_on": clinic_day(4)})
    assert "Closed. Nothing was on offer then." in await told(
        {"kind": "holiday", "first_on": clinic_day(4), "title": "Diwali"}
    )


async def test_times_added_by_hand_on_a_day_of_leave_are_offered_and_the_notice_says_so(
    browser: Browser,
) -> None:
    await _working(browser)
    await browser.post(PAGE, {"kind": "leave", "first_on": clinic_day(4)})
    await browser.post(PAGE, {"kind": "holiday", "first_on": clinic_day(5), "title": "Diwali"})
    empty = (await browser.get("/doctor/availability", day=clinic_day(4))).one(".empty").text
    assert "you are away then" in empty
    assert "Add some" not in empty

    for number, words in {
        3: "Times added: 1.",
        4: "You are on leave that day; patients can still book these times.",
        5: "That day is a holiday; patients can still book these times.",
    }.items():
        typed = {"date": clinic_day(number), "duration_minutes": 30, "time_slots": "16:00"}
        added = await browser.follow(await browser.post("/doctor/availability", typed))
        assert added.one("#notice").text.strip().endswith(words)
        assert "16:00" in await _on(clinic_day(number))


async def test_an_extra_day_is_taken_back_with_its_times(browser: Browser) -> None:
    await _working(browser)
    extra = {
        "kind": "extra",
        "first_on": clinic_day(3),
        "starts": "17:00",
        "ends": "18:00",
        "slot_minutes": 30,
    }
    await browser.post(PAGE, extra)
    link = str((await browser.get(PAGE)).one("td.last a")["href"])

    assert "2 times are no longer offered." in (await browser.get(link)).text
    await browser.post(link)

    assert await _on(clinic_day(3)) == ["09:00", "09:30", "10:00", "10:30"]


async def test_what_is_over_is_folded_away_and_stays_as_it_was(browser: Browser) -> None:
    await _working(browser)
    await browser.post(PAGE, {"kind": "leave", "first_on": clinic_day(1), "title": "Conference"})
    entry = await fetch_value("SELECT id FROM calendar_exceptions")

    async with all_clocks_later(days=3):
        page = await browser.get(PAGE)
        assert "Nothing is written down" in page.text
        assert "Leave: Conference" in " ".join(page.one("details").get_text(" ").split())
        assert (await browser.get(f"{PAGE}/{entry}/end")).status_code == 404


async def test_the_day_page_says_what_is_special_about_the_day(browser: Browser) -> None:
    meera = await _working(browser)
    await execute("UPDATE clinics SET walk_in_percent = 25")
    await browser.post("/doctor/rules", {"lead_minutes": "", "calendar_days": "", "walk_in_percent": ""})
    await a_slot(meera, at="16:00", days_ahead=3)
    await browser.post(PAGE, {"kind": "leave", "first_on": clinic_day(4), "title": "Conference"})

    day = await browser.get("/doctor/availability", day=clinic_day(3))
    assert [" ".join(row.select("td")[0].get_text(" ").split()) for row in day.html.select("tbody tr")] == [
        "Free",
        "Free",
        "Free",
        "Kept for walk-ins",
        "Free by hand",
    ]
    away = await browser.get("/doctor/availability", day=clinic_day(4))
    assert "Leave: Conference" in away.text


async def test_an_entry_of_somebody_else_is_not_found(browser: Browser) -> None:
    await _working(browser)
    await browser.post(PAGE, {"kind": "leave", "first_on": clinic_day(3)})
    entry = await fetch_value("SELECT id FROM calendar_exceptions")
    await browser.signed_in(await a_doctor("Dr Arjun"))

    for one in (entry, uuid4(), "x"):
        assert (await browser.get(f"{PAGE}/{one}/end")).status_code == 404
        assert (await browser.post(f"{PAGE}/{one}/end")).status_code == 404
    assert await fetch_value("SELECT ended_at FROM calendar_exceptions") is None


async def test_before_approval_the_page_says_what_happens_next(browser: Browser) -> None:
    await browser.signed_in(await a_doctor(approved=False))

    answer = await browser.get(PAGE)

    assert "Your practice is not open yet" in answer.text
    assert answer.html.select("main form") == []
    assert (await browser.post(PAGE, {"kind": "leave", "first_on": clinic_day(3)})).status_code == 404


async def test_only_doctors_come_here(browser: Browser) -> None:
    meera = await a_doctor()
    assert (await browser.get(PAGE)).location.startswith("/login")
    for person in (await a_patient(), await a_receptionist(meera.clinic_id), await an_admin()):
        await browser.signed_in(person)
        for path in (PAGE, f"{PAGE}/{uuid4()}/end"):
            assert (await browser.get(path)).status_code == 403
            assert (await browser.post(path)).status_code == 403


async def test_leave_in_a_zone_whose_clocks_change_closes_the_clinics_day(browser: Browser) -> None:
    zone = ZoneInfo("America/New_York")
    await _working(browser, zone=zone.key)
    on = clinic_day(3, zone)

    await browser.post(PAGE, {"kind": "leave", "first_on": on})

    assert await _on(on, zone.key) == []
    assert await _on(clinic_day(4, zone), zone.key) == ["09:00", "09:30", "10:00", "10:30"]


async def test_who_loses_a_visit_by_leave_or_by_an_extra_day_taken_back_is_asked_about(
    browser: Browser,
) -> None:
    meera = await _working(browser)
    extra = {
        "kind": "extra",
        "first_on": clinic_day(3),
        "starts": "17:00",
        "ends": "18:00",
        "slot_minutes": 30,
    }
    await browser.post(PAGE, extra)
    for at in ("10:00", "17:30"):
        moment = datetime.combine(clinic_day(3), time.fromisoformat(at), tzinfo=KOLKATA)
        slot = await fetch_value("SELECT id FROM slots WHERE starts_at = $1", moment)
        await a_visit(await a_patient(), slot, meera)
    link = str((await browser.get(PAGE)).one("td.last a")["href"])
    assert "1 booked visit would lose its time" in (await browser.get(link)).text

    taken_back = await browser.post(link)
    closed = await browser.post(PAGE, {"kind": "leave", "first_on": clinic_day(3), "title": "Fever"})

    assert "1 visit loses its time" in taken_back.text
    assert "2 visits lose their time" in closed.text
    kept = {one["name"]: one["value"] for one in closed.html.select("main form input[type=hidden]")}
    assert (kept["kind"], kept["first_on"], kept["title"]) == ("leave", str(clinic_day(3)), "Fever")
    assert len(await _on(clinic_day(3))) == 6
    assert await fetch_value("SELECT count(*) FROM calendar_exceptions WHERE ended_at IS NULL") == 1
