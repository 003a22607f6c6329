"""Who did it: the `by=` of every service."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    """One acting account with the role it acted in; `id` is None for the house itself."""

    id: UUID | None
    role: str

    @property
    def is_staff(self) -> bool:
        """Whether the clinic's side acts, not a patient."""
        return self.role in ("doctor", "reception", "admin")


SYSTEM = Actor(None, "system")
"""The house itself: sweeper, poller, time."""

GATEWAY = Actor(None, "gateway")
"""The payment gateway, speaking through a signed message or an answer we asked for."""

STRANGER = Actor(None, "stranger")
"""Somebody nobody has proved to be anyone."""
