"""Slots offered, and the week and exceptions they are made from.

That no two slots of a doctor and no two sessions of a practice overlap are constraints of the migrations.
"""

from piccolo.columns import UUID, Boolean, Date, Integer, SmallInt, Text, Time, Timestamptz
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class SlotRow(Table, tablename="slots"):
    """A time a practice offers; withdrawn, never deleted."""

    id = UUID(primary_key=True, default=UUID4())
    practice_id = UUID(default=None)
    doctor_id = UUID(default=None)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    on_date = Date()
    created_at = Timestamptz()
    withdrawn_at = Timestamptz(null=True, default=None)
    withdrawn_by = Text(null=True, default=None)
    origin = Text(default="hand")
    is_kept = Boolean(default=False)
    covers_until = Timestamptz(null=True, default=None)


class CalendarRow(Table, tablename="calendars"):
    """A practice's calendar: the version of its week, and up to which day slots were made."""

    practice_id = UUID(primary_key=True, default=None)
    version = Integer(default=1)
    made_until = Date(null=True, default=None)
    changed_at = Timestamptz()


class WeeklySessionRow(Table, tablename="weekly_sessions"):
    """Working time of one weekday, 0 is Monday, by the clinic's clock; ended, never deleted."""

    id = UUID(primary_key=True, default=UUID4())
    practice_id = UUID(default=None)
    weekday = SmallInt()
    starts = Time()
    ends = Time()
    slot_minutes = Integer()
    gap_minutes = Integer(default=0)
    created_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)


class SessionBreakRow(Table, tablename="session_breaks"):
    """A pause inside a weekly session; its key is the session with its start."""

    session_id = UUID(primary_key=True, default=None)
    starts = Time()
    ends = Time()


class CalendarExceptionRow(Table, tablename="calendar_exceptions"):
    """Leave, a holiday or an extra day; ended when taken back, never deleted."""

    id = UUID(primary_key=True, default=UUID4())
    practice_id = UUID(default=None)
    kind = Text()
    first_on = Date()
    last_on = Date()
    starts = Time(null=True, default=None)
    ends = Time(null=True, default=None)
    slot_minutes = Integer(null=True, default=None)
    gap_minutes = Integer(default=0)
    title = Text(default="")
    created_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
