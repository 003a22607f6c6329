"""What is decided between the look at a password and the act it was asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import Any

import pytest
from asyncpg import DeadlockDetectedError

from app.accounts.codes import LOG_IN_CODE, code_for, device_of_token
from app.accounts.errors import ChangedMeanwhile, LogInOver, WrongLogIn
from app.accounts.queries import Account
from app.accounts.services import (
    Challenge,
    ask_email_change,
    block,
    challenges,
    change_password,
    change_role,
    confirm_log_in,
    end_all_sessions,
    log_out,
    logging_in,
    open_session,
    own_second_step,
    send_another_code,
    totp,
)
from app.accounts.services import password as passwords
from app.accounts.where import Where
from app.db.engine import execute, fetch, fetch_value, transaction
from app.desks.privacy.leaving import close_for_good
from app.events.actor import SYSTEM
from tests.accounts.authenticator import code_of, turned_on
from tests.accounts.guessing import OWNER_ADDRESS, comes_in
from tests.accounts.places import HERE
from tests.factories import Cast, a_doctor, a_patient, known_device
from tests.scheduling.calendars import a_statement_waits

SECRET = "demo-pass-2026"
NEW = "an even calmer lake"
Meanwhile = Callable[[Account], Awaitable[object]]
Act = Callable[[Account], Awaitable[object]]


# acts behind a password


async def _signed_in(person: Cast) -> Account:
    return (await open_session(person.id, address=HERE.address, device=HERE.device)).account


def _at_the_comparison(
    monkeypatch: pytest.MonkeyPatch, module: Any, what: Callable[[], Awaitable[object]]
) -> None:
    """Let something happen just after a password was found right."""
    really = module.is_password

    async def is_password(password: str, kept: str | None) -> bool:
        right: bool = await really(password, kept)
        await what()
        return right

    monkeypatch.setattr(module, "is_password", is_password)


async def _another_password(account: Account) -> None:
    await execute("UPDATE users SET password_hash = 'another by now' WHERE id = $1", account.id)


async def _the_session_ends(account: Account) -> None:
    assert account.session_id is not None
    await log_out(account.session_id, by=account.actor)


async def _is_blocked(account: Account) -> None:
    await execute("UPDATE users SET blocked_at = now() WHERE id = $1", account.id)


async def _nothing(_account: Account) -> None:
    return None


async def _begins(account: Account) -> object:
    await totp.turn_off(account.id, by=account.actor, keep=account.session_id)
    return await own_second_step.begin(account, password=SECRET, where=HERE)


async def _with_code(act: Callable[..., Awaitable[object]], account: Account) -> object:
    (key,) = await fetch("SELECT id FROM totp_keys WHERE user_id = $1", account.id)
    code = code_of(totp.secret_of(key["id"]))
    return await act(account, password=SECRET, code=code, where=HERE)


ACTS: dict[str, Act] = {
    "another password": lambda one: change_password(one, current=SECRET, password=NEW, where=HERE),
    "another address": lambda one: ask_email_change(one, email="n@example.com", password=SECRET, where=HERE),
    "a second step begun": _begins,
    "recovery codes": lambda one: _with_code(own_second_step.renew, one),
    "a second step turned off": lambda one: _with_code(own_second_step.turn_off, one),
    "the end of the account": lambda one: _with_code(close_for_good, one),
}
MEANWHILES: dict[str, Meanwhile] = {
    "the password": _another_password,
    "the session": _the_session_ends,
    "the right to come in": _is_blocked,
}


async def _with_an_app() -> Account:
    doctor = await a_doctor()
    await turned_on(doctor)
    return await _signed_in(doctor)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("what", MEANWHILES)
async def test_an_act_is_refused_when_what_allowed_it_is_gone_meanwhile(
    monkeypatch: pytest.MonkeyPatch, act: str, what: str
) -> None:
    account = await _with_an_app()
    _at_the_comparison(monkeypatch, passwords, lambda: MEANWHILES[what](account))
    before = await _kept(account)

    with pytest.raises(ChangedMeanwhile):
        await ACTS[act](account)

    after = await _kept(account)
    if act != "a second step begun":
        assert after["keys"] == before["keys"]
    assert after["letters"] == before["letters"]
    assert after["password_hash"] != before["password_hash"] or what != "the password"
    assert (after["erased_at"], after["changed"]) == (None, 0)


@pytest.mark.parametrize("act", ACTS)
async def test_the_same_act_is_done_when_nothing_happens_meanwhile(
    monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    account = await _with_an_app()
    _at_the_comparison(monkeypatch, passwords, lambda: _nothing(account))
    before = await _kept(account)

    await ACTS[act](account)

    assert await _kept(account) != before or act == "recovery codes"


async def _kept(account: Account) -> dict[str, object]:
    (row,) = await fetch(
        "SELECT password_hash, erased_at, "
        "(SELECT array_agg(k.id) FROM totp_keys k WHERE k.user_id = u.id) AS keys, "
        "(SELECT count(*) FROM email_confirmations c WHERE c.user_id = u.id) AS letters, "
        "(SELECT count(*) FROM events e WHERE e.subject_id = u.id AND e.name = 'PASSWORD_CHANGED') changed "
        "FROM users u WHERE u.id = $1",
        account.id,
    )
    return dict(row)


async def test_of_two_changes_at_once_with_one_password_one_counts() -> None:
    account = await _signed_in(await a_patient())
    other = await open_session(account.id, address=HERE.address, device=HERE.device)

    answers = await asyncio.gather(
        *(
            change_password(one, current=SECRET, password=f"{NEW} {n}", where=HERE)
            for n, one in enumerate((account, other.account))
        ),
        return_exceptions=True,
    )

    assert sum(not isinstance(one, Exception) for one in answers) == 1
    assert await fetch_value("SELECT count(*) FROM events WHERE name = 'PASSWORD_CHANGED'") == 1
    assert await fetch_value("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 1


# log-ins under way


async def _turns_on_the_second_step(account: Account) -> None:
    setup = await totp.begin(account)
    await totp.confirm(account, code_of(setup.secret_base32))


RIGHTS: dict[str, Meanwhile] = {
    "another role": lambda one: change_role(one.id, "reception", by=SYSTEM),
    "a second step": _turns_on_the_second_step,
    "every session ended": lambda one: end_all_sessions(one.id, by=SYSTEM),
}


async def _logs_in(monkeypatch: pytest.MonkeyPatch, what: Meanwhile, *, on_known_device: bool) -> object:
    doctor = await a_doctor()
    account = await doctor.account()
    device_id = device_of_token(await known_device(doctor)) if on_known_device else None
    _at_the_comparison(monkeypatch, logging_in, lambda: what(account))
    return await comes_in(doctor.email, SECRET, device_id=device_id)


@pytest.mark.parametrize("what", RIGHTS)
@pytest.mark.parametrize("on_known_device", [True, False], ids=["known device", "new device"])
async def test_a_log_in_does_not_come_after_what_ends_it(
    monkeypatch: pytest.MonkeyPatch, what: str, on_known_device: bool
) -> None:
    """For both ways on: a session at once, and a second step."""
    with pytest.raises(WrongLogIn):
        await _logs_in(monkeypatch, RIGHTS[what], on_known_device=on_known_device)
    assert await _ways_in() == 0


@pytest.mark.parametrize("on_known_device", [True, False], ids=["known device", "new device"])
async def test_the_same_log_in_comes_through_where_nothing_ends_it(
    monkeypatch: pytest.MonkeyPatch, on_known_device: bool
) -> None:
    await _logs_in(monkeypatch, _nothing, on_known_device=on_known_device)
    assert await _ways_in() == 1


async def test_without_the_epoch_a_log_in_would_outlive_another_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the password alone is the same before and after."""

    async def without(user_id: Any, *, epoch: int | None, **rest: Any) -> object:
        return await open_session(user_id, **rest)

    monkeypatch.setattr(logging_in, "open_session", without)
    await _logs_in(monkeypatch, RIGHTS["another role"], on_known_device=True)
    assert await _ways_in() == 1


async def _ways_in() -> int:
    found: int = await fetch_value(
        "SELECT (SELECT count(*) FROM sessions WHERE ended_at IS NULL) "
        "+ (SELECT count(*) FROM log_in_challenges WHERE used_at IS NULL)"
    )
    return found


# two that wait for each other


async def _begun() -> Challenge:
    doctor = await a_doctor()
    begun = await comes_in(doctor.email, SECRET)
    assert isinstance(begun, Challenge)
    return begun


async def _at_once(goes_on: Callable[[Challenge], Awaitable[object]]) -> list[object]:
    """A block that has locked the account, and a log-in that goes on before the block is done."""
    challenge = await _begun()
    user_id = await fetch_value("SELECT user_id FROM log_in_challenges")
    locked, before = asyncio.Event(), copy_context()

    async def blocks() -> None:
        async with transaction():
            await execute("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE", user_id)
            locked.set()
            await asyncio.create_task(a_statement_waits(), context=before)
            await block(user_id, why="", by=SYSTEM)

    async def logs_in() -> object:
        await locked.wait()
        return await goes_on(challenge)

    return list(await asyncio.gather(blocks(), logs_in(), return_exceptions=True))


async def _enters(challenge: Challenge) -> object:
    where = Where(OWNER_ADDRESS, "tests", challenge.device_id)
    return await confirm_log_in(challenge.id, code_for(challenge.id, LOG_IN_CODE), where=where)


async def _asks_again(challenge: Challenge) -> object:
    return await send_another_code(challenge.id, where=Where(OWNER_ADDRESS, "tests", challenge.device_id))


@pytest.mark.parametrize("goes_on", [_enters, _asks_again], ids=["the code", "another code"])
async def test_a_block_and_a_second_step_at_once_never_wait_for_each_other(
    goes_on: Callable[[Challenge], Awaitable[object]],
) -> None:
    blocked, entered = await _at_once(goes_on)

    assert blocked is None
    assert isinstance(entered, LogInOver | WrongLogIn)
    assert await _ways_in() == 0


async def test_with_the_challenge_locked_first_they_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the order of the locks, and nothing else, keeps them apart."""
    really = challenges.execute

    async def without_the_account(sql: str, *values: object) -> str:
        return "" if sql.startswith("SELECT FROM users") else await really(sql, *values)

    monkeypatch.setattr(challenges, "execute", without_the_account)

    answers = await _at_once(_enters)

    assert any(isinstance(one, DeadlockDetectedError) for one in answers), answers
