"""What somebody does with their own second step; each act asks for the password again."""

from app.accounts.errors import WrongSecondStep
from app.accounts.queries import Account
from app.accounts.services import totp
from app.accounts.services.password import check_password
from app.web.limits import forget, spend


async def begin(account: Account, *, password: str) -> totp.Setup:
    """A key to take into an app. Raises Invalid (field password), SecondStepOn, TooMany."""
    await check_password(account, password)
    return await totp.begin(account)


async def renew(account: Account, *, password: str, code: str) -> list[str]:
    """New recovery codes for the old ones. Raises Invalid (fields password, code), NotFound, TooMany."""
    await _prove(account, password=password, code=code)
    return await totp.new_recovery_codes(account)


async def turn_off(account: Account, *, password: str, code: str) -> Account:
    """Log in by password alone from now on. Raises Invalid (fields password, code), TooMany."""
    await _prove(account, password=password, code=code)
    await totp.turn_off(account.id, by=account.actor, keep=account.session_id)
    return account


async def _prove(account: Account, *, password: str, code: str) -> None:
    """Whoever found an open browser knows neither; a code is used up only after the right password."""
    await check_password(account, password)
    await spend("second_step", str(account.id))
    await spend("second_step_day", str(account.id))
    if not await totp.check(account.id, code):
        raise WrongSecondStep
    await forget("second_step", str(account.id))
