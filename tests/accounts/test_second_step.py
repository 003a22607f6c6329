"""The second step of staff: an app's codes and recovery codes, each good one time only."""

import asyncio
from uuid import uuid4

import pytest

from app import clock
from app.accounts.errors import ChangedMeanwhile, SecondStepOn, WrongAppCode
from app.accounts.queries import Account, get_user
from app.accounts.services import change_role, end_all_sessions, log_out, open_session, totp
from app.db.clock import set_clock
from app.db.engine import fetch, fetch_value
from app.errors import NotFound
from app.events.actor import SYSTEM
from app.settings import settings
from tests.accounts.authenticator import a_step_begins, code_of, turned_on
from tests.accounts.confirmations import happened
from tests.factories import Cast, a_doctor, an_admin, token_of

DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


async def test_the_second_step_is_on_once_the_app_showed_the_right_code() -> None:
    meera = await a_doctor()
    account = await meera.account()
    setup = await totp.begin(account)
    assert f"secret={setup.secret_base32}" in setup.uri
    assert not await totp.is_on(meera.id)
    assert not await totp.check(meera.id, code_of(setup.secret_base32)), "not before it is confirmed"

    for wrong in ("", "000000", "é" * 6, "1" * 400, code_of(setup.secret_base32, steps=9)):
        with pytest.raises(WrongAppCode):
            await totp.confirm(account, wrong)
    codes = await totp.confirm(account, code_of(setup.secret_base32))

    assert await totp.is_on(meera.id)
    assert len(set(codes)) == await totp.codes_left(meera.id) == 10
    assert await happened("SECOND_STEP_TURNED_ON") == 1
    with pytest.raises(SecondStepOn):
        await totp.begin(account)


async def test_a_code_is_good_once_however_it_is_typed() -> None:
    meera = await a_doctor()
    secret, _ = await turned_on(meera)
    code = code_of(secret)

    assert await totp.check(meera.id, f" {code[:3]} {code[3:]} ")
    for again in (code, f" {code[:3]} {code[3:]} ", f"{code[:3]}-{code[3:]}", code.translate(DEVANAGARI)):
        assert not await totp.check(meera.id, again), again
    await a_step_begins(5)
    assert await totp.check(meera.id, code_of(secret).translate(DEVANAGARI))


async def test_the_code_that_turned_it_on_logs_nobody_in() -> None:
    account = await (await a_doctor()).account()
    setup = await totp.begin(account)
    code = code_of(setup.secret_base32)
    await totp.confirm(account, code)
    assert not await totp.check(account.id, code)


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_phone_may_be_one_step_ahead_or_behind(steps: int, good: bool) -> None:
    meera = await a_doctor()
    secret, _ = await turned_on(meera)
    assert await totp.check(meera.id, code_of(secret, steps=steps)) is good


async def test_nobody_goes_back_to_a_code_older_than_one_that_was_used() -> None:
    meera = await a_doctor()
    secret, _ = await turned_on(meera)
    assert await totp.check(meera.id, code_of(secret, steps=1))
    assert not await totp.check(meera.id, code_of(secret))
    assert not await totp.check(meera.id, code_of(secret, steps=-1))


async def test_of_twenty_that_come_at_once_with_one_code_one_is_let_in() -> None:
    meera = await a_doctor()
    secret, codes = await turned_on(meera)
    for code in (code_of(secret), codes[0]):
        answers = await asyncio.gather(*(totp.check(meera.id, code) for _ in range(20)))
        assert answers.count(True) == 1


async def test_a_recovery_code_is_good_once_and_its_owner_hears_of_it() -> None:
    meera = await a_doctor()
    _, codes = await turned_on(meera)
    typed = f" {codes[3].lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} "

    assert await totp.check(meera.id, typed)
    for again in (typed, codes[3]):
        assert not await totp.check(meera.id, again)
    assert await totp.codes_left(meera.id) == 9
    assert await happened("RECOVERY_CODE_USED") == 1
    for odd in ("", "U" * 10, "\ud800" * 10, "ß" * 5, "1" * 5000, "00000-00000"):
        assert not await totp.check(meera.id, odd)


async def test_codes_of_one_are_not_good_for_another() -> None:
    meera, arjun = await a_doctor("Dr Meera"), await a_doctor("Dr Arjun")
    secret, codes = await turned_on(meera)
    await turned_on(arjun)
    assert not await totp.check(arjun.id, code_of(secret))
    assert not await totp.check(arjun.id, codes[0])
    assert not await totp.check(uuid4(), codes[0])


async def test_new_recovery_codes_take_the_place_of_the_old_ones() -> None:
    meera = await a_doctor()
    account = await meera.account()
    with pytest.raises(NotFound):
        await totp.new_recovery_codes(account)
    _, old = await turned_on(meera)
    new = await totp.new_recovery_codes(account)
    assert not await totp.check(meera.id, old[0])
    assert await totp.check(meera.id, new[0])
    assert await totp.codes_left(meera.id) == 9


async def test_turned_off_it_asks_for_nothing_and_the_old_codes_are_gone() -> None:
    admin, meera = await an_admin(), await a_doctor()
    secret, codes = await turned_on(meera)
    by = (await admin.account()).actor
    for _ in range(2):
        await totp.turn_off(meera.id, by=by)
    assert not await totp.is_on(meera.id)
    assert not await totp.check(meera.id, code_of(secret))
    assert not await totp.check(meera.id, codes[0])
    assert await happened("SECOND_STEP_TURNED_OFF") == 1
    await turned_on(meera)
    assert not await totp.check(meera.id, codes[0])


async def test_turning_it_on_or_off_ends_every_other_session() -> None:
    meera = await a_doctor()
    for _ in range(3):
        await token_of(meera)
    kept, *_others = [row["id"] for row in await fetch("SELECT id FROM sessions ORDER BY created_at")]
    account = await get_user(meera.id)
    account = type(account)(**{**account.__dict__, "session_id": kept})
    setup = await totp.begin(account)
    await totp.confirm(account, code_of(setup.secret_base32))
    open_ones = await fetch("SELECT id FROM sessions WHERE ended_at IS NULL")
    assert [row["id"] for row in open_ones] == [kept]
    await totp.turn_off(meera.id, by=account.actor)
    assert await fetch_value("SELECT count(*) FROM sessions WHERE ended_why = 'second_step_changed'") == 3


async def test_a_set_up_begun_again_is_another_and_one_begun_long_ago_is_over() -> None:
    account = await (await a_doctor()).account()
    first = await totp.begin(account)
    second = await totp.begin(account)
    assert second.key_id != first.key_id
    assert await totp.find_setup(account, str(first.key_id)) is None
    with pytest.raises(WrongAppCode):
        await totp.confirm(account, code_of(first.secret_base32))
    assert await totp.find_setup(account, str(second.key_id)) == second
    assert await totp.find_setup(await (await an_admin()).account(), str(second.key_id)) is None
    await set_clock(clock.now() + totp.SETUP_FOR)
    with pytest.raises(WrongAppCode):
        await totp.confirm(account, code_of(second.secret_base32))
    assert await totp.find_setup(account, str(second.key_id)) is None


async def test_a_set_up_is_confirmed_by_the_session_that_began_it_alone() -> None:
    meera = await a_doctor()
    mine, others = await _signed_in(meera), await _signed_in(meera)
    setup = await totp.begin(mine)
    assert await totp.find_setup(others, str(setup.key_id)) is None
    with pytest.raises(WrongAppCode):
        await totp.confirm(others, code_of(setup.secret_base32))
    assert len(await totp.confirm(mine, code_of(setup.secret_base32))) == totp.RECOVERY_CODES


async def test_a_set_up_ends_with_the_sessions_and_with_the_one_that_began_it() -> None:
    account = await _signed_in(await a_doctor())
    before = await totp.begin(account)
    await end_all_sessions(account.id, by=SYSTEM)
    assert await fetch_value("SELECT count(*) FROM totp_keys") == 0

    kept = await _signed_in(await a_doctor())
    setup = await totp.begin(kept)
    assert kept.session_id is not None
    await log_out(kept.session_id, by=kept.actor)
    for one, begun in ((account, before), (kept, setup)):
        with pytest.raises((WrongAppCode, ChangedMeanwhile)):
            await totp.confirm(one, code_of(begun.secret_base32))
        assert not await totp.is_on(one.id)


async def _signed_in(person: Cast) -> Account:
    """Somebody as of a session of theirs."""
    return (await open_session(person.id, address="127.0.0.1", device="tests")).account


async def test_the_database_alone_knows_no_key_and_no_code() -> None:
    meera = await a_doctor()
    secret, codes = await turned_on(meera)
    rows = await fetch("SELECT k::text FROM totp_keys k UNION ALL SELECT c::text FROM recovery_codes c")
    kept = " ".join(row[0] for row in rows)
    hexes = [secret, secret.encode().hex(), *codes, *(code.replace("-", "").encode().hex() for code in codes)]
    assert not [one for one in hexes if one in kept]
    assert settings().secret_key not in kept


async def test_whoever_leaves_the_staff_leaves_its_second_step() -> None:
    admin, meera = await an_admin(), await a_doctor()
    await turned_on(meera)
    by = (await admin.account()).actor
    await change_role(meera.id, "reception", by=by)
    assert await totp.is_on(meera.id), "another desk is still a desk"
    await change_role(meera.id, "patient", by=by)
    assert not await totp.is_on(meera.id)
    assert await happened("SECOND_STEP_TURNED_OFF") == 1
