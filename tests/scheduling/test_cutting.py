"""What a week makes of real days: random weeks, exceptions, zones, and days around changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.scheduling.rules import (
    CalendarException,
    Session,
    WantedSlot,
    check_week,
    closed_range,
    joined,
    minus,
    wanted,
    working,
)
from tests.scheduling.weeks import by_the_clock, exceptions_near, weeks, zones_and_days

KOLKATA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")
SUNDAY, MONDAY = 6, 0


@some.composite
def _plans(draw: some.DrawFn) -> tuple[list[Session], list[CalendarException], ZoneInfo, date]:
    zone, day = draw(zones_and_days())
    return draw(weeks()), draw(exceptions_near(day)), zone, day


def _shown(slots: list[WantedSlot], zone: ZoneInfo) -> list[str]:
    return [f"{slot.starts_at.astimezone(zone):%H:%M}" for slot in slots]


@given(week=weeks())
def test_the_random_weeks_are_ones_a_doctor_could_save(week: list[Session]) -> None:
    check_week(week)


@given(plan=_plans())
def test_no_slot_is_lost_added_doubled_or_shifted(
    plan: tuple[list[Session], list[CalendarException], ZoneInfo, date],
) -> None:
    week, exceptions, zone, day = plan
    days = [day + timedelta(days=by) for by in range(3)]

    slots = wanted(week, exceptions, zone, first=days[0], last=days[-1], walk_in_percent=0)

    expected = {slot for on in days for slot in by_the_clock(week, exceptions, zone, on)}
    assert [(slot.on_date, slot.starts_at, slot.ends_at) for slot in slots] == sorted(expected)


@given(plan=_plans())
def test_slots_never_overlap_and_lie_in_working_time(
    plan: tuple[list[Session], list[CalendarException], ZoneInfo, date],
) -> None:
    week, exceptions, zone, day = plan
    last = day + timedelta(days=7)

    slots = wanted(week, exceptions, zone, first=day, last=last, walk_in_percent=0)
    open_time = working(week, exceptions, zone, first=day, last=last)

    assert all(one.ends_at <= other.starts_at for one, other in pairwise(slots))
    assert minus([(slot.starts_at, slot.ends_at) for slot in slots], open_time) == []
    assert minus([(slot.starts_at, slot.covers_until or slot.ends_at) for slot in slots], open_time) == []
    following = {slot.starts_at for slot in slots}
    assert all(slot.covers_until in following for slot in slots if slot.covers_until)
    closed = [closed_range(one, zone) for one in exceptions if one.kind == "leave"]
    assert minus(open_time, closed) == open_time


@given(plan=_plans(), split=some.integers(0, 7), percent=some.integers(0, 90))
def test_days_made_one_after_the_other_are_the_days_made_at_once(
    plan: tuple[list[Session], list[CalendarException], ZoneInfo, date], split: int, percent: int
) -> None:
    week, exceptions, zone, day = plan
    middle, last = day + timedelta(days=split), day + timedelta(days=8)

    def made(first: date, until: date) -> list[WantedSlot]:
        return wanted(week, exceptions, zone, first=first, last=until, walk_in_percent=percent)

    assert made(day, middle) + made(middle + timedelta(days=1), last) == made(day, last)


@given(plan=_plans(), percent=some.integers(0, 90))
def test_the_share_kept_back_is_kept_on_every_day_and_spread(
    plan: tuple[list[Session], list[CalendarException], ZoneInfo, date], percent: int
) -> None:
    week, exceptions, zone, day = plan
    slots = wanted(week, exceptions, zone, first=day, last=day + timedelta(days=6), walk_in_percent=percent)

    for _on, of_day in groupby(slots, key=lambda slot: slot.on_date):
        kept = [slot.is_kept for slot in of_day]
        for number in range(1, len(kept) + 1):
            assert sum(kept[:number]) == number * percent // 100


@given(plan=_plans())
def test_working_time_ends_and_begins_when_the_clock_says_so(
    plan: tuple[list[Session], list[CalendarException], ZoneInfo, date],
) -> None:
    week, _exceptions, zone, day = plan
    of_day = [session for session in week if session.weekday == day.weekday()]
    open_time = working(of_day, [], zone, first=day, last=day)

    for number in range(-180, 1620, 7):
        moment = datetime.combine(day, time(), tzinfo=UTC) - (_offset(day, zone)) + timedelta(minutes=number)
        local = moment.astimezone(zone)
        if local.fold or _comes_twice(local):
            continue  # the hour that comes twice is worked the first time, and again if the session goes on
        is_worked = local.date() == day and any(_works_at(session, local.time()) for session in of_day)
        assert any(start <= moment < end for start, end in open_time) == is_worked, local


def _offset(day: date, zone: ZoneInfo) -> timedelta:
    return datetime.combine(day, time(12), tzinfo=zone).utcoffset() or timedelta(0)


def _comes_twice(local: datetime) -> bool:
    return local.utcoffset() != local.replace(fold=1).utcoffset()


def _works_at(session: Session, clock_time: time) -> bool:
    return session.starts <= clock_time < session.ends and not any(
        begins <= clock_time < ends for begins, ends in session.breaks
    )


def test_a_morning_with_a_break_and_gaps() -> None:
    session = Session(MONDAY, time(9), time(12), 20, 5, ((time(10), time(10, 30)),))
    monday = date(2026, 12, 7)

    slots = wanted([session], [], KOLKATA, first=monday, last=monday, walk_in_percent=0)

    assert _shown(slots, KOLKATA) == ["09:00", "09:25", "10:30", "10:55", "11:20"]
    reach = [slot.covers_until and f"{slot.covers_until.astimezone(KOLKATA):%H:%M}" for slot in slots]
    assert reach == ["09:25", None, "10:55", "11:20", None], "a longer visit crosses gaps, never a break"


@pytest.mark.parametrize(
    ("zone", "on", "times"),
    [
        (NEW_YORK, date(2026, 3, 8), ["01:00", "01:30", "03:00", "03:30"]),
        (NEW_YORK, date(2026, 11, 1), ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
        (LORD_HOWE, date(2026, 10, 4), ["01:00", "01:30", "02:30", "03:00", "03:30"]),
        (LORD_HOWE, date(2027, 4, 4), ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
    ],
)
def test_when_the_clocks_change_each_time_that_exists_is_there_once(
    zone: ZoneInfo, on: date, times: list[str]
) -> None:
    session = Session(SUNDAY, time(1), time(4), 30)

    assert _shown(wanted([session], [], zone, first=on, last=on, walk_in_percent=0), zone) == times


def test_a_slot_that_would_cross_the_change_is_left_out() -> None:
    session = Session(SUNDAY, time(1, 15), time(4), 30)
    forward, back = date(2026, 3, 8), date(2026, 11, 1)

    spring = wanted([session], [], NEW_YORK, first=forward, last=forward, walk_in_percent=0)
    autumn = wanted([session], [], NEW_YORK, first=back, last=back, walk_in_percent=0)

    assert _shown(spring, NEW_YORK) == ["01:15", "03:15"]
    assert _shown(autumn, NEW_YORK) == ["01:15", "02:15", "02:45", "03:15"]
    assert autumn[0].starts_at == datetime(2026, 11, 1, 5, 15, tzinfo=UTC), (
        "the first of two quarters past one"
    )


def test_the_day_that_samoa_left_out_has_no_slots() -> None:
    week = [Session(day, time(9), time(12), 30) for day in range(7)]
    skipped = date(2011, 12, 30)

    assert wanted(week, [], APIA, first=skipped, last=skipped, walk_in_percent=0) == []
    assert working(week, [], APIA, first=skipped, last=skipped) == []
    assert closed_range(CalendarException("leave", skipped, skipped), APIA)[0].astimezone(APIA).day == 31


def test_leave_takes_what_it_touches_and_leaves_the_others_where_they_were() -> None:
    monday = date(2026, 12, 7)
    session = Session(MONDAY, time(9), time(11), 30)
    leave = CalendarException("leave", monday, monday, time(9, 40), time(10, 10))

    slots = wanted([session], [leave], KOLKATA, first=monday, last=monday, walk_in_percent=0)

    assert _shown(slots, KOLKATA) == ["09:00", "10:30"]


def test_leave_wins_over_an_extra_day_which_wins_over_holiday_and_week() -> None:
    monday = date(2026, 12, 7)
    session = Session(MONDAY, time(9), time(12), 60)
    extra = CalendarException("extra", monday, monday, time(10), time(11, 30), 45)
    holiday = CalendarException("holiday", monday, monday, title="Diwali")
    leave = CalendarException("leave", monday, monday, time(10, 45), time(11))

    def times(*exceptions: CalendarException) -> list[str]:
        slots = wanted([session], exceptions, KOLKATA, first=monday, last=monday, walk_in_percent=0)
        return _shown(slots, KOLKATA)

    assert times(extra) == ["09:00", "10:00", "10:45"]
    assert times(holiday, extra) == ["10:00", "10:45"]
    assert times(extra, leave) == ["09:00", "10:00"]
    assert times(holiday) == []


moments = some.integers(0, 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
ranges = some.lists(some.tuples(moments, moments).filter(lambda both: both[0] < both[1]), max_size=6)


@given(one=ranges, other=ranges)
def test_taking_time_from_time_leaves_what_is_only_in_the_first(
    one: list[tuple[datetime, datetime]], other: list[tuple[datetime, datetime]]
) -> None:
    left = minus(one, other)

    assert left == joined(left)
    for minute in range(61):
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
        within = [any(start <= moment < end for start, end in some) for some in (one, other, left)]
        assert within[2] == (within[0] and not within[1])
