"""Bringing the schema up to date at every start, whoever starts first."""

import contextlib
import io
import logging
import os
from collections.abc import AsyncIterator

import asyncpg
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards

from app.db.engine import DB
from app.settings import settings

log = logging.getLogger(__name__)

ONE_AT_A_TIME = 727_001
"""Key of the advisory lock; only equal numbers in our own database could meet."""
OLDEST_POSTGRES = 150_000
"""`server_version_num` of PostgreSQL 15, the first we run on."""
MAY = "SELECT, INSERT, UPDATE, DELETE"

os.environ.setdefault("PICCOLO_CONF", "piccolo_conf")


class MigrationFailed(Exception):
    """The schema could not be brought up to date; the text says at which step."""


async def migrate() -> None:
    """Run the migrations that are missing, as the owner of the schema, and let the application's role work.

    Several processes may call it at once: a lock on a connection of its own lets one go first and the
    others find nothing left to do. Call it before the pool is open. Raises MigrationFailed, and asyncpg's
    or the system's errors when the database cannot be reached.
    """
    if DB.pool is not None:
        raise RuntimeError("migrate() runs before the pool is open: it works as another role.")
    owner = await asyncpg.connect(settings().owner_database_url)
    try:
        if int(await owner.fetchval("SHOW server_version_num")) < OLDEST_POSTGRES:
            raise MigrationFailed("PostgreSQL 15 or newer is needed; this one is older.")
        await owner.execute("SELECT pg_advisory_lock($1)", ONE_AT_A_TIME)
        async with _engine_as_owner():
            await _run_missing()
        await _let_the_application_work(owner)
    finally:
        await owner.close()  # the lock goes with the connection


async def pending() -> list[str]:
    """The ids of migrations this program has and the database has not, in order."""
    manager = BaseMigrationManager()
    folder = manager.get_app_config(app_name="app").resolved_migrations_folder_path
    have = manager.get_migration_ids(manager.get_migration_modules(folder))
    con = await asyncpg.connect(settings().database_url)
    try:
        ran = {row["name"] for row in await con.fetch("SELECT name FROM migration WHERE app_name = 'app'")}
    except asyncpg.UndefinedTableError:
        ran = set()
    finally:
        await con.close()
    return [name for name in have if name not in ran]


@contextlib.asynccontextmanager
async def _engine_as_owner() -> AsyncIterator[None]:
    """Piccolo migrates through the one engine it knows, so that connects as the owner for the while."""
    as_application = DB.config
    DB.config = {"dsn": settings().owner_database_url}
    try:
        yield
    finally:
        DB.config = as_application


async def _run_missing() -> None:
    told = io.StringIO()
    try:
        with contextlib.redirect_stdout(told):
            result = await run_forwards("all")
    except Exception as problem:
        step = (told.getvalue().strip().splitlines() or ["before the first migration"])[-1].strip(" -.")
        raise MigrationFailed(f"{step}: {problem}") from problem
    if not result.success:
        raise MigrationFailed(result.message or told.getvalue())
    applied = told.getvalue().count("[forwards]")
    log.info("schema is up to date applied=%s", applied)


async def _let_the_application_work(owner: asyncpg.Connection) -> None:
    """Grant the application's role the rows of all tables, those to come included, but never the schema."""
    if settings().owner_database_url == settings().database_url:
        return
    application = await asyncpg.connect(settings().database_url)
    try:
        role = await application.fetchval("SELECT quote_ident(current_user)")
    finally:
        await application.close()
    await owner.execute(
        f"""
        GRANT USAGE ON SCHEMA public TO {role};
        GRANT {MAY} ON ALL TABLES IN SCHEMA public TO {role};
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {MAY} ON TABLES TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
        """
    )
