"""Reading what somebody agreed to, and the copies they asked for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts.rules import NOTICE_VERSION
from app.db.engine import fetch


@dataclass(frozen=True)
class Consent:
    """One version of the notice, accepted; `through` says where: page, api or desk."""

    notice_version: str
    language: str
    through: str
    accepted_at: datetime

    @property
    def is_of_today(self) -> bool:
        """Whether the notice still says what was accepted."""
        return self.notice_version == NOTICE_VERSION


async def consents_of(user_id: UUID) -> list[Consent]:
    """What an account accepted, the newest first."""
    rows = await fetch(
        "SELECT notice_version, language, through, accepted_at FROM consents "
        "WHERE user_id = $1 ORDER BY accepted_at DESC, id",
        user_id,
    )
    return [Consent(**dict(row)) for row in rows]
