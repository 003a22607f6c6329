"""Limits: counted for all processes together, never passed, never open because nobody can count."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from app import clock
from app.db.engine import execute, fetch_value, transaction
from app.errors import TooMany
from app.jobs.tidying import tidy
from app.settings import ROOT
from app.web import limits
from app.web.limits import LIMITS, Limit, drop_leases, forget, give_back, line_of, network_of, spend

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(LIMITS, "plain", Limit(5, MINUTE))
    monkeypatch.setitem(LIMITS, "paused", Limit(5, MINUTE, since_last=True))
    monkeypatch.setitem(LIMITS, "hot", Limit(100, MINUTE, promised=50))
    yield
    drop_leases()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The clock stands still at the one moment in this list."""
    moment = [datetime(2026, 12, 1, 9, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    yield moment


async def passed(name: str, who: str, tries: int) -> int:
    """How many of so many tries, one after the other, are let through."""
    through = 0
    for _ in range(tries):
        try:
            await spend(name, who)
            through += 1
        except TooMany:
            pass
    return through


async def passed_at_once(name: str, who: str, tries: int) -> int:
    answers = await asyncio.gather(*(spend(name, who) for _ in range(tries)), return_exceptions=True)
    assert all(answer is None or isinstance(answer, TooMany) for answer in answers), answers
    return sum(answer is None for answer in answers)


async def test_as_many_as_the_table_says_pass_and_no_more() -> None:
    assert await passed("plain", "asha", 8) == 5
    assert await passed("plain", "vikram", 8) == 5


@pytest.mark.parametrize(("name", "most"), [("plain", 5), ("hot", 100)])
async def test_tries_at_the_same_moment_never_exceed_the_limit(name: str, most: int) -> None:
    assert await passed_at_once(name, "asha", 150) == most


async def test_without_the_one_statement_tries_at_the_same_moment_do_exceed_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Negative control: looking first and counting afterwards lets more through."""

    async def look_then_count(name: str, hashed: bytes, limit: Limit, now: datetime) -> tuple[int, datetime]:
        hits = await fetch_value("SELECT hits FROM limits WHERE name = $1 AND who = $2", name, hashed) or 0
        await asyncio.sleep(0.01)
        if hits >= limit.most:
            raise TooMany(retry_after=1)
        await execute(
            "INSERT INTO limits VALUES ($1, $2, $3, 1) ON CONFLICT (name, who) DO UPDATE SET hits = $4",
            name,
            hashed,
            now,
            hits + 1,
        )
        return 1, now + limit.window

    monkeypatch.setattr(limits, "_count", look_then_count)
    assert await passed_at_once("plain", "asha", 50) > 5


async def test_a_window_ends_exactly_and_the_refusal_says_when(at: list[datetime]) -> None:
    await passed("plain", "asha", 5)
    at[0] += timedelta(seconds=20, microseconds=1)
    with pytest.raises(TooMany) as refusal:
        await spend("plain", "asha")
    assert refusal.value.retry_after == 40

    at[0] += timedelta(seconds=40, microseconds=-2)
    assert await passed("plain", "asha", 1) == 0
    at[0] += timedelta(microseconds=1)
    assert await passed("plain", "asha", 9) == 5


async def test_with_since_last_only_a_pause_of_a_whole_window_ends_it(at: list[datetime]) -> None:
    for _ in range(5):
        await spend("paused", "asha")
        at[0] += timedelta(seconds=59)
    assert await passed("paused", "asha", 1) == 0  # refused tries are not counted, so they prolong nothing
    at[0] += timedelta(seconds=1)
    assert await passed("paused", "asha", 9) == 5


async def test_a_try_given_back_may_be_made_again_and_all_may_be_forgotten() -> None:
    await passed("plain", "asha", 5)
    await give_back("plain", "asha")
    assert await passed("plain", "asha", 3) == 1
    await forget("plain", "asha")
    assert await passed("plain", "asha", 9) == 5
    for _ in range(9):
        await give_back("plain", "asha")
    assert await passed("plain", "asha", 9) == 5


async def test_a_clock_that_lags_behind_another_machines_lets_nobody_begin_again(at: list[datetime]) -> None:
    await passed("plain", "asha", 5)
    at[0] -= timedelta(seconds=5)
    assert await passed("plain", "asha", 1) == 0


async def test_a_clock_moved_back_by_hours_locks_nobody_out(at: list[datetime]) -> None:
    await passed("plain", "asha", 5)
    at[0] -= timedelta(hours=5)
    assert await passed("plain", "asha", 9) == 5


async def test_nobody_counts_inside_a_transaction_that_may_roll_back() -> None:
    with pytest.raises(RuntimeError):
        async with transaction():
            await spend("plain", "asha")


async def test_who_is_kept_only_as_a_hash() -> None:
    await spend("plain", "asha@example.com")
    assert await fetch_value("SELECT length(who) FROM limits") == 32


# leases


async def test_nine_of_ten_hot_tries_ask_the_database_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    count = limits._count

    async def counted(*args: object) -> tuple[int, datetime]:
        nonlocal asked
        asked += 1
        return await count(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(limits, "_count", counted)
    assert await passed("hot", "asha", 100) == 100
    assert asked == 10
    assert await passed("hot", "asha", 10) == 0


async def test_leases_of_several_processes_never_exceed_the_limit() -> None:
    through = 0
    for _process in range(12):  # each takes its own lease and remembers nothing of the others'
        drop_leases()
        through += await passed("hot", "asha", 10)
    assert through == 100


async def test_what_a_process_left_unused_does_not_touch_what_is_promised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "settings", lambda: type("S", (), {"web_workers": 8}))
    for _process in range(7):
        drop_leases()
        assert await passed("hot", "asha", 1) == 1
    drop_leases()
    assert await passed("hot", "asha", 100) + 7 >= 50


async def test_a_lease_ends_with_its_window(at: list[datetime]) -> None:
    assert await passed("hot", "asha", 95) == 95
    at[0] += MINUTE
    assert await passed("hot", "asha", 120) == 100


async def test_leases_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_LEASES", 5)
    for number in range(30):
        await spend("hot", str(number))
    assert len(limits._leases) <= 5


async def test_what_is_forgotten_is_forgotten_in_the_lease_too() -> None:
    await passed("hot", "asha", 100)
    await forget("hot", "asha")
    assert await passed("hot", "asha", 120) == 100


# tidying


async def test_ended_windows_are_tidied_and_running_ones_kept(owner: asyncpg.Connection) -> None:
    await execute(
        "INSERT INTO limits VALUES ('plain', 'over', $1, 1), ('plain', 'runs', $2, 1), "
        "('long gone', 'old', $3, 1), ('of a newer version', 'young', $1, 1)",
        clock.now() - timedelta(minutes=3),
        clock.now() - timedelta(seconds=30),
        clock.now() - timedelta(days=61),
    )
    await tidy()
    kept = await owner.fetch("SELECT who FROM limits ORDER BY who")
    assert [row["who"] for row in kept] == [b"runs", b"young"]


# whose tries


@pytest.mark.parametrize(
    ("address", "network", "line"),
    [
        ("203.0.113.77", "203.0.113.0/24", "203.0.113.77/32"),
        ("::ffff:203.0.113.77", "203.0.113.0/24", "203.0.113.77/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/64"),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_addresses_of_one_customer_count_as_one(address: str, network: str, line: str) -> None:
    assert network_of(address) == network
    assert line_of(address) == line


# several processes

MANY_TRIES = """
import asyncio, sys
from app.db.engine import close_pool, open_pool
from app.errors import TooMany
from app.web.limits import spend

async def attempt(name):
    try:
        await spend(name, "asha")
        return 1
    except TooMany:
        return 0

async def main():
    await open_pool()
    for name in ("booking", "call"):
        print(sum(await asyncio.gather(*(attempt(name) for _ in range(int(sys.argv[1]))))))
    await close_pool()

asyncio.run(main())
"""


async def test_processes_that_count_at_the_same_time_never_exceed_a_limit_together() -> None:
    tries = LIMITS["call"].most // 2
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MANY_TRIES, str(tries), stdout=asyncio.subprocess.PIPE, cwd=ROOT
        )
        for _process in range(3)
    ]
    said = [(await process.communicate())[0].split() for process in processes]
    assert sum(int(bookings) for bookings, _ in said) == LIMITS["booking"].most
    assert sum(int(calls) for _, calls in said) == LIMITS["call"].most
