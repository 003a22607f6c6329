"""What happens when the database is gone, or has no connection left: a clear refusal, soon, and no more."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from app import clock
from app.db import engine
from app.db.engine import DB, DatabaseAway, execute, fetch_value, transaction


@pytest.fixture
async def no_connection_left(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Somebody else has all of them, and nobody waits long."""
    monkeypatch.setattr(engine, "PATIENCE", 0.2)
    assert DB.pool is not None
    taken = [await DB.pool.acquire() for _one in range(DB.pool.get_max_size())]
    yield
    for con in taken:
        await DB.pool.release(con)


async def _cut(owner: asyncpg.Connection) -> None:
    """End the connection of the running transaction at the server."""
    await owner.execute("SELECT pg_terminate_backend($1, 5000)", await fetch_value("SELECT pg_backend_pid()"))


@pytest.mark.usefixtures("no_connection_left")
async def test_without_a_free_connection_people_are_told_to_come_again(api: httpx.AsyncClient) -> None:
    page, problem = await api.get("/doctors"), await api.get("/api/doctors")

    assert (page.status_code, problem.status_code) == (503, 503)
    assert page.headers["retry-after"] == problem.headers["retry-after"] == "30"
    assert problem.json()["type"] == "/problems/database-away"


@pytest.mark.usefixtures("no_connection_left")
async def test_without_a_free_connection_no_transaction_begins() -> None:
    with pytest.raises(DatabaseAway):
        async with transaction():
            pytest.fail("it began")
    assert DB.current_transaction.get() is None


async def test_a_transaction_whose_connection_is_cut_leaves_nothing_and_the_next_one_works(
    owner: asyncpg.Connection,
) -> None:
    with pytest.raises(DatabaseAway):
        async with transaction(), transaction():
            await execute("INSERT INTO limits VALUES ('cut', 'x', $1, 1)", clock.now())
            await owner.execute(
                "SELECT pg_terminate_backend($1)", await fetch_value("SELECT pg_backend_pid()")
            )
            await execute("SELECT 1")

    assert DB.current_transaction.get() is None
    assert await fetch_value("SELECT count(*) FROM limits WHERE name = 'cut'") == 0


async def test_a_connection_cut_before_the_commit_is_told(owner: asyncpg.Connection) -> None:
    with pytest.raises(DatabaseAway):
        async with transaction():
            await owner.execute(
                "SELECT pg_terminate_backend($1)", await fetch_value("SELECT pg_backend_pid()")
            )


async def test_a_misused_connection_is_a_bug_and_not_a_database_that_is_away() -> None:
    with pytest.raises(asyncpg.InterfaceError):
        async with transaction():
            await asyncio.gather(execute("SELECT pg_sleep(0.2)"), execute("SELECT 1"))
