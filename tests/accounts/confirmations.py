"""What a letter would say: tests read the row and derive code and link as the letter's writer does."""

from uuid import UUID

from app.accounts.codes import code_for, link_token_for
from app.db.engine import fetch, fetch_value


async def newest(email: str) -> UUID:
    """The id of the newest confirmation asked of an address."""
    found = await fetch_value(
        "SELECT c.id FROM email_confirmations c JOIN users u ON u.id = c.user_id WHERE u.email = $1 "
        "ORDER BY c.created_at DESC LIMIT 1",
        email,
    )
    assert isinstance(found, UUID), f"nobody was asked to confirm {email}"
    return found


async def code_of(email: str) -> str:
    """The digits of the newest letter."""
    return code_for(await newest(email))


async def another_code_than(email: str) -> str:
    """Six digits that are not those of the newest letter."""
    return f"{(int(await code_of(email)) + 1) % 1_000_000:06d}"


async def link_of(email: str) -> str:
    """The path of the newest letter's link."""
    return f"/verify/{link_token_for(await newest(email))}"


async def happened(name: str) -> int:
    """How often an event was written down."""
    return len(await fetch("SELECT 1 FROM events WHERE name = $1", name))
