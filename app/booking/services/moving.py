"""Another time for a visit: moved by the clinic, asked for by the patient."""

from datetime import datetime
from uuid import UUID, uuid4

from asyncpg import ExclusionViolationError

from app import clock
from app.booking.errors import NoOpenRequest, NotPossible, RequestOpen, SameTime, VisitBegun
from app.booking.queries.visits import visit_by_id
from app.booking.rows import Appointment, Visit
from app.booking.rules import MOVABLE
from app.booking.services.steps import (
    because_of,
    change,
    check_text,
    close_request,
    has_open_request,
    iso_or_none,
    lock_appointment,
    lock_doctor_of,
    next_token,
    sweep,
    tell,
)
from app.booking.services.times import Time, find_time, lock_slots
from app.db.engine import fetch_value, transaction
from app.db.retry import retried
from app.events import names
from app.events.actor import Actor


@retried
async def reschedule(
    appointment_id: UUID, *, slot_id: UUID, note: str = "", closing_id: UUID | None = None, by: Actor
) -> Appointment:
    """Move a visit to another slot of the same practice, for as long as it took before.

    The token stays on the same day and is a new one on another; an open request counts as accepted. The
    doctor is locked first and the constraint decides, as for everybody. `closing_id` is the closed time that
    makes it move. Raises SlotTaken, SlotPassed or SlotGone (each with other times), SameTime, NotPossible,
    NotFound for another practice's slot, BadText.
    """
    return await _reschedule(appointment_id, slot_id, note=note, by=by, closing_id=closing_id)


@retried
async def accept_request(appointment_id: UUID, *, slot_id: UUID, note: str = "", by: Actor) -> Appointment:
    """Grant the open wish for another time by moving the visit to a slot.

    A wish is answered once: a page left open raises NoOpenRequest and moves nothing. Raises what
    `reschedule` raises besides.
    """
    return await _reschedule(appointment_id, slot_id, note=note, by=by, asked_for=True)


async def _reschedule(
    appointment_id: UUID,
    slot_id: UUID,
    *,
    note: str,
    by: Actor,
    asked_for: bool = False,
    closing_id: UUID | None = None,
) -> Appointment:
    check_text(note=note)
    now = clock.now()
    async with transaction():
        await lock_doctor_of(appointment_id)
        time = await _time_for(await visit_by_id(appointment_id), slot_id, now=now)
        await lock_slots(time, now=now)
        visit = await lock_appointment(appointment_id)
        if asked_for and not await has_open_request(appointment_id):
            raise NoOpenRequest
        _check_movable(visit)
        if visit.starts_at == time.starts_at:
            raise SameTime
        await sweep(time.doctor_id, time.starts_at, time.ends_at, now=now)
        try:
            async with transaction():
                return await _move(visit, time, note=note, closing_id=closing_id, by=by)
        except ExclusionViolationError as clash:
            raise await time.taken(clash, now=now) from clash


async def _time_for(visit: Visit, slot_id: UUID, *, now: datetime) -> Time:
    return await find_time(slot_id, practice_id=visit.practice_id, minutes=visit.minutes, now=now)


def _check_movable(visit: Appointment) -> None:
    if visit.status not in MOVABLE:
        raise NotPossible


async def _move(
    visit: Appointment, time: Time, *, note: str, closing_id: UUID | None, by: Actor
) -> Appointment:
    await close_request(visit.id, "accepted")
    columns: dict[str, object] = {
        "slot_id": time.slot_id,
        "starts_at": time.starts_at,
        "ends_at": time.ends_at,
        "on_date": time.on_date,
    }
    if visit.approve_until is not None:
        columns["approve_until"] = min(visit.approve_until, time.starts_at)
    if visit.token_number is not None and visit.token_on != time.on_date:
        columns |= {
            "token_number": await next_token(visit.practice_id, time.on_date),
            "token_on": time.on_date,
        }
    facts = {
        "from_starts_at": iso_or_none(visit.starts_at),
        "to_starts_at": iso_or_none(time.starts_at),
        **because_of(closing_id),
    }
    return await change(visit, names.APPOINTMENT_RESCHEDULED, by=by, columns=columns, facts=facts, note=note)


async def request_reschedule(
    appointment_id: UUID, *, note: str = "", wish: str = "", by: Actor
) -> Appointment:
    """Ask the clinic for another time; one open request at once.

    `wish` says which times would suit, `note` why. Raises RequestOpen, VisitBegun, NotPossible, BadText.
    """
    check_text(note=note, wish=wish)
    now = clock.now()
    async with transaction():
        visit = await lock_appointment(appointment_id)
        _check_movable(visit)
        if visit.has_begun(now):
            raise VisitBegun
        request_id = await fetch_value(
            """
            INSERT INTO reschedule_requests (id, appointment_id, note, wish, created_at)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id
            """,
            uuid4(),
            visit.id,
            note,
            wish,
            now,
        )
        if request_id is None:
            raise RequestOpen
        private = {"note": note, "wish": wish}
        await tell(names.RESCHEDULE_REQUESTED, visit, by=by, old=visit.status, private=private)
    return visit


async def decline_request(appointment_id: UUID, *, note: str = "", by: Actor) -> Appointment:
    """Leave the visit where it is and answer the patient so. Raises NoOpenRequest, BadText."""
    check_text(note=note)
    async with transaction():
        visit = await lock_appointment(appointment_id)
        if not await close_request(appointment_id, "declined"):
            raise NoOpenRequest
        await tell(names.RESCHEDULE_DECLINED, visit, by=by, old=visit.status, note=note)
    return visit


async def withdraw_request(appointment_id: UUID, *, by: Actor) -> Appointment:
    """The patient no longer wants another time; the visit stays where it is. Raises NoOpenRequest."""
    async with transaction():
        visit = await lock_appointment(appointment_id)
        if not await close_request(appointment_id, "withdrawn"):
            raise NoOpenRequest
        await tell(names.RESCHEDULE_WITHDRAWN, visit, by=by, old=visit.status)
    return visit
