"""What several tests of calendars stand on."""

from collections.abc import AsyncIterator

import pytest

from tests.booking.visits import the_clock_at
from tests.scheduling.calendars import MONDAY_MORNING


@pytest.fixture
async def on_a_monday(clean: None) -> AsyncIterator[None]:
    """It is Monday, eight o'clock."""
    with the_clock_at(MONDAY_MORNING):
        yield
