"""The one Piccolo engine, and the few ways to run plain SQL inside or outside its transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Literal

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from app.settings import settings


class Transaction(PostgresTransaction):
    """A transaction whose nested use is a SAVEPOINT and which never leaks its connection.

    Piccolo's own nested transaction is a no-op, and a COMMIT that fails keeps the pooled connection.
    """

    __slots__ = ("_savepoint",)

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            self._savepoint = self._parent.connection.transaction()
            await self._savepoint.start()
            return self._parent
        self.connection = await self.get_connection()  # type: ignore[no-untyped-call]
        try:
            self.transaction = self.connection.transaction()
            await self.begin()  # type: ignore[no-untyped-call]
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        if self._parent is not None:
            await (self._savepoint.rollback() if exception_type else self._savepoint.commit())
            return False
        try:
            if exception_type:
                if not self._rolled_back:
                    await self.rollback()  # type: ignore[no-untyped-call]
            elif not self._committed and not self._rolled_back:
                await self.commit()  # type: ignore[no-untyped-call]
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return False

    async def _give_back(self) -> None:
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        else:
            await self.connection.close()


class Engine(PostgresEngine):
    """Piccolo's PostgreSQL engine with our transactions."""

    __slots__ = ()

    async def check_version(self) -> None:
        """Do nothing: importing a module must not need the database, and `migrate` looks at its version."""

    def transaction(self, allow_nested: bool = True) -> Transaction:
        """Begin a transaction, or a savepoint of the running one."""
        return Transaction(engine=self, allow_nested=allow_nested)


DB = Engine(config={"dsn": settings().database_url}, log_queries=False)


def transaction() -> Transaction:
    """All or nothing: the outermost commits, an inner one is a savepoint."""
    return DB.transaction()


@asynccontextmanager
async def connection() -> AsyncIterator[Any]:
    """The asyncpg connection of the running transaction, else one of the pool's for a moment."""
    running = DB.current_transaction.get()
    if running is not None:
        yield running.connection
    elif DB.pool is not None:
        async with DB.pool.acquire() as pooled:
            yield pooled
    else:
        single = await DB.get_new_connection()
        try:
            yield single
        finally:
            await single.close()


async def fetch(sql: str, *values: object) -> list[asyncpg.Record]:
    """Every row `sql` answers; `values` stand for $1, $2 …"""
    async with connection() as con:
        rows: list[asyncpg.Record] = await con.fetch(sql, *values)
        return rows


async def fetch_one(sql: str, *values: object) -> asyncpg.Record | None:
    """The first row `sql` answers, or None."""
    async with connection() as con:
        return await con.fetchrow(sql, *values)


async def fetch_value(sql: str, *values: object) -> Any:
    """The first column of the first row, or None."""
    async with connection() as con:
        return await con.fetchval(sql, *values)


async def execute(sql: str, *values: object) -> str:
    """Run `sql` and give back PostgreSQL's command tag, such as `UPDATE 1`."""
    async with connection() as con:
        tag: str = await con.execute(sql, *values)
        return tag


async def open_pool() -> None:
    """Open the connections this process keeps; call once, in the event loop that will use them."""
    await DB.start_connection_pool(min_size=2, max_size=10)


async def close_pool() -> None:
    """Give all connections back; running queries end first."""
    await DB.close_connection_pool()
