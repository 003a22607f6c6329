"""Form fields of the doctor's pages: days, times of day, minutes and money, each refused in our words."""

import datetime
from typing import Any

from wtforms import DateField, Field, IntegerField, TimeField
from wtforms.widgets import TextInput

from app.errors import Invalid, _
from app.money import PAISE_PER_RUPEE, read_rupees
from app.scheduling.rules import read_times
from app.web.i18n import sentence

USUAL_MINUTES = 30
"""What a form for times or services begins with."""


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

    wrong = _("Write a time of day from 00:00 to 23:59, such as 09:00.")


class _FreeRupees(Field):
    """An amount in rupees as people write it, kept as paise."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = read_rupees(valuelist[0])

    def _value(self) -> str:
        """What was typed, else the amount as one would type it."""
        if self.raw_data or self.data is None:
            return " ".join(self.raw_data or ())
        rupees, paise = divmod(self.data, PAISE_PER_RUPEE)
        return f"{rupees}.{paise:02}" if paise else str(rupees)


class RupeesField(_Read, _FreeRupees):
    """An amount of money; its data is in paise."""

    wrong = _("Write an amount in rupees, such as 500 or 1,200.50.")


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
