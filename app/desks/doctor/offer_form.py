"""The form with which a doctor offers times: written one by one, or cut from a session."""

import datetime
from typing import Any, Self

from wtforms import DateField, IntegerField, StringField, TimeField

from app.directory.queries import Practice
from app.errors import Invalid, _
from app.events.actor import Actor
from app.scheduling.queries import Slot
from app.scheduling.rules import read_times, times_between
from app.scheduling.services import offer
from app.web.forms import Form, strip
from app.web.i18n import sentence

USUAL_MINUTES = 30


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


class _Day(_Read, DateField):
    wrong = _("Choose a day of the calendar, such as 2026-01-31.")


class _Minutes(_Read, IntegerField):
    wrong = _("Write a whole number of minutes, such as 30.")


class _Clock(_Read, TimeField):
    wrong = _("Write a time of day, such as 09:00.")


class OfferForm(Form):
    """Fields have the names at which services refuse."""

    date = _Day(_("Day"), blank=_("Choose a day."))
    duration_minutes = _Minutes(_("Minutes each"), blank=_("Say how many minutes each time lasts."))
    time_slots = StringField(_("Times"), filters=[strip])
    start = _Clock(_("From"))
    end = _Clock(_("To"))
    every = _Minutes(_("Every how many minutes"))
    act = StringField()

    @classmethod
    def on(cls, day: datetime.date) -> Self:
        """An empty form for a day."""
        return cls(data={"date": day, "duration_minutes": USUAL_MINUTES})

    @property
    def wants_session(self) -> bool:
        """Whether the button was pressed that only writes a session's times into the field."""
        return bool(self.act.data == "session")

    def write_session(self) -> bool:
        """Put the session's times into the field of times; False when its own fields say why not."""
        try:
            self.time_slots.data = ", ".join(self._session())
        except Invalid as refusal:
            self.take(refusal)
            return False
        return True

    async def offered(self, practice: Practice, *, by: Actor) -> list[Slot]:
        """Offer the times, or none of them: then the list is empty and the fields say why.

        A session counts where no times are written.
        """
        try:
            has_session = bool(self.start.data or self.end.data)
            written = self.time_slots.data or ""
            times = self._session() if has_session and not written else read_times(written)
            return await offer(
                practice, self.date.data, times, duration_minutes=self.duration_minutes.data, by=by
            )
        except Invalid as refusal:
            self.take(refusal)
            return []

    def _session(self) -> list[str]:
        missing = [name for name in ("start", "end") if self._fields[name].data is None]
        if missing:
            raise Invalid(fields=dict.fromkeys(missing, _("Say from when to when.")))
        minutes: int = self.duration_minutes.data
        every = self.every.data if self.every.data is not None else minutes
        return times_between(self.start.data, self.end.data, every=every, lasting=minutes)
