"""Which page of a list the address asks for."""

from app.web.visitor import WebRequest

_MOST_DIGITS = 5
"""No list of ours is longer; more digits would not fit the database's numbers."""


def page_number(request: WebRequest) -> int:
    """The number in the address, at least 1; the first page where it is none."""
    asked = request.query_params.get("page", "")
    return max(int(asked), 1) if asked.isdecimal() and len(asked) <= _MOST_DIGITS else 1
