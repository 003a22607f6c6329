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
from app.checkout.errors import AffectedChanged, TimeNotFree, TooManyAffected
from app.db.engine import transaction
from app.db.retry import retried
from app.directory.queries import Practice
from app.events.actor import SYSTEM, Actor
from app.jobs.services import enqueue_all
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


MOST_AT_ONCE = 500
"""Visits that may lose their time by one change: what one page can ask about and one form can answer."""


@dataclass(frozen=True)
class Effect:
    """What a change would do: slots added and withdrawn, and who loses a visit's or a hold's time."""

    added: int
    withdrawn: int
    affected: list[Visit]

    @property
    def booked(self) -> int:
        """How many visits lose their time."""
        return sum(visit.status in MOVABLE for visit in self.affected)

    @property
    def held(self) -> int:
        """How many times are lost that are only held."""
        return len(self.affected) - self.booked


@dataclass(frozen=True)
class Preview(Effect):
    """The same, with where each visit could go."""

    proposals: dict[UUID, OpenSlot | None]
    others: dict[UUID, list[OpenSlot]]


@dataclass(frozen=True)
class Done:
    """What a change has done, and the closed time when visits lost theirs."""

    change: CalendarChange
    closing: Closing | None


class _Undone(Exception):
    """Ends the transaction of a preview, so that nothing of it stays."""


@retried
async def effect_of(practice: Practice, change: Change, *, now: datetime) -> Effect:
    """What a change would do, found by carrying it out and taking it back: so it is what will happen.

    Raises what the calendar refuses: Invalid, Conflict, NotFound.
    """
    try:
        async with transaction():
            done, visits = await _apply(practice, change, now=now, by=SYSTEM)
            raise _Undone
    except _Undone:
        return Effect(done.added, done.withdrawn, visits)


@retried
async def preview_closing(
    practice: Practice, change: Change, *, plan: Plan | None = None, now: datetime
) -> Preview:
    """As `effect_of`, with a time for each visit that loses its own.

    Visits for which `plan` names a time that is free are proposed that one. Whether a time is still free is
    decided again when a visit is moved. Raises TooManyAffected besides.
    """
    try:
        async with transaction():
            done, visits = await _apply(practice, change, now=now, by=SYSTEM)
            _check_number(visits)
            places = await _places(practice, visits, plan or {}, now=now)
            raise _Undone
    except _Undone:
        return Preview(done.added, done.withdrawn, visits, places.proposals, places.others)


@retried
async def close_time(practice: Practice, change: Change, plan: Plan, *, note: str = "", by: Actor) -> Done:
    """Change the calendar and write down what becomes of each visit that loses its time.

    All in one transaction. Each visit is then moved or cancelled by a job of its own, and its patient told
    `note`; one that is only held is given up. Raises AffectedChanged when visits are affected that the plan
    does not name (a hold that came meanwhile it need not name), TimeNotFree when a chosen time is gone,
    TooManyAffected, and then nothing was changed; BadText, and what the calendar refuses.
    """
    now = clock.now()
    async with transaction():
        done, visits = await _apply(practice, change, now=now, by=by)
        if not visits:
            return Done(done, None)
        _check_number(visits)
        wishes = await _wishes(practice, visits, plan, now=now)
        closing_id = await booking.displace(practice.id, wishes, note=note, by=by)
        await enqueue_moves([(closing_id, visit.id) for visit in visits])
        return Done(done, await get_closing(closing_id, practice_id=practice.id))


async def enqueue_moves(moves: Sequence[tuple[UUID, UUID]]) -> None:
    """Have displaced visits, each by its closing's id and its own, moved or cancelled by the worker."""
    work = [
        ({"closing_id": closing_id, "appointment_id": visit_id}, f"move:{closing_id}:{visit_id}")
        for closing_id, visit_id in moves
    ]
    await enqueue_all("checkout.move_visit", work)


def _check_number(visits: Sequence[Visit]) -> None:
    if len(visits) > MOST_AT_ONCE:
        raise TooManyAffected(len(visits), most=MOST_AT_ONCE)


async def _apply(
    practice: Practice, change: Change, *, now: datetime, by: Actor
) -> tuple[CalendarChange, list[Visit]]:
    """The doctor first, then calendar and slots: who holds or books meanwhile waits, or is seen below.

    Visits that an earlier change displaced and this one leaves in their place are not moved any more.
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
    await booking.leave_reopened(practice.id)
    await booking.sweep_all(practice.doctor_id, done.lost, now=now)
    return done, await affected(practice.id, done.lost, now=now)


async def _places(practice: Practice, visits: Sequence[Visit], plan: Plan, *, now: datetime) -> Places:
    near = {visit.id: at for visit in visits if (at := plan.get(visit.code)) is not None}
    return await places_for(visits, practice=practice, near=near, now=now)


async def _wishes(practice: Practice, visits: Sequence[Visit], plan: Plan, *, now: datetime) -> list[Wish]:
    """Where each visit goes by the plan, or the refusal that names the visits it does not do for."""
    unnamed = [
        visit.code for visit in visits if visit.code not in plan and (visit.status in MOVABLE or not plan)
    ]
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
