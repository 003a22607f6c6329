"""Fixtures of the letters' tests."""

from collections.abc import Iterator

import pytest

from tests.notifications.office import BadOffice
from tests.surroundings import PostOffice


@pytest.fixture
def bad_office(post_office: PostOffice) -> Iterator[BadOffice]:
    """A mail server that misbehaves, where the good one stood."""
    post_office.shut()
    office = BadOffice()
    office.open(post_office.port)
    yield office
    office.shut()
