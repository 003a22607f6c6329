"""What practices offer."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from app.db.engine import fetch, fetch_one
from app.directory.errors import NoSuchService
from app.directory.queries.terms import IN_ORDER, SERVICE_COLUMNS
from app.directory.rows import Service, first_service

_SERVICE = f"SELECT {SERVICE_COLUMNS} FROM services sv "


async def services_of(practice_id: UUID) -> list[Service]:
    """What a practice offers today, in its own order."""
    return (await services_by_practice([practice_id]))[practice_id]


async def retired_services_of(practice_id: UUID) -> list[Service]:
    """What a practice offered once and does not any more, the latest first."""
    rows = await fetch(
        f"{_SERVICE} WHERE sv.practice_id = $1 AND sv.retired_at IS NOT NULL "
        "ORDER BY sv.retired_at DESC, sv.id",
        practice_id,
    )
    return [Service.of(row) for row in rows]


async def services_by_practice(practice_ids: Iterable[UUID]) -> defaultdict[UUID, list[Service]]:
    """What several practices offer today, each in its own order; nothing is an empty list."""
    found: defaultdict[UUID, list[Service]] = defaultdict(list)
    rows = await fetch(
        f"{_SERVICE} WHERE sv.practice_id = ANY($1::uuid[]) AND sv.retired_at IS NULL {IN_ORDER}",
        list(practice_ids),
    )
    for row in rows:
        found[row["practice_id"]].append(Service.of(row))
    return found


async def get_service(service_id: UUID, *, practice_id: UUID) -> Service:
    """A service this practice offers today; raises NoSuchService."""
    row = await fetch_one(
        f"{_SERVICE} WHERE sv.id = $1 AND sv.practice_id = $2 AND sv.retired_at IS NULL",
        service_id,
        practice_id,
    )
    if row is None:
        raise NoSuchService
    return Service.of(row)


async def default_service(practice_id: UUID) -> Service:
    """What a booking that names no service takes; raises NoSuchService when the practice offers nothing."""
    service = first_service(await services_of(practice_id))
    if service is None:
        raise NoSuchService
    return service
