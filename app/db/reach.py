"""Whether a database can be reached, before anything relies on it."""

import asyncpg


class DatabaseNotReached(Exception):
    """Nobody answers there, or not us; the text says why and holds no password."""


async def reach(addresses: set[str]) -> None:
    """Connect once to each address. Raises DatabaseNotReached."""
    for address in addresses:
        try:
            await (await asyncpg.connect(address)).close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            raise DatabaseNotReached(f"The database cannot be reached: {problem}") from problem
