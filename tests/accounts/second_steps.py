"""Log-ins that wait for their second step, and the codes our letters carry."""

from uuid import UUID

from app.accounts.codes import LOG_IN_CODE, code_for
from app.accounts.services import Challenge
from app.accounts.where import Where
from tests.accounts.guessing import OWNER_ADDRESS, comes_in
from tests.factories import Cast

BROWSER = Where(OWNER_ADDRESS, "tests", UUID(int=11))


async def begun(person: Cast, where: Where = BROWSER) -> Challenge:
    """A log-in whose password was right and whose second step is due."""
    challenge = await comes_in(
        person.email, person.password, address=where.address, device_id=where.device_id
    )
    assert isinstance(challenge, Challenge)
    return challenge


def sent_code(challenge: Challenge) -> str:
    """The digits of its letter."""
    return code_for(challenge.id, LOG_IN_CODE)


def another_code(challenge: Challenge) -> str:
    """Six digits that are not those of its letter."""
    return f"{(int(sent_code(challenge)) + 1) % 1_000_000:06d}"
