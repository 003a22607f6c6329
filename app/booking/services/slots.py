"""Taking a free slot back from the offer."""

from uuid import UUID

from app import clock
from app.booking.errors import SlotInUse
from app.booking.services.steps import sweep
from app.db.engine import fetch_value, transaction
from app.db.retry import retried
from app.errors import NotFound
from app.events.actor import Actor
from app.scheduling.queries import lock_slot
from app.scheduling.services import withdraw


@retried
async def withdraw_slot(slot_id: UUID, *, practice_id: UUID, by: Actor) -> None:
    """Offer a slot of this practice no longer.

    Locked first, so that nobody claims it meanwhile; a lapsed hold does not keep it. Raises SlotInUse when it
    is held or booked, NotFound when it is unknown, another practice's, or withdrawn already.
    """
    now = clock.now()
    async with transaction():
        slot = await lock_slot(slot_id, "UPDATE")
        if slot.practice_id != practice_id or slot.is_withdrawn:
            raise NotFound
        await sweep(slot.doctor_id, slot.starts_at, slot.ends_at, now=now)
        in_use = await fetch_value(
            """
            SELECT EXISTS (
                SELECT FROM appointments a
                WHERE a.doctor_id = $1 AND a.starts_at < $3 AND a.ends_at > $2
                  AND a.status NOT IN ('cancelled', 'expired'))
            """,
            slot.doctor_id,
            slot.starts_at,
            slot.ends_at,
        )
        if in_use:
            raise SlotInUse
        await withdraw(slot_id, by=by)
