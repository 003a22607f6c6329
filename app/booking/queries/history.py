"""What happened to one visit, read from the event log."""

from uuid import UUID

from app.booking.rows import HistoryEntry
from app.events import names
from app.events.queries import events_of

TOLD = frozenset(
    {
        names.APPOINTMENT_HELD,
        names.APPOINTMENT_EXPIRED,
        names.APPROVAL_ASKED,
        names.APPOINTMENT_BOOKED,
        names.APPOINTMENT_DECLINED,
        names.APPOINTMENT_CANCELLED,
        names.APPOINTMENT_RESCHEDULED,
        names.APPOINTMENT_COMPLETED,
        names.APPOINTMENT_NO_SHOW,
        names.RESCHEDULE_REQUESTED,
        names.RESCHEDULE_DECLINED,
    }
)
"""Events a visit's history tells; changes within a hold are left to the log."""


async def history_of(appointment_id: UUID) -> list[HistoryEntry]:
    """Every change of a visit's state or time and every request, oldest first, with the notes still kept."""
    return [
        HistoryEntry(
            at=event.at,
            event=event.name,
            old=event.facts.get("from"),
            new=event.facts.get("to"),
            by_role=event.by_role,
            note=event.private.get("note", ""),
        )
        for event in await events_of(appointment_id)
        if event.name in TOLD
    ]
