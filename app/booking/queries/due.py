"""Visits that wait for time alone to decide: lapsed holds, approvals nobody gave."""

from datetime import datetime

from app.booking.rows import COLUMNS, Appointment
from app.db.engine import fetch


async def lapsed_holds(*, now: datetime, limit: int = 200) -> list[Appointment]:
    """Holds whose time is over and that nobody closed yet, the oldest first."""
    rows = await fetch(
        f"""
        SELECT {COLUMNS} FROM appointments a
        WHERE a.status = 'held' AND a.hold_expires_at <= $1 ORDER BY a.hold_expires_at LIMIT $2
        """,
        now,
        limit,
    )
    return [Appointment.of(row) for row in rows]


async def unanswered(*, now: datetime, limit: int = 200) -> list[Appointment]:
    """Visits whose doctor could have approved them until now and did not, the oldest first."""
    rows = await fetch(
        f"""
        SELECT {COLUMNS} FROM appointments a
        WHERE a.status = 'pending' AND a.approve_until <= $1 ORDER BY a.approve_until LIMIT $2
        """,
        now,
        limit,
    )
    return [Appointment.of(row) for row in rows]
