"""From a hold to a seat: confirming, approving, and seating again when money came late."""

from uuid import UUID

from asyncpg import ExclusionViolationError

from app import clock
from app.booking.errors import AnswerTooLate, HoldOver, NotPossible, SlotPassed
from app.booking.queries.visits import visit_by_id
from app.booking.rows import Appointment
from app.booking.rules import APPROVE_WITHIN, check_move
from app.booking.services.steps import (
    change,
    check_text,
    close_request,
    lock_appointment,
    lock_for_settling,
    next_token,
    sweep,
)
from app.booking.services.times import Time, lock_slots
from app.db.engine import fetch_value, transaction
from app.db.retry import retried
from app.events import names
from app.events.actor import Actor


@retried
async def confirm(appointment_id: UUID, *, by: Actor) -> Appointment:
    """Turn a hold into a visit with a token, or into one that waits for the doctor's approval.

    A hold that has lapsed but that nobody swept is still good, unless its time has begun. Raises HoldOver
    for an expired one (see `seat_again`), SlotPassed, and what `check_move` raises for every other state.
    """
    async with transaction():
        held = await lock_appointment(appointment_id)
        if held.status == "expired":
            raise HoldOver
        check_move(held.status, "confirmed")
        if held.status != "held":
            raise NotPossible
        now = clock.now()
        if held.is_lapsed(now) and held.has_begun(now):
            raise SlotPassed
        return await _seat(held, by=by)


async def _seat(appointment: Appointment, *, by: Actor) -> Appointment:
    asks = await fetch_value("SELECT approves_visits FROM practices WHERE id = $1", appointment.practice_id)
    if not asks:
        return await _give_token(appointment, by=by)
    answer_by = clock.now() + APPROVE_WITHIN
    until = min(answer_by, appointment.starts_at) if appointment.starts_at else answer_by
    columns = {"approve_until": until}
    return await change(appointment, names.APPROVAL_ASKED, by=by, status="pending", columns=columns)


async def _give_token(appointment: Appointment, *, by: Actor, note: str = "") -> Appointment:
    check_move(appointment.status, "confirmed")
    token = await next_token(appointment.practice_id, appointment.on_date)
    columns = {"token_number": token, "token_on": appointment.on_date}
    return await change(
        appointment, names.APPOINTMENT_BOOKED, by=by, status="confirmed", columns=columns, note=note
    )


@retried
async def seat_again(appointment_id: UUID, *, by: Actor) -> Appointment:
    """Give an expired visit, paid for too late, its time back when that is still free and has not begun.

    Raises SlotTaken, SlotPassed or SlotGone (all NoLongerFree), NotPossible when it is not expired.
    """
    now = clock.now()
    async with transaction():
        expired = await lock_for_settling(appointment_id)
        if expired.status != "expired" or expired.starts_at is None or expired.ends_at is None:
            raise NotPossible
        time = Time.of(await visit_by_id(appointment_id), expired.starts_at, expired.ends_at)
        await lock_slots(time, now=now)
        await sweep(time.doctor_id, time.starts_at, time.ends_at, now=now)
        try:
            async with transaction():
                return await _seat(expired, by=by)
        except ExclusionViolationError as clash:
            raise await time.taken(clash, now=now) from clash


@retried
async def approve(appointment_id: UUID, *, note: str = "", by: Actor) -> Appointment:
    """Take a visit that waited for approval: it gets its token. Raises AnswerTooLate, NotPossible."""
    check_text(note=note)
    async with transaction():
        pending = await lock_appointment(appointment_id)
        if pending.status != "pending":
            check_move(pending.status, "confirmed")
            raise NotPossible
        if pending.approve_until is not None and pending.approve_until <= clock.now():
            raise AnswerTooLate
        return await _give_token(pending, by=by, note=note)


async def decline(appointment_id: UUID, *, note: str = "", by: Actor) -> Appointment:
    """The doctor, or time, says no to a visit that waited for approval; its time is free again.

    The money goes back by `checkout.services.decline`, which calls this. Raises NotPossible,
    AlreadyCancelled.
    """
    check_text(note=note)
    async with transaction():
        pending = await lock_appointment(appointment_id)
        check_move(pending.status, "cancelled")
        if pending.status != "pending":
            raise NotPossible
        await close_request(appointment_id, "withdrawn")
        return await change(pending, names.APPOINTMENT_DECLINED, by=by, status="cancelled", note=note)
