"""Looking for part of a text with LIKE."""

import re

_SIGNS = re.compile(r"([%_\\])")


def containing(text: str) -> str:
    """The pattern of whatever contains this text; the signs LIKE knows mean themselves."""
    return "%" + _SIGNS.sub(r"\\\1", text) + "%"
