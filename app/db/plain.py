"""Rows as plain values, which JSON and CSV can hold."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from app.db.engine import fetch

Rows = list[dict[str, object]]
"""Rows by the names of their columns; moments are ISO 8601 in UTC, ids are text."""


def plain(value: object) -> object:
    """A value of the database as text, number, truth or nothing, or a list of such."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case list():
            return [plain(one) for one in value]
        case Mapping():
            return {str(name): plain(one) for name, one in value.items()}
        case _:
            return str(value)


async def plain_rows(sql: str, *values: object) -> Rows:
    """Every row `sql` answers, with plain values."""
    return [{name: plain(one) for name, one in row.items()} for row in await fetch(sql, *values)]
