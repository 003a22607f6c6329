"""How many queries the search and the slot page take with a large data set, how long each, and by which plan.

    .venv/bin/python -m bench.pages [doctors days visits]      200 60 100000 unless told

Plans are kept in bench/explain, one file a page. Ends with 1 when a page takes more than three queries
or a query more than 20 ms (the median of five runs).
"""

import asyncio
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx

from app import clock
from bench.ground import as_owner, on_fresh_database

MOST_QUERIES = 3
SLOWEST_MS = 20
RUNS = 5
KEPT = Path(__file__).parent / "explain"
NOT_OF_THE_PAGE = ("BEGIN", "COMMIT", "SELECT pg_advisory", "UNLISTEN", "RESET")
"""What the pool and transactions say besides."""
OF_THE_TEST_CLOCK = "clock_shift"
"""Read in development only, so it does not count."""


@dataclass(frozen=True)
class Asked:
    """One statement a page ran."""

    sql: str
    values: tuple[Any, ...]


def main() -> None:
    """Make the data, measure every page, print and keep."""
    figures = [int(text) for text in sys.argv[1:4]] or [200, 60, 100_000]
    bad: list[str] = []
    on_fresh_database(lambda: _measure(figures, bad))
    if bad:
        sys.exit("\n".join(bad))


async def _measure(figures: list[int], bad: list[str]) -> None:
    from app.demo.large import make
    from app.demo.size import Size

    started = perf_counter()
    doctors, days, visits = figures
    await make(
        Size(doctors, days, visits), say=lambda text: print(f"{perf_counter() - started:6.1f} s  {text}")
    )
    async with as_owner() as con:
        await con.execute("VACUUM ANALYZE")
    for name, path, person in await _pages():
        asked = await _asked_by(path, person)
        bad += await _judge(name, path, asked, figures)


async def _pages() -> list[tuple[str, str, Any]]:
    """(name, address, who looks): the search in its orders and filters, a busy doctor's slots."""
    from app.accounts.queries import get_user
    from app.db.engine import fetch_one

    busiest = await fetch_one(
        "SELECT d.slug, d.name, a.booked_by_id FROM doctors d JOIN appointments a ON a.doctor_id = d.id "
        "GROUP BY d.slug, d.name, a.booked_by_id ORDER BY count(*) DESC, d.slug LIMIT 1"
    )
    assert busiest is not None
    patient, slots = await get_user(busiest["booked_by_id"]), f"/doctors/{busiest['slug']}/slots"
    day = _day()
    surname = busiest["name"].split()[-1]
    typo = surname[:2] + surname[3:]
    return [
        ("search", "/doctors", None),
        ("search_words", f"/doctors?q={surname}", None),
        ("search_typo", f"/doctors?q={typo}+pune&sort=rating", None),
        ("search_soonest", "/doctors?sort=soonest", None),
        (
            "search_filtered",
            f"/doctors?city=Pune&language=Hindi&fee=1000&day={day}&sort=fee",
            None,
        ),
        ("search_day_soonest", f"/doctors?day={day}&sort=soonest", None),
        ("search_last_page", "/doctors?sort=soonest&page=10", None),
        ("search_signed_in", "/doctors?sort=soonest", patient),
        ("doctor", slots.removesuffix("/slots"), None),
        ("slots", f"{slots}?day={day}", None),
        ("slots_signed_in", f"{slots}?day={day}", patient),
    ]


def _day() -> str:
    return str((clock.now() + timedelta(days=3)).date())


async def _asked_by(path: str, person: Any) -> list[Asked]:
    """What one request asks the database; the page is asked for once before, so that nothing is cold."""
    from app.db.engine import DB
    from app.main import create_app

    heard: list[Asked] = []

    def hear(query: Any) -> None:
        if not query.query.startswith(NOT_OF_THE_PAGE) and OF_THE_TEST_CLOCK not in query.query:
            heard.append(Asked(query.query, query.args))

    cookies = await _cookies(person) if person else {}
    site = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=create_app()), base_url="http://127.0.0.1", cookies=cookies
    )
    async with site as client:
        assert (await client.get(path)).status_code == 200, path
        connections = [holder._con for holder in DB.pool._holders if holder._con is not None]
        for con in connections:
            con.add_query_logger(hear)
        answer = await client.get(path)
        for con in connections:
            con.remove_query_logger(hear)
    assert answer.status_code == 200, path
    return heard


async def _cookies(person: Any) -> dict[str, str]:
    from app.accounts.cookies import access_cookie
    from app.accounts.tokens import access_token
    from app.db.engine import fetch_value

    now = clock.now()
    session_id = await fetch_value(
        "INSERT INTO sessions (user_id, created_at, last_seen_at, expires_at, address, device) "
        "VALUES ($1,$2,$2,$3,'127.0.0.1','bench') RETURNING id",
        person.id,
        now,
        now + timedelta(days=1),
    )
    return {access_cookie(): access_token(person.id, session_id, now=now)}


async def _judge(name: str, path: str, asked: list[Asked], figures: list[int]) -> list[str]:
    """Time each statement, keep its plan, and say what is too much."""
    doctors, days, visits = figures
    kept, bad = [f"{path}\n{doctors} doctors, {days} days, {visits} visits: {len(asked)} queries"], []
    slowest = 0.0
    async with as_owner() as con:
        for place, one in enumerate(asked, start=1):
            times = []
            for _run in range(RUNS):
                begun = perf_counter()
                await con.fetch(one.sql, *one.values)
                times.append((perf_counter() - begun) * 1000)
            took = median(times)
            slowest = max(slowest, took)
            plan = await con.fetch(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {one.sql}", *one.values)
            kept.append(f"-- {place}: median {took:.1f} ms of {RUNS}\n{one.sql.strip()}\n")
            kept.append("\n".join(row[0] for row in plan))
            if took > SLOWEST_MS:
                bad.append(f"{name}: query {place} takes {took:.1f} ms")
    if len(asked) > MOST_QUERIES:
        bad.append(f"{name}: {len(asked)} queries")
    print(f"{name:18} {len(asked)} queries, slowest {slowest:5.1f} ms  {path}")
    await asyncio.to_thread((KEPT / f"{name}.txt").write_text, "\n\n".join(kept) + "\n")
    return bad


if __name__ == "__main__":
    main()
