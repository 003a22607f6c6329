"""The letters there are, each by its kind, and how a function becomes one."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from app.events.queries import PastEvent

Context = dict[str, Any]
Compose = Callable[[PastEvent], Awaitable[Context]]
ComposeFor = Callable[[PastEvent, UUID], Awaitable[Context]]

ANOTHER_ADDRESS = "to"
"""Among a letter's values: where it goes if not to the address the reader's account has by now."""

LETTERS: dict[str, ComposeFor] = {}
"""Every letter by its kind, which is also the name of its templates."""


def letter(compose: Compose) -> Compose:
    """Make a function known as a letter of its own name, alike for all its readers."""

    async def for_anybody(event: PastEvent, _reader_id: UUID) -> Context:
        return await compose(event)

    LETTERS[compose.__name__] = for_anybody
    return compose


def letter_to(compose: ComposeFor) -> ComposeFor:
    """As `letter`, where each reader is told something else."""
    LETTERS[compose.__name__] = compose
    return compose
