"""The days on which a practice's calendar is open, seven at a time, for the picker and the editor."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from app import clock
from app.directory.queries import Practice

DAYS_SHOWN = 7
_WEEK = timedelta(days=DAYS_SHOWN)


@dataclass(frozen=True)
class OpenDays:
    """The clinic's days from `today` to `last`, both included. Weeks are counted from today."""

    today: date
    last: date

    @classmethod
    def of(cls, practice: Practice, *, now: datetime) -> Self:
        """The days that are open at this moment."""
        today = clock.day_of(now, practice.zone_info)
        return cls(today, today + timedelta(days=practice.calendar_days))

    def nearest(self, on: date | None) -> date:
        """The day itself, or the end of the calendar that is closest to it; today for none."""
        return min(max(on or self.today, self.today), self.last)

    def week_of(self, on: date) -> list[date]:
        """The days that are shown together with an open day; at the end of the calendar fewer than seven."""
        first = self.today + (on - self.today) // _WEEK * _WEEK
        shown = min(DAYS_SHOWN, (self.last - first).days + 1)
        return [first + timedelta(days=n) for n in range(shown)]

    def earlier(self, week: list[date]) -> date | None:
        """The first day of the week before, None at the beginning."""
        return week[0] - _WEEK if week[0] > self.today else None

    def later(self, week: list[date]) -> date | None:
        """The first day of the week after, None at the end."""
        return week[-1] + timedelta(days=1) if week[-1] < self.last else None


def asked_day(text: str | None) -> date | None:
    """The day an address names, None when it names none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def asked_id(text: str | None) -> UUID | None:
    """The id an address names, None when it names none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
