"""What the directory keeps of a person: what a doctor says, whom a patient follows, who works where."""

from uuid import UUID

from app.accounts.personal import Export, Subject
from app.accounts.rules import ERASED_NAME
from app.db.engine import execute, fetch, transaction
from app.db.plain import plain_rows

_EXPORTED = {
    "doctors": "SELECT * FROM doctors WHERE user_id = $1",
    "practices": """
        SELECT p.*, c.name AS clinic FROM practices p
        JOIN doctors d ON d.id = p.doctor_id JOIN clinics c ON c.id = p.clinic_id
        WHERE d.user_id = $1 ORDER BY p.created_at, p.id""",
    "services": """
        SELECT s.* FROM services s
        JOIN practices p ON p.id = s.practice_id JOIN doctors d ON d.id = p.doctor_id
        WHERE d.user_id = $1 ORDER BY s.created_at, s.id""",
    "staff": """
        SELECT s.clinic_id, c.name AS clinic, s.created_at
        FROM staff s JOIN clinics c ON c.id = s.clinic_id WHERE s.user_id = $1""",
    "follows": """
        SELECT f.doctor_id, d.name AS doctor, f.created_at
        FROM follows f JOIN doctors d ON d.id = f.doctor_id
        WHERE f.user_id = $1 ORDER BY f.created_at, f.doctor_id""",
    "invitations": """
        SELECT id, email, clinic_id, created_at, expires_at, used_at, withdrawn_at
        FROM invitations WHERE used_by_id = $1 OR email = $2 ORDER BY created_at, id""",
    "pending_applications": """
        SELECT a.speciality, a.qualifications, a.registration_number, a.created_at
        FROM pending_applications a JOIN email_confirmations e ON e.id = a.confirmation_id
        WHERE e.user_id = $1 ORDER BY a.created_at, a.confirmation_id""",
}
_WITH_ADDRESS = {"invitations"}


async def thing_ids(who: Subject) -> list[UUID]:
    """What the log and letters know somebody by who practises, or was invited to.

    These are the doctor, practices and invitations. Invitations are found by the address they went to, so ask
    before `erase` takes it out.
    """
    rows = await fetch(
        """
        SELECT id FROM doctors WHERE user_id = $1
        UNION ALL
        SELECT p.id FROM practices p JOIN doctors d ON d.id = p.doctor_id WHERE d.user_id = $1
        UNION ALL
        SELECT id FROM invitations WHERE used_by_id = $1 OR email = $2
        """,
        who.user_id,
        who.email,
    )
    return [row["id"] for row in rows]


async def export(who: Subject) -> Export:
    """What a doctor says and offers, where somebody works, and whom they follow."""
    return {
        table: await plain_rows(sql, who.user_id, *([who.email] if table in _WITH_ADDRESS else []))
        for table, sql in _EXPORTED.items()
    }


async def erase(who: Subject) -> None:
    """Take somebody out of the directory.

    A doctor who was approved has seen patients, whose past visits go on saying whom they saw: professional
    name, speciality and registration number stay, and so do the names of the services they came for. Of one
    who never was, nothing does.
    """
    async with transaction():
        await execute(
            """
            WITH gone AS (DELETE FROM follows WHERE user_id = $1 RETURNING doctor_id)
            UPDATE doctors SET followers_count = followers_count - 1 WHERE id IN (SELECT doctor_id FROM gone)
            """,
            who.user_id,
        )
        await execute("DELETE FROM staff WHERE user_id = $1", who.user_id)
        await execute(
            "UPDATE invitations SET email = NULL WHERE used_by_id = $1 OR email = $2", who.user_id, who.email
        )
        await execute(
            "UPDATE doctors SET designation = '', qualifications = '', about = '', languages = '{}', "
            "rejected_why = '' WHERE user_id = $1",
            who.user_id,
        )
        await execute(
            "UPDATE doctors SET name = $2, registration_number = '', slug = format('erased-%s', id) "
            "WHERE user_id = $1 AND approved_at IS NULL",
            who.user_id,
            ERASED_NAME,
        )
        await execute(
            """
            UPDATE services s SET description = '', category = '',
                   name = CASE WHEN d.approved_at IS NULL THEN $2 ELSE s.name END
            FROM practices p JOIN doctors d ON d.id = p.doctor_id
            WHERE s.practice_id = p.id AND d.user_id = $1
            """,
            who.user_id,
            ERASED_NAME,
        )
        await execute(
            "UPDATE practices SET meeting_link = '' "
            "WHERE doctor_id IN (SELECT id FROM doctors WHERE user_id = $1)",
            who.user_id,
        )
