"""Many rows for many tables, written by COPY: the only way a hundred thousand visits take seconds."""

from collections import defaultdict
from random import Random
from typing import Any
from uuid import UUID

from app.db.engine import connection

AT_ONCE = 20_000
"""Rows in one statement, so that none of them runs long."""

_ORDER = (
    "users",
    "persons",
    "clinics",
    "doctors",
    "practices",
    "services",
    "weekly_sessions",
    "session_breaks",
    "slots",
    "appointments",
    "token_counters",
    "payments",
    "captures",
    "refunds",
    "events",
    "reviews",
    "follows",
)
"""Tables in the order in which they refer to each other."""


def new_id(dice: Random) -> UUID:
    """An id that is the same each time the same dice are thrown."""
    return UUID(int=dice.getrandbits(128), version=4)


class Heap:
    """Rows waiting to be written; rows of one table all name the same columns."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, **row: Any) -> None:
        """Put one row on the heap."""
        self._rows[table].append(row)

    async def pour(self) -> None:
        """Write everything in the caller's transaction, and be empty again."""
        for table in _ORDER:
            rows = self._rows.pop(table, [])
            for first in range(0, len(rows), AT_ONCE):
                await self._copy(table, rows[first : first + AT_ONCE])
        assert not self._rows, f"no order for {sorted(self._rows)}"

    async def _copy(self, table: str, rows: list[dict[str, Any]]) -> None:
        columns = list(rows[0])
        async with connection() as con:
            await con.copy_records_to_table(
                table, records=[tuple(row.values()) for row in rows], columns=columns
            )
