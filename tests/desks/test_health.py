"""Whether the site is ready is asked by anybody, so the looking is done once for all of them."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from app.desks.operator import health
from tests.web.conftest import Elsewhere, elsewhere

__all__ = ["elsewhere"]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time the database was looked at."""
    looked: list[str] = []

    async def look() -> bool:
        looked.append("database")
        await asyncio.sleep(0.05)
        return True

    monkeypatch.setattr(health, "_database", look)
    return looked


@pytest.fixture
def site(elsewhere: Elsewhere) -> Iterator[httpx.AsyncClient]:
    """A site that nobody has asked yet."""
    with elsewhere() as fresh:
        yield fresh


async def test_all_who_ask_within_a_second_get_one_answer(site: httpx.AsyncClient, looks: list[str]) -> None:
    answers = await asyncio.gather(*(site.get("/health/ready") for _each in range(20)))
    answers.append(await site.get("/health/ready"))

    assert {answer.status_code for answer in answers} == {200}
    assert looks == ["database"]


async def test_after_a_second_it_is_looked_again(
    site: httpx.AsyncClient, looks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "KEPT_FOR", 0.1)
    await site.get("/health/ready")
    await asyncio.sleep(0.15)

    async def gone() -> bool:
        raise OSError("the database is gone")

    monkeypatch.setattr(health, "_database", gone)
    answer = await site.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "unavailable"


async def test_who_goes_away_while_waiting_takes_the_answer_from_nobody(
    site: httpx.AsyncClient, looks: list[str]
) -> None:
    impatient = asyncio.create_task(site.get("/health/ready"))
    other = asyncio.create_task(site.get("/health/ready"))
    await asyncio.sleep(0.02)
    impatient.cancel()

    assert (await other).status_code == 200
    assert looks == ["database"]
