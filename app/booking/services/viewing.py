"""Who of the clinic's side looked at whom: one event for each answer that shows a patient's data.

A page or an answer calls one of these once, before it is made; where the event cannot be written the answer
fails, since a look that leaves no trace is what the log is there to rule out. Everybody with an account may
be a patient, doctors and reception too, so that a look at any account is one at its holder as a person; only
at oneself nobody looks.
"""

from collections.abc import Iterable
from uuid import UUID

from app.db.engine import fetch
from app.events import names
from app.events.actor import Actor
from app.events.services import note


async def note_seen(person_id: UUID | None, *, visit_id: UUID | None = None, by: Actor) -> None:
    """Write down that staff is shown one patient's data, of a visit where it is about one.

    Nothing for others, since what patients see of their own is nobody's business; nothing about oneself, or
    where there is nobody, as of an account that no person belongs to.
    """
    for seen in await _others([person_id], by=by):
        facts = {} if visit_id is None else {"appointment_id": visit_id}
        await note(names.PATIENT_VIEWED, seen, by=by, facts=facts)


async def note_listed(person_ids: Iterable[UUID | None], *, by: Actor) -> None:
    """Write down that staff is shown a list with these patients, each once; nothing where nobody is left."""
    await _note_list(await _others(person_ids, by=by), by=by)


async def note_asked(about: Iterable[UUID | None], *, by: Actor) -> None:
    """Write down that staff is shown what the log knows of these: persons, visits, or holders of accounts.

    Whatever else an id may name is no look at anybody.
    """
    rows = await fetch(
        """
        SELECT id FROM persons WHERE id = ANY($1)
        UNION SELECT id FROM persons WHERE account_id = ANY($1) AND relation = 'self'
        UNION SELECT person_id FROM appointments WHERE id = ANY($1)
        """,
        [one for one in about if one is not None],
    )
    match await _others([row["id"] for row in rows], by=by):
        case [only]:
            await note(names.PATIENT_VIEWED, only, by=by, facts={})
        case several:
            await _note_list(several, by=by)


async def _note_list(others: list[UUID], *, by: Actor) -> None:
    if others and by.id is not None:
        await note(names.PATIENTS_LISTED, by.id, by=by, facts={"person_ids": others})


async def _others(person_ids: Iterable[UUID | None], *, by: Actor) -> list[UUID]:
    """Whom of these staff looks at: each once, without the one who looks."""
    looked_at = {one for one in person_ids if one is not None}
    if looked_at and by.is_staff and by.id is not None:
        rows = await fetch("SELECT id FROM persons WHERE account_id = $1 AND relation = 'self'", by.id)
        return sorted(looked_at - {row["id"] for row in rows})
    return []
