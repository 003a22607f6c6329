"""Random weeks, zones and days for hypothesis, and what an independent reading of the clocks makes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as some

from app.scheduling.rules import CalendarException, Session

ZONES = (
    "Asia/Kolkata",
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "America/St_Johns",
    "America/Santiago",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
)
"""Half-hour clocks, a change at midnight, one by thirty minutes, a day that never was (Apia, 30 Dec 2011)."""
FIRST, LAST = date(2009, 1, 1), date(2036, 12, 31)
DAY = 24 * 60

Key = tuple[date, datetime, datetime]


@cache
def changes(zone: str) -> tuple[date, ...]:
    """The days of a zone on which its clocks change."""
    info, noon = ZoneInfo(zone), datetime(FIRST.year, 1, 1, 12, tzinfo=UTC)
    moments = [noon + timedelta(days=number) for number in range((LAST - FIRST).days)]
    offsets = [moment.astimezone(info).utcoffset() for moment in moments]
    both = zip(moments, offsets, offsets[1:], strict=False)
    return tuple(moment.astimezone(info).date() for moment, one, other in both if one != other)


@some.composite
def zones_and_days(draw: some.DrawFn) -> tuple[ZoneInfo, date]:
    """A zone and a day, more often than not one on which its clocks change or the day before or after."""
    zone = draw(some.sampled_from(ZONES))
    days = some.dates(FIRST + timedelta(days=10), LAST - timedelta(days=40))
    if changes(zone):
        near = some.builds(
            lambda day, by: day + timedelta(days=by),
            some.sampled_from(changes(zone)),
            some.integers(-1, 1),
        )
        days = near | days
    return ZoneInfo(zone), draw(days)


def clock_time(minute: int) -> time:
    """A minute of a day as a time."""
    return time(minute // 60, minute % 60)


def minutes(low: int, high: int) -> some.SearchStrategy[int]:
    """Minutes of a day, often full or half hours, at which clocks change."""
    halves = range(-(-low // 30), high // 30 + 1)
    even = [some.sampled_from(halves).map(lambda half: half * 30)] if halves else []
    return some.one_of(some.integers(low, high), *even)


def spans(
    most: int, *, low: int = 0, high: int = DAY - 1, least: int = 0
) -> some.SearchStrategy[list[list[int]]]:
    """Up to so many disjoint stretches of a day, earliest first; two never touch."""
    return some.integers(least, most).flatmap(
        lambda number: some.lists(
            minutes(low, high), min_size=2 * number, max_size=2 * number, unique=True
        ).map(lambda cuts: [sorted(cuts)[at : at + 2] for at in range(0, len(cuts), 2)])
    )


@some.composite
def sessions_of_a_day(draw: some.DrawFn, weekday: int) -> list[Session]:
    """One to three sessions of a weekday that a doctor could save, breaks and gaps included."""
    high = draw(some.sampled_from((5 * 60, DAY - 1)))
    found = []
    for start, end in draw(spans(3, high=high, least=1)):
        if end - start < 5:
            continue
        pauses = draw(spans(2, low=start, high=end)) if end - start > 8 else []
        edges = [start, *(minute for pause in pauses for minute in pause), end]
        longest = max(after - before for before, after in zip(edges[::2], edges[1::2], strict=True))
        if longest < 5:
            pauses, longest = [], end - start
        found.append(
            Session(
                weekday,
                clock_time(start),
                clock_time(end),
                draw(minutes(5, min(longest, 90))),
                draw(some.sampled_from((0, 0, 5, 10, 33))),
                tuple((clock_time(begins), clock_time(ends)) for begins, ends in pauses),
            )
        )
    return found


def weeks() -> some.SearchStrategy[list[Session]]:
    """A working week: on each day up to three sessions, on some none."""
    return some.tuples(*(sessions_of_a_day(day) | some.just([]) for day in range(7))).map(
        lambda days: [session for day in days for session in day]
    )


@some.composite
def exceptions_near(draw: some.DrawFn, day: date) -> list[CalendarException]:
    """Leave, holidays and extra days around a day, which may meet each other."""
    found = []
    for kind in draw(some.lists(some.sampled_from(("leave", "part", "holiday", "extra")), max_size=4)):
        first = day + timedelta(days=draw(some.integers(-2, 6)))
        last = first + timedelta(days=draw(some.integers(0, 3)))
        [[start, end]] = draw(spans(1, least=1))
        hours = {"starts": clock_time(start), "ends": clock_time(end)}
        if kind == "extra":
            minutes = draw(some.integers(5, 60))
            found.append(
                CalendarException("extra", first, first, **hours, slot_minutes=minutes, gap_minutes=5)
            )
        elif kind == "part":
            found.append(CalendarException("leave", first, first, **hours))
        else:
            found.append(CalendarException(kind, first, last, title="Closed"))
    return found


@cache
def first_shown(on: date, zone: ZoneInfo) -> dict[int, datetime]:
    """When the clinic's clock first shows each minute of a day; minutes it jumps over are missing."""
    start = datetime.combine(on, time.min, tzinfo=UTC) - timedelta(hours=15)
    found: dict[int, datetime] = {}
    for number in range(54 * 60):
        moment = start + timedelta(minutes=number)
        local = moment.astimezone(zone)
        if local.date() == on:
            found.setdefault(local.hour * 60 + local.minute, moment)
    return found


def by_the_clock(
    sessions: Sequence[Session], exceptions: Sequence[CalendarException], zone: ZoneInfo, on: date
) -> set[Key]:
    """The slots a day should have, found minute by minute on the wall and looked up in real time."""
    today = [one for one in exceptions if one.first_on <= on <= one.last_on]
    closed = [False] * DAY
    for one in today:
        if one.kind == "leave":
            _mark(closed, one.starts, one.ends, True)
    on_the_wall: list[tuple[int, int]] = []
    for one in today:
        if one.kind == "extra" and one.starts and one.ends and one.slot_minutes:
            extra = Session(on.weekday(), one.starts, one.ends, one.slot_minutes, one.gap_minutes)
            on_the_wall += [slot for slot in _walk(extra) if not any(closed[slice(*slot)])]
            _mark(closed, one.starts, one.ends, True)
    if not any(one.kind == "holiday" for one in today):
        for session in sessions:
            if session.weekday == on.weekday():
                on_the_wall += [slot for slot in _walk(session) if not any(closed[slice(*slot)])]
    shown = first_shown(on, zone)
    found = set()
    for start, end in on_the_wall:
        moments = [shown.get(minute) for minute in range(start, end)]
        if moments[0] and all(
            moment == moments[0] + timedelta(minutes=place) for place, moment in enumerate(moments)
        ):
            found.add((on, moments[0], moments[0] + timedelta(minutes=end - start)))
    return found


def _mark(minutes: list[bool], starts: time | None, ends: time | None, value: bool) -> None:
    first = starts.hour * 60 + starts.minute if starts else 0
    last = ends.hour * 60 + ends.minute if ends else DAY
    minutes[first:last] = [value] * (last - first)


def _walk(session: Session) -> list[tuple[int, int]]:
    """Go through a session minute by minute: a slot where there is room, then its gap, anew after a break."""
    is_open = [False] * DAY
    _mark(is_open, session.starts, session.ends, True)
    for pause in session.breaks:
        _mark(is_open, *pause, False)
    found, minute, gap_left = [], 0, 0
    while minute < DAY:
        room = is_open[minute : minute + session.slot_minutes]
        if not is_open[minute]:
            gap_left = 0
        elif gap_left:
            gap_left -= 1
        elif all(room) and len(room) == session.slot_minutes:
            found.append((minute, minute + session.slot_minutes))
            minute += session.slot_minutes
            gap_left = session.gap_minutes
            continue
        minute += 1
    return found


def without_rows(sessions: Sequence[Session]) -> list[Session]:
    """The sessions as they were before they were saved."""
    return [replace(session, id=None) for session in sessions]
