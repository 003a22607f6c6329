"""What scheduling keeps of a person: when a doctor works, and what they call the days they do not."""

from app.accounts.personal import Export, Subject
from app.db.engine import execute
from app.db.plain import plain_rows

_MINE = """practice_id IN (
    SELECT p.id FROM practices p JOIN doctors d ON d.id = p.doctor_id WHERE d.user_id = $1)"""

_EXPORTED = {
    "weekly_sessions": f"SELECT * FROM weekly_sessions WHERE {_MINE} ORDER BY created_at, id",
    "session_breaks": f"""
        SELECT * FROM session_breaks
        WHERE session_id IN (SELECT id FROM weekly_sessions WHERE {_MINE}) ORDER BY session_id, starts""",
    "calendar_exceptions": f"SELECT * FROM calendar_exceptions WHERE {_MINE} ORDER BY created_at, id",
}


async def export(who: Subject) -> Export:
    """A doctor's working week and its exceptions; the times offered were made from these."""
    return {table: await plain_rows(sql, who.user_id) for table, sql in _EXPORTED.items()}


async def erase(who: Subject) -> None:
    """Take out what a doctor wrote beside days; the days themselves say nothing of them."""
    await execute(f"UPDATE calendar_exceptions SET title = '' WHERE {_MINE}", who.user_id)
