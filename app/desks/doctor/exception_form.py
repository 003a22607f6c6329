"""The form of one exception from the working week: leave, a holiday, or an extra day."""

from datetime import date, datetime
from typing import Self

from wtforms import StringField

from app.desks.doctor.fields import USUAL_MINUTES, ClockField, DayField, MinutesField, shown
from app.directory.queries import Practice
from app.errors import Invalid, _
from app.scheduling.rules import EXTRA, KINDS, LEAVE, CalendarException, check_exception
from app.web.forms import Form, one_line


class ExceptionForm(Form):
    """Fields have the names at which scheduling refuses; which of them count depends on the kind."""

    kind = StringField()
    first_on = DayField(_("First day"), blank=_("Choose a day."))
    last_on = DayField(_("Last day"))
    starts = ClockField(_("From"))
    ends = ClockField(_("To"))
    slot_minutes = MinutesField(_("Minutes each"))
    gap_minutes = MinutesField(_("Pause between"))
    title = StringField(_("What it is"), filters=[one_line])

    @classmethod
    def of(cls, kind: str | None, on: date | None) -> Self:
        """An empty form of a kind, leave when it is none of ours, with a day written in."""
        known = kind if kind in KINDS else LEAVE
        return cls(data={"kind": known, "first_on": on, "slot_minutes": USUAL_MINUTES})

    @property
    def chosen(self) -> str:
        """The kind that is written, leave when it is none of ours."""
        return self.kind.data if self.kind.data in KINDS else LEAVE

    def check(self, practice: Practice, *, now: datetime) -> bool:
        """Whether it can be an exception of this practice; else the fields say why not."""
        if not self.validate():
            return False
        try:
            check_exception(
                self.exception, now=now, zone=practice.zone_info, calendar_days=practice.calendar_days
            )
        except Invalid as refusal:
            self.take(refusal)
            return False
        return True

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Everything that has to be sent to add the same exception."""
        return [(name, shown(self[name])) for name in self._fields]

    @property
    def exception(self) -> CalendarException:
        """What is written, with nothing of what belongs to the other kinds."""
        kind = self.chosen
        has_times = kind in (LEAVE, EXTRA)
        return CalendarException(
            kind=kind,
            first_on=self.first_on.data,
            last_on=self.first_on.data if kind == EXTRA else self.last_on.data or self.first_on.data,
            starts=self.starts.data if has_times else None,
            ends=self.ends.data if has_times else None,
            slot_minutes=self.slot_minutes.data if kind == EXTRA else None,
            gap_minutes=(self.gap_minutes.data or 0) if kind == EXTRA else 0,
            title="" if kind == EXTRA else self.title.data or "",
        )
