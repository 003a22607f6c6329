"""An authenticator app as tests need one."""

from datetime import UTC, datetime

import pyotp

from app import clock
from app.accounts.services import totp
from app.db.clock import set_clock
from tests.factories import Cast


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an app shows, by default now."""
    return pyotp.TOTP(secret).at(clock.now(), counter_offset=steps)


async def a_step_begins(later: int) -> None:
    """Move the clock to where one of the next steps has just begun, so that none ends within a test."""
    await set_clock(datetime.fromtimestamp((clock.real_ms() // 30_000 + later) * 30, UTC))


async def turned_on(person: Cast) -> tuple[str, list[str]]:
    """The key of somebody's app and their recovery codes; the step that was used is over."""
    account = await person.account()
    setup = await totp.begin(account)
    codes = await totp.confirm(account, code_of(setup.secret_base32))
    await a_step_begins(4)
    return setup.secret_base32, codes
