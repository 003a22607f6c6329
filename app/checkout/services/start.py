"""The beginning: a time is held and what it costs is written down, in one transaction."""

from uuid import UUID

from app.accounts.queries import Account, Person, get_person, self_of
from app.booking.queries import Appointment
from app.booking.services import confirm, hold
from app.checkout.errors import WayOfPayingNotOffered
from app.db.engine import transaction
from app.db.retry import retried
from app.directory.queries import Service, default_service, get_service
from app.payments.services import open_payment
from app.scheduling.queries import get_slot
from app.web.limits import spend

WAYS_OF_PAYING = ("razorpay",)
"""Wallet and paying at the clinic come with the rooms that keep such money."""


async def start(
    slot_id: UUID,
    *,
    service_id: UUID | None = None,
    person_id: UUID | None = None,
    reason: str = "",
    pay_with: str = "razorpay",
    account: Account,
) -> Appointment:
    """Hold a time for one of the account's persons (its owner by default) and open the payment for it.

    Without a service the practice's default is taken. A free visit is confirmed at once. The order at the
    gateway is made after commit, by `ensure_order`. Raises WayOfPayingNotOffered, TooMany, NotFound, and
    what `booking.services.hold` raises.
    """
    if pay_with not in WAYS_OF_PAYING:
        raise WayOfPayingNotOffered
    await spend("booking", str(account.id))
    slot = await get_slot(slot_id)
    service = (
        await get_service(service_id, practice_id=slot.practice_id)
        if service_id
        else await default_service(slot.practice_id)
    )
    person = await get_person(person_id, account_id=account.id) if person_id else await self_of(account.id)
    return await _hold_with_payment(slot_id, service, person, reason.strip(), account)


@retried
async def _hold_with_payment(
    slot_id: UUID, service: Service, person: Person, reason: str, account: Account
) -> Appointment:
    by = account.actor
    async with transaction():
        held = await hold(slot_id, service=service, person=person, reason=reason, booked_by=account.id, by=by)
        if held.amount_paise == 0:
            return await confirm(held.id, by=by)
        await open_payment(
            held.id, code=held.code, amount_paise=held.amount_paise, payer_id=account.id, by=by
        )
        return held
