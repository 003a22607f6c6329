"""What a measurement stands on: a database of its own in a temporary directory, and nothing else running."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg


def on_fresh_database(work: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run one measurement with an empty, migrated database that is thrown away afterwards."""
    from app.db.embedded import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="parchi-bench-") as folder:
        database = EmbeddedPostgres(Path(folder))
        addresses = database.start()
        try:
            os.environ.update(
                DATABASE_URL=addresses.app,
                OWNER_DATABASE_URL=addresses.owner,
                DATA_DIR=folder,
                SECRET_KEY="measured-with-this-key-0123456789abcdef",
                SMTP_URL="smtp://127.0.0.1:9",
                RAZORPAY_KEY_ID="rzp_test_Measured00001",
                RAZORPAY_KEY_SECRET="measured-gateway-secret",
                RAZORPAY_WEBHOOK_SECRET="measured-webhook-secret",
                RAZORPAY_BASE_URL="http://127.0.0.1:9",
            )
            asyncio.run(_migrated(work))
        finally:
            database.stop()


async def _migrated(work: Callable[[], Coroutine[object, object, None]]) -> None:
    import app.main  # noqa: F401 - registers who listens
    from app.db.migrate import migrate

    await migrate()
    async with _pool():
        await work()


@asynccontextmanager
async def _pool() -> AsyncIterator[None]:
    from app.db.engine import close_pool, open_pool

    await open_pool()
    try:
        yield
    finally:
        await close_pool()


@asynccontextmanager
async def as_owner() -> AsyncIterator[asyncpg.Connection]:
    """The database as its owner, for statistics and plans."""
    con = await asyncpg.connect(os.environ["OWNER_DATABASE_URL"])
    try:
        yield con
    finally:
        await con.close()
