"""Migrations in plain SQL, carried by Piccolo's migration runner and safe to run again."""

from collections.abc import Awaitable, Callable

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.db.engine import connection

_ONCE = """
CREATE TABLE IF NOT EXISTS applied_sql (id text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
"""


def sql_migration(
    migration_id: str, description: str, sql: str, *, also: Callable[[], Awaitable[None]] | None = None
) -> Callable[[], Awaitable[MigrationManager]]:
    """Make the `forwards` of a migration file from SQL; `also` runs after it in the same transaction.

    Piccolo writes down that a migration ran after its transaction, so a crash in between would run it
    twice: the row in `applied_sql`, written inside, makes the second run do nothing.
    """

    async def apply() -> None:
        async with connection() as con:
            await con.execute(_ONCE)
            new = await con.fetchval(
                "INSERT INTO applied_sql (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id", migration_id
            )
            if new is None:
                return
            await con.execute(sql)
            if also is not None:
                await also()

    async def forwards() -> MigrationManager:
        manager = MigrationManager(migration_id=migration_id, app_name="app", description=description)
        manager.add_raw(apply)
        return manager

    return forwards
