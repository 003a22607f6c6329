"""Short ways to a visit in a given state, and another clock, for the tests of this room."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from app import clock
from app.accounts.queries import Person, self_of
from app.booking import services
from app.booking.rows import Appointment
from app.db.clock import set_clock
from app.db.engine import fetch
from app.directory.queries import default_service, get_service
from app.events.actor import Actor
from app.events.queries import PastEvent, events_of
from tests.factories import Cast, CastDoctor


def acting(person: Cast) -> Actor:
    """The `by=` of services."""
    return Actor(person.id, person.role)


async def hold_for(
    patient: Cast,
    slot_id: UUID,
    doctor: CastDoctor,
    *,
    service_id: UUID | None = None,
    person: Person | None = None,
    reason: str = "",
) -> Appointment:
    """A slot held by a patient."""
    service = (
        await get_service(service_id, practice_id=doctor.practice_id)
        if service_id
        else await default_service(doctor.practice_id)
    )
    return await services.hold(
        slot_id,
        service=service,
        person=person or await self_of(patient.id),
        reason=reason,
        booked_by=patient.id,
        by=acting(patient),
    )


async def a_visit(patient: Cast, slot_id: UUID, doctor: CastDoctor) -> Appointment:
    """A confirmed visit (or a pending one, where the doctor approves)."""
    held = await hold_for(patient, slot_id, doctor)
    return await services.confirm(held.id, by=acting(patient))


@contextmanager
def the_clock_at(moment: datetime) -> Iterator[None]:
    """It is `moment` inside."""
    clock.shift_by(timedelta(0))
    clock.shift_by(moment - clock.now())
    try:
        yield
    finally:
        clock.shift_by(timedelta(0))


def later(**by: float) -> AbstractContextManager[None]:
    """It is so much later inside."""
    return the_clock_at(clock.now() + timedelta(**by))


@asynccontextmanager
async def all_clocks_later(**by: float) -> AsyncIterator[None]:
    """It is so much later inside, for the site too, which reads the clock from the database."""
    await set_clock(clock.now() + timedelta(**by))
    try:
        yield
    finally:
        await set_clock(None)


async def events(appointment_id: UUID) -> list[PastEvent]:
    """What the log tells of a visit."""
    return await events_of(appointment_id)


async def live_overlaps() -> list[tuple[UUID, UUID]]:
    """Pairs of live appointments of one doctor that overlap; the product promises that there are none."""
    rows = await fetch(
        """
        SELECT a.id AS one, b.id AS other FROM appointments a JOIN appointments b
        ON a.doctor_id = b.doctor_id AND a.id < b.id AND a.starts_at < b.ends_at AND a.ends_at > b.starts_at
        WHERE a.status NOT IN ('cancelled', 'expired') AND b.status NOT IN ('cancelled', 'expired')
        """
    )
    return [(row["one"], row["other"]) for row in rows]
