"""Giving an account up: what stands in the way, closing it, and what jobs do with it afterwards."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import clock
from app.accounts.personal import subject_of
from app.accounts.queries import Account
from app.accounts.records import get_erasure
from app.accounts.services import erasing as accounts
from app.accounts.services.holding import hold
from app.accounts.services.own_second_step import prove
from app.accounts.where import Where
from app.booking.errors import AlreadyCancelled, NotPossible
from app.booking.queries.ahead import Ahead, PatientsAhead, ahead_of, patients_ahead_of
from app.checkout.services import cancel
from app.db.engine import transaction
from app.desks.privacy.rooms import (
    erase_everywhere,
    erase_files,
    erase_letters,
    forget_everywhere,
    sealed_copy_of,
    things_of,
)
from app.directory.services.leaving import leave
from app.errors import Conflict, _
from app.events.actor import SYSTEM
from app.payments import personal as payments


class NotYetPossible(Conflict):
    """Visits are coming, of the person or of a doctor's patients."""

    slug = "visits-coming"
    message = _("There are visits to come. Please see to them first.")


@dataclass(frozen=True)
class InTheWay:
    """What has to be seen to before an account can go."""

    visits: list[Ahead]
    patients: PatientsAhead | None

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.visits or self.patients)


async def in_the_way(user_id: UUID) -> InTheWay:
    """The visits an account has ahead, and those of its doctor's patients."""
    now = clock.now()
    return InTheWay(await ahead_of(user_id, now=now), await patients_ahead_of(user_id, now=now))


async def close_for_good(account: Account, *, password: str, code: str = "", where: Where) -> datetime:
    """Shut an account at once, and leave the rest to the job once the last letter is out.

    `where` is the browser that asks, `code` of the app where the second step is on. Gives back until when a
    copy is kept that nobody is shown. Everything is looked at again while nothing can change, so that no
    visit slips in. Raises Invalid (fields password, code), TooMany, LastAdmin, ChangedMeanwhile,
    NotYetPossible.
    """
    proof = await prove(account, password=password, code=code, where=where)
    async with transaction():
        await leave(account.id, by=account.actor)
        await accounts.hold_still(account.id)
        await hold(account, proof=proof)
        if await in_the_way(account.id):
            raise NotYetPossible
        return await accounts.give_up(account.id, by=account.actor)


async def mask(user_id: UUID) -> None:
    """Put away what is kept for the legal term, and take out the rest; run again it goes on where it broke.

    Visits that were being booked while the account was closed are cancelled first. Raises StorageAway.
    """
    await _cancel_what_slipped_in(user_id)
    who = await subject_of(user_id)
    things = await things_of(who)
    if not (await get_erasure(user_id)).is_sealed:
        await accounts.seal(user_id, await sealed_copy_of(who))
    await erase_letters(who, things)  # now, too: broken off after the next line, some are found no more
    await erase_everywhere(who, things)
    await erase_files(who, things)
    async with transaction():
        await payments.erase(who)  # what the gateway said that was being handled meanwhile
        await accounts.note_masked(user_id)


async def finish(user_id: UUID) -> None:
    """Let go of everything that was only kept because the law asks for it. Raises StorageAway."""
    erasure = await get_erasure(user_id)
    if erasure.kept_until > clock.now():
        return
    who = await subject_of(user_id)
    things = await things_of(who)
    await forget_everywhere(who, things)
    await erase_files(who, things)
    await accounts.finish(user_id)


async def _cancel_what_slipped_in(user_id: UUID) -> None:
    for visit in await ahead_of(user_id, now=clock.now()):
        try:
            await cancel(visit.id, by=SYSTEM)
        except (AlreadyCancelled, NotPossible):
            continue  # over or under way by now, so there is nothing to call off
