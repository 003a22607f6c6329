"""Guessing passwords: few tries for each client, few for all strangers together, none taken from the owner.

A try is counted before the password is looked at, so that many at once cannot slip through, and given back
when it was right. Whoever is on a device the account knows is counted apart from everybody else.
"""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from app.accounts.where import Where
from app.db.engine import transaction
from app.errors import TooMany
from app.events.actor import STRANGER
from app.events.names import ACCOUNT_LOCKED
from app.events.services import publish
from app.web.limits import forget, give_back, network_of, spend


@dataclass(frozen=True)
class Guess:
    """A try at one secret: `subject` says whose, `client` who tries, and whether the account knows them."""

    subject: str
    client: str
    is_known: bool

    @property
    def _pair(self) -> str:
        return f"{self.subject} {self.client}"

    async def count(self) -> None:
        """Count it, or nothing of it; raises TooMany where it may not be tried now."""
        await spend("password_client", self._pair)
        if self.is_known:
            return
        try:
            await spend("password_strangers", self.subject)
        except TooMany:
            await give_back("password_client", self._pair)
            raise
        try:
            await spend("password_strangers_in_a_row", self.subject)
        except TooMany:
            await give_back("password_client", self._pair)
            await give_back("password_strangers", self.subject)
            raise

    async def was_right(self) -> None:
        """Take it back; the client begins anew, and so does the row of strangers' tries where it is one."""
        await forget("password_client", self._pair)
        if not self.is_known:
            await give_back("password_strangers", self.subject)
            await forget("password_strangers_in_a_row", self.subject)

    async def take_back(self, *, was_guess: bool = False) -> None:
        """Take this one try back, and none before it; one that `was_guess` stays among all strangers'."""
        await give_back("password_client", self._pair)
        if not self.is_known and not was_guess:
            await give_back("password_strangers", self.subject)
            await give_back("password_strangers_in_a_row", self.subject)


def guess(subject: str, where: Where, *, is_known: bool) -> Guess:
    """A try at a secret from somewhere: by the device if the account knows it, else by its network."""
    client = f"device {where.device_id}" if is_known else f"network {network_of(where.address)}"
    return Guess(subject, client, is_known)


async def tell_owner(owner_id: UUID | None, subject: str) -> None:
    """Let an owner hear, at most once a day, that tries at their password are held off.

    Where there is nobody to tell, `subject` is counted all the same, so that it takes as long.
    """
    with suppress(TooMany):
        await spend("lock_told", str(owner_id or subject))
        if owner_id is not None:
            async with transaction():
                await publish(ACCOUNT_LOCKED, owner_id, by=STRANGER)
