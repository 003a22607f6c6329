"""Strangers who guess passwords, and a count of the guesses that were looked at."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app import clock
from app.accounts.codes import device_of_token
from app.accounts.errors import WrongLogIn
from app.accounts.services import Challenge, Tokens, by_mobile, log_in, logging_in
from app.errors import TooMany
from tests.factories import Cast, known_device

WRONG = "not the password"
OWNER_ADDRESS = "198.51.100.7"


def later(by: timedelta) -> None:
    """Move the clock on, for everybody in this process."""
    clock.shift_by(clock.now() - datetime.fromtimestamp(clock.real_ms() / 1000, UTC) + by)


async def a_known_device(person: Cast) -> UUID:
    """A device somebody logged in on before."""
    device_id = device_of_token(await known_device(person))
    assert device_id is not None
    return device_id


def addresses(many: int) -> list[str]:
    """Addresses of as many networks."""
    return [f"10.{n // 250}.{n % 250}.9" for n in range(many)]


async def comes_in(
    identifier: str, password: str, *, address: str = OWNER_ADDRESS, device_id: UUID | None = None
) -> Tokens | Challenge:
    """A log-in of somebody who knows the password."""
    return await log_in(identifier, password, address=address, device="tests", device_id=device_id)


async def guess(
    identifier: str, *, address: str, password: str = WRONG, device_id: UUID | None = None
) -> str:
    """One guess, and what became of it: wrong, refused or in."""
    with suppress(WrongLogIn):
        try:
            await log_in(identifier, password, address=address, device="tests", device_id=device_id)
        except TooMany:
            return "refused"
        return "in"
    return "wrong"


class Looked:
    """How many guesses were compared with a password somebody has."""

    def __init__(self) -> None:
        self.times = 0


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Looked]:
    """Count the comparisons with kept passwords; of WRONG, which nobody has, the hash is spared."""
    looked, really, by_mobile_really = Looked(), logging_in.is_password, by_mobile.hash_for_mobile

    async def is_password(password: str, kept: str | None) -> bool:
        looked.times += kept is not None
        return password != WRONG and await really(password, kept)

    async def hash_for_mobile(password: str, mobile: str | None) -> bytes | None:
        looked.times += 1
        return b"nobody's" if password == WRONG else await by_mobile_really(password, mobile)

    with monkeypatch.context() as patched:
        patched.setattr(logging_in, "is_password", is_password)
        patched.setattr(by_mobile, "hash_for_mobile", hash_for_mobile)
        yield looked
