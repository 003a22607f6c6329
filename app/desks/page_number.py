"""Which page of a list is asked for, by an address or by a program."""

from typing import Annotated

from litestar.params import QueryParameter

from app.web.page_number import page_number

__all__ = ["PageNumber", "PageSize", "page_number"]

PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]
PageSize = Annotated[int, QueryParameter(name="page_size", ge=1, le=100)]
"""How a program asks for a page, and for how many things at a time."""
