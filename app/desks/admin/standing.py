"""Who may come in, where accounts and directory join: both are changed, or neither.

The directory goes first, since it locks doctors before accounts wherever it changes both.
"""

from uuid import UUID

from app.accounts import services as accounts
from app.db.engine import transaction
from app.directory.services.clinics import close_practices_of, lock_doctor_of, open_practices_of
from app.errors import Invalid, _
from app.events.actor import Actor

LONGEST_WHY = 500


async def block(user_id: UUID, *, why: str, by: Actor) -> None:
    """Shut an account out; of a doctor's nothing is offered any more, and visits already booked stay.

    Raises NotFound, Invalid (field reason), OwnAccount, LastAdmin.
    """
    if len(why) > LONGEST_WHY:
        raise Invalid(fields={"reason": _("Use up to 500 letters.")})
    async with transaction():
        await close_practices_of(user_id, by=by)
        await accounts.block(user_id, why=why.strip(), by=by)


async def unblock(user_id: UUID, *, by: Actor) -> None:
    """Let an account in again, and offer again what a doctor offered. Raises NotFound, AccountErased."""
    async with transaction():
        await lock_doctor_of(user_id)
        was_blocked = (await accounts.lock_account(user_id)).is_blocked
        await accounts.unblock(user_id, by=by)
        if was_blocked:
            await open_practices_of(user_id, by=by)
