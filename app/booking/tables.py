"""Appointments, tokens, requests for another time, closed times. Constraints stand in the migrations."""

from piccolo.columns import UUID, Date, Integer, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class AppointmentRow(Table, tablename="appointments"):
    """One claim on a time; never deleted, and no two live ones of a doctor overlap."""

    id = UUID(primary_key=True, default=UUID4())
    code = Text(unique=True)
    practice_id = UUID(default=None)
    doctor_id = UUID(default=None)
    service_id = UUID(default=None)
    person_id = UUID(default=None)
    booked_by_id = UUID(null=True, default=None)
    slot_id = UUID(null=True, default=None)
    starts_at = Timestamptz(null=True, default=None)
    ends_at = Timestamptz(null=True, default=None)
    on_date = Date()
    status = Text()
    token_number = Integer(null=True, default=None)
    token_on = Date(null=True, default=None)
    amount_paise = Integer()
    reason = Text(default="")
    hold_expires_at = Timestamptz(null=True, default=None)
    hold_extended_at = Timestamptz(null=True, default=None)
    approve_until = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    changed_at = Timestamptz()


class TokenCounter(Table, tablename="token_counters"):
    """The last token given by one practice on one day."""

    practice_id = UUID(primary_key=True, default=None)
    on_date = Date()
    last_number = Integer()


class RescheduleRequest(Table, tablename="reschedule_requests"):
    """A patient's wish for another time; at most one open for an appointment."""

    id = UUID(primary_key=True, default=UUID4())
    appointment_id = UUID(default=None)
    note = Text(default="")
    wish = Text(default="")
    created_at = Timestamptz()
    decided_at = Timestamptz(null=True, default=None)
    decision = Text(null=True, default=None)


class ClosingRow(Table, tablename="closings"):
    """A change of the calendar that took visits their time, and what was said to their patients."""

    id = UUID(primary_key=True, default=UUID4())
    practice_id = UUID(default=None)
    note = Text(default="")
    by_id = UUID(default=None)
    by_role = Text()
    created_at = Timestamptz()


class DisplacedVisit(Table, tablename="displaced_visits"):
    """One visit that lost its time: where it stood, what is to become of it, and what became of it."""

    closing_id = UUID(primary_key=True, default=None)
    appointment_id = UUID(default=None)
    starts_at = Timestamptz()
    wish = Text()
    slot_id = UUID(null=True, default=None)
    outcome = Text(null=True, default=None)
    done_at = Timestamptz(null=True, default=None)
