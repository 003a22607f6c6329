"""A doctor's day full of visits, and closing it."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from app import clock
from app.booking.queries import Appointment, Visit, visit_by_id
from app.booking.queries.displaced import Closing, closing_progress
from app.checkout.services import Done, NewException, Plan, close_time, preview_closing, take_return
from app.db.engine import fetch, fetch_value
from app.directory.queries import Practice, get_practice
from app.scheduling.queries import get_slot, week_of
from app.scheduling.rules import CalendarException, Session
from app.scheduling.services import set_week
from tests.booking.visits import a_visit, acting
from tests.checkout.stories import Story, a_held_visit, gateway_refunds, pay
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot, clinic_day

DAY = 3
"""Days ahead of the day that is closed in these tests."""


def leave(days_ahead: int = DAY) -> NewException:
    """One whole day on which nobody is seen."""
    on = clinic_day(days_ahead)
    return NewException(CalendarException("leave", on, on))


def clock_times(count: int, *, every: int = 30, first: int = 9 * 60) -> list[str]:
    """So many times of a day, from `first` (minutes after midnight) on."""
    return [f"{at // 60:02}:{at % 60:02}" for at in range(first, first + count * every, every)]


async def paid(
    doctor: CastDoctor, *, at: str, days_ahead: int = DAY, name: str = "Asha", minutes: int = 30
) -> Story:
    """A visit of a patient of its own, paid for at the gateway."""
    story = await a_held_visit(
        patient=await a_patient(name), doctor=doctor, at=at, days_ahead=days_ahead, minutes=minutes
    )
    proof = await pay(story)
    await take_return(proof["razorpay_order_id"], proof["razorpay_payment_id"], proof["razorpay_signature"])
    return story


async def free(doctor: CastDoctor, *times: str, days_ahead: int = DAY + 1, minutes: int = 30) -> list[UUID]:
    """Times nobody has taken."""
    return [await a_slot(doctor, at=at, days_ahead=days_ahead, minutes=minutes) for at in times]


async def proposed(doctor: CastDoctor) -> Plan:
    """The plan a doctor confirms who changes nothing of what is proposed."""
    practice = await get_practice(doctor.practice_id)
    preview = await preview_closing(practice, leave(), now=clock.now())
    return {
        visit.code: slot.starts_at if (slot := preview.proposals.get(visit.id)) else None
        for visit in preview.affected
    }


async def close(
    doctor: CastDoctor, plan: Plan, *, note: str = "", change: NewException | None = None
) -> Closing:
    """Close the day by a plan."""
    practice = await get_practice(doctor.practice_id)
    done = await close_time(practice, change or leave(), plan, note=note, by=acting(doctor))
    assert done.closing is not None
    return done.closing


async def outcomes(closing: Closing) -> dict[str, str | None]:
    """What became of each visit, by its code."""
    return {row.code: row.outcome for row in await closing_progress(closing.id)}


async def seen(stories: Sequence[Story]) -> list[Visit]:
    """The visits as they are now."""
    return [await visit_by_id(story.visit_id) for story in stories]


async def starts(slot_id: UUID) -> datetime:
    """When a slot begins."""
    return (await get_slot(slot_id)).starts_at


async def told(appointment_id: UUID) -> list[str]:
    """What a visit's patient was told of, in order: letters by kind."""
    rows = await fetch(
        "SELECT l.kind FROM letters l JOIN events e ON e.id = l.event_id "
        "WHERE e.subject_id = $1 AND l.kind IN ('rescheduled', 'cancelled') ORDER BY l.created_at",
        appointment_id,
    )
    return [row["kind"] for row in rows]


async def given_back(story: Story) -> list[int]:
    """The refunds of a visit, ours and the gateway's, which must be the same."""
    payment = await story.payment()
    ours = await fetch("SELECT amount_paise FROM refunds WHERE payment_id = $1", payment.id)
    theirs = await gateway_refunds(payment.razorpay_payment_id or "")
    assert sorted(row["amount_paise"] for row in ours) == sorted(one["amount"] for one in theirs)
    return [row["amount_paise"] for row in ours]


async def offered(doctor: CastDoctor) -> int:
    """How many times of the day are still on offer."""
    count: int = await fetch_value(
        "SELECT count(*) FROM slots WHERE practice_id = $1 AND on_date = $2 AND withdrawn_at IS NULL",
        doctor.practice_id,
        clinic_day(DAY),
    )
    return count


async def a_cancelled_visit_on_leave() -> tuple[CastDoctor, Practice, Appointment, Done]:
    """A working morning with a visit, closed by leave that is to cancel it; nobody has done so yet."""
    doctor = await a_doctor()
    practice = await get_practice(doctor.practice_id)
    week = [Session(clinic_day(DAY).weekday(), time(9), time(11), 30)]
    await set_week(practice, week, version=(await week_of(practice.id)).version, by=acting(doctor))
    slot = await fetch_value(
        "SELECT id FROM slots WHERE practice_id = $1 AND on_date = $2 ORDER BY starts_at LIMIT 1",
        practice.id,
        clinic_day(DAY),
    )
    visit = await a_visit(await a_patient(), slot, doctor)
    return doctor, practice, visit, await close_time(practice, leave(), {visit.code: None}, by=acting(doctor))
