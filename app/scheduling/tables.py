"""Slots offered. That no two of a doctor's overlap is a constraint of the migrations."""

from piccolo.columns import UUID, Date, Timestamptz
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
