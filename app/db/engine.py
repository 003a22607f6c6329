"""The one Piccolo engine, and the few ways to run plain SQL inside or outside its transaction."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any, Literal

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from app.errors import Unavailable
from app.settings import settings

log = logging.getLogger(__name__)

PATIENCE = 10
"""Seconds to wait for one of the pool's connections; a page nobody waits for any longer helps nobody."""
LONGEST_STATEMENT = 30
"""Seconds a statement may take, the wait for locks of others included."""
GONE = (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InterfaceError)
"""What asyncpg raises when the server ends, restarts or does not answer, a timeout (an OSError) included."""


class DatabaseAway(Unavailable):
    """The database ended, restarted, or did not answer in time."""

    slug = "database-away"


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
        self.connection = await _take()
        try:
            self.transaction = self.connection.transaction()
            with _watching(self.connection):
                await self.begin()  # type: ignore[no-untyped-call]
        except BaseException:
            await _give_back(self.connection)
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
            if not _is_lost(self._parent.connection):
                await (self._savepoint.rollback() if exception_type else self._savepoint.commit())
            return False
        try:
            with _watching(self.connection):
                if not exception_type:
                    await self.commit()  # type: ignore[no-untyped-call]
                elif not _is_lost(self.connection):
                    await self.rollback()  # type: ignore[no-untyped-call]
        finally:
            self.engine.current_transaction.reset(self.context)
            await _give_back(self.connection)
        return False


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
    con = running.connection if running is not None else await _take()
    try:
        with _watching(con):
            yield con
    finally:
        if running is None:
            await _give_back(con)


@contextmanager
def _watching(con: Any) -> Iterator[None]:
    """Turn the loss of a connection into DatabaseAway; its misuse, a bug, passes on as it is."""
    try:
        yield
    except GONE as problem:
        if isinstance(problem, asyncpg.InterfaceError) and not _is_lost(con):
            raise
        raise _away(problem) from problem
    except asyncpg.InternalClientError as problem:
        con.terminate()  # the server's last words were read only in part: nothing more can be said on it
        raise _away(problem) from problem


def _is_lost(con: Any) -> bool:
    """Whether a connection was cut; the pool takes such a one back at once, and then it answers nothing."""
    try:
        return bool(con.is_closed())
    except asyncpg.InterfaceError:
        return True


def _away(problem: BaseException) -> DatabaseAway:
    log.warning("database away error=%s", type(problem).__name__)
    return DatabaseAway()


async def _take() -> Any:
    """One of the pool's connections, or a fresh one where there is no pool; raises DatabaseAway."""
    try:
        return await (DB.pool.acquire(timeout=PATIENCE) if DB.pool else DB.get_new_connection())
    except (*GONE, asyncpg.TooManyConnectionsError) as problem:
        raise _away(problem) from problem


async def _give_back(con: Any) -> None:
    await (DB.pool.release(con) if DB.pool else con.close())


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
    await DB.start_connection_pool(min_size=2, max_size=10, command_timeout=LONGEST_STATEMENT)


async def close_pool() -> None:
    """Give all connections back; running queries end first."""
    await DB.close_connection_pool()
