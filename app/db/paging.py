"""One page of a list, as every room's queries give it."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Paged(Generic[Item]):
    """The items of one page, counted from 1, and how many there are on all pages."""

    items: list[Item]
    page: int
    page_size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages the list has, at least one."""
        return max(1, -(-self.total // self.page_size))
