"""What somebody does with their own second step; each act asks for the password again."""

from app.accounts.errors import WrongSecondStep
from app.accounts.queries import Account
from app.accounts.services import totp
from app.accounts.services.code_tries import code_try_in
from app.accounts.services.holding import hold
from app.accounts.services.password import check_password
from app.accounts.where import Where
from app.db.engine import transaction


async def begin(account: Account, *, password: str, where: Where) -> totp.Setup:
    """A key to take into an app. Raises Invalid (field password), SecondStepOn, ChangedMeanwhile, TooMany."""
    return await totp.begin(account, proof=await check_password(account, password, where=where))


async def renew(account: Account, *, password: str, code: str, where: Where) -> list[str]:
    """New recovery codes for the old ones.

    Raises Invalid (fields password, code), NotFound, ChangedMeanwhile, TooMany.
    """
    proof = await _prove(account, password=password, code=code, where=where)
    return await totp.new_recovery_codes(account, proof=proof)


async def turn_off(account: Account, *, password: str, code: str, where: Where) -> Account:
    """Log in by password alone from now on.

    Raises Invalid (fields password, code), ChangedMeanwhile, TooMany.
    """
    proof = await _prove(account, password=password, code=code, where=where)
    async with transaction():
        await hold(account, proof=proof)
        await totp.turn_off(account.id, by=account.actor, keep=account.session_id)
    return account


async def prove(account: Account, *, password: str, code: str, where: Where) -> str:
    """Ask for the password, and where the second step is on for its code too, before what is sensitive.

    Gives the hash the password was compared with. Raises Invalid (fields password, code), TooMany.
    """
    if await totp.is_on(account.id):
        return await _prove(account, password=password, code=code, where=where)
    return await check_password(account, password, where=where)


async def _prove(account: Account, *, password: str, code: str, where: Where) -> str:
    """Whoever found an open browser knows neither; a code is used up only after the right password.

    Codes are counted for the session. Gives the hash the password was compared with.
    """
    proof = await check_password(account, password, where=where)
    attempt = code_try_in(account.session_id, account.id)
    await attempt.count()
    if not await totp.check(account.id, code):
        raise WrongSecondStep
    await attempt.was_right()
    return proof
