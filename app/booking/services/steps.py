"""The steps services share: locking, sweeping, writing a change with its event, tokens."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from app import clock
from app.booking.errors import BadText
from app.booking.rows import COLUMNS, Appointment
from app.booking.rules import LONGEST_TEXT, check_move
from app.db.engine import execute, fetch, fetch_one, fetch_value
from app.errors import NotFound, _
from app.events import names
from app.events.actor import SYSTEM, Actor
from app.events.services import publish
from app.scheduling.rules import Range


async def lock_appointment(appointment_id: UUID) -> Appointment:
    """The appointment, ours alone until the transaction ends; raises NotFound."""
    row = await fetch_one(f"SELECT {COLUMNS} FROM appointments a WHERE a.id = $1 FOR UPDATE", appointment_id)
    if row is None:
        raise NotFound
    return Appointment.of(row)


async def lock_doctor_of(appointment_id: UUID) -> None:
    """Let nobody else move or seat visits of this appointment's doctor meanwhile.

    A visit never changes its doctor, so the row can be found before it is locked.
    """
    await execute(
        "SELECT FROM doctors WHERE id = (SELECT doctor_id FROM appointments WHERE id = $1) FOR NO KEY UPDATE",
        appointment_id,
    )


async def lock_for_settling(appointment_id: UUID) -> Appointment:
    """Doctor, slots and appointment in the order all services lock them, before a payment is locked.

    For rooms above that decide about money and visit in one transaction. Raises NotFound.
    """
    await lock_doctor_of(appointment_id)
    await execute(
        """
        SELECT FROM slots s JOIN appointments a ON a.id = $1
        WHERE s.doctor_id = a.doctor_id AND s.starts_at < a.ends_at AND s.ends_at > a.starts_at
          AND s.withdrawn_at IS NULL
        ORDER BY s.starts_at FOR SHARE OF s
        """,
        appointment_id,
    )
    return await lock_appointment(appointment_id)


async def change(
    old: Appointment,
    event: str,
    *,
    by: Actor,
    status: str | None = None,
    note: str = "",
    facts: Mapping[str, object] | None = None,
    columns: Mapping[str, object] | None = None,
) -> Appointment:
    """Write one change of a locked appointment and its one event; the only place that assigns a status.

    `columns` are set beside it, `facts` told beside the states. Raises what `check_move` raises.
    """
    if status is not None:
        check_move(old.status, status)
    values = {**(columns or {}), "status": status or old.status, "changed_at": clock.now()}
    assigned = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, start=2))
    row = await fetch_one(
        f"UPDATE appointments a SET {assigned} WHERE a.id = $1 RETURNING {COLUMNS}", old.id, *values.values()
    )
    if row is None:
        raise NotFound
    new = Appointment.of(row)
    await tell(event, new, by=by, old=old.status, note=note, facts=facts)
    return new


async def tell(
    event: str,
    visit: Appointment,
    *,
    by: Actor,
    old: str | None,
    note: str = "",
    facts: Mapping[str, object] | None = None,
    private: Mapping[str, str] | None = None,
) -> None:
    """Publish a visit's event: states, ids and times as facts, what people wrote apart from them."""
    personal = {name: text for name, text in {"note": note, **(private or {})}.items() if text}
    await publish(
        event,
        visit.id,
        by=by,
        facts={
            "from": old,
            "to": visit.status,
            "practice_id": visit.practice_id,
            "doctor_id": visit.doctor_id,
            "person_id": visit.person_id,
            "booked_by_id": visit.booked_by_id,
            "starts_at": iso_or_none(visit.starts_at),
            **(facts or {}),
        },
        private={visit.person_id: personal} if personal else None,
    )


def because_of(closing_id: UUID | None) -> dict[str, object]:
    """The fact by which an event names the closed time it follows from, so that letters say so."""
    return {"closing_id": closing_id} if closing_id else {}


def iso_or_none(moment: datetime | None) -> str | None:
    """A moment as an event keeps it."""
    return moment.isoformat() if moment else None


async def sweep(doctor_id: UUID, starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    """Close the lapsed holds of a doctor that lie in a time range, so that they stand in nobody's way."""
    await sweep_all(doctor_id, [(starts_at, ends_at)], now=now)


async def sweep_all(doctor_id: UUID, ranges: Sequence[Range], *, now: datetime) -> None:
    """As `sweep`, for several ranges at once."""
    if not ranges:
        return
    starts, ends = [start for start, _end in ranges], [end for _start, end in ranges]
    rows = await fetch(
        f"""
        SELECT {COLUMNS} FROM appointments a
        WHERE a.doctor_id = $1 AND a.status = 'held' AND a.hold_expires_at <= $4
          AND a.starts_at < $5 AND a.ends_at > $6
          AND EXISTS (
              SELECT FROM unnest($2::timestamptz[], $3::timestamptz[]) AS one (starts_at, ends_at)
              WHERE one.starts_at < a.ends_at AND one.ends_at > a.starts_at)
        ORDER BY a.id FOR UPDATE OF a
        """,
        doctor_id,
        starts,
        ends,
        now,
        max(ends),
        min(starts),
    )
    for row in rows:
        await change(Appointment.of(row), names.APPOINTMENT_EXPIRED, by=SYSTEM, status="expired")


async def next_token(practice_id: UUID, on: date) -> int:
    """The next number of a practice's day; the counter stays locked until the transaction ends, so no gap."""
    number: int = await fetch_value(
        """
        INSERT INTO token_counters AS t (practice_id, on_date, last_number) VALUES ($1, $2, 1)
        ON CONFLICT (practice_id, on_date) DO UPDATE SET last_number = t.last_number + 1
        RETURNING last_number
        """,
        practice_id,
        on,
    )
    return number


async def has_open_request(appointment_id: UUID) -> bool:
    """Whether a wish for another time waits for its answer; holds still while the appointment is locked."""
    is_open: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM reschedule_requests WHERE appointment_id = $1 AND decided_at IS NULL)",
        appointment_id,
    )
    return is_open


async def close_request(appointment_id: UUID, decision: str) -> bool:
    """Answer the open request for another time, if there is one; says whether there was."""
    tag = await execute(
        """
        UPDATE reschedule_requests SET decided_at = $2, decision = $3
        WHERE appointment_id = $1 AND decided_at IS NULL
        """,
        appointment_id,
        clock.now(),
        decision,
    )
    return tag != "UPDATE 0"


def check_text(**texts: str) -> None:
    """Refuse text that a slip or a desk cannot show; raises BadText at the field of that name."""
    long = [name for name, text in texts.items() if len(text) > LONGEST_TEXT]
    unreadable = [name for name, text in texts.items() if "\x00" in text]
    if long or unreadable:
        fields = dict.fromkeys(long, _("Please use at most 500 characters."))
        raise BadText(fields=fields | dict.fromkeys(unreadable, _("Please use readable characters only.")))
