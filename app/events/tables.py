"""The log and, apart from it, the personal values that may one day be erased."""

from piccolo.columns import JSONB, UUID, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class Event(Table, tablename="events"):
    """One thing that happened; a trigger refuses every change and deletion."""

    id = UUID(primary_key=True, default=UUID4())
    name = Text(default="")
    at = Timestamptz()
    subject_id = UUID(default=None)
    by_id = UUID(null=True, default=None)
    by_role = Text(default="")
    facts = JSONB()


class EventPrivate(Table, tablename="event_private"):
    """Free text and personal values that belong to an event, one row for each person concerned."""

    event_id = UUID(default=None)
    person_id = UUID(default=None)
    content = JSONB()
