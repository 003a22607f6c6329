"""A doctor describes a working week: rows come and go, the times are shown, the week is saved."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.db.engine import execute, fetch, fetch_value
from app.scheduling.queries import week_of
from tests.booking.visits import a_visit
from tests.browser import Answer, Browser
from tests.factories import (
    KOLKATA,
    CastDoctor,
    a_doctor,
    a_patient,
    a_receptionist,
    an_admin,
    clinic_day,
)

PAGE = "/doctor/week"
MONDAY, TUESDAY, SATURDAY = 0, 1, 5

Row = dict[str, object]


def _row(weekday: int = MONDAY, starts: str = "09:00", ends: str = "11:00", **more: object) -> Row:
    usual: Row = {"slot_minutes": 30, "gap_minutes": "", "breaks": ""}
    return {"weekday": weekday, "starts": starts, "ends": ends, **usual, **more}


def _typed(*rows: Row, version: object = 0, act: str = "save") -> dict[str, object]:
    fields = {f"sessions-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    return {**fields, "version": version, "act": act}


def _again(page: Answer, act: str = "save") -> dict[str, object]:
    """What the form of a page sends when one of its buttons is pressed."""
    fields = {one["name"]: one.get("value", "") for one in page.html.select("#week input")}
    return {**fields, "act": act}


def _rows(page: Answer) -> list[tuple[str, str, str]]:
    """Weekday, beginning and end of each row on a page."""
    found = []
    for row in page.html.select("#week .session:not(.session-head)"):
        values = {
            str(one["name"]).rpartition("-")[2]: str(one.get("value", "")) for one in row.select("input")
        }
        found.append((values["weekday"], values["starts"], values["ends"]))
    return found


async def _saved(browser: Browser, *rows: Row) -> CastDoctor:
    """A signed-in doctor with these sessions."""
    meera = await a_doctor()
    await browser.signed_in(meera)
    answer = await browser.post(PAGE, _typed(*rows))
    assert answer.status_code == 303, answer.text
    return meera


async def _offered(doctor: CastDoctor, zone: str = "Asia/Kolkata") -> set[tuple[int, str]]:
    """The weekdays and times of what is offered, by the clinic's clock."""
    rows = await fetch(
        "SELECT starts_at FROM slots WHERE practice_id = $1 AND withdrawn_at IS NULL", doctor.practice_id
    )
    local = [row["starts_at"].astimezone(ZoneInfo(zone)) for row in rows]
    return {(at.weekday(), f"{at:%H:%M}") for at in local}


async def test_the_first_visit_of_the_page_has_a_row_to_begin_with(browser: Browser) -> None:
    meera = await a_doctor(minutes=20)
    await browser.signed_in(meera)

    page = await browser.get(PAGE)

    assert _rows(page) == [("0", "", "")]
    assert page.one("#sessions-0-slot_minutes")["value"] == "20"
    assert "Without a session nothing is offered" in page.text
    assert page.html.select(".summary, .wrong") == []


async def test_a_week_is_saved_and_its_times_are_offered(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)

    answer = await browser.post(PAGE, _typed(_row(breaks="9:30 - 10"), _row(SATURDAY, "5 pm", "6:30 pm")))

    assert answer.location == PAGE
    page = await browser.follow(answer)
    assert "Times added:" in page.one("#notice").text
    assert _rows(page) == [("0", "09:00", "11:00"), ("5", "17:00", "18:30")]
    assert page.one("#sessions-0-breaks")["value"] == "09:30-10:00"
    assert await _offered(meera) == {
        *((MONDAY, at) for at in ("09:00", "10:00", "10:30")),
        *((SATURDAY, at) for at in ("17:00", "17:30", "18:00")),
    }


async def test_rows_come_and_go_and_everything_typed_stays(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())

    added = await browser.post(PAGE, _typed(_row(ends="soon", breaks="lunch"), act="add-0"))

    assert added.status_code == 200
    assert _rows(added) == [("0", "09:00", "soon"), ("0", "", "")]
    assert added.one("#sessions-0-breaks")["value"] == "lunch"
    assert added.one("[autofocus]")["id"] == "sessions-1-starts"
    assert added.html.select(".wrong") == []

    more = await browser.post(PAGE, _again(added, "add-3"))
    assert [day for day, _starts, _ends in _rows(more)] == ["0", "0", "3"]

    fewer = await browser.post(PAGE, _again(more, "remove-0"))
    assert _rows(fewer) == [("0", "", ""), ("3", "", "")]
    assert fewer.one("[autofocus]")["id"] == "add-0"
    assert await fetch_value("SELECT count(*) FROM weekly_sessions") == 0


async def test_a_new_row_takes_its_lengths_from_the_one_before(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())

    added = await browser.post(PAGE, _typed(_row(slot_minutes=20, gap_minutes=5), act="add-2"))

    assert added.one("#sessions-1-slot_minutes")["value"] == "20"
    assert added.one("#sessions-1-gap_minutes")["value"] == "5"


@pytest.mark.parametrize(("act", "last"), [("copy-0-4", 4), ("copy-0-5", 5)])
async def test_monday_is_copied_over_the_other_days(browser: Browser, act: str, last: int) -> None:
    await browser.signed_in(await a_doctor())
    rows = (
        _row(),
        _row(starts="14:00", ends="17:00"),
        _row(TUESDAY, "06:00", "07:00"),
        _row(6, "10:00", "12:00"),
    )

    copied = await browser.post(PAGE, _typed(*rows, act=act))

    days = [(str(day), starts) for day in range(last + 1) for starts in ("09:00", "14:00")]
    assert [(day, starts) for day, starts, _ends in _rows(copied)] == [*days, ("6", "10:00")]


async def test_an_empty_monday_is_not_copied(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())

    answer = await browser.post(PAGE, _typed(_row(starts="", ends=""), _row(TUESDAY), act="copy-0-4"))

    assert _rows(answer) == [("0", "", ""), ("1", "09:00", "11:00")]


async def test_the_preview_shows_each_weekday_and_saves_nothing(browser: Browser) -> None:
    meera = await a_doctor()
    await execute("UPDATE clinics SET walk_in_percent = 50")
    await browser.signed_in(meera)

    answer = await browser.post(
        PAGE, _typed(_row(), _row(TUESDAY), _row(SATURDAY, "10:00", "11:00"), act="preview")
    )

    preview = answer.one("#preview")
    assert "10 times a week, 5 of them kept for walk-ins" in answer.text
    assert [" ".join(one.get_text().split()) for one in preview.select("h3")] == [
        "Monday – Tuesday 4 times each",
        "Saturday 2 times",
    ]
    assert [" ".join(one.get_text().split()) for one in preview.select(".times")[1].select(".time")] == [
        "10:00 am",
        "10:30 am kept for walk-ins",
    ]
    assert re.search(r"Saving adds 8\d times to the open calendar", answer.text)
    assert await fetch_value("SELECT count(*) FROM slots") == 0
    assert await fetch_value("SELECT count(*) FROM weekly_sessions") == 0


async def test_the_preview_knows_the_leave_of_the_coming_days(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    on = clinic_day(3)
    answer = await browser.post(
        "/doctor/exceptions", {"kind": "leave", "first_on": on, "title": "Wedding in Nagpur"}
    )
    assert answer.status_code == 303

    every_day = [_row(day) for day in range(7)]
    page = await browser.post(PAGE, _typed(*every_day, version=1, act="look"), part=True)

    assert "<html" not in page.response.text
    rows = [" ".join(row.get_text(" ").split()) for row in page.html.select("tbody tr")]
    assert rows[3].endswith("none Wedding in Nagpur")
    assert rows[4].endswith("4 times")


async def test_while_typing_the_preview_says_what_is_not_right_yet(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())

    answer = await browser.post(PAGE, _typed(_row(ends="08:00"), act="look"), part=True)

    assert answer.status_code == 422
    assert "The session must end after it begins." in answer.text
    assert answer.html.select("form") == []


@pytest.mark.parametrize(
    ("row", "at", "words"),
    [
        ({"ends": "08:00"}, "ends", "must end after it begins"),
        ({"ends": "09:00"}, "ends", "must end after it begins"),
        ({"ends": "00:00"}, "ends", "A day ends at 23:59 here"),
        ({"ends": "24:00"}, "ends", "from 00:00 to 23:59"),
        ({"ends": ""}, "ends", "Say when the session ends"),
        ({"starts": ""}, "starts", "Say when the session begins"),
        ({"starts": "nine"}, "starts", "Write a time of day"),
        ({"starts": "25:00"}, "starts", "Write a time of day"),
        ({"slot_minutes": ""}, "slot_minutes", "Say how many minutes"),
        ({"slot_minutes": "half"}, "slot_minutes", "whole number of minutes"),
        ({"slot_minutes": "4"}, "slot_minutes", "from 5 to 480"),
        ({"slot_minutes": "9" * 400}, "slot_minutes", "from 5 to 480"),
        ({"slot_minutes": "121"}, "slot_minutes", "longer than the session"),
        ({"gap_minutes": "-1"}, "gap_minutes", "from 0 to 240"),
        ({"gap_minutes": "x"}, "gap_minutes", "whole number of minutes"),
        ({"breaks": "lunch"}, "breaks", "“lunch” is not a break"),
        ({"breaks": "10:00"}, "breaks", "“10:00” is not a break"),
        ({"breaks": "100% %(part)s"}, "breaks", "is not a break"),
        ({"breaks": "<b>" * 9000}, "breaks", "is not a break"),
        ({"breaks": "10:30-10:00"}, "breaks", "A break must end"),
        ({"breaks": "12:00-12:30"}, "breaks", "inside its session"),
        ({"breaks": "9-10, 9:30-10:30"}, "breaks", "overlap"),
        ({"breaks": "9-11"}, "slot_minutes", "fits between the breaks"),
    ],
)
async def test_bad_input_stands_at_its_field_and_changes_nothing(
    browser: Browser, row: Row, at: str, words: str
) -> None:
    await browser.signed_in(await a_doctor())

    answer = await browser.post(PAGE, _typed(_row(TUESDAY, "14:00", "15:00"), _row() | row))

    assert answer.status_code == 422
    assert words in answer.error_of(f"sessions-1-{at}")
    assert answer.one(f'.summary a[href="#sessions-1-{at}"]')
    for name, value in row.items():
        assert answer.one(f"#sessions-1-{name}")["value"] == str(value)
    assert await fetch_value("SELECT count(*) FROM weekly_sessions") == 0


async def test_sessions_of_one_day_that_overlap_are_refused_where_they_begin(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())

    blank = _row(starts="", ends="")
    answer = await browser.post(
        PAGE, _typed(blank, _row(), _row(starts="10:30", ends="12:00"), _row(TUESDAY))
    )

    assert answer.status_code == 422
    assert "overlaps another session" in answer.error_of("sessions-2-starts")
    assert len(answer.html.select(".cell .wrong")) == 1


async def test_a_week_changed_in_another_tab_is_not_overwritten_unseen(browser: Browser) -> None:
    meera = await _saved(browser, _row(), _row(SATURDAY))
    stale = _again(await browser.get(PAGE))
    other_tab = _again(await browser.get(PAGE)) | {"sessions-0-starts": "08:00"}
    assert (await browser.post(PAGE, other_tab)).status_code == 303

    refused = await browser.post(PAGE, stale | {"sessions-0-ends": "12:00"})

    assert refused.status_code == 409
    assert [
        " ".join(cell.get_text(" ").split()) for cell in refused.html.select(".panel-warn tbody tr > *")
    ] == [
        "Monday",
        "8:00 am – 11:00 am, 30 minutes each",
        "9:00 am – 12:00 pm, 30 minutes each",
    ]
    assert _rows(refused) == [("0", "09:00", "12:00"), ("5", "09:00", "11:00")]
    assert (MONDAY, "11:30") not in await _offered(meera)

    assert (await browser.post(PAGE, _again(refused))).status_code == 303
    assert (MONDAY, "11:30") in await _offered(meera)
    assert (MONDAY, "08:00") not in await _offered(meera)


async def test_saving_the_same_week_twice_is_saving_it_once(browser: Browser) -> None:
    meera = await a_doctor()
    await browser.signed_in(meera)
    await browser.post(PAGE, _typed(_row()))
    before = await _offered(meera)

    again = await browser.post(PAGE, _typed(_row()))

    assert again.location == PAGE
    assert "The week is saved." in (await browser.follow(again)).text
    assert await _offered(meera) == before
    assert len((await week_of(meera.practice_id)).sessions) == 1


async def test_a_week_keeps_its_clock_when_the_clocks_change(browser: Browser) -> None:
    meera = await a_doctor(zone="America/New_York")
    await execute("UPDATE clinics SET calendar_days = 366")
    await browser.signed_in(meera)

    page = await browser.follow(
        await browser.post(PAGE, _typed(*(_row(day, ends="10:00") for day in range(7))))
    )

    assert "9:00 am" in page.one("#preview").text
    times = {at for _day, at in await _offered(meera, "America/New_York")}
    assert times == {"09:00", "09:30"}
    offsets = await fetch_value("SELECT count(DISTINCT starts_at::time AT TIME ZONE 'UTC') FROM slots")
    assert offsets == 4


async def test_a_week_without_sessions_ends_what_was_offered(browser: Browser) -> None:
    meera = await _saved(browser, _row())
    version = (await week_of(meera.practice_id)).version

    assert (await browser.post(PAGE, _typed(version=version))).status_code == 303

    assert await _offered(meera) == set()


async def test_before_approval_the_page_says_what_happens_next(browser: Browser) -> None:
    await browser.signed_in(await a_doctor(approved=False))

    answer = await browser.get(PAGE)

    assert "Your practice is not open yet" in answer.text
    assert answer.html.select("main form") == []
    assert (await browser.post(PAGE, _typed(_row()))).status_code == 404


async def test_a_practice_without_a_service_can_describe_its_week(browser: Browser) -> None:
    meera = await a_doctor()
    await execute("DELETE FROM services")
    await browser.signed_in(meera)

    assert (await browser.get(PAGE)).one("#sessions-0-slot_minutes")["value"] == "30"


async def test_only_doctors_come_here_and_each_changes_the_own_week(browser: Browser) -> None:
    meera = await _saved(browser, _row())
    await browser.signed_in(await a_doctor("Dr Arjun"))
    await browser.post(PAGE, _typed(_row(TUESDAY)))
    assert [one.weekday for one in (await week_of(meera.practice_id)).sessions] == [MONDAY]

    for person in (await a_patient(), await a_receptionist(meera.clinic_id), await an_admin()):
        await browser.signed_in(person)
        assert (await browser.get(PAGE)).status_code == 403
        assert (await browser.post(PAGE, _typed(_row()))).status_code == 403
    browser.client.cookies.clear()
    assert (await browser.get(PAGE)).location.startswith("/login")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"version": "9" * 30, "act": "save"},
        {"version": "-1", "act": "save"},
        {"version": "x", "act": "preview"},
        {"sessions-²-starts": "09:00", "act": "add-0"},
        {"sessions-१-starts": "09:00", "act": "add-²"},
        {f"sessions-{'9' * 5000}-starts": "09:00", "act": "add-999"},
        {"sessions--starts": "09:00", "act": "remove-7"},
        {"sessions-0-weekday": "9", "sessions-0-starts": "09:00", "act": "save"},
        {"sessions-0-weekday": "x", "sessions-0-ends": "09:00", "act": "copy-0-9"},
        {f"sessions-{n}-starts": "09:00" for n in range(200)} | {"act": "add-6"},
        {"act": "add-0-0-0"},
    ],
)
async def test_forms_nobody_was_shown_are_answered_all_the_same(
    browser: Browser, fields: dict[str, object]
) -> None:
    await browser.signed_in(await a_doctor())

    assert (await browser.post(PAGE, fields)).status_code in (200, 303, 409, 422)


async def test_the_pages_of_the_calendar_lead_to_each_other(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())

    for path in ("/doctor/availability", PAGE, "/doctor/exceptions", "/doctor/rules"):
        page = await browser.get(path)
        assert page.one("main > .tabs [aria-current]")["href"] == path
        assert [one["href"] for one in page.html.select("main > .tabs a")] == [
            "/doctor/availability",
            PAGE,
            "/doctor/exceptions",
            "/doctor/rules",
        ]


async def test_the_coming_days_are_those_of_the_open_calendar(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())
    await execute("UPDATE clinics SET calendar_days = 3")

    page = await browser.post(PAGE, _typed(_row(), act="preview"))

    assert len(page.html.select("#preview tbody tr")) == 1 + timedelta(days=3).days


async def test_everything_that_is_wrong_is_said_at_once(browser: Browser) -> None:
    await browser.signed_in(await a_doctor())

    rows = (_row(breaks="lunch"), _row(TUESDAY), _row(2, ends="08:00"))
    answer = await browser.post(PAGE, _typed(*rows))

    assert "“lunch” is not a break" in answer.error_of("sessions-0-breaks")
    assert "must end after it begins" in answer.error_of("sessions-2-ends")
    assert len(answer.html.select(".summary li")) == 2


async def _monday_visit(doctor: CastDoctor) -> str:
    """The code of a visit on the next Monday at half past nine."""
    on = next(day for n in range(1, 8) if (day := clinic_day(n)).weekday() == MONDAY)
    at = datetime.combine(on, time(9, 30), tzinfo=KOLKATA)
    slot = await fetch_value("SELECT id FROM slots WHERE starts_at = $1 AND withdrawn_at IS NULL", at)
    return (await a_visit(await a_patient(), slot, doctor)).code


async def test_who_loses_a_visit_by_a_new_week_is_asked_about_first(browser: Browser) -> None:
    meera = await _saved(browser, _row())
    code = await _monday_visit(meera)
    later = _again(await browser.get(PAGE)) | {"sessions-0-starts": "10:00", "sessions-0-ends": "12:00"}

    shown = await browser.post(PAGE, later | {"act": "preview"})
    assert "1 booked visit would lose its time" in shown.text
    asked = await browser.post(PAGE, later)

    assert asked.status_code == 200
    assert "1 visit loses its time" in asked.text
    assert (MONDAY, "09:30") in await _offered(meera)
    answer = {one["name"]: one.get("value", "") for one in asked.html.select("main form input[name]")}
    button = asked.one("#confirm-plan button")
    answer |= {button["name"]: button["value"], f"closing-visit-{code}": "cancel"}
    answer |= {one["name"]: one["value"] for one in asked.html.select("#confirm-plan input")}

    confirmed = await browser.post(PAGE, answer | {"closing-said": "0-1"})

    assert confirmed.location.startswith("/doctor/closings/")
    assert (MONDAY, "09:30") not in await _offered(meera)
    assert (MONDAY, "11:30") in await _offered(meera)
    assert [one.starts for one in (await week_of(meera.practice_id)).sessions] == [time(10)]


async def test_a_visit_whose_time_stays_working_time_is_nobodys_question(browser: Browser) -> None:
    meera = await _saved(browser, _row())
    await _monday_visit(meera)
    longer = _again(await browser.get(PAGE)) | {"sessions-0-slot_minutes": "20"}

    answer = await browser.post(PAGE, longer)

    assert answer.location == PAGE
    assert "taken back:" in (await browser.follow(answer)).text
