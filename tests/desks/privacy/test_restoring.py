"""A backup brings back who was erased since; a list kept beside it has them erased anew."""

import csv
import io
from datetime import timedelta

import httpx
import pytest

from app import clock
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_one, fetch_value
from app.desks.privacy.jobs import tidy
from app.desks.privacy.restoring import COLUMNS, NotAList, erase_again
from tests.browser import Browser
from tests.desks.privacy.entering import entered
from tests.factories import Cast, a_doctor, a_patient, run_jobs
from tests.surroundings import PostOffice

LIST = f"SELECT {', '.join(f'{column}::text' for column in COLUMNS)} FROM erasures"
"""What docs/decisions/0016 says to keep; psql's \\copy writes times as a cast to text does."""


async def _listed(*people: Cast) -> list[str]:
    """The list of people who are erased, and of them everything else as a backup from before has it."""
    now = clock.now()
    for one in people:
        await execute(
            "INSERT INTO erasures (user_id, asked_at, kept_until) VALUES ($1, $2, $3)",
            one.id,
            now - timedelta(days=1),
            now + timedelta(days=365),
        )
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows([tuple(row) for row in await fetch(LIST)])
    await execute("DELETE FROM erasures")
    return written.getvalue().splitlines()


async def test_who_comes_back_is_shut_and_masked_and_nobody_is_written_to(
    browser: Browser, api: httpx.AsyncClient, post_office: PostOffice
) -> None:
    asha, doctor, vikram = await a_patient("Asha"), await a_doctor("Dr Meera"), await a_patient("Vikram")
    lines = await _listed(asha, doctor)
    await entered(browser, asha)

    assert await erase_again(lines) == 2
    await run_jobs()

    assert (await browser.get("/me")).location.startswith("/login")
    names = {row["id"]: row["name"] for row in await fetch("SELECT id, name FROM users")}
    assert names == {asha.id: "(erased)", doctor.id: "(erased)", vikram.id: "Vikram"}
    assert (await api.get(f"/api/doctors/{doctor.doctor_id}")).status_code == 404
    assert await fetch_value("SELECT count(*) FROM erasures WHERE masked_at IS NOT NULL") == 2
    assert post_office.letters == []


async def test_what_is_due_by_now_is_let_go_with_the_next_beat() -> None:
    asha = await a_patient()
    lines = await _listed(asha)

    await set_clock(clock.now() + timedelta(days=400))
    await erase_again(lines)
    await tidy()
    await run_jobs()

    row = await fetch_one("SELECT sealed, done_at FROM erasures")
    assert row and row["sealed"] is None and row["done_at"]


async def test_a_list_read_twice_and_one_who_is_not_there_change_nothing() -> None:
    asha, gone = await a_patient("Asha"), await a_patient("Gone")
    lines = await _listed(asha, gone)
    await execute("DELETE FROM persons WHERE account_id = $1", gone.id)
    await execute("DELETE FROM users WHERE id = $1", gone.id)

    assert await erase_again(lines) == 1
    before = await fetch("SELECT * FROM erasures")
    assert await erase_again(lines) == 1

    assert await fetch("SELECT * FROM erasures") == before
    assert await fetch_value("SELECT count(*) FROM events WHERE name = 'ACCOUNT_MASKED'") == 1


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["user_id,asked_at"],
        [",".join(COLUMNS), "nobody,2026-01-01 00:00:00+00,2027-01-02 00:00:00+00"],
        [",".join(COLUMNS), "5e6d0c52-5f0b-4bb1-9d6c-0f2d2c5f7a11,2026-01-01,2027-01-02"],
        [",".join(COLUMNS), "5e6d0c52-5f0b-4bb1-9d6c-0f2d2c5f7a11"],
    ],
)
async def test_what_is_no_list_is_refused_before_anything_happens(lines: list[str]) -> None:
    with pytest.raises(NotAList):
        await erase_again(lines)
