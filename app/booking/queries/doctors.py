"""Finding doctors: the listings of the directory, joined with who has a free time."""

from dataclasses import dataclass
from datetime import datetime

from app.booking.queries import free_terms
from app.db.engine import fetch
from app.db.paging import Paged
from app.directory.queries import Asked, Practice, Service, first_service
from app.directory.queries.search import conditions
from app.directory.queries.terms import OPEN, PRACTICE_COLUMNS, RATING, SERVICES_COLUMN


@dataclass(frozen=True)
class FoundDoctor:
    """A doctor found: where, what for, and when a visit for the first service can next begin.

    `free_that_day_at` is the first such time of the day asked for; None where none was.
    """

    practice: Practice
    services: list[Service]
    next_free_at: datetime | None
    free_that_day_at: datetime | None

    @property
    def service(self) -> Service | None:
        """What a booking takes that names no service."""
        return first_service(self.services)


_ORDER = {
    None: "f.rank, f.followers_count DESC",
    "popularity": "f.followers_count DESC",
    "rating": "f.rating DESC NULLS LAST",
    "fee": "f.fee_paise NULLS LAST",
    "soonest": "f.next_free_at NULLS LAST",
}
"""How each sort puts doctors in order; among equals the id alone decides, so that pages stay as they are."""


async def find_doctors(asked: Asked, *, page: int, page_size: int, now: datetime) -> Paged[FoundDoctor]:
    """The doctors who answer a question, a page of them, in one query; `page` counts from 1.

    A free time is one that a patient may book for the first service: not too soon, not too far ahead, not
    kept for walk-ins. It is looked up for all found only where it narrows or sorts, else for the page.
    """
    narrowed = conditions(asked, first=4)
    values = [now, page_size, (page - 1) * page_size, *narrowed.values]
    where, next_free, that_day = narrowed.where, free_terms.next_free(), "NULL::timestamptz"
    if asked.on is not None:
        values.append(asked.on)
        that_day = free_terms.next_free(on=f"${len(values)}::date")
        where += f" AND {that_day} IS NOT NULL"
    sooner, later = (next_free, "f.next_free_at") if asked.sort == "soonest" else ("NULL", next_free)
    order = f"{_ORDER[asked.sort]}, f.doctor_id"
    rows = await fetch(
        f"""
        WITH found AS MATERIALIZED (
            SELECT l.practice_id, l.doctor_id, l.fee_paise, d.followers_count, {RATING} AS rating,
                   {narrowed.rank} AS rank, {sooner} AS next_free_at
            FROM listings l
            JOIN practices p ON p.id = l.practice_id
            JOIN doctors d ON d.id = p.doctor_id
            JOIN clinics c ON c.id = p.clinic_id
            WHERE {OPEN} AND {where}
        ), shown AS MATERIALIZED (
            SELECT f.*, row_number() OVER (ORDER BY {order}) AS place
            FROM found f ORDER BY {order} LIMIT $2 OFFSET $3
        )
        SELECT counted.total, f.place, {PRACTICE_COLUMNS}, {SERVICES_COLUMN} AS services,
               {later} AS next_free_at, {that_day} AS free_that_day_at
        FROM (SELECT count(*) AS total FROM found) counted
        LEFT JOIN (
            shown f JOIN practices p ON p.id = f.practice_id
            JOIN doctors d ON d.id = p.doctor_id JOIN clinics c ON c.id = p.clinic_id) ON true
        ORDER BY f.place
        """,
        *values,
    )
    items = [
        FoundDoctor(
            Practice.of(row), Service.all_of(row["services"]), row["next_free_at"], row["free_that_day_at"]
        )
        for row in rows
        if row["id"] is not None
    ]
    return Paged(items, page, page_size, rows[0]["total"])
