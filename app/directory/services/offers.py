"""What a practice offers: adding, changing, moving and retiring services.

Each change locks the doctor, then the service, so that a booking under way (`keep_service`) is over before
it is looked whether anybody has booked the service.
"""

from typing import Unpack
from uuid import UUID

from app import clock
from app.db.engine import execute, fetch, fetch_one, fetch_value, transaction
from app.directory.errors import NoSuchService, ServiceChanged
from app.directory.queries.terms import IN_ORDER, SERVICE_COLUMNS
from app.directory.rows import Service
from app.directory.rules import WORDS_OF_A_SERVICE, ServiceTerms, check_service
from app.directory.services.listing import relist
from app.events import names
from app.events.actor import Actor
from app.events.services import publish


async def add_service(
    practice_id: UUID,
    *,
    name: str,
    duration_minutes: int,
    fee_paise: int,
    by: Actor,
    description: str = "",
    category: str = "",
    mode: str = "in_person",
    is_taxable: bool = False,
) -> UUID:
    """Offer a service, behind those the practice has; `mode` is in_person or video. Raises Invalid."""
    terms: ServiceTerms = {
        "name": name,
        "description": description,
        "category": category,
        "duration_minutes": duration_minutes,
        "fee_paise": fee_paise,
        "mode": mode,
        "is_taxable": is_taxable,
    }
    check_service(terms)
    async with transaction():
        await _lock_doctor(practice_id)
        last = await fetch_value("SELECT max(position) FROM services WHERE practice_id = $1", practice_id)
        service_id = await _insert(practice_id, terms, position=0 if last is None else last + 1)
        await relist([practice_id])
        facts = {"practice_id": practice_id, "fee_paise": fee_paise, "duration_minutes": duration_minutes}
        await publish(names.SERVICE_ADDED, service_id, by=by, facts=facts)
    return service_id


async def change_service(
    service_id: UUID, *, practice_id: UUID, by: Actor, **terms: Unpack[ServiceTerms]
) -> UUID:
    """Offer a service on other terms; gives back the id of what is offered from now on.

    Visits booked before keep what was agreed: where there are any, their service is retired and another takes
    its place, unless it is only described in other words. Raises Invalid, NoSuchService.
    """
    check_service(terms)
    async with transaction():
        old, position = await _lock(service_id, practice_id)
        changed = [column for column, value in terms.items() if getattr(old, column) != value]
        if not changed:
            return service_id
        new_id = service_id
        if not WORDS_OF_A_SERVICE.issuperset(changed) and await _is_booked(service_id):
            await _retire(service_id)
            new_id = await _insert(practice_id, terms, position=position)
        else:
            await _update(service_id, terms)
        await relist([practice_id])
        facts = {"practice_id": practice_id, "instead_of": service_id, "changed": changed}
        await publish(names.SERVICE_CHANGED, new_id, by=by, facts=facts)
    return new_id


async def retire_service(service_id: UUID, *, practice_id: UUID, by: Actor) -> None:
    """Offer a service no longer; visits booked for it stay. Twice is once. Raises NoSuchService."""
    async with transaction():
        try:
            await _lock(service_id, practice_id)
        except NoSuchService:
            if not await _is_of(practice_id, service_id):
                raise
            return
        await _retire(service_id)
        await relist([practice_id])
        await publish(names.SERVICE_RETIRED, service_id, by=by, facts={"practice_id": practice_id})


async def move_service(service_id: UUID, *, practice_id: UUID, up: bool, by: Actor) -> None:
    """Let a service change places with the one before it, or after it; at the end nothing happens.

    The first in person is what a booking takes that names none. Raises NoSuchService.
    """
    async with transaction():
        await _lock(service_id, practice_id)
        rows = await fetch(
            f"SELECT sv.id FROM services sv WHERE sv.practice_id = $1 AND sv.retired_at IS NULL {IN_ORDER}",
            practice_id,
        )
        order: list[UUID] = [row["id"] for row in rows]
        here = order.index(service_id)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(order):
            return
        order[here], order[there] = order[there], order[here]
        await execute(
            "UPDATE services SET position = o.place FROM unnest($1::uuid[]) WITH ORDINALITY AS o(id, place) "
            "WHERE services.id = o.id",
            order,
        )
        await relist([practice_id])
        await publish(names.SERVICE_MOVED, service_id, by=by, facts={"practice_id": practice_id})


async def keep_service(service: Service) -> None:
    """Keep a service on the terms somebody has read until the transaction ends, so that a visit gets those.

    Raises ServiceChanged when they are others by now, or when the service has been retired.
    """
    row = await fetch_one(
        f"SELECT {SERVICE_COLUMNS} FROM services sv WHERE sv.id = $1 AND sv.retired_at IS NULL FOR SHARE",
        service.id,
    )
    if row is None or Service.of(row) != service:
        raise ServiceChanged


async def _lock_doctor(practice_id: UUID) -> None:
    await execute(
        "SELECT FROM doctors WHERE id = (SELECT doctor_id FROM practices WHERE id = $1) FOR NO KEY UPDATE",
        practice_id,
    )


async def _lock(service_id: UUID, practice_id: UUID) -> tuple[Service, int]:
    """The service and its place; raises NoSuchService when it is retired or another practice's."""
    await _lock_doctor(practice_id)
    row = await fetch_one(
        f"SELECT {SERVICE_COLUMNS}, sv.position FROM services sv "
        "WHERE sv.id = $1 AND sv.practice_id = $2 AND sv.retired_at IS NULL FOR UPDATE",
        service_id,
        practice_id,
    )
    if row is None:
        raise NoSuchService
    return Service.of(row), row["position"]


async def _is_of(practice_id: UUID, service_id: UUID) -> bool:
    """Whether the practice offers the service, or did once."""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM services WHERE id = $1 AND practice_id = $2)", service_id, practice_id
    )
    return found


async def _is_booked(service_id: UUID) -> bool:
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM appointments WHERE service_id = $1)", service_id
    )
    return found


async def _retire(service_id: UUID) -> None:
    await execute("UPDATE services SET retired_at = $2 WHERE id = $1", service_id, clock.now())


async def _insert(practice_id: UUID, terms: ServiceTerms, *, position: int) -> UUID:
    places = ", ".join(f"${place}" for place in range(1, len(terms) + 4))
    service_id: UUID = await fetch_value(
        f"INSERT INTO services (practice_id, position, created_at, {', '.join(terms)}) "
        f"VALUES ({places}) RETURNING id",
        practice_id,
        position,
        clock.now(),
        *terms.values(),
    )
    return service_id


async def _update(service_id: UUID, terms: ServiceTerms) -> None:
    columns = ", ".join(f"{column} = ${place}" for place, column in enumerate(terms, 2))
    await execute(f"UPDATE services SET {columns} WHERE id = $1", service_id, *terms.values())
