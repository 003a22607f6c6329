"""What people say about themselves, and the people they book for.

The account holder is a person too, so name and mobile of the two are kept equal.
"""

from uuid import UUID, uuid4

from app import clock
from app.accounts.errors import TooManyPersons
from app.accounts.queries import Account, Person, get_person, get_user, persons_of
from app.accounts.rules import (
    MOST_PERSONS,
    RELATIONS,
    SEXES,
    Reading,
    read_birth_year,
    read_choice,
    read_name,
    read_optional_mobile,
)
from app.db.engine import execute, fetch_value, transaction
from app.events.actor import Actor
from app.events.names import PERSON_ADDED, PERSON_CHANGED, PROFILE_CHANGED
from app.events.services import publish
from app.web.i18n import LANGUAGES


async def change_profile(
    account: Account, *, name: str, mobile: str | None, language: str, by: Actor
) -> Account:
    """Change what an account says about its holder; nothing is written where nothing differs.

    Raises Invalid with a sentence for each field.
    """
    reading = Reading()
    name = reading.read("name", read_name, name, "")
    mobile = reading.read("mobile", read_optional_mobile, mobile, None)
    language = reading.read("language", read_choice(dict.fromkeys(LANGUAGES, "")), language, "")
    reading.check()
    async with transaction():
        before = await _locked(account.id)
        new = {"name": name, "mobile": mobile, "language": language}
        changed = [field for field, value in new.items() if getattr(before, field) != value]
        if changed:
            await _write_profile(account.id, name=name, mobile=mobile, language=language)
            await _write_own_person(account.id, name=name, mobile=mobile)
            await publish(PROFILE_CHANGED, account.id, by=by, facts={"changed": changed})
    return await get_user(account.id)


async def add_person(
    account: Account,
    *,
    name: str,
    relation: str,
    birth_year: str = "",
    sex: str | None = None,
    mobile: str | None = None,
    by: Actor,
) -> Person:
    """Add somebody this account books for. Raises Invalid, TooManyPersons."""
    values = _read_person(name, birth_year=birth_year, sex=sex, mobile=mobile, relation=relation)
    person_id = uuid4()
    async with transaction():
        await _locked(account.id)
        if len(await persons_of(account.id)) >= MOST_PERSONS:
            raise TooManyPersons
        await execute(
            """
            INSERT INTO persons (name, birth_year, sex, mobile, relation, id, account_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            *values.values(),
            person_id,
            account.id,
            clock.now(),
        )
        await publish(PERSON_ADDED, person_id, by=by, facts={"account_id": account.id})
    return await get_person(person_id, account_id=account.id)


async def change_person(
    person_id: UUID,
    *,
    account: Account,
    name: str,
    relation: str,
    birth_year: str = "",
    sex: str | None = None,
    mobile: str | None = None,
    by: Actor,
) -> Person:
    """Change what is known of somebody this account books for; the account holder stays who they are.

    Raises NotFound for somebody else's person, Invalid.
    """
    async with transaction():
        await _locked(account.id)
        before = await get_person(person_id, account_id=account.id)
        kept = None if before.is_self else relation
        values = _read_person(name, birth_year=birth_year, sex=sex, mobile=mobile, relation=kept)
        changed = [field for field, value in values.items() if getattr(before, field) != value]
        if changed:
            await execute(
                "UPDATE persons SET name=$1, birth_year=$2, sex=$3, mobile=$4, relation=$5 WHERE id = $6",
                *values.values(),
                person_id,
            )
            if before.is_self:
                await _write_own_account(account.id, values)
            await publish(PERSON_CHANGED, person_id, by=by, facts={"changed": changed})
    return await get_person(person_id, account_id=account.id)


def _read_person(
    name: str, *, birth_year: str, sex: str | None, mobile: str | None, relation: str | None
) -> dict[str, object]:
    """The columns of a person in their order; without a relation it is the account holder."""
    reading = Reading()
    this_year = clock.now().year
    values: dict[str, object] = {
        "name": reading.read("name", read_name, name, ""),
        "birth_year": reading.read(
            "birth_year", lambda text: read_birth_year(text, this_year=this_year), birth_year, None
        ),
        "sex": reading.read("sex", read_choice(SEXES), sex, None) if sex else None,
        "mobile": reading.read("mobile", read_optional_mobile, mobile, None),
        "relation": "self"
        if relation is None
        else reading.read("relation", read_choice(RELATIONS), relation, ""),
    }
    reading.check()
    return values


async def _locked(account_id: UUID) -> Account:
    """The account, which nobody else changes until this transaction ends."""
    await fetch_value("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE", account_id)
    return await get_user(account_id)


async def _write_profile(account_id: UUID, *, name: str, mobile: str | None, language: str) -> None:
    await execute(
        "UPDATE users SET name = $2, mobile = $3, language = $4 WHERE id = $1",
        account_id,
        name,
        mobile,
        language,
    )


async def _write_own_person(account_id: UUID, *, name: str, mobile: str | None) -> None:
    await execute(
        "UPDATE persons SET name = $2, mobile = $3 WHERE account_id = $1 AND relation = 'self'",
        account_id,
        name,
        mobile,
    )


async def _write_own_account(account_id: UUID, values: dict[str, object]) -> None:
    await execute(
        "UPDATE users SET name = $2, mobile = $3 WHERE id = $1", account_id, values["name"], values["mobile"]
    )
