"""One page of a list, as every room's queries give it."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from app.db.engine import fetch_value

Item = TypeVar("Item")

MOST_COUNTED = 10_000
"""Rows of a list without end that are counted and stand on pages; what is older is asked for by its time."""


@dataclass(frozen=True)
class Paged(Generic[Item]):
    """The items of one page, counted from 1, and how many there are on all pages.

    `is_more` says that there are others still, which were not counted and stand on no page.
    """

    items: list[Item]
    page: int
    page_size: int
    total: int
    is_more: bool = False

    @property
    def pages(self) -> int:
        """How many pages the list has, at least one."""
        return max(1, -(-self.total // self.page_size))


async def count_up_to_most(from_where: str, *values: object) -> tuple[int, bool]:
    """How many rows there are, MOST_COUNTED at most, and whether there are more than these.

    `from_where` is what follows FROM, our own words with a place for each of the values.
    """
    found: int = await fetch_value(
        f"SELECT count(*) FROM (SELECT FROM {from_where} LIMIT {MOST_COUNTED + 1}) AS counted", *values
    )
    return min(found, MOST_COUNTED), found > MOST_COUNTED
