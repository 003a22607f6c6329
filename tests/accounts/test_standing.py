"""Blocked accounts, other roles, and what ends with them on the very next request."""

import asyncio

import httpx
import pytest

from app.accounts.errors import AccountErased, LastAdmin, OwnAccount, SessionOver
from app.accounts.rules import BadValue
from app.accounts.services import (
    block,
    change_role,
    end_all_sessions,
    refresh,
    send_password_letter,
    take_second_step,
    unblock,
)
from app.accounts.services.erasing import hold_still
from app.db.engine import execute, fetch, fetch_value, transaction
from app.errors import NotFound
from app.events.actor import SYSTEM, Actor
from app.events.queries import events_of
from tests.browser import Browser
from tests.factories import NOBODY, Cast, a_doctor, a_patient, an_admin, token_of
from tests.web.test_live import the_stream


def acting(person: Cast) -> Actor:
    return Actor(person.id, person.role)


async def _happened(person: Cast, *leave_out: str) -> list[str]:
    return [event.name for event in await events_of(person.id) if event.name not in leave_out]


async def _log_in(api: httpx.AsyncClient, person: Cast) -> tuple[str, dict[str, str]]:
    """The refresh token and the header of a fresh session of a program."""
    answer = await api.post("/api/auth/login", json={"identifier": person.email, "password": person.password})
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    return tokens["refresh_token"], {"Authorization": f"Bearer {tokens['access_token']}"}


async def test_a_blocked_account_is_signed_out_on_its_next_request_everywhere(
    api: httpx.AsyncClient, browser: Browser
) -> None:
    asha, admin = await a_patient("Asha"), await an_admin()
    refresh_token, header = await _log_in(api, asha)
    await browser.signed_in(asha)
    assert (await api.get("/api/me", headers=header)).status_code == 200
    assert (await browser.get("/me")).status_code == 200

    await block(asha.id, why="Asked for visits nobody came to.", by=acting(admin))

    assert (await api.get("/api/me", headers=header)).status_code == 401
    assert (await browser.get("/me")).location.startswith("/login")
    with pytest.raises(SessionOver):
        await refresh(refresh_token)
    again = {"identifier": asha.email, "password": asha.password}
    assert (await api.post("/api/auth/login", json=again)).status_code == 401


async def test_what_was_sent_or_begun_before_a_block_leads_nowhere_after_it(api: httpx.AsyncClient) -> None:
    meera, admin = await a_doctor("Dr Meera"), await an_admin()
    begun = await api.post("/api/auth/login", json={"identifier": meera.email, "password": meera.password})
    assert begun.status_code == 202
    await token_of(meera)
    await send_password_letter(meera.id, by=acting(admin))
    open_ones = """
        SELECT (SELECT count(*) FROM email_confirmations WHERE user_id = $1 AND used_at IS NULL) AS letters,
               (SELECT count(*) FROM log_in_challenges WHERE user_id = $1 AND used_at IS NULL) AS challenges,
               (SELECT count(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL) AS sessions
    """
    assert [*(await fetch(open_ones, meera.id))[0]] == [1, 1, 1]

    await block(meera.id, why="", by=acting(admin))
    await unblock(meera.id, by=acting(admin))

    assert [*(await fetch(open_ones, meera.id))[0]] == [0, 0, 0]


async def test_blocking_twice_is_blocking_once_and_so_is_unblocking(api: httpx.AsyncClient) -> None:
    asha, admin = await a_patient("Asha"), await an_admin()

    for _twice in range(2):
        await block(asha.id, why="Once", by=acting(admin))
    for _twice in range(2):
        await unblock(asha.id, by=acting(admin))

    assert await _happened(asha) == ["USER_BLOCKED", "USER_UNBLOCKED"]
    again = {"identifier": asha.email, "password": asha.password}
    assert (await api.post("/api/auth/login", json=again)).status_code == 200


async def test_why_somebody_was_blocked_stands_apart_from_the_log(api: httpx.AsyncClient) -> None:
    asha, admin = await a_patient("Asha"), await an_admin()

    await block(asha.id, why="Shouted at Sunita", by=acting(admin))

    rows = await fetch("SELECT id, facts FROM events WHERE name = 'USER_BLOCKED'")
    assert [row["facts"] for row in rows] == ["{}"]
    kept = "SELECT content->>'why' FROM event_private WHERE event_id = $1 AND person_id = $2"
    assert await fetch_value(kept, rows[0]["id"], asha.id) == "Shouted at Sunita"


async def test_an_administrator_does_not_shut_themselves_out() -> None:
    admin, _other = await an_admin("Admin"), await an_admin("Other")

    with pytest.raises(OwnAccount):
        await block(admin.id, why="", by=acting(admin))
    with pytest.raises(OwnAccount):
        await change_role(admin.id, "patient", by=acting(admin))


async def test_nobody_shuts_the_last_administrator_out() -> None:
    admin, other = await an_admin("Admin"), await an_admin("Other")
    await block(other.id, why="", by=acting(admin))

    with pytest.raises(LastAdmin):
        await block(admin.id, why="", by=SYSTEM)
    with pytest.raises(LastAdmin):
        await change_role(admin.id, "patient", by=SYSTEM)


@pytest.mark.parametrize("column", ["email_verified_at = NULL", "blocked_at = now()"])
async def test_an_administrator_who_cannot_come_in_does_not_run_the_house(column: str) -> None:
    admin, other = await an_admin("Admin"), await an_admin("Other")
    await execute(f"UPDATE users SET {column} WHERE id = $1", other.id)

    for act in (
        block(admin.id, why="", by=SYSTEM),
        change_role(admin.id, "patient", by=SYSTEM),
        _leaves(admin),
    ):
        with pytest.raises(LastAdmin):
            await act
    await change_role(other.id, "patient", by=acting(admin))


async def _leaves(person: Cast) -> None:
    async with transaction():
        await hold_still(person.id)


async def test_an_administrator_does_nothing_to_the_own_account_that_asks_for_the_password() -> None:
    admin, _other = await an_admin("Admin"), await an_admin("Other")
    await execute(
        "INSERT INTO totp_keys (user_id, id, created_at, confirmed_at) "
        "VALUES ($1, gen_random_uuid(), now(), now())",
        admin.id,
    )

    for act in (
        end_all_sessions(admin.id, by=acting(admin)),
        take_second_step(admin.id, by=acting(admin)),
        send_password_letter(admin.id, by=acting(admin)),
    ):
        with pytest.raises(OwnAccount):
            await act

    assert await fetch_value("SELECT count(*) FROM totp_keys") == 1
    assert await _happened(admin) == []


async def test_two_administrators_who_block_each_other_at_once_do_not_leave_the_house_empty() -> None:
    for _each in range(10):
        one, two = await an_admin("One"), await an_admin("Two")
        await execute(
            "UPDATE users SET blocked_at = now() WHERE role = 'admin' AND id <> ALL($1)", [one.id, two.id]
        )

        answers = await asyncio.gather(
            block(one.id, why="", by=acting(two)),
            block(two.id, why="", by=acting(one)),
            return_exceptions=True,
        )

        assert sorted(str(type(answer).__name__) for answer in answers) == ["LastAdmin", "NoneType"]


async def test_another_role_ends_every_session_and_counts_from_the_next_one(api: httpx.AsyncClient) -> None:
    asha, admin = await a_patient("Asha"), await an_admin()
    header = {"Authorization": f"Bearer {await token_of(asha)}"}

    for _twice in range(2):
        await change_role(asha.id, "reception", by=acting(admin))

    assert (await api.get("/api/me", headers=header)).status_code == 401
    fresh = {"Authorization": f"Bearer {await token_of(asha)}"}
    assert (await api.get("/api/me", headers=fresh)).json()["role"] == "reception"
    events = await events_of(asha.id)
    assert [(event.name, event.facts) for event in events] == [
        ("ROLE_CHANGED", {"from": "patient", "to": "reception"})
    ]


async def test_a_role_there_is_none_of_is_given_to_nobody() -> None:
    asha, admin = await a_patient("Asha"), await an_admin()

    with pytest.raises(BadValue):
        await change_role(asha.id, "owner", by=acting(admin))


async def test_an_erased_account_stays_as_it_is() -> None:
    asha, admin = await a_patient("Asha"), await an_admin()
    await execute("UPDATE users SET blocked_at = now(), erased_at = now() WHERE id = $1", asha.id)

    for act in (unblock(asha.id, by=acting(admin)), change_role(asha.id, "reception", by=acting(admin))):
        with pytest.raises(AccountErased):
            await act


async def test_sessions_ended_by_an_administrator_are_over_and_the_account_may_log_in_again(
    api: httpx.AsyncClient,
) -> None:
    asha, admin = await a_patient("Asha"), await an_admin()
    _token, header = await _log_in(api, asha)

    await end_all_sessions(asha.id, by=acting(admin))

    assert (await api.get("/api/me", headers=header)).status_code == 401
    assert await fetch_value("SELECT ended_why FROM sessions WHERE user_id = $1", asha.id) == "ended_by_admin"
    await _log_in(api, asha)


async def test_nobody_is_not_found() -> None:
    admin = acting(await an_admin())

    for act in (
        block(NOBODY, why="", by=admin),
        unblock(NOBODY, by=admin),
        change_role(NOBODY, "patient", by=admin),
        end_all_sessions(NOBODY, by=admin),
    ):
        with pytest.raises(NotFound):
            await act


@pytest.mark.parametrize("act", ["block", "role", "sessions"])
async def test_a_stream_ends_with_the_session_it_was_opened_in_and_a_strangers_goes_on(
    api: httpx.AsyncClient, act: str
) -> None:
    doctor, asha, admin = await a_doctor(), await a_patient("Asha"), await an_admin()
    acts = {
        "block": lambda: block(asha.id, why="", by=acting(admin)),
        "role": lambda: change_role(asha.id, "reception", by=acting(admin)),
        "sessions": lambda: end_all_sessions(asha.id, by=acting(admin)),
    }
    async with the_stream(api, doctor) as of_a_stranger:
        api.cookies.set("access", await token_of(asha))
        async with the_stream(api, doctor) as of_asha:
            await acts[act]()

            assert await of_asha.is_over()
        assert not await of_a_stranger.is_over(within=0.3)
