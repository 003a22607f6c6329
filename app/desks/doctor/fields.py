"""Form fields of the calendar's pages: days, times of day and minutes, each refused in our words."""

import datetime
from typing import Any

from wtforms import DateField, Field, IntegerField, TimeField

from app.errors import Invalid, _
from app.scheduling.rules import read_times
from app.web.i18n import sentence


class _Read:
    """A field whose messages are ours: `wrong` when it cannot be read, `blank` when it must not be empty."""

    wrong: str

    def __init__(self, *args: Any, blank: str | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.blank = blank

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed, as the field's kind does."""
        self.data: Any = None
        if not any(text.strip() for text in valuelist):
            if self.blank:
                raise ValueError(sentence(self.blank))
            return
        try:
            super().process_formdata(valuelist)  # type: ignore[misc]
        except ValueError as unread:
            raise ValueError(sentence(self.wrong)) from unread


class DayField(_Read, DateField):
    """A day of the calendar."""

    wrong = _("Choose a day of the calendar, such as 2026-01-31.")


class NumberField(_Read, IntegerField):
    """A whole number."""

    wrong = _("Write a whole number.")


class MinutesField(_Read, IntegerField):
    """A whole number of minutes."""

    wrong = _("Write a whole number of minutes, such as 30.")


class _FreeClock(TimeField):
    """A time as people write it: `9`, `9:30`, `5 pm`."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = read_time(valuelist[0])

    def _value(self) -> str:
        """What was typed, put the way a time field of the browser wants it once it can be read."""
        return f"{self.data:%H:%M}" if self.data else " ".join(self.raw_data or ())


class ClockField(_Read, _FreeClock):
    """A time of day by the clinic's clock."""

    wrong = _("Write a time of day, such as 09:00.")


def read_time(typed: str) -> datetime.time:
    """The one time of day in a piece of text; raises ValueError."""
    try:
        (found,) = read_times(typed)
    except Invalid as unread:
        raise ValueError(typed) from unread
    return datetime.time.fromisoformat(found)


def shown(field: Field) -> str:
    """What stands in a field: what was typed, or else what its value looks like."""
    return str(field._value())  # type: ignore[attr-defined]
