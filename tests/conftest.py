"""Fixtures every test may use; the app runs as a real HTTP server in the tests' own event loop."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator

import asyncpg
import httpx
import pytest
import uvicorn
from hypothesis import settings as hypothesis_settings

from tests.surroundings import PostOffice, Sandbox, Surroundings, surround

SURROUNDINGS = surround()

hypothesis_settings.register_profile("commit", max_examples=100, deadline=None)
hypothesis_settings.register_profile("full", max_examples=2_000, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "commit"))

KEPT_TABLES = {"migration", "applied_sql", "pgqueuer_schedules"}


@pytest.fixture(scope="session")
def surroundings() -> Surroundings:
    return SURROUNDINGS


@pytest.fixture(scope="session")
async def owner(surroundings: Surroundings) -> AsyncIterator[asyncpg.Connection]:
    """The database as its owner, for cleaning up and for taking guards away in negative controls."""
    from app.db.migrate import migrate

    await migrate()
    con = await asyncpg.connect(surroundings.owner_url)
    yield con
    await con.close()


@pytest.fixture(scope="session")
async def server(surroundings: Surroundings, owner: asyncpg.Connection) -> AsyncIterator[uvicorn.Server]:
    """The app, answering real HTTP in this event loop, so that tests share its database pool."""
    from app.main import create_app
    from app.web.serving import configured

    config = configured(create_app(), host="127.0.0.1", port=surroundings.port, log_level="warning")
    running = uvicorn.Server(config)
    running.install_signal_handlers = lambda: None  # type: ignore[attr-defined,method-assign]
    task = asyncio.create_task(running._serve())
    while not running.started:
        assert not task.done(), "the app did not start"
        await asyncio.sleep(0.01)
    yield running
    running.should_exit = True
    await task


@pytest.fixture(scope="session")
async def _cleaning(owner: asyncpg.Connection) -> str:
    tables = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = [row["tablename"] for row in tables if row["tablename"] not in KEPT_TABLES]
    return "SET session_replication_role = replica;" + "".join(f'DELETE FROM "{name}";' for name in names)


@pytest.fixture(autouse=True)
async def clean(server: uvicorn.Server, owner: asyncpg.Connection, _cleaning: str) -> AsyncIterator[None]:
    """Each test begins with an empty database and mailbox and the real time; its money adds up in the end."""
    from datetime import timedelta

    from app import clock
    from app.settings import settings
    from app.web.limits import drop_leases

    await owner.execute(_cleaning)
    drop_leases()
    clock.shift_by(timedelta(0))
    shutil.rmtree(settings().data_dir / "mailbox", ignore_errors=True)
    SURROUNDINGS.post_office.letters.clear()
    SURROUNDINGS.post_office.refuse_with = None
    yield
    async with httpx.AsyncClient(base_url=SURROUNDINGS.sandbox.base_url) as control:
        await control.post("/sandbox/faults", json={"clear": True})
    adrift = await owner.fetch(MONEY_ADRIFT)
    assert not adrift, f"captured money that is neither a live visit nor a refund: {adrift}"


MONEY_ADRIFT = """
SELECT p.id, p.status, p.captured_paise, p.refunding_paise, p.refunded_paise, a.status AS visit
FROM payments p JOIN appointments a ON a.id = p.appointment_id
WHERE p.captured_paise > 0 AND a.status IN ('held', 'cancelled', 'expired')
  AND p.captured_paise > (
      SELECT coalesce(sum(amount_paise), 0) FROM refunds r WHERE r.payment_id = p.id)
"""


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    """The mail server; it is open again after each test."""
    yield SURROUNDINGS.post_office
    if SURROUNDINGS.post_office._controller is None:
        SURROUNDINGS.post_office.open()


@pytest.fixture
def sandbox() -> Sandbox:
    return SURROUNDINGS.sandbox


@pytest.fixture
async def gateway(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """The sandbox's control paths."""
    async with httpx.AsyncClient(base_url=sandbox.base_url, timeout=10) as client:
        yield client


@pytest.fixture
async def api(surroundings: Surroundings) -> AsyncIterator[httpx.AsyncClient]:
    """A program that calls the site; give it a bearer token by `tests.factories.bearer`."""
    async with httpx.AsyncClient(base_url=surroundings.base_url, timeout=30) as client:
        yield client


@pytest.fixture
async def browser(surroundings: Surroundings) -> AsyncIterator["Browser"]:
    """A browser without JavaScript."""
    async with httpx.AsyncClient(base_url=surroundings.base_url, timeout=30) as client:
        yield Browser(client)


from tests.browser import Browser  # noqa: E402 - imports the app, whose settings are read after `surround`
