"""What happened to an account, and what its holder did, as an administrator reads it: nothing raw.

Ids become names where everybody may know them, as of doctors and clinics, or the code of a visit; patients
are only counted, since naming them would be a look at each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts.roll import names_of
from app.accounts.rules import ROLES
from app.booking.queries.history import codes_of
from app.desks.admin.event_words import EVENT_WORDS, FIELD_WORDS
from app.directory.queries.staff import public_names
from app.errors import _
from app.events.queries import PastEvent
from app.money import rupees
from app.web.i18n import gettext, ngettext, sentence

_NAMED = ("clinic_id", "doctor_id", "appointment_id", "from")
"""Facts that hold an id which has a name everybody on the staff may read."""


@dataclass(frozen=True)
class Happened:
    """One line: when, what, by whom (`by` is empty for the house itself and strangers), and what else."""

    at: datetime
    words: str
    by: str
    by_role: str
    details: str


async def lines_of(events: Sequence[PastEvent]) -> list[Happened]:
    """Events of an account's page, in the reader's language."""
    actors = await names_of([event.by_id for event in events if event.by_id])
    ids = {one for event in events for one in _ids_of(event)}
    known = {**await public_names(ids), **await codes_of(ids)}
    return [
        Happened(
            event.at,
            words_of(event.name),
            actors.get(event.by_id, "") if event.by_id else "",
            event.by_role,
            ", ".join(dict.fromkeys(_details(event, known))),
        )
        for event in events
    ]


def words_of(name: str) -> str:
    """An event's name as a sentence; one without words is read without underscores."""
    return gettext(EVENT_WORDS.get(name) or name.replace("_", " ").capitalize())


def _ids_of(event: PastEvent) -> Iterable[UUID]:
    yield event.subject_id
    for key in _NAMED:
        try:
            yield UUID(str(event.facts.get(key)))
        except ValueError:
            continue


def _details(event: PastEvent, known: dict[UUID, str]) -> Iterable[str]:
    """What there is to say beside the sentence; facts that are nobody's business to read are left out."""
    facts = event.facts
    yield from (known[one] for one in _ids_of(event) if one in known)
    if listed := facts.get("person_ids"):
        yield ngettext("%(num)s patient", "%(num)s patients", len(listed)) % {"num": len(listed)}
    if facts.get("to") in ROLES and facts.get("from") in ROLES:
        before, after = gettext(ROLES[facts["from"]]), gettext(ROLES[facts["to"]])
        yield sentence(_("from %(before)s to %(after)s"), {"before": before, "after": after})
    for field in facts.get("changed") or ():
        yield gettext(FIELD_WORDS.get(field) or str(field).replace("_", " "))
    if isinstance(facts.get("amount_paise"), int):
        yield rupees(facts["amount_paise"])
