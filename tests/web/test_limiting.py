"""Requests are counted by their kind, refused in words, and never let through uncounted."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from app.db import engine
from app.db.engine import DB, execute, fetch
from app.settings import settings
from app.web.limits import LIMITS, drop_leases, line_of, spend
from app.web.limits import _hashed as hashed
from tests.browser import Browser
from tests.factories import PASSWORD, a_patient, bearer

STRANGER = "127.0.0.1"
SEARCHES = ["/", "/doctors", "/api/doctors"]


async def used_up(name: str, who: str) -> None:
    """Somebody has made all tries a limit allows just now."""
    drop_leases()
    await spend(name, who)
    drop_leases()
    await execute(
        "UPDATE limits SET hits = $3 WHERE name = $1 AND who = $2", name, hashed(who), LIMITS[name].most
    )


async def counted() -> dict[str, int]:
    return {row["name"]: row["n"] for row in await fetch("SELECT name, count(*) AS n FROM limits GROUP BY 1")}


@pytest.fixture
async def asha(api: httpx.AsyncClient) -> AsyncIterator[str]:
    """Her id; `api` carries her token."""
    person = await a_patient("Asha")
    await bearer(api, person)
    drop_leases()
    await execute("DELETE FROM limits")
    yield str(person.id)


def test_limits_are_never_below_what_is_promised() -> None:
    def a_minute(name: str) -> float:
        return LIMITS[name].most / (LIMITS[name].window.total_seconds() / 60)

    assert a_minute("log_in") * 5 >= 20
    assert a_minute("booking") >= 30
    for kind in ("call", "form", "search"):
        assert (LIMITS[kind].promised or 0) >= 600
        assert (LIMITS[f"{kind}_of_strangers"].promised or 0) >= 600
    assert settings().web_workers >= 1


@pytest.mark.parametrize("workers", [1, 2, 8, 64])
def test_what_is_promised_holds_for_any_number_of_processes(
    monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr("app.web.limits.settings", lambda: type("S", (), {"web_workers": workers}))
    for limit in LIMITS.values():
        if limit.promised is not None:
            assert limit.most - (workers - 1) * (limit.lease - 1) >= limit.promised


async def test_calls_are_counted_for_the_account_and_for_strangers_by_address(
    api: httpx.AsyncClient, asha: str
) -> None:
    await api.get("/api/me")
    assert await counted() == {"call": 1}
    del api.headers["Authorization"]
    await api.get("/api/me")
    await api.get("/api/doctors")
    assert await counted() == {"call": 1, "call_of_strangers": 1, "search_of_strangers": 1}


async def test_a_program_that_runs_wild_is_told_how_long_to_wait(api: httpx.AsyncClient, asha: str) -> None:
    await used_up("call", asha)

    answer = await api.get("/api/me")

    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.json() | {"instance": None} == {
        "type": "/problems/too-many",
        "title": "Too many",
        "status": 429,
        "detail": "Too many tries. Please wait a minute and try again.",
        "instance": None,
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_one_account_at_its_limit_stops_no_other_and_no_stranger(
    api: httpx.AsyncClient, asha: str
) -> None:
    await used_up("call", asha)
    del api.headers["Authorization"]
    await bearer(api, await a_patient("Vikram"))
    assert (await api.get("/api/me")).status_code == 200
    del api.headers["Authorization"]
    assert (await api.get("/api/doctors")).status_code == 200


@pytest.mark.parametrize("path", SEARCHES)
async def test_searches_of_strangers_are_limited_by_address(api: httpx.AsyncClient, path: str) -> None:
    await used_up("search_of_strangers", STRANGER)
    answer = await api.get(path)
    assert answer.status_code == 429
    assert "retry-after" in answer.headers


async def test_a_page_and_a_part_say_in_words_how_long_to_wait(browser: Browser) -> None:
    await used_up("log_in", STRANGER)
    await execute("UPDATE limits SET window_start = window_start - interval '70 seconds'")
    log_in = {"identifier": "asha@example.com", "password": PASSWORD}

    whole = await browser.post("/login", log_in)
    part = await browser.post("/login", log_in, part=True)

    assert whole.status_code == part.status_code == 429
    assert "wait 4 minutes" in whole.text
    assert "wait 4 minutes" in part.text and "<html" not in part.response.text
    assert 200 < int(part.headers["retry-after"]) <= 230


async def test_forms_are_counted_before_anything_is_done(browser: Browser) -> None:
    await used_up("form_of_strangers", STRANGER)
    answer = await browser.post("/login", {"identifier": "a@example.com", "password": "x"})
    assert answer.status_code == 429
    assert (await browser.get("/login")).status_code == 200


async def test_the_gateway_health_and_files_are_never_told_to_wait(api: httpx.AsyncClient) -> None:
    for kind in ("call", "form", "search"):
        await used_up(f"{kind}_of_strangers", STRANGER)
    assert (await api.post("/api/payment/webhook", content=b"{}")).status_code == 401
    assert (await api.post("/checkout/return?visit=AAAA2222", content=b"")).status_code != 429
    assert (await api.get("/health/ready")).status_code == 200
    assert (await api.get("/static/app.css")).status_code == 200
    assert (await api.options("/api/doctors")).status_code == 204


@pytest.mark.parametrize("path", ["//api/doctors", "/./api/doctors", "/%61pi/doctors", "/api/doctors/"])
async def test_another_spelling_of_a_path_is_counted_too(api: httpx.AsyncClient, path: str) -> None:
    await used_up("call_of_strangers", STRANGER)
    answer = await api.get(str(api.base_url).rstrip("/") + path)
    assert answer.status_code == 429


@pytest.fixture
async def no_database(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Nobody gets a connection, and nobody waits long."""
    monkeypatch.setattr(engine, "PATIENCE", 0.1)
    assert DB.pool is not None
    taken = [await DB.pool.acquire() for _one in range(DB.pool.get_max_size())]
    yield
    for con in taken:
        await DB.pool.release(con)


@pytest.mark.usefixtures("no_database")
async def test_no_limit_lets_anybody_pass_while_nobody_can_count() -> None:
    for name in LIMITS:
        with pytest.raises(engine.DatabaseAway):
            await spend(name, "anybody")


@pytest.mark.usefixtures("no_database")
async def test_who_waits_for_a_count_is_told_together_that_there_is_none() -> None:
    """One after the other they would wait for the database as often as there are callers."""
    began = time.monotonic()
    answers = await asyncio.gather(
        *(spend("call_of_strangers", STRANGER) for _ in range(100)), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {engine.DatabaseAway}
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("no_database")
async def test_without_the_database_the_answer_is_503(api: httpx.AsyncClient) -> None:
    for method, path in (("GET", "/api/doctors"), ("POST", "/api/auth/login"), ("GET", "/doctors")):
        answer = await api.request(method, path, json={} if method == "POST" else None)
        assert answer.status_code == 503, path
        assert "retry-after" in answer.headers


async def test_a_page_shown_again_is_counted_without_a_query(browser: Browser) -> None:
    drop_leases()
    await browser.get("/doctors")
    before = await fetch("SELECT hits FROM limits WHERE name = 'search_of_strangers'")
    for _ in range(9):
        await browser.get("/doctors")
    assert await fetch("SELECT hits FROM limits WHERE name = 'search_of_strangers'") == before
    assert before[0]["hits"] == LIMITS["search_of_strangers"].lease


async def test_forwarded_neighbours_of_one_customer_count_as_one() -> None:
    assert hashed("2001:db8:1:2::1") == hashed("2001:db8:1:2:ffff::9") == hashed(line_of("2001:db8:1:2::1"))
    assert hashed("203.0.113.1") != hashed("203.0.113.2")
