"""One displaced visit at a time: moved where it shall go, or cancelled with all its money back; once."""

from contextlib import suppress
from uuid import UUID

from app import clock
from app.booking import services as booking
from app.booking.errors import NoLongerFree, NotPossible
from app.booking.queries import Visit, visit_by_id
from app.booking.queries.displaced import Move, find_move, open_moves
from app.booking.queries.places import DISPLACED, proposals
from app.booking.rules import MOVABLE
from app.booking.services import Outcome
from app.checkout.services.cancel import cancel
from app.checkout.services.closing import enqueue_moves
from app.db.engine import transaction
from app.db.retry import retried
from app.directory.queries import get_practice
from app.events.actor import Actor

TRIES = 5
"""Times lost to somebody else in a row, before the job ends and comes again a little later."""


@retried
async def move_one(closing_id: UUID, appointment_id: UUID) -> None:
    """Do with a displaced visit what the doctor chose; what is done already is not done again.

    All of it is one transaction under the doctor's lock, so a worker that dies leaves all of it or nothing.
    Where the chosen time is gone the visit gets the free one nearest to it, and where none is free at all it
    is cancelled. Raises NoLongerFree when others were faster several times in a row.
    """
    async with transaction():
        await booking.lock_doctor_of(appointment_id)
        move = await find_move(closing_id, appointment_id)
        if move is None:
            return
        visit = await visit_by_id(appointment_id)
        outcome: Outcome = "left"
        slot_id = None
        if visit.starts_at == move.starts_at and visit.status in DISPLACED:
            with suppress(NotPossible):
                slot_id = await _moved_to(visit, move)
                if slot_id is None:
                    await _cancel(visit, move)
                outcome = "moved" if slot_id else "cancelled"
        await booking.tick_off(closing_id, appointment_id, outcome, slot_id=slot_id)


async def _moved_to(visit: Visit, move: Move) -> UUID | None:
    """Move a visit to the slot chosen for it or the nearest free one; None where it is to be cancelled."""
    slot_id = move.slot_id if visit.status in MOVABLE else None
    for _try in range(TRIES):
        if slot_id is None:
            return None
        try:
            await booking.reschedule(
                visit.id, slot_id=slot_id, note=move.note, closing_id=move.closing_id, by=_who(move)
            )
        except NoLongerFree as gone:
            lost, slot_id = gone, await _nearest(visit, move)
        else:
            return slot_id
    raise lost


async def _nearest(visit: Visit, move: Move) -> UUID | None:
    near = {visit.id: move.to_starts_at} if move.to_starts_at else {}
    practice = await get_practice(visit.practice_id)
    found = await proposals([visit], practice=practice, near=near, now=clock.now())
    slot = found[visit.id]
    return slot.id if slot else None


async def _cancel(visit: Visit, move: Move) -> None:
    """Cancel a visit that is still to come, with all its money back; who has arrived is left alone."""
    locked = await booking.lock_for_settling(visit.id)
    if locked.status not in DISPLACED:
        raise NotPossible
    await cancel(visit.id, reason=move.note, closing_id=move.closing_id, by=_who(move))


def _who(move: Move) -> Actor:
    return Actor(move.by_id, move.by_role)


async def move_what_is_open() -> None:
    """Ask again for every displaced visit nothing has become of, also where its job was set aside."""
    await enqueue_moves(await open_moves())
