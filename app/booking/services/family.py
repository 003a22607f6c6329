"""The people of an account, where their visits have a say: taking one out, joining one by a slip's code."""

from uuid import UUID

from app import clock
from app.accounts.queries import Account, Person, get_person
from app.accounts.services import join_person, remove_person
from app.booking.errors import NoSuchSlip, PersonExpected
from app.booking.queries.ahead import is_expected
from app.booking.queries.family import Slip, find_slip
from app.booking.rules import typed_code
from app.db.engine import execute, transaction
from app.errors import NotFound
from app.events.actor import Actor


async def take_out(person_id: UUID, *, account: Account, by: Actor) -> None:
    """No longer book for somebody; past visits stay with the account. Twice is once.

    Raises NotFound, OwnPerson, and PersonExpected while a visit of theirs is ahead.
    """
    async with transaction():
        await remove_person(person_id, account=account, by=by)
        if await is_expected(person_id, now=clock.now()):
            raise PersonExpected


async def slip_for(code: str, account: Account) -> Slip:
    """Whom the code on a slip names; raises NoSuchSlip for any that this account cannot join."""
    slip = await find_slip(typed_code(code), account_id=account.id)
    if slip is None:
        raise NoSuchSlip
    return slip


async def claim(code: str, *, relation: str, account: Account, by: Actor) -> Person:
    """Join somebody the desk wrote down to the account that holds their slip, with every visit of theirs.

    `relation` is theirs to the account, `self` for its holder. Twice is once; of two accounts the first
    wins. Raises NoSuchSlip, Invalid for an unknown relation, TooManyPersons.
    """
    async with transaction():
        slip = await slip_for(code, account)
        if slip.is_joined:
            return await get_person(slip.person_id, account_id=account.id)
        try:
            person = await join_person(
                slip.person_id, relation=relation, visit_id=slip.visit_id, account=account, by=by
            )
        except NotFound:
            raise NoSuchSlip from None
        await execute(
            "UPDATE appointments SET person_id = $2, booked_by_id = coalesce(booked_by_id, $3) "
            "WHERE person_id = $1",
            slip.person_id,
            person.id,
            account.id,
        )
    return person
