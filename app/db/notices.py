"""What a transaction tells every process at its commit: PostgreSQL's NOTIFY, with ids and a state only."""

import json
from dataclasses import dataclass
from typing import Self
from uuid import UUID

CHANNEL = "events"
"""The one channel of the house."""


@dataclass(frozen=True)
class Notice:
    """That an event of this name has happened, to what, and at whose practice where one is concerned.

    `was` is the state before, which tells a visit's first booking from one that takes its time again.
    """

    name: str
    subject_id: UUID
    practice_id: UUID | None = None
    doctor_id: UUID | None = None
    was: str | None = None

    @property
    def concerns(self) -> frozenset[UUID]:
        """Every id it names: who follows one of them hears it."""
        return frozenset(filter(None, (self.subject_id, self.practice_id, self.doctor_id)))

    def as_text(self) -> str:
        """As it travels: at most some 250 letters of the 8000 bytes that PostgreSQL carries."""
        named = {
            "name": self.name,
            "subject": self.subject_id,
            "practice": self.practice_id,
            "doctor": self.doctor_id,
            "was": self.was,
        }
        return json.dumps({key: str(value) for key, value in named.items() if value is not None})

    @classmethod
    def read(cls, text: str) -> Self:
        """From the text of a notification; raises ValueError for what was not sent by us."""
        sent = json.loads(text)
        if not isinstance(sent, dict) or not isinstance(sent.get("name"), str):
            raise ValueError("no notice of ours")

        def named(key: str) -> UUID | None:
            return UUID(sent[key]) if key in sent else None

        subject_id = named("subject")
        if subject_id is None:
            raise ValueError("a notice about nothing")
        return cls(sent["name"], subject_id, named("practice"), named("doctor"), sent.get("was"))
