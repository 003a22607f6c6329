"""The log of what happened only grows, whoever tries."""

import asyncpg
import pytest

from app.db.engine import execute, transaction
from app.events.actor import SYSTEM
from app.events.names import CLINIC_CHANGED
from app.events.services import publish
from tests.factories import a_clinic
from tests.surroundings import Surroundings

CHANGES = ("UPDATE events SET by_role = 'admin'", "DELETE FROM events", "TRUNCATE events CASCADE")


@pytest.fixture(autouse=True)
async def something_happened() -> None:
    clinic = await a_clinic()
    async with transaction():
        await publish(CLINIC_CHANGED, clinic, by=SYSTEM)


@pytest.mark.parametrize("change", CHANGES)
async def test_the_app_cannot_change_what_happened(change: str) -> None:
    with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
        await execute(change)


@pytest.mark.parametrize("change", CHANGES)
async def test_nor_can_the_owner_of_the_tables(surroundings: Surroundings, change: str) -> None:
    con = await asyncpg.connect(surroundings.owner_url)
    try:
        with pytest.raises(asyncpg.RestrictViolationError):
            await con.execute(change)
    finally:
        await con.close()
