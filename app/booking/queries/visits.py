"""Visits as pages and programs show them: appointments with the names beside them, in one round trip."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.booking.queries.ahead import AHEAD
from app.booking.rows import COLUMNS, Visit
from app.booking.rules import COMING
from app.db.engine import fetch, fetch_one, fetch_value
from app.db.paging import Paged
from app.errors import NotFound

_FROM = """
FROM appointments a
JOIN practices p ON p.id = a.practice_id
JOIN doctors d ON d.id = a.doctor_id
JOIN clinics c ON c.id = p.clinic_id
JOIN services s ON s.id = a.service_id
JOIN persons pe ON pe.id = a.person_id
LEFT JOIN users u ON u.id = a.booked_by_id
LEFT JOIN reschedule_requests r ON r.appointment_id = a.id AND r.decided_at IS NULL
"""
_SELECT = f"""
SELECT {COLUMNS}, d.name AS doctor_name, d.slug AS doctor_slug, d.user_id AS doctor_user_id, d.speciality,
       d.designation, c.id AS clinic_id, c.name AS clinic_name, c.address AS clinic_address,
       c.city AS clinic_city, c.pincode AS clinic_pincode, c.phone AS clinic_phone, c.time_zone AS zone,
       p.approves_visits, s.name AS service_name, s.duration_minutes AS service_minutes,
       s.mode AS service_mode, p.meeting_link,
       pe.name AS person_name, pe.birth_year AS person_birth_year, pe.sex AS person_sex,
       pe.mobile AS person_mobile, u.name AS booked_by_name,
       r.id AS request_id, r.note AS request_note, r.wish AS request_wish, r.created_at AS request_at
{_FROM}
"""

_SEEN_BY = {
    "patient": "a.booked_by_id = $1",
    "doctor": "d.user_id = $1",
    "reception": "p.clinic_id = (SELECT st.clinic_id FROM staff st WHERE st.user_id = $1)",
    "admin": "$1::uuid IS NOT NULL",
}
"""Which appointments an account of each role sees; $1 is the account."""


_OF_ACCOUNT = "a.booked_by_id = $1"
_ONLY_HELD = """a.status IN ('held', 'expired', 'cancelled') AND a.token_number IS NULL
    AND a.approve_until IS NULL"""
"""Neither booked, which gives a number, nor laid before the doctor: a hold that ran out or was given up."""


@dataclass(frozen=True)
class Scope:
    """Whose eyes look: an account and its role."""

    account_id: UUID
    role: str

    @property
    def condition(self) -> str:
        """SQL over the joined read model in which $1 stands for the account."""
        return _SEEN_BY[self.role]


@dataclass(frozen=True)
class VisitFilter:
    """What of a list is asked for; days are the clinic's, both included."""

    statuses: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    doctor_id: UUID | None = None
    newest_first: bool = False


async def visit_by_id(appointment_id: UUID) -> Visit:
    """One visit by its row id; raises NotFound. Who may see it is `access`'s question."""
    row = await fetch_one(_SELECT + "WHERE a.id = $1", appointment_id)
    if row is None:
        raise NotFound
    return Visit.of(row)


async def find_visit(scope: Scope, key: str | UUID) -> Visit | None:
    """The visit with this code or row id among those that `scope` may see, or None."""
    column = "a.id" if isinstance(key, UUID) else "a.code"
    row = await fetch_one(f"{_SELECT} WHERE {scope.condition} AND {column} = $2", scope.account_id, key)
    return Visit.of(row) if row else None


async def coming_visits(account_id: UUID, *, now: datetime, limit: int = 100) -> list[Visit]:
    """The visits and living holds an account has ahead, for whomever, soonest first."""
    rows = await fetch(
        f"{_SELECT} WHERE {_OF_ACCOUNT} AND {AHEAD} ORDER BY a.on_date, a.starts_at, a.id LIMIT $4",
        account_id,
        now,
        list(COMING),
        limit,
    )
    return [Visit.of(row) for row in rows]


async def past_visits(
    account_id: UUID, *, paid: Collection[UUID], now: datetime, page: int, page_size: int
) -> Paged[Visit]:
    """One page of the visits of an account that are over, latest first; a page that is none is the nearest.

    Times that were held but never became a visit are left out, but for those among `paid`: money came for
    them, and who paid looks here for what became of it.
    """
    where = f"WHERE {_OF_ACCOUNT} AND ({AHEAD}) IS NOT TRUE AND (NOT ({_ONLY_HELD}) OR a.id = ANY($4))"
    values = (account_id, now, list(COMING), list(paid))
    total = await fetch_value(f"SELECT count(*) {_FROM} {where}", *values)
    number = min(max(page, 1), max(1, -(-total // page_size)))
    rows = await fetch(
        f"{_SELECT} {where} ORDER BY a.on_date DESC, a.starts_at DESC, a.id LIMIT $5 OFFSET $6",
        *values,
        page_size,
        (number - 1) * page_size,
    )
    return Paged([Visit.of(row) for row in rows], number, page_size, total)


async def visit_list(scope: Scope, asked: VisitFilter, *, page: int = 1, page_size: int = 20) -> Paged[Visit]:
    """One page of the appointments that `scope` may see and that fit what was asked."""
    direction = "DESC" if asked.newest_first else "ASC"
    where = f"""
        WHERE {scope.condition} AND (cardinality($2::text[]) = 0 OR a.status = ANY($2))
          AND ($3::date IS NULL OR a.on_date >= $3) AND ($4::date IS NULL OR a.on_date <= $4)
          AND ($5::uuid IS NULL OR a.doctor_id = $5)
    """
    values = (scope.account_id, list(asked.statuses), asked.first, asked.last, asked.doctor_id)
    total = await fetch_value(f"SELECT count(*) {_FROM} {where}", *values)
    rows = await fetch(
        f"""{_SELECT} {where}
        ORDER BY a.on_date {direction}, a.starts_at {direction} NULLS LAST, a.id LIMIT $6 OFFSET $7""",
        *values,
        page_size,
        (page - 1) * page_size,
    )
    return Paged([Visit.of(row) for row in rows], page, page_size, total)


async def practice_day(practice_id: UUID, on: date, *, now: datetime) -> list[Visit]:
    """Everybody on one day of a practice, by time, without lapsed holds and closed visits."""
    rows = await fetch(
        f"""{_SELECT}
        WHERE a.practice_id = $1 AND a.on_date = $2 AND a.status NOT IN ('cancelled', 'expired')
          AND NOT (a.status = 'held' AND a.hold_expires_at <= $3)
        ORDER BY a.starts_at NULLS LAST, a.token_number, a.id
        """,
        practice_id,
        on,
        now,
    )
    return [Visit.of(row) for row in rows]


async def visits_in(
    practice_id: UUID,
    ranges: Sequence[tuple[datetime, datetime]],
    *,
    statuses: Collection[str],
    now: datetime,
) -> list[Visit]:
    """The visits of a practice in these states that touch one of the ranges and have not begun, by time.

    Holds whose time is over are left out.
    """
    rows = await fetch(
        f"""{_SELECT}
        WHERE a.practice_id = $1 AND a.status = ANY($4) AND a.starts_at > $5
          AND NOT (a.status = 'held' AND a.hold_expires_at <= $5)
          AND EXISTS (
              SELECT FROM unnest($2::timestamptz[], $3::timestamptz[]) AS lost (starts_at, ends_at)
              WHERE lost.starts_at < a.ends_at AND lost.ends_at > a.starts_at)
        ORDER BY a.starts_at, a.id
        """,
        practice_id,
        [start for start, _end in ranges],
        [end for _start, end in ranges],
        list(statuses),
        now,
    )
    return [Visit.of(row) for row in rows]


async def practice_counts(practice_id: UUID, *, start: date, days: int) -> dict[date, int]:
    """How many visits (pending or booked) a practice has on each of the days; empty days are left out."""
    rows = await fetch(
        """
        SELECT a.on_date, count(*) AS visits FROM appointments a
        WHERE a.practice_id = $1 AND a.on_date >= $2 AND a.on_date < $2 + $3::integer
          AND a.status NOT IN ('held', 'cancelled', 'expired')
        GROUP BY a.on_date
        """,
        practice_id,
        start,
        days,
    )
    return {row["on_date"]: row["visits"] for row in rows}


async def open_requests(scope: Scope, *, now: datetime) -> list[Visit]:
    """Visits that wait for an answer: another time was asked for, or the visit itself needs approval."""
    rows = await fetch(
        f"""{_SELECT}
        WHERE {scope.condition}
          AND ((r.id IS NOT NULL AND a.status IN ('pending', 'confirmed') AND a.starts_at > $2)
               OR a.status = 'pending')
        ORDER BY least(a.approve_until, a.starts_at), a.id LIMIT 200
        """,
        scope.account_id,
        now,
    )
    return [Visit.of(row) for row in rows]
