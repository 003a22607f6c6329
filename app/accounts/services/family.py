"""Who belongs to the people of an account: taken out, put back, joined when the desk wrote them down."""

from uuid import UUID

from app import clock
from app.accounts.errors import OwnPerson, TooManyPersons
from app.accounts.queries import Account, Person, get_person, persons_of, self_of
from app.accounts.rules import MOST_PERSONS, RELATIONS, Reading, read_choice
from app.db.engine import execute, fetch_one, fetch_value, transaction
from app.errors import NotFound
from app.events.actor import Actor
from app.events.names import PERSON_CLAIMED, PERSON_REMOVED, PERSON_TAKEN_BACK
from app.events.services import publish


async def keep_person(person: Person) -> None:
    """Keep somebody among the people of the account until the transaction ends, so that a visit has one.

    Raises NotFound when they were taken out, or joined to another account, meanwhile.
    """
    kept = await fetch_value(
        "SELECT 1 FROM persons "
        "WHERE id = $1 AND account_id IS NOT DISTINCT FROM $2 AND removed_at IS NULL FOR KEY SHARE",
        person.id,
        person.account_id,
    )
    if kept is None:
        raise NotFound


async def remove_person(person_id: UUID, *, account: Account, by: Actor) -> None:
    """No longer book for somebody; what they were booked for stays. Twice is once.

    Until the transaction ends nobody can book for them, so that the caller can look at what is booked. Raises
    NotFound, OwnPerson.
    """
    async with transaction():
        await _lock(account)
        row = await fetch_one(
            "SELECT relation, removed_at FROM persons WHERE id = $1 AND account_id = $2 FOR UPDATE",
            person_id,
            account.id,
        )
        if row is None:
            raise NotFound
        if row["relation"] == "self":
            raise OwnPerson
        if row["removed_at"] is None:
            await execute("UPDATE persons SET removed_at = $2 WHERE id = $1", person_id, clock.now())
            await publish(PERSON_REMOVED, person_id, by=by, facts={"account_id": account.id})


async def put_back_person(person_id: UUID, *, account: Account, by: Actor) -> Person:
    """Book for somebody again who was taken out; twice is once. Raises NotFound, TooManyPersons."""
    async with transaction():
        await _lock(account)
        found = await fetch_one(
            "SELECT removed_at FROM persons WHERE id = $1 AND account_id = $2 AND same_as IS NULL",
            person_id,
            account.id,
        )
        if found is None:
            raise NotFound
        if found["removed_at"] is not None:
            await _check_room(account)
            await execute("UPDATE persons SET removed_at = NULL WHERE id = $1", person_id)
            await publish(PERSON_TAKEN_BACK, person_id, by=by, facts={"account_id": account.id})
        return await get_person(person_id, account_id=account.id)


async def join_person(
    person_id: UUID, *, relation: str, visit_id: UUID, account: Account, by: Actor
) -> Person:
    """Make somebody the desk wrote down one of the people of an account; of several who ask the first wins.

    The caller has seen the code of their visit, `visit_id`, which alone proves that they may. Where it is the
    account holder (`self`), the person known before stands for both, and the caller lets the visits follow.
    Returns whose the visits are from now on. Raises Invalid for an unknown relation,
    TooManyPersons, NotFound for somebody who has an account already.
    """
    reading = Reading()
    reading.read("relation", read_choice({**RELATIONS, "self": ""}), relation, "")
    reading.check()
    async with transaction():
        await _lock(account)
        own = await self_of(account.id) if relation == "self" else None
        if own is None:
            await _check_room(account)
        joined = await fetch_value(
            """
            UPDATE persons SET account_id = $2, relation = $3, same_as = $4, removed_at = $5
            WHERE id = $1 AND account_id IS NULL AND removed_at IS NULL RETURNING id
            """,
            person_id,
            account.id,
            "other" if own else relation,
            own.id if own else None,
            clock.now() if own else None,
        )
        if joined is None:
            raise NotFound
        facts = {"account_id": account.id, "appointment_id": visit_id, "same_as": own.id if own else None}
        await publish(PERSON_CLAIMED, person_id, by=by, facts=facts)
        return own or await get_person(person_id, account_id=account.id)


async def _lock(account: Account) -> None:
    """Let nobody else change the account's people until the transaction ends."""
    await fetch_value("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE", account.id)


async def _check_room(account: Account) -> None:
    if len(await persons_of(account.id)) >= MOST_PERSONS:
        raise TooManyPersons
