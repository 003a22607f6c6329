"""What accounts keep of a person, to be taken along and to be erased; and whom all rooms mean by it."""

from dataclasses import dataclass
from uuid import UUID

from app.accounts.queries import get_user
from app.db.engine import fetch

Rows = list[dict[str, object]]
Export = dict[str, Rows]
"""Rows of a person by the name of their table, ready to be written down."""


@dataclass(frozen=True)
class Subject:
    """Somebody with an account, and everybody they book for: whom an export and an erasure are about."""

    user_id: UUID
    person_ids: tuple[UUID, ...]
    email: str
    name: str
    role: str

    @property
    def ids(self) -> list[UUID]:
        """Every id that stands for them in the log."""
        return [self.user_id, *self.person_ids]


async def subject_of(user_id: UUID) -> Subject:
    """The subject an account is; raises NotFound."""
    account = await get_user(user_id)
    rows = await fetch("SELECT id FROM persons WHERE account_id = $1 ORDER BY created_at, id", user_id)
    return Subject(user_id, tuple(row["id"] for row in rows), account.email, account.name, account.role)
