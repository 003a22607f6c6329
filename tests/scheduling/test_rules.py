"""Reading times, cutting sessions, placing times on days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app import clock
from app.errors import Invalid
from app.scheduling.errors import BadTimes
from app.scheduling.rules import check_day, check_duration, parse_clock, place, read_times, times_between

KOLKATA = ZoneInfo("Asia/Kolkata")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 12, 1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "times"),
    [
        ("10:00, 10:30 11", ["10:00", "10:30", "11:00"]),
        ("9.30;  14.05", ["09:30", "14:05"]),
        ("9:30 am, 12 pm 12AM", ["09:30", "12:00", "00:00"]),
        ("4 p.m. 5:15pm", ["16:00", "17:15"]),
        ("  7  ", ["07:00"]),
        ("१०:३०", ["10:30"]),
    ],
)
def test_times_are_read_as_people_write_them(typed: str, times: list[str]) -> None:
    assert read_times(typed) == times


@pytest.mark.parametrize(
    "typed", ["25:00", "10:60", "ten", "10:00-11:00", "13 pm", "0am", "100", "10:0", "²:00"]
)
def test_what_is_no_time_is_named(typed: str) -> None:
    with pytest.raises(BadTimes) as refused:
        read_times(f"09:00, {typed}")

    assert typed.replace(" ", "") in str(refused.value.params["times"])
    assert set(refused.value.fields) == {"time_slots"}


@pytest.mark.parametrize("typed", ["", " , ; "])
def test_no_time_at_all_is_refused(typed: str) -> None:
    with pytest.raises(BadTimes):
        read_times(typed)


@pytest.mark.parametrize("text", ["10", "24:00", "9:5", "10:00:00", "", "10.00", "10:00 am"])
def test_programs_write_hours_and_minutes(text: str) -> None:
    assert parse_clock("9:05") == time(9, 5)
    with pytest.raises(BadTimes):
        parse_clock(text)


def test_what_is_shown_of_garbage_stays_short() -> None:
    with pytest.raises(BadTimes) as refused:
        read_times(" ".join("x" * 500 + str(n) for n in range(50)))

    assert len(str(refused.value.params["times"])) < 150


@given(typed=some.text(max_size=60))
def test_any_text_is_read_or_refused(typed: str) -> None:
    try:
        times = read_times(typed)
    except BadTimes:
        return
    assert [f"{parse_clock(text):%H:%M}" for text in times] == times


minutes = some.integers(min_value=0, max_value=24 * 60 - 1)


@given(start=minutes, end=minutes, every=some.integers(0, 600), lasting=some.integers(0, 600))
def test_a_session_is_cut_into_times_that_fit_and_do_not_overlap(
    start: int, end: int, every: int, lasting: int
) -> None:
    try:
        times = times_between(
            time(start // 60, start % 60), time(end // 60, end % 60), every=every, lasting=lasting
        )
    except Invalid as refused:
        assert lasting < 5 or lasting > 480 or every < lasting or end - start < lasting, refused.fields
        return
    begun = [int(text[:2]) * 60 + int(text[3:]) for text in times]
    assert begun[0] == start
    assert begun[-1] + lasting <= end < begun[-1] + every + lasting
    assert all(later - earlier == every for earlier, later in pairwise(begun))
    ranges = place(DAY, times, KOLKATA, lasting=lasting, now=LONG_AGO)
    assert all(ended <= begins for (_, ended), (begins, _) in pairwise(ranges))


@given(
    on=some.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31)),
    minute=minutes,
    zone=some.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]),
)
def test_a_placed_time_shows_on_the_clinics_clock(on: date, minute: int, zone: str) -> None:
    text = f"{minute // 60:02}:{minute % 60:02}"
    try:
        [(start, end)] = place(on, [text], ZoneInfo(zone), lasting=30, now=LONG_AGO)
    except BadTimes as refused:
        assert "clocks" in refused.fields["time_slots"]
        return
    local = start.astimezone(ZoneInfo(zone))
    assert (local.date(), f"{local:%H:%M}") == (on, text)
    assert end - start == timedelta(minutes=30)


def test_the_hour_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadTimes, match="check") as refused:
        place(date(2026, 3, 29), ["01:30", "02:30"], BERLIN, lasting=30, now=LONG_AGO)

    assert "does not exist" in refused.value.fields["time_slots"]
    assert refused.value.params["times"] == "02:30"


def test_the_hour_that_comes_twice_is_refused() -> None:
    with pytest.raises(BadTimes) as refused:
        place(date(2026, 10, 25), ["02:00"], BERLIN, lasting=30, now=LONG_AGO)

    assert "comes twice" in refused.value.fields["time_slots"]


def test_a_visit_over_the_change_of_clocks_keeps_its_length() -> None:
    [(start, end)] = place(date(2026, 3, 29), ["01:45"], BERLIN, lasting=30, now=LONG_AGO)

    assert end - start == timedelta(minutes=30)
    assert f"{end.astimezone(BERLIN):%H:%M}" == "03:15"


def test_a_time_that_has_begun_is_refused_and_the_next_is_not() -> None:
    now = clock.at(DAY, time(10), KOLKATA)

    with pytest.raises(BadTimes) as refused:
        place(DAY, ["10:00", "10:01"], KOLKATA, lasting=30, now=now)
    assert refused.value.params["times"] == "10:00"
    assert len(place(DAY, ["10:01"], KOLKATA, lasting=30, now=now)) == 1


@pytest.mark.parametrize(
    ("times", "named"), [(["10:00", "10:15"], "10:00, 10:15"), (["11:00", "10:00", "11:00"], "11:00")]
)
def test_times_of_one_list_may_not_overlap(times: list[str], named: str) -> None:
    with pytest.raises(BadTimes) as refused:
        place(DAY, times, KOLKATA, lasting=30, now=LONG_AGO)

    assert refused.value.params["times"] == named


def test_the_calendar_has_two_ends() -> None:
    check_day(DAY, today=DAY, calendar_days=60)
    check_day(DAY + timedelta(days=60), today=DAY, calendar_days=60)
    for day in (DAY - timedelta(days=1), DAY + timedelta(days=61), date.min, date.max):
        with pytest.raises(Invalid):
            check_day(day, today=DAY, calendar_days=60)


def test_a_length_has_two_ends() -> None:
    check_duration(5)
    check_duration(480)
    for length in (4, 0, -30, 481, 10**30):
        with pytest.raises(Invalid):
            check_duration(length)
