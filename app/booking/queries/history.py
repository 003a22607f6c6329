"""What happened to one visit, read from the event log."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from app.booking.rows import HistoryEntry
from app.db.engine import fetch
from app.events import names
from app.events.queries import PastEvent, events_of_each

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
        names.RESCHEDULE_WITHDRAWN,
    }
)
"""Events a visit's history tells; changes within a hold are left to the log."""


async def history_of(appointment_id: UUID) -> list[HistoryEntry]:
    """Every change of a visit's state or time and every request, oldest first, with the notes still kept."""
    return (await histories_of([appointment_id]))[appointment_id]


async def histories_of(appointment_ids: Sequence[UUID]) -> dict[UUID, list[HistoryEntry]]:
    """As `history_of`, for several visits at once."""
    told = await events_of_each(appointment_ids)
    return {
        subject: [_entry(event) for event in events if event.name in TOLD] for subject, events in told.items()
    }


def _entry(event: PastEvent) -> HistoryEntry:
    return HistoryEntry(
        at=event.at,
        event=event.name,
        old=event.facts.get("from"),
        new=event.facts.get("to"),
        by_role=event.by_role,
        note=event.private.get("note", ""),
        moved_from=_moment(event.facts.get("from_starts_at")),
        moved_to=_moment(event.facts.get("to_starts_at")),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


async def codes_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """The codes of those of these that are visits, which say nothing of whose they are."""
    rows = await fetch("SELECT id, code FROM appointments WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: row["code"] for row in rows}
