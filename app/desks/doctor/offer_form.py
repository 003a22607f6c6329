"""The form with which a doctor offers times: written one by one, or cut from a session."""

import datetime
from typing import Self

from wtforms import StringField

from app.desks.doctor.fields import USUAL_MINUTES, ClockField, DayField, MinutesField
from app.directory.queries import Practice
from app.errors import Invalid, _
from app.events.actor import Actor
from app.scheduling.queries import Slot
from app.scheduling.rules import read_times, times_between
from app.scheduling.services import offer
from app.web.forms import Form, strip


class OfferForm(Form):
    """Fields have the names at which services refuse."""

    date = DayField(_("Day"), blank=_("Choose a day."))
    duration_minutes = MinutesField(_("Minutes each"), blank=_("Say how many minutes each time lasts."))
    time_slots = StringField(_("Times"), filters=[strip])
    start = ClockField(_("From"))
    end = ClockField(_("To"))
    every = MinutesField(_("Every how many minutes"))
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
