"""Which visit, for whom: somebody else's is not found, whatever its code."""

from uuid import UUID

from app.accounts.queries import Account
from app.booking.queries.visits import Scope, find_visit
from app.booking.rows import Visit
from app.errors import NotFound


def scope_of(account: Account) -> Scope:
    """Patients see what they booked, doctors their practice, reception its clinic, administrators all."""
    return Scope(account.id, account.role)


async def visit_for(code_or_id: str | UUID, account: Account) -> Visit:
    """The visit with this booking code or id, if the account may see it; raises NotFound."""
    visit = await find_visit(scope_of(account), _key(code_or_id))
    if visit is None:
        raise NotFound
    return visit


def _key(code_or_id: str | UUID) -> str | UUID:
    """A row id as a UUID, anything else as a booking code in capitals; NotFound for what can be neither."""
    if isinstance(code_or_id, UUID):
        return code_or_id
    text = code_or_id.strip()
    if "\x00" in text:  # which PostgreSQL cannot hold
        raise NotFound
    try:
        return UUID(text)
    except ValueError:
        return text.upper()
