"""What a working week makes: the times of each weekday, and how many on each of the coming days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from app import clock
from app.directory.queries import Practice
from app.scheduling.rules import CalendarException, Session, WantedSlot, wanted

DAYS_SHOWN = 14
_ANY_MONDAY = date(2024, 1, 1)
_WEEK = 7
_PLAIN = ZoneInfo("UTC")


@dataclass(frozen=True)
class Weekdays:
    """Weekdays in a row with the same times, as moments of some day in UTC: what counts is their clock."""

    first: int
    last: int
    times: list[WantedSlot]


@dataclass(frozen=True)
class ComingDay:
    """A coming day: how many times it will have, how many of them kept back, and what is special about it."""

    on: date
    times: int
    kept: int
    exceptions: list[CalendarException]


@dataclass(frozen=True)
class WeekPreview:
    """What will be offered; `times` and `kept` are of an ordinary week."""

    weekdays: list[Weekdays]
    days: list[ComingDay]
    times: int
    kept: int

    @property
    def has_exceptions(self) -> bool:
        """Whether something is special about one of the coming days."""
        return any(day.exceptions for day in self.days)

    @classmethod
    def of(
        cls,
        sessions: Sequence[Session],
        exceptions: Sequence[CalendarException],
        practice: Practice,
        *,
        now: datetime,
    ) -> "WeekPreview":
        """What the sessions make at a practice, by its clock and with its share for walk-ins."""
        week = _ordinary_week(sessions, practice.walk_in_percent)
        return cls(
            weekdays=_grouped(week),
            days=_coming(sessions, exceptions, practice, now=now),
            times=len(week),
            kept=sum(slot.is_kept for slot in week),
        )


def _ordinary_week(sessions: Sequence[Session], walk_in_percent: int) -> list[WantedSlot]:
    """The times of a week in which no clocks change."""
    last = _ANY_MONDAY + timedelta(days=_WEEK - 1)
    return wanted(sessions, [], _PLAIN, first=_ANY_MONDAY, last=last, walk_in_percent=walk_in_percent)


def _grouped(week: Iterable[WantedSlot]) -> list[Weekdays]:
    """The weekdays that have times; neighbours with the same ones stand together."""
    found: list[Weekdays] = []
    for on, slots in groupby(week, key=lambda slot: slot.on_date):
        times, day = list(slots), on.weekday()
        before = found[-1] if found and found[-1].last == day - 1 else None
        if before and _clocks(before.times) == _clocks(times):
            found[-1] = Weekdays(before.first, day, before.times)
        else:
            found.append(Weekdays(day, day, times))
    return found


def _clocks(times: Iterable[WantedSlot]) -> list[tuple[object, ...]]:
    return [
        (one.starts_at.astimezone(UTC).time(), one.ends_at.astimezone(UTC).time(), one.is_kept)
        for one in times
    ]


def _coming(
    sessions: Sequence[Session],
    exceptions: Sequence[CalendarException],
    practice: Practice,
    *,
    now: datetime,
) -> list[ComingDay]:
    today = clock.day_of(now, practice.zone_info)
    dates = [today + timedelta(days=n) for n in range(min(DAYS_SHOWN, practice.calendar_days + 1))]
    slots = wanted(
        sessions,
        exceptions,
        practice.zone_info,
        first=today,
        last=dates[-1],
        walk_in_percent=practice.walk_in_percent,
    )
    ahead = [slot for slot in slots if slot.starts_at > now]
    return [
        ComingDay(
            on,
            times=sum(slot.on_date == on for slot in ahead),
            kept=sum(slot.on_date == on and slot.is_kept for slot in ahead),
            exceptions=[one for one in exceptions if one.first_on <= on <= one.last_on],
        )
        for on in dates
    ]
