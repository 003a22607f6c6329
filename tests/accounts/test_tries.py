"""The book of tries to log in."""

from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.accounts.errors import WrongSecondStep
from app.accounts.log_in_book import LogInTry, TriesAsked, tries
from app.accounts.services import Challenge, confirm_log_in, forget_old_tries
from app.accounts.services.tries import KEPT_FOR, note_try
from app.accounts.where import Where
from app.db.engine import execute, fetch, fetch_value
from app.web.limits import LIMITS
from tests.accounts.guessing import OWNER_ADDRESS, comes_in, guess
from tests.factories import a_doctor, a_patient

NETWORK = "203.0.113.7"
PAGE_SIZE = 20


async def _rows(user_id: UUID | None = None, result: str | None = None) -> list[LogInTry]:
    """The latest first."""
    return (await tries(TriesAsked(user_id=user_id, result=result), page=1, page_size=PAGE_SIZE)).items


async def test_each_try_is_written_down_with_what_became_of_it() -> None:
    asha, meera = await a_patient("Asha"), await a_doctor("Dr Meera")
    vikram = await a_patient("Vikram")
    await execute("UPDATE users SET blocked_at = now() WHERE id = $1", vikram.id)

    await comes_in(asha.email, asha.password)
    for _ in range(6):
        await guess(asha.email, address=NETWORK)
    await guess("nobody@example.com", address=NETWORK)
    await guess("neither name nor number", address=NETWORK)
    await guess(vikram.email, address=NETWORK, password=vikram.password)
    challenge = await comes_in(meera.email, meera.password)
    assert isinstance(challenge, Challenge)
    with pytest.raises(WrongSecondStep):
        await confirm_log_in(challenge.id, "x", where=Where(OWNER_ADDRESS, "tests", challenge.device_id))

    def told(user_id: object, rows: list[str]) -> tuple[object, list[str]]:
        return user_id, rows

    everything = await _rows()
    by_user = {
        who: [one.result for one in reversed(everything) if one.user_id == who]
        for who in (asha.id, meera.id, vikram.id, None)
    }
    assert dict([
        told(asha.id, ["entered", *["wrong_password"] * 5, "locked"]),
        told(meera.id, ["second_step_asked", "wrong_code"]),
        told(vikram.id, ["blocked"]),
        told(None, ["unknown_account", "unknown_account"]),
    ]) == by_user  # fmt: skip


async def test_a_try_tells_who_when_from_where_and_on_what() -> None:
    asha = await a_patient("Asha")
    await comes_in(asha.email, asha.password, address=NETWORK)
    (only,) = await _rows(asha.id)
    assert (only.user_name, only.email, only.address) == ("Asha", asha.email, NETWORK)
    assert only.device == "A browser or program we do not know"
    assert clock.now() - only.at < timedelta(minutes=1)


async def test_a_wrong_try_by_mobile_names_an_account_where_one_alone_is_confirmed_with_it() -> None:
    mobile = "+919876543210"
    asha = await a_patient("Asha", mobile=mobile)
    await a_patient("Mallory", mobile=mobile, verified=False)
    await guess(mobile, address=NETWORK)
    assert [(row.user_id, row.result) for row in await _rows()] == [(asha.id, "wrong_password")]

    await a_patient("Vikram", mobile=mobile)
    await guess(mobile, address=NETWORK)
    assert [(row.user_id, row.result) for row in await _rows()][:1] == [(None, "wrong_password")]


async def test_what_was_typed_is_kept_as_a_hash_only() -> None:
    await guess("a-secret-name@example.com", address=NETWORK)
    rows = await fetch("SELECT t::text AS row FROM log_in_tries t")
    assert "a-secret-name" not in rows[0]["row"]


async def test_of_tries_an_address_is_refused_some_are_written_down_and_not_all() -> None:
    asha = await a_patient("Asha")
    await guess(asha.email, address=NETWORK)
    await execute("UPDATE limits SET hits = 60 WHERE name = 'log_in'")
    most = LIMITS["log_in_refusals_noted"].most
    for _ in range(most + 5):
        assert await guess(asha.email, address=NETWORK, password=asha.password) == "refused"
    assert len(await _rows(result="limited")) == most == PAGE_SIZE


async def test_tries_are_shown_newest_first_a_page_at_a_time() -> None:
    where = Where(NETWORK, "tests")
    asha = await a_patient("Asha")
    for turn in range(PAGE_SIZE + 3):
        await note_try("locked" if turn % 2 else "wrong_password", [asha.id], b"x", where=where)
    first, second = [await tries(TriesAsked(), page=page, page_size=PAGE_SIZE) for page in (1, 2)]
    assert (len(first.items), len(second.items), first.total) == (PAGE_SIZE, 3, PAGE_SIZE + 3)
    times = [one.at for one in [*first.items, *second.items]]
    assert times == sorted(times, reverse=True)
    assert len(await _rows(asha.id, "locked")) == (PAGE_SIZE + 3) // 2


async def test_a_try_is_forgotten_after_four_hundred_days_and_not_before() -> None:
    where = Where(NETWORK, "tests")
    asha = await a_patient("Asha")
    await note_try("wrong_password", [asha.id], b"x", where=where)
    await execute("UPDATE log_in_tries SET at = at - $1::interval", KEPT_FOR - timedelta(days=1))
    await forget_old_tries()
    assert await fetch_value("SELECT count(*) FROM log_in_tries") == 1
    await execute("UPDATE log_in_tries SET at = at - $1::interval", timedelta(days=2))
    await forget_old_tries()
    assert await fetch_value("SELECT count(*) FROM log_in_tries") == 0
    assert timedelta(days=366) <= KEPT_FOR


async def test_second_steps_that_were_over_long_ago_are_forgotten() -> None:
    meera = await a_doctor()
    await comes_in(meera.email, meera.password)
    await forget_old_tries()
    assert await fetch_value("SELECT count(*) FROM log_in_challenges") == 1
    await execute("UPDATE log_in_challenges SET expires_at = expires_at - interval '2 days'")
    await forget_old_tries()
    assert await fetch_value("SELECT count(*) FROM log_in_challenges") == 0
