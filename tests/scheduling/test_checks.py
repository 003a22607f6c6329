"""Which weeks and exceptions are refused, at which field."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.errors import Invalid
from app.scheduling.rules import (
    CalendarException,
    Session,
    check_exception,
    check_extra,
    check_week,
    cut,
    times_between,
    wanted,
)

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
TODAY = date(2026, 12, 1)
"""Half past eleven in the morning in India."""
LATER = TODAY + timedelta(days=3)


def a_session(**other: Any) -> Session:
    usual: dict[str, Any] = {"weekday": 0, "starts": time(9), "ends": time(12), "slot_minutes": 30}
    return Session(**{**usual, **other})


def a_break(*times: tuple[int, int]) -> tuple[tuple[time, time], ...]:
    return tuple((time(begins // 60, begins % 60), time(ends // 60, ends % 60)) for begins, ends in times)


def fields_of_week(*sessions: Session) -> set[str]:
    try:
        check_week(sessions)
    except Invalid as refused:
        return set(refused.fields)
    return set()


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"weekday": 7}, "weekday"),
        ({"weekday": -1}, "weekday"),
        ({"ends": time(9)}, "ends"),
        ({"ends": time(8)}, "ends"),
        ({"starts": time(9, 0, 30)}, "starts"),
        ({"slot_minutes": 4}, "slot_minutes"),
        ({"slot_minutes": 481}, "slot_minutes"),
        ({"slot_minutes": 181}, "slot_minutes"),
        ({"slot_minutes": 10**12}, "slot_minutes"),
        ({"gap_minutes": -1}, "gap_minutes"),
        ({"gap_minutes": 241}, "gap_minutes"),
        ({"breaks": a_break((530, 560))}, "breaks"),
        ({"breaks": a_break((700, 730))}, "breaks"),
        ({"breaks": a_break((600, 600))}, "breaks"),
        ({"breaks": a_break((600, 630), (620, 640))}, "breaks"),
        ({"breaks": a_break(*((541 + 2 * n, 542 + 2 * n) for n in range(11)))}, "breaks"),
        ({"slot_minutes": 100, "breaks": a_break((600, 630))}, "slot_minutes"),
        ({"breaks": a_break((540, 720))}, "slot_minutes"),
    ],
)
def test_what_is_wrong_with_a_session_is_told_at_its_field(other: dict[str, Any], field: str) -> None:
    fine = a_session(weekday=3)

    assert fields_of_week(fine, a_session(**other)) == {f"sessions-1-{field}"}


def test_midnight_as_an_end_is_told_what_to_write_instead() -> None:
    for refused in (
        lambda: check_week([a_session(ends=time(0))]),
        lambda: times_between(time(20), time(0), every=30, lasting=30),
    ):
        with pytest.raises(Invalid) as told:
            refused()
        assert "23:59" in next(iter(told.value.fields.values()))
    assert fields_of_week(a_session(ends=time(23, 59))) == set()


def test_a_week_that_fits_is_taken() -> None:
    assert fields_of_week() == set()
    assert (
        fields_of_week(
            a_session(breaks=a_break((600, 615), (615, 620))),
            a_session(starts=time(12), ends=time(12, 30)),
            a_session(weekday=1, slot_minutes=180, gap_minutes=240),
        )
        == set()
    )


def test_each_of_several_wrong_rows_is_told() -> None:
    assert fields_of_week(a_session(ends=time(8), gap_minutes=-1), a_session(slot_minutes=1)) == {
        "sessions-0-ends",
        "sessions-0-gap_minutes",
        "sessions-1-slot_minutes",
    }


def test_sessions_of_a_weekday_may_touch_and_not_overlap() -> None:
    morning, noon = a_session(), a_session(starts=time(11, 59), ends=time(14))

    assert fields_of_week(noon, morning) == {"sessions-0-starts"}
    assert fields_of_week(noon, a_session(weekday=1)) == set()
    inside = a_session(starts=time(10), ends=time(10, 30))
    after_both = a_session(starts=time(11), ends=time(11, 30))
    assert fields_of_week(morning, inside, after_both) == {"sessions-1-starts", "sessions-2-starts"}


def test_a_weekday_has_ten_sessions_at_most() -> None:
    rows = [a_session(starts=time(hour), ends=time(hour, 30)) for hour in range(11)]

    assert fields_of_week(*rows[:10]) == set()
    assert fields_of_week(*rows) == {"sessions-10-weekday"}


clock_times = some.times().map(lambda moment: moment.replace(microsecond=0, second=moment.second // 50))
sessions = some.builds(
    Session,
    some.integers(-1, 7),
    clock_times,
    clock_times,
    some.integers(0, 600),
    some.integers(-5, 300),
    some.lists(some.tuples(clock_times, clock_times), max_size=3).map(tuple),
)


@given(week=some.lists(sessions, max_size=4))
def test_any_week_is_refused_or_makes_slots_from_every_session(week: list[Session]) -> None:
    if fields_of_week(*week):
        return
    assert all(cut(session) for session in week)
    monday = date(2026, 12, 7)
    made = wanted(week, [], KOLKATA, first=monday, last=monday + timedelta(days=6), walk_in_percent=0)
    assert len(made) == sum(len(cut(session)) for session in week)


def fields_of(exception: CalendarException) -> set[str]:
    try:
        check_exception(exception, now=NOW, zone=KOLKATA, calendar_days=60)
    except Invalid as refused:
        return set(refused.fields)
    return set()


def leave(first: date = LATER, last: date | None = None, **other: Any) -> CalendarException:
    return CalendarException("leave", first, last or first, **other)


def extra(on: date = LATER, **other: Any) -> CalendarException:
    usual: dict[str, Any] = {"starts": time(9), "ends": time(12), "slot_minutes": 30}
    return CalendarException("extra", on, **{"last_on": on, **usual, **other})


@pytest.mark.parametrize(
    ("exception", "field"),
    [
        (CalendarException("party", LATER, LATER), "kind"),
        (leave(TODAY - timedelta(days=1)), "first_on"),
        (leave(date.min), "first_on"),
        (leave(LATER, TODAY), "last_on"),
        (leave(LATER, LATER + timedelta(days=366)), "last_on"),
        (leave(date.max), "last_on"),
        (leave(starts=time(9)), "ends"),
        (leave(ends=time(9)), "starts"),
        (leave(starts=time(9), ends=time(9)), "ends"),
        (leave(starts=time(9, 0, 1), ends=time(10)), "starts"),
        (leave(LATER, LATER + timedelta(days=1), starts=time(9), ends=time(10)), "starts"),
        (leave(TODAY, starts=time(9), ends=time(11, 30)), "ends"),
        (leave(title="a" * 101), "title"),
        (leave(title="a\x00b"), "title"),
        (leave(title="a\ud800b"), "title"),
        (CalendarException("holiday", LATER, LATER, title=" "), "title"),
        (CalendarException("holiday", LATER, LATER, time(9), time(10), title="Diwali"), "starts"),
        (extra(TODAY - timedelta(days=1)), "first_on"),
        (extra(TODAY + timedelta(days=61)), "first_on"),
        (extra(last_on=LATER + timedelta(days=1)), "last_on"),
        (extra(starts=None), "starts"),
        (extra(ends=None), "ends"),
        (extra(slot_minutes=None), "slot_minutes"),
        (extra(ends=time(9)), "ends"),
        (extra(slot_minutes=4), "slot_minutes"),
        (extra(slot_minutes=181), "slot_minutes"),
        (extra(gap_minutes=241), "gap_minutes"),
        (extra(TODAY, ends=time(11, 30)), "ends"),
    ],
)
def test_what_is_wrong_with_an_exception_is_told_at_its_field(
    exception: CalendarException, field: str
) -> None:
    assert fields_of(exception) == {field}


@pytest.mark.parametrize(
    "exception",
    [
        leave(TODAY),
        leave(LATER, LATER + timedelta(days=365)),
        leave(TODAY, starts=time(9), ends=time(11, 31)),
        CalendarException("holiday", LATER, LATER, title="दिवाली 🪔"),
        extra(TODAY + timedelta(days=60), slot_minutes=180),
        extra(TODAY, ends=time(12)),
    ],
)
def test_an_exception_that_fits_is_taken(exception: CalendarException) -> None:
    assert fields_of(exception) == set()


def test_an_extra_day_needs_time_that_is_not_leave_and_not_extra_already() -> None:
    check_extra(extra(), [CalendarException("holiday", LATER, LATER), extra(TODAY)])
    check_extra(extra(), [leave(starts=time(12), ends=time(13)), extra(starts=time(8), ends=time(9))])
    for other, field in (
        (leave(TODAY, LATER), "first_on"),
        (leave(starts=time(11), ends=time(13)), "first_on"),
        (extra(starts=time(8), ends=time(9, 1)), "starts"),
    ):
        with pytest.raises(Invalid) as refused:
            check_extra(extra(), [other])
        assert set(refused.value.fields) == {field}


@given(
    exception=some.builds(
        CalendarException,
        some.sampled_from(("leave", "holiday", "extra", "other")),
        some.dates(),
        some.dates(),
        some.none() | clock_times,
        some.none() | clock_times,
        some.none() | some.integers(-5, 600),
        some.integers(-5, 300),
        some.text(max_size=120),
    )
)
def test_any_exception_is_refused_or_can_be_worked_with(exception: CalendarException) -> None:
    if not fields_of(exception):
        week = [a_session(weekday=day) for day in range(7)]
        wanted(week, [exception], KOLKATA, first=TODAY, last=LATER, walk_in_percent=0)
