"""A doctor who no longer practises."""

from uuid import UUID

from app import clock
from app.db.engine import execute, fetch_value, transaction
from app.directory.services.clinics import close_practices_of
from app.events import names
from app.events.actor import Actor
from app.events.services import publish


async def leave(user_id: UUID, *, by: Actor) -> None:
    """Close the practices of an account's doctor, so that nobody finds or books them; twice is once.

    Visits that were agreed stay what they are: the caller looks after them first, or in the same transaction,
    which has the doctor locked from here on. Nothing for an account that is no doctor's.
    """
    async with transaction():
        doctor_id: UUID | None = await fetch_value(
            "SELECT id FROM doctors WHERE user_id = $1 AND left_at IS NULL FOR NO KEY UPDATE", user_id
        )
        if doctor_id is None:
            return
        await execute("UPDATE doctors SET left_at = $2 WHERE id = $1", doctor_id, clock.now())
        await close_practices_of(user_id, by=by)
        await publish(names.DOCTOR_LEFT, doctor_id, by=by, facts={"doctor_id": doctor_id})
