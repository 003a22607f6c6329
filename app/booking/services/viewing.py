"""Who of the clinic's side looked at whom: one event for each answer that shows a patient's data.

A page or an answer calls one of these once, before it is made; where the event cannot be written the answer
fails, since a look that leaves no trace is what the log is there to rule out.
"""

from collections.abc import Iterable
from uuid import UUID

from app.events import names
from app.events.actor import Actor
from app.events.services import note


async def note_seen(person_id: UUID, *, visit_id: UUID | None = None, by: Actor) -> None:
    """Write down that staff is shown one patient's data, of a visit where it is about one.

    Nothing for others: what patients see of their own is nobody's business.
    """
    if by.is_staff:
        facts = {} if visit_id is None else {"appointment_id": visit_id}
        await note(names.PATIENT_VIEWED, person_id, by=by, facts=facts)


async def note_listed(person_ids: Iterable[UUID], *, by: Actor) -> None:
    """Write down that staff is shown a list with these patients, each once; nothing for an empty one."""
    listed = sorted(set(person_ids))
    if listed and by.is_staff and by.id is not None:
        await note(names.PATIENTS_LISTED, by.id, by=by, facts={"person_ids": listed})
