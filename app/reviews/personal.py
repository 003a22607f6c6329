"""What reviews keep of a person: what they said, answered and reported."""

from uuid import UUID

from app.accounts.personal import Export, Subject
from app.db.engine import execute, fetch, transaction
from app.db.plain import plain_rows
from app.directory.services import rate

_EXPORTED = {
    "reviews": "SELECT * FROM reviews WHERE author_id = $1 ORDER BY created_at, id",
    "review_answers": """
        SELECT r.id AS review_id, r.answer, r.answered_at FROM reviews r JOIN doctors d ON d.id = r.doctor_id
        WHERE d.user_id = $1 AND r.answered_at IS NOT NULL ORDER BY r.answered_at, r.id""",
    "review_reports": """
        SELECT o.id, o.review_id, CASE WHEN o.reported_by_id = $1 THEN o.why END AS why, o.created_at,
               o.decided_at, o.decision, o.reported_by_id = $1 AS by_you
        FROM review_reports o JOIN reviews r ON r.id = o.review_id
        WHERE o.reported_by_id = $1 OR o.decided_by_id = $1 OR r.author_id = $1
        ORDER BY o.created_at, o.id""",
}


async def review_ids(who: Subject) -> list[UUID]:
    """The reviews somebody wrote, by which the log knows what is theirs."""
    return [row["id"] for row in await fetch("SELECT id FROM reviews WHERE author_id = $1", who.user_id)]


async def export(who: Subject) -> Export:
    """Reviews somebody wrote, a doctor's answers, and reports; the words of a report are its writer's."""
    return {table: await plain_rows(sql, who.user_id) for table, sql in _EXPORTED.items()}


async def erase(who: Subject) -> None:
    """Take out somebody's reviews whole, and their stars with them; of a doctor, the answers.

    They were published because their author wanted it. Stars that nobody stands by could neither be changed
    nor answered nor judged, so they go too, and the average is what the reviews that are left give.
    """
    async with transaction():
        await execute(
            "SELECT FROM doctors WHERE id IN (SELECT doctor_id FROM reviews WHERE author_id = $1) "
            "ORDER BY id FOR NO KEY UPDATE",
            who.user_id,
        )
        rows = await fetch(
            "SELECT id, doctor_id, stars, hidden_at FROM reviews WHERE author_id = $1", who.user_id
        )
        for row in rows:
            await execute("DELETE FROM review_reports WHERE review_id = $1", row["id"])
            await execute("DELETE FROM reviews WHERE id = $1", row["id"])
            if row["hidden_at"] is None:
                await rate(row["doctor_id"], stars=-row["stars"], count=-1)
        await execute("UPDATE review_reports SET why = '' WHERE reported_by_id = $1", who.user_id)
        await execute(
            "UPDATE reviews SET answer = '', answered_at = NULL "
            "WHERE doctor_id IN (SELECT id FROM doctors WHERE user_id = $1) AND answered_at IS NOT NULL",
            who.user_id,
        )
