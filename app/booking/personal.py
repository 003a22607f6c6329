"""What booking keeps of a person: their visits, and what they wrote about them."""

from uuid import UUID

from app.accounts.personal import Export, Subject
from app.db.engine import execute, fetch, transaction
from app.db.plain import plain_rows

_MINE = "(a.booked_by_id = $1 OR a.person_id = ANY($2::uuid[]))"
"""Visits an account booked, and those of its people that the desk booked."""

_EXPORTED = {
    "appointments": f"""
        SELECT a.*, d.name AS doctor, c.name AS clinic, c.time_zone, s.name AS service, pe.name AS person
        FROM appointments a
        JOIN practices p ON p.id = a.practice_id JOIN doctors d ON d.id = a.doctor_id
        JOIN clinics c ON c.id = p.clinic_id JOIN services s ON s.id = a.service_id
        JOIN persons pe ON pe.id = a.person_id
        WHERE {_MINE} ORDER BY a.on_date, a.starts_at, a.id""",
    "reschedule_requests": f"""
        SELECT r.* FROM reschedule_requests r JOIN appointments a ON a.id = r.appointment_id
        WHERE {_MINE} ORDER BY r.created_at, r.id""",
    "displaced_visits": f"""
        SELECT v.* FROM displaced_visits v JOIN appointments a ON a.id = v.appointment_id
        WHERE {_MINE} ORDER BY v.starts_at, v.closing_id""",
}


async def visit_ids(who: Subject) -> list[UUID]:
    """The visits of somebody and of everybody they book for, by which other rooms know what is theirs."""
    rows = await fetch(f"SELECT a.id FROM appointments a WHERE {_MINE}", who.user_id, list(who.person_ids))
    return [row["id"] for row in rows]


async def export(who: Subject) -> Export:
    """Visits with the names a person needs to know them again, wishes, and times closed by or over them."""
    mine = {
        table: await plain_rows(sql, who.user_id, list(who.person_ids)) for table, sql in _EXPORTED.items()
    }
    closings = await plain_rows(
        "SELECT * FROM closings WHERE by_id = $1 ORDER BY created_at, id", who.user_id
    )
    return {**mine, "closings": closings}


async def erase(who: Subject) -> None:
    """Take out why somebody came and what they wrote; that there was a visit, and when, stays."""
    values = (who.user_id, list(who.person_ids))
    async with transaction():
        await execute(f"UPDATE appointments a SET reason = '' WHERE {_MINE} AND reason <> ''", *values)
        await execute(
            "UPDATE reschedule_requests r SET note = '', wish = '' FROM appointments a "
            f"WHERE a.id = r.appointment_id AND {_MINE}",
            *values,
        )
        await execute("UPDATE closings SET note = '' WHERE by_id = $1 AND note <> ''", who.user_id)
