"""The people of an account as their visits know them: who is expected, and whom a code on a slip names."""

from dataclasses import dataclass
from uuid import UUID

from app.db.engine import fetch_one, fetch_value


@dataclass(frozen=True)
class Slip:
    """A visit's code and whom it names; `is_joined` where they are among the asking account's people."""

    visit_id: UUID
    person_id: UUID
    person_name: str
    is_joined: bool


async def find_slip(code: str, *, account_id: UUID) -> Slip | None:
    """The visit of this code where the desk wrote the person down, and no other account has them.

    A time that was only held has no slip.
    """
    row = await fetch_one(
        """
        SELECT a.id AS visit_id, pe.id AS person_id, pe.name AS person_name,
               pe.account_id IS NOT NULL AS is_joined
        FROM appointments a JOIN persons pe ON pe.id = a.person_id
        WHERE a.code = $1 AND a.status NOT IN ('held', 'expired')
          AND (pe.account_id = $2 OR pe.account_id IS NULL) AND pe.removed_at IS NULL
        """,
        code,
        account_id,
    )
    return Slip(**dict(row)) if row else None


async def has_booked(account_id: UUID) -> bool:
    """Whether an account has visits of its own, or had."""
    found: bool = await fetch_value(
        "SELECT EXISTS (SELECT FROM appointments WHERE booked_by_id = $1)", account_id
    )
    return found
