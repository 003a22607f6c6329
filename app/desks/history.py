"""What happened to a visit, in the words of whoever reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.booking.queries import HistoryEntry
from app.web.i18n import sentence


@dataclass(frozen=True)
class Told:
    """One line of a visit's history in words; `by` is empty where it goes without saying."""

    at: datetime
    what: str
    by: str
    note: str


def told(
    history: Sequence[HistoryEntry], *, happened: Mapping[str, str], by: Mapping[str, str]
) -> list[Told]:
    """The history in the reader's language, oldest first.

    `happened` and `by` are marked sentences for events and roles; events without one are left out.
    """
    return [
        Told(
            entry.at,
            sentence(happened[entry.event]),
            sentence(by[entry.by_role]) if entry.by_role in by else "",
            entry.note,
        )
        for entry in history
        if entry.event in happened
    ]
