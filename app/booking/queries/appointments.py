"""Single appointments."""

from datetime import datetime
from uuid import UUID

from app.booking.rows import COLUMNS, Appointment
from app.db.engine import fetch, fetch_one
from app.errors import NotFound


async def get_appointment(appointment_id: UUID) -> Appointment:
    """One appointment by its row id; raises NotFound. Who may see it is `access`'s question."""
    row = await fetch_one(f"SELECT {COLUMNS} FROM appointments a WHERE a.id = $1", appointment_id)
    if row is None:
        raise NotFound
    return Appointment.of(row)


async def open_holds(account_id: UUID, *, now: datetime) -> list[Appointment]:
    """The times an account holds at this moment, the one that ends first in front."""
    rows = await fetch(
        f"""
        SELECT {COLUMNS} FROM appointments a
        WHERE a.booked_by_id = $1 AND a.status = 'held' AND a.hold_expires_at > $2
        ORDER BY a.hold_expires_at, a.id
        """,
        account_id,
        now,
    )
    return [Appointment.of(row) for row in rows]


async def find_own_hold(slot_id: UUID, account_id: UUID, *, now: datetime) -> Appointment | None:
    """The running hold of this account on this slot, so that pressing twice leads to the same one."""
    mine = await open_holds(account_id, now=now)
    return next((hold for hold in mine if hold.slot_id == slot_id), None)
