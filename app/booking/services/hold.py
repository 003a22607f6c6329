"""Holding a time while the patient pays, and what may happen to a hold."""

from datetime import datetime
from uuid import UUID, uuid4

from app import clock
from app.accounts.queries import Person
from app.accounts.services import keep_person
from app.booking.errors import (
    AlreadyBooked,
    AlreadyExtended,
    HoldOver,
    HoldRunning,
    OwnLimit,
    OwnOverlap,
    SlotTaken,
)
from app.booking.rows import COLUMNS, Appointment
from app.booking.rules import BOOKED, COMING, MOST_OPEN_HOLDS, new_code
from app.booking.services.steps import change, check_text, lock_appointment, sweep, tell
from app.booking.services.times import Time, find_time, lock_slots
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.db.retry import retried
from app.directory.queries import Service
from app.directory.services import keep_service
from app.events import names
from app.events.actor import Actor
from app.settings import settings


@retried
async def hold(
    slot_id: UUID, *, service: Service, person: Person, reason: str, booked_by: UUID, by: Actor
) -> Appointment:
    """Keep a time for one person while they pay; the first to ask wins.

    We do not look before we insert: the constraint on live appointments decides between two patients who
    press at the same moment. `booked_by` is the account whose limits count, the fee is frozen here.
    Raises SlotTaken, SlotPassed, SlotGone and for patients SlotTooSoon, SlotTooFar, SlotKept (each with other
    times), ServiceChanged, OwnLimit, OwnOverlap, NotFound for a slot that is not the service's practice's,
    and BadText.
    """
    check_text(reason=reason)
    now = clock.now()
    async with transaction():
        await _one_at_a_time(booked_by)
        await keep_service(service)
        await keep_person(person)
        time = await find_time(
            slot_id,
            practice_id=service.practice_id,
            minutes=service.duration_minutes,
            now=now,
            is_online=not by.is_staff,
        )
        await lock_slots(time, now=now)
        await _check_own_limits(booked_by, person.id, time.starts_at, time.ends_at, now=now)
        await sweep(time.doctor_id, time.starts_at, time.ends_at, now=now)
        held = await _insert_unless_taken(time, service, person, reason, booked_by, now=now)
        if held is None:
            raise await time.instead(SlotTaken, now=now)
        await tell(names.APPOINTMENT_HELD, held, by=by, old=None, facts={"amount_paise": held.amount_paise})
    return held


async def _one_at_a_time(account_id: UUID | None) -> None:
    """Two presses of one account wait for each other, so that its limits are counted right."""
    await execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"booking.hold:{account_id}")


async def _check_own_limits(
    account_id: UUID,
    person_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    *,
    now: datetime,
    besides: UUID | None = None,
) -> None:
    """Raise OwnOverlap or OwnLimit; `besides` is the account's own hold that is being changed."""
    overlaps = await fetch_value(
        """
        SELECT EXISTS (
            SELECT FROM appointments a
            WHERE a.person_id = $1 AND a.starts_at < $3 AND a.ends_at > $2 AND a.status = ANY($4)
              AND NOT (a.status = 'held' AND a.hold_expires_at <= $5) AND a.id IS DISTINCT FROM $6)
        """,
        person_id,
        starts_at,
        ends_at,
        list(COMING),
        now,
        besides,
    )
    if overlaps:
        raise OwnOverlap
    holds = await fetch_value(
        """
        SELECT count(*) FROM appointments a
        WHERE a.booked_by_id = $1 AND a.status = 'held' AND a.hold_expires_at > $2
          AND a.id IS DISTINCT FROM $3
        """,
        account_id,
        now,
        besides,
    )
    if holds >= MOST_OPEN_HOLDS:
        raise OwnLimit


async def _insert_unless_taken(
    time: Time, service: Service, person: Person, reason: str, booked_by: UUID, *, now: datetime
) -> Appointment | None:
    row = await fetch_one(
        f"""
        INSERT INTO appointments AS a
            (id, code, practice_id, doctor_id, service_id, person_id, booked_by_id, slot_id, starts_at,
             ends_at, on_date, status, amount_paise, reason, hold_expires_at, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'held', $12, $13, $14, $15, $15)
        ON CONFLICT DO NOTHING RETURNING {COLUMNS}
        """,
        uuid4(),
        await _unused_code(),
        time.practice_id,
        time.doctor_id,
        service.id,
        person.id,
        booked_by,
        time.slot_id,
        time.starts_at,
        time.ends_at,
        time.on_date,
        service.fee_paise,
        reason,
        now + settings().hold_for,
        now,
    )
    return Appointment.of(row) if row else None


async def _unused_code() -> str:
    code = new_code()
    while await fetch_value("SELECT EXISTS (SELECT FROM appointments WHERE code = $1)", code):
        code = new_code()
    return code


async def extend_hold(appointment_id: UUID, *, by: Actor) -> Appointment:
    """Hold the time for the full length once more, counted from the hold's end, so that nobody waits to ask.

    Raises HoldOver, AlreadyBooked, AlreadyExtended.
    """
    now = clock.now()
    async with transaction():
        held = await _lock_running_hold(appointment_id, now=now)
        if held.hold_extended_at is not None or held.hold_expires_at is None:
            raise AlreadyExtended
        columns = {"hold_expires_at": held.hold_expires_at + settings().hold_for, "hold_extended_at": now}
        return await change(held, names.HOLD_EXTENDED, by=by, columns=columns)


async def change_details(appointment_id: UUID, *, person: Person, reason: str, by: Actor) -> Appointment:
    """Say for whom the visit is and why, while the time is held.

    The caller has made sure that the person belongs to the account. Raises HoldOver, AlreadyBooked,
    OwnOverlap, BadText.
    """
    check_text(reason=reason)
    now = clock.now()
    async with transaction():
        await _one_at_a_time(
            await fetch_value("SELECT booked_by_id FROM appointments WHERE id = $1", appointment_id)
        )
        held = await _lock_running_hold(appointment_id, now=now)
        await keep_person(person)
        if held.booked_by_id and held.starts_at and held.ends_at:
            await _check_own_limits(
                held.booked_by_id, person.id, held.starts_at, held.ends_at, now=now, besides=held.id
            )
        wanted = {"person_id": person.id, "reason": reason}
        changed = [name for name, value in wanted.items() if getattr(held, name) != value]
        if not changed:
            return held
        facts = {"changed": changed}
        return await change(held, names.HOLD_DETAILS_CHANGED, by=by, columns=wanted, facts=facts)


async def _lock_running_hold(appointment_id: UUID, *, now: datetime) -> Appointment:
    held = await lock_appointment(appointment_id)
    if held.status in BOOKED:
        raise AlreadyBooked
    if held.status != "held" or held.is_lapsed(now):
        raise HoldOver
    return held


async def release_hold(appointment_id: UUID, *, by: Actor) -> Appointment:
    """Give a held time up before paying. Raises HoldOver when it is over already, NotPossible once booked."""
    async with transaction():
        held = await lock_appointment(appointment_id)
        return await change(held, names.APPOINTMENT_EXPIRED, by=by, status="expired")


async def expire(appointment_id: UUID, *, by: Actor) -> Appointment:
    """Close a hold whose time is over; closing it twice closes it once.

    Raises HoldRunning when it still runs (it may have been extended meanwhile), NotPossible once booked.
    """
    async with transaction():
        held = await lock_appointment(appointment_id)
        if held.status == "expired":
            return held
        if held.status == "held" and not held.is_lapsed(clock.now()):
            raise HoldRunning
        return await change(held, names.APPOINTMENT_EXPIRED, by=by, status="expired")
