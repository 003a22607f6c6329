"""Visits that lose their time, written down when a time is closed and ticked off one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app import clock
from app.booking.services.steps import check_text
from app.booking.tables import ClosingRow
from app.db.engine import execute, transaction
from app.events import names
from app.events.actor import Actor
from app.events.services import publish

Outcome = Literal["moved", "cancelled", "left"]


@dataclass(frozen=True)
class Wish:
    """What is to become of a visit that loses its time: moved to a slot, or cancelled where that is None."""

    appointment_id: UUID
    starts_at: datetime
    slot_id: UUID | None


async def lock_doctor(doctor_id: UUID) -> None:
    """Let nobody else move, seat or displace visits of this doctor until the transaction ends."""
    await execute("SELECT FROM doctors WHERE id = $1 FOR NO KEY UPDATE", doctor_id)


async def displace(practice_id: UUID, wishes: Sequence[Wish], *, note: str = "", by: Actor) -> UUID:
    """Write down what is to become of visits that lose their time; gives the closing's id.

    The doctor is locked by the caller. A visit that waits for an earlier closing is left to this one.
    `note` is for the patients. Raises BadText.
    """
    check_text(note=note)
    now = clock.now()
    async with transaction():
        await execute(
            "UPDATE displaced_visits SET outcome = 'left', done_at = $2 "
            "WHERE appointment_id = ANY($1) AND done_at IS NULL",
            [wish.appointment_id for wish in wishes],
            now,
        )
        closing = ClosingRow(practice_id=practice_id, note=note, by_id=by.id, by_role=by.role, created_at=now)
        await ClosingRow.insert(closing)
        await execute(
            """
            INSERT INTO displaced_visits (closing_id, appointment_id, starts_at, slot_id, wish)
            SELECT $1, w.*, CASE WHEN w.slot_id IS NULL THEN 'cancel' ELSE 'move' END
            FROM unnest($2::uuid[], $3::timestamptz[], $4::uuid[]) AS w (appointment_id, starts_at, slot_id)
            """,
            closing.id,
            [wish.appointment_id for wish in wishes],
            [wish.starts_at for wish in wishes],
            [wish.slot_id for wish in wishes],
        )
        facts = {"closing_id": closing.id, "visits": len(wishes)}
        await publish(names.TIME_CLOSED, practice_id, by=by, facts=facts)
    return closing.id


async def leave_reopened(practice_id: UUID) -> None:
    """Move no more visits whose time is offered again; the doctor is locked by the caller."""
    await execute(
        """
        UPDATE displaced_visits v SET outcome = 'left', done_at = $2
        FROM appointments a
        WHERE a.id = v.appointment_id AND a.practice_id = $1 AND v.done_at IS NULL
          AND a.starts_at = v.starts_at AND (
              SELECT range_agg(tstzrange(s.starts_at, coalesce(s.covers_until, s.ends_at))) FROM slots s
              WHERE s.practice_id = $1 AND s.withdrawn_at IS NULL
                AND tstzrange(s.starts_at, s.ends_at) && tstzrange(a.starts_at, a.ends_at)
          ) @> tstzrange(a.starts_at, a.ends_at)
        """,
        practice_id,
        clock.now(),
    )


async def tick_off(
    closing_id: UUID, appointment_id: UUID, outcome: Outcome, *, slot_id: UUID | None = None
) -> None:
    """Write down what became of a displaced visit, once; `slot_id` is where it went."""
    await execute(
        """
        UPDATE displaced_visits SET outcome = $3, done_at = $4, slot_id = coalesce($5, slot_id)
        WHERE closing_id = $1 AND appointment_id = $2 AND done_at IS NULL
        """,
        closing_id,
        appointment_id,
        outcome,
        clock.now(),
        slot_id,
    )
