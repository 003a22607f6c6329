"""Questions to a database from a test that has no event loop of its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg


def query(address: str, sql: str) -> object:
    """The first value `sql` answers, over a connection made for it alone."""

    async def ask() -> object:
        con = await asyncpg.connect(address, timeout=10)
        try:
            return await con.fetchval(sql)
        finally:
            await con.close()

    with ThreadPoolExecutor(1) as thread:  # this one may be running the tests' event loop
        return thread.submit(asyncio.run, ask()).result(20)
