"""Guessing second steps: few codes for each client, few for all strangers, none taken from the owner.

Whoever gets as far as a second step knows the password. So a code is counted under the password and the key
of the app: with another password, or another app, everybody begins anew, without a list of what to clear.
"""

from dataclasses import dataclass
from uuid import UUID

from app.accounts.errors import SecondStepLocked
from app.accounts.services.tries import fingerprint_of
from app.accounts.where import Where
from app.errors import TooMany
from app.web.limits import forget, give_back, network_of, spend


@dataclass(frozen=True)
class CodeTry:
    """A try at a second step: `client` who tries, `together` with whom that is counted over a day."""

    client: str
    together: str

    async def count(self) -> None:
        """Count it, or nothing of it; raises SecondStepLocked where it may not be tried now."""
        try:
            await spend("second_step", self.client)
            try:
                await spend("second_step_day", self.together)
            except TooMany:
                await give_back("second_step", self.client)
                raise
        except TooMany as refusal:
            raise SecondStepLocked(retry_after=refusal.retry_after) from None

    async def was_right(self) -> None:
        """Take it back, and let the client begin anew."""
        await forget("second_step", self.client)
        await give_back("second_step_day", self.together)


def secret_of(user_id: UUID, password_hash: str, key_id: UUID | None) -> str:
    """What codes of an account are counted under; `key_id` is its app, None where codes are sent."""
    return fingerprint_of(f"second step {user_id} {key_id} {password_hash}").hex()


def code_try(secret: str, where: Where, *, is_known: bool) -> CodeTry:
    """A try at a log-in's second step: by the device if the account knows it, else by its network."""
    if is_known:
        device = f"{secret} device {where.device_id}"
        return CodeTry(device, device)
    return CodeTry(f"{secret} network {network_of(where.address)}", secret)


def code_try_in(session_id: UUID | None, user_id: UUID) -> CodeTry:
    """A try of somebody who is signed in, at their own."""
    session = f"{user_id} session {session_id}"
    return CodeTry(session, session)


async def count_code_letter(secret: str, where: Where) -> None:
    """Count a letter with a code, which nobody gets on a device that is known. Raises SecondStepLocked."""
    client = f"{secret} network {network_of(where.address)}"
    try:
        await spend("log_in_code_asked", client)
        try:
            await spend("log_in_codes_sent", secret)
        except TooMany:
            await give_back("log_in_code_asked", client)
            raise
    except TooMany as refusal:
        raise SecondStepLocked(retry_after=refusal.retry_after) from None
