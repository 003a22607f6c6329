"""A change of the calendar and the visits it leaves without a time: shown first, then done together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import clock
from app.booking import services as booking
from app.booking.queries import OpenSlot, Visit
from app.booking.queries.displaced import Closing, get_closing
from app.booking.queries.places import Places, affected, places_for
from app.booking.rules import MOVABLE
from app.booking.services import Wish
from app.checkout.errors import AffectedChanged, TimeNotFree
from app.db.engine import transaction
from app.db.retry import retried
from app.directory.queries import Practice
from app.events.actor import SYSTEM, Actor
from app.jobs.services import enqueue
from app.scheduling import services as scheduling
from app.scheduling.rules import CalendarException, Session
from app.scheduling.services import CalendarChange

Plan = Mapping[str, datetime | None]
"""By booking code: when the visit is to begin instead, or None for cancelling it with all its money back.

By the time and not by its slot, because the slots a change makes exist only once it is carried out.
"""


@dataclass(frozen=True)
class NewWeek:
    """Other weekly sessions; `version` is that of the calendar the doctor has seen."""

    sessions: Sequence[Session]
    version: int


@dataclass(frozen=True)
class NewException:
    """Leave, a holiday or an extra day."""

    exception: CalendarException


@dataclass(frozen=True)
class EndException:
    """An exception taken back; an extra day takes its times with it."""

    exception_id: UUID


Change = NewWeek | NewException | EndException


@dataclass(frozen=True)
class Preview:
    """What a change would do: slots added and withdrawn, who loses a visit's time, where each could go."""

    affected: list[Visit]
    proposals: dict[UUID, OpenSlot | None]
    others: dict[UUID, list[OpenSlot]]
    added: int
    withdrawn: int


class _Undone(Exception):
    """Ends the transaction of a preview, so that nothing of it stays."""


@retried
async def preview_closing(
    practice: Practice, change: Change, *, plan: Plan | None = None, now: datetime
) -> Preview:
    """What a change would do, found by carrying it out and taking it back: so it is what will happen.

    Visits for which `plan` names a time that is free are proposed that one. Whether a time is still free is
    decided again when a visit is moved. Raises what the calendar refuses: Invalid, Conflict, NotFound.
    """
    try:
        async with transaction():
            done, visits = await _apply(practice, change, now=now, by=SYSTEM)
            places = await _places(practice, visits, plan or {}, now=now)
            raise _Undone
    except _Undone:
        return Preview(visits, places.proposals, places.others, done.added, done.withdrawn)


@retried
async def close_time(
    practice: Practice, change: Change, plan: Plan, *, note: str = "", by: Actor
) -> Closing | None:
    """Change the calendar and write down what becomes of each visit that loses its time; None without any.

    All in one transaction. Each visit is then moved or cancelled by a job of its own, and its patient told
    `note`; one that is only held is given up. Raises AffectedChanged when visits are affected that the plan
    does not name, TimeNotFree when a chosen time is gone, and then nothing was changed; BadText, and what
    the calendar refuses.
    """
    now = clock.now()
    async with transaction():
        _done, visits = await _apply(practice, change, now=now, by=by)
        if not visits:
            return None
        closing_id = await booking.displace(
            practice.id, await _wishes(practice, visits, plan, now=now), note=note, by=by
        )
        for visit in visits:
            await enqueue_move(closing_id, visit.id)
        return await get_closing(closing_id, practice_id=practice.id)


async def enqueue_move(closing_id: UUID, appointment_id: UUID) -> None:
    """Have one displaced visit moved or cancelled by the worker."""
    ids = {"closing_id": closing_id, "appointment_id": appointment_id}
    await enqueue("checkout.move_visit", ids, dedupe=f"move:{closing_id}:{appointment_id}")


async def _apply(
    practice: Practice, change: Change, *, now: datetime, by: Actor
) -> tuple[CalendarChange, list[Visit]]:
    """The doctor first, then calendar and slots: who holds or books meanwhile waits, or is seen below.

    Lapsed holds end here: money that comes for one later finds the time no longer offered and goes back.
    """
    await booking.lock_doctor(practice.doctor_id)
    match change:
        case NewWeek(sessions, version):
            done = await scheduling.set_week(practice, sessions, version=version, by=by)
        case NewException(exception):
            done = await scheduling.add_exception(practice, exception, by=by)
        case EndException(exception_id):
            done = await scheduling.end_exception(exception_id, practice=practice, by=by)
    await booking.sweep_all(practice.doctor_id, done.lost, now=now)
    return done, await affected(practice.id, done.lost, now=now)


async def _places(practice: Practice, visits: Sequence[Visit], plan: Plan, *, now: datetime) -> Places:
    near = {visit.id: at for visit in visits if (at := plan.get(visit.code)) is not None}
    return await places_for(visits, practice=practice, near=near, now=now)


async def _wishes(practice: Practice, visits: Sequence[Visit], plan: Plan, *, now: datetime) -> list[Wish]:
    """Where each visit goes by the plan, or the refusal that names the visits it does not do for."""
    unnamed = [visit.code for visit in visits if visit.status in MOVABLE and visit.code not in plan]
    if unnamed:
        raise AffectedChanged(unnamed)
    moved = [visit for visit in visits if visit.status in MOVABLE and plan[visit.code] is not None]
    places = await _places(practice, moved, plan, now=now)
    gone = [
        visit.code
        for visit in moved
        if (slot := places.proposals[visit.id]) is None or slot.starts_at != plan[visit.code]
    ]
    if gone:
        raise TimeNotFree(gone)
    found = {visit_id: slot.id for visit_id, slot in places.proposals.items() if slot is not None}
    return [
        Wish(visit.id, visit.starts_at, found.get(visit.id))
        for visit in visits
        if visit.starts_at is not None
    ]
