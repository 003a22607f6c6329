"""Reading log-ins, as the letters about them tell."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts.device_names import device_name
from app.db.engine import fetch_one, fetch_value
from app.errors import NotFound


@dataclass(frozen=True)
class LogIn:
    """Where a session began; `called` is what the browser or program called itself."""

    address: str
    called: str

    @property
    def device(self) -> str:
        """What it is, in the reader's language."""
        return device_name(self.called)


async def get_log_in(session_id: UUID) -> LogIn:
    """The log-in a session began with; raises NotFound."""
    row = await fetch_one("SELECT address, device AS called FROM sessions WHERE id = $1", session_id)
    if row is None:
        raise NotFound
    return LogIn(**dict(row))


async def code_holds_until(challenge_id: UUID) -> datetime | None:
    """Until when the code of a log-in's second step is good; None once it was used or another was sent."""
    until: datetime | None = await fetch_value(
        "SELECT expires_at FROM log_in_challenges WHERE id = $1 AND used_at IS NULL", challenge_id
    )
    return until
