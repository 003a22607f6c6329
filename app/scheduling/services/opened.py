"""Days that patients could not book before and can now: which they are, and saying so."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from app.db.engine import fetch
from app.events import names
from app.events.actor import Actor
from app.events.services import publish


async def bookable_days(practice_id: UUID, *, today: date, ahead: int, now: datetime) -> set[date]:
    """The clinic's days from `today` to so many days `ahead` with a time for patients that has not begun.

    What is kept back for walk-ins does not count; whether a visit sits on a time is another room's question.
    """
    rows = await fetch(
        "SELECT DISTINCT on_date FROM slots WHERE practice_id = $1 AND on_date BETWEEN $2 AND $3 "
        "AND starts_at > $4 AND withdrawn_at IS NULL AND NOT is_kept",
        practice_id,
        today,
        today + timedelta(days=ahead),
        now,
    )
    return {row["on_date"] for row in rows}


async def tell_days_opened(practice_id: UUID, doctor_id: UUID, days: Collection[date], *, by: Actor) -> None:
    """Say, in the caller's transaction, which days could not be booked before; no day, no event."""
    if days:
        facts = {"doctor_id": doctor_id, "days": [day.isoformat() for day in sorted(days)]}
        await publish(names.DAYS_OPENED, practice_id, by=by, facts=facts)
