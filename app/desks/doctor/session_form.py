"""One session of a weekday as a row of fields."""

import re
from collections.abc import Iterable
from datetime import time
from typing import Any

from wtforms import Field, IntegerField, StringField

from app.desks.doctor.fields import ClockField, MinutesField, read_time
from app.errors import _
from app.scheduling.rules import Session
from app.web.forms import Form
from app.web.i18n import sentence

WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
"""By the number a session has for its day."""
_COMMA = re.compile(r"[,;\n]+")
_DASH = re.compile(r"\s*(?:-|–|—|\bto\b)\s*", re.IGNORECASE)

Break = tuple[time, time]


class BreaksField(StringField):
    """Breaks on one line: `13:00-13:30, 15:00 to 15:10`."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the breaks; what cannot be read is named."""
        self.data = ()
        parts = [part.strip() for part in _COMMA.split(" ".join(valuelist)) if part.strip()]
        self.data = tuple(_break(part) for part in parts)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else breaks_text(self.data or ())


def breaks_text(breaks: Iterable[Break]) -> str:
    """Breaks as the field shows them."""
    return ", ".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in breaks)


def _break(part: str) -> Break:
    try:
        starts, ends = (read_time(text) for text in _DASH.split(part, maxsplit=1))
    except ValueError as unread:
        shown = part if len(part) <= _LONGEST_SHOWN else part[:_LONGEST_SHOWN] + "…"
        words = _("“%(part)s” is not a break. Write breaks such as 13:00-13:30, 16:00-16:15.")
        raise ValueError(sentence(words, {"part": shown})) from unread
    return starts, ends


_LONGEST_SHOWN = 30


class SessionForm(Form):
    """One session of a weekday; a row in which nothing is written is none."""

    weekday = IntegerField()
    starts = ClockField(_("From"))
    ends = ClockField(_("To"))
    slot_minutes = MinutesField(_("Minutes each"))
    gap_minutes = MinutesField(_("Pause between"))
    breaks = BreaksField(_("Breaks"))

    @property
    def is_blank(self) -> bool:
        """Whether no time is written."""
        written = (self.starts, self.ends, self.breaks)
        return not any(field.raw_data and field.raw_data[0].strip() for field in written)

    @property
    def day(self) -> int:
        """The weekday's number; a row that names none counts as Monday's."""
        found = self.weekday.data
        return found if isinstance(found, int) and 0 <= found < len(WEEKDAYS) else 0

    def validate(self, extra_validators: Any = None) -> bool:
        """What a session cannot do without is there; whether it fits is the week's question."""
        if self.is_blank:
            for field in self:
                field.errors = []
            return True
        is_right = super().validate(extra_validators)
        needed: dict[Field, str] = {
            self.starts: _("Say when the session begins."),
            self.ends: _("Say when the session ends."),
            self.slot_minutes: _("Say how many minutes each time lasts."),
        }
        for field, words in needed.items():
            if field.data is None and not field.errors:
                field.errors = [sentence(words)]
                is_right = False
        return is_right

    @property
    def session(self) -> Session:
        """The session as it is written, once the form is right."""
        return Session(
            weekday=self.day,
            starts=self.starts.data,
            ends=self.ends.data,
            slot_minutes=self.slot_minutes.data,
            gap_minutes=self.gap_minutes.data or 0,
            breaks=self.breaks.data or (),
        )
