"""Which page of a list is asked for, by an address or by a program."""

from typing import Annotated

from litestar.params import QueryParameter

from app.web.visitor import WebRequest

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]
PageSize = Annotated[int, QueryParameter(name="page_size", ge=1, le=100)]
"""How a program asks for a page, and for how many things at a time."""

_MOST_DIGITS = 5
"""No list of ours is longer; more digits would not fit the database's numbers."""


def page_number(request: WebRequest) -> int:
    """The number in the address, at least 1; the first page where it is none."""
    asked = request.query_params.get("page", "")
    return max(int(asked), 1) if asked.isdecimal() and len(asked) <= _MOST_DIGITS else 1
