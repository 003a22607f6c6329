"""Letters: who is told of which event, and how far it has come. The words are made when it is sent."""

from piccolo.columns import UUID, Integer, Text, Timestamptz
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class LetterRow(Table, tablename="letters"):
    """One letter to one person about one event; unique in these three, so nobody is told twice."""

    id = UUID(primary_key=True, default=UUID4())
    event_id = UUID(default=None)
    kind = Text()
    recipient_id = UUID(default=None)
    message_id = Text(unique=True)
    created_at = Timestamptz()
    tries = Integer(default=0)
    rests_until = Timestamptz(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)
    refused_at = Timestamptz(null=True, default=None)
    refused_why = Text(null=True, default=None)


class FollowerLook(Table, tablename="follower_looks"):
    """When a practice's followers were last looked through to the end, and about which opening."""

    practice_id = UUID(primary_key=True, default=None)
    event_id = UUID(default=None)
    looked_at = Timestamptz()
