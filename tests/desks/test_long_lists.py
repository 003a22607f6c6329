"""The log and the book of log-ins have no end, so they are counted and paged only so far."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from app import clock
from app.accounts import log_in_book
from app.accounts.log_in_book import TriesAsked, tries
from app.accounts.services.tries import note_try
from app.accounts.where import Where
from app.db import paging
from app.db.engine import execute, transaction
from app.events import audit
from app.events.actor import SYSTEM
from app.events.names import SLOTS_ADDED
from app.events.services import publish
from tests.browser import Browser
from tests.factories import Cast, a_patient, an_admin, token_of

WHOLE_SECONDS_HERE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:30")


@pytest.fixture(autouse=True)
def _few_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_COUNTED", 4)


async def _events(number: int) -> list[UUID]:
    """So many events, the oldest first."""
    made = []
    for _each in range(number):
        async with transaction():
            made.append(await publish(SLOTS_ADDED, uuid4(), by=SYSTEM))
    return made


async def _tries_at(person: Cast, number: int) -> None:
    where = Where("203.0.113.7", "tests", uuid4())
    for _each in range(number):
        await note_try("wrong_password", [person.id], b"x", where=where)


async def _as_admin(api: httpx.AsyncClient) -> httpx.AsyncClient:
    api.headers["Authorization"] = f"Bearer {await token_of(await an_admin())}"
    return api


async def test_events_are_counted_so_far_and_read_on_by_the_last_one_seen(api: httpx.AsyncClient) -> None:
    made = [str(one) for one in await _events(7)]
    await _as_admin(api)

    asked: dict[str, str | int] = {"name": SLOTS_ADDED, "page_size": 2}
    first = (await api.get("/api/admin/audit", params=asked)).json()
    beyond = (await api.get("/api/admin/audit", params={**asked, "page": 50})).json()
    rest = (await api.get("/api/admin/audit", params={**asked, "before": made[3]})).json()

    assert (first["total"], first["more"]) == (4, True)
    assert [one["id"] for one in first["items"]] == [made[6], made[5]]
    assert (beyond["page"], [one["id"] for one in beyond["items"]]) == (2, [made[4], made[3]])
    assert (rest["total"], rest["more"]) == (3, False)
    assert [one["id"] for one in rest["items"]] == [made[2], made[1]]


async def test_before_an_event_that_is_not_there_is_nothing(api: httpx.AsyncClient) -> None:
    await _events(2)
    await _as_admin(api)

    found = (await api.get("/api/admin/audit", params={"before": str(uuid4())})).json()

    assert (found["items"], found["total"], found["more"]) == ([], 0, False)


async def test_events_of_one_moment_keep_their_order_from_page_to_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)
    made = await _events(4)
    pages = [await audit.events(audit.Asked(), page=page, page_size=2) for page in (1, 2)]
    assert [one.id for page in pages for one in page.items] == made[::-1]


async def test_times_are_of_the_house_and_of_whole_seconds(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    await _as_admin(api)

    blocked = (await api.post(f"/api/admin/users/{asha.id}/block", json={"reason": "spam"})).json()
    told = (await api.get("/api/admin/audit", params={"subject": str(asha.id)})).json()["items"]

    assert WHOLE_SECONDS_HERE.fullmatch(blocked["created_at"])
    assert WHOLE_SECONDS_HERE.fullmatch(blocked["blocked_at"])
    assert told
    assert all(WHOLE_SECONDS_HERE.fullmatch(one["at"]) for one in told)


async def test_tries_are_counted_so_far_and_the_page_says_how_to_find_older_ones(browser: Browser) -> None:
    asha = await a_patient("Asha")
    await _tries_at(asha, 5)
    browser.client.cookies.set("access", await token_of(await an_admin()), domain="127.0.0.1")

    answer = await browser.get("/admin/log-ins")

    assert "The latest 4 tries. Choose a day to see older ones." in answer.text
    found = await tries(TriesAsked(), page=9, page_size=2)
    assert (found.total, found.page, found.is_more) == (4, 2, True)
    own = await tries(TriesAsked(user_id=asha.id), page=1, page_size=2)
    assert (own.total, own.is_more) == (4, True)


async def test_words_that_fit_everybody_show_the_tries_at_the_newest_accounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_in_book, "MOST_ACCOUNTS", 1)
    old, new = await a_patient("Asha Rao"), await a_patient("Asha Iyer")
    await execute("UPDATE users SET created_at = $2 WHERE id = $1", old.id, clock.now() - timedelta(days=1))
    for person in (old, new):
        await _tries_at(person, 1)

    assert [one.user_id for one in (await tries(TriesAsked(words="asha"), page=1, page_size=9)).items] == [
        new.id
    ]
    assert [one.user_id for one in (await tries(TriesAsked(words="rao"), page=1, page_size=9)).items] == [
        old.id
    ]
