"""After an erasure and the legal term nothing anywhere says any more who somebody was."""

from datetime import timedelta

import httpx
import pytest

from app import clock
from app.accounts.personal import subject_of
from app.accounts.services.erasing import seal
from app.db.clock import set_clock
from app.db.engine import fetch, fetch_one, fetch_value
from app.desks.privacy import rooms
from app.desks.privacy.jobs import look, tidy
from app.desks.privacy.leaving import mask
from app.notifications.mailbox import LocalMailbox
from app.settings import settings
from tests.browser import Browser
from tests.conftest import MONEY_ADRIFT
from tests.desks.privacy.conftest import HEARD, Log
from tests.desks.privacy.entering import entered
from tests.desks.privacy.haystack import HELD, dump, files_kept, found, where
from tests.desks.privacy.planting import NEEDLES, Planted
from tests.factories import a_clinic, a_doctor, run_jobs
from tests.reviews.visits import counted_sum, kept_sum
from tests.surroundings import Surroundings


@pytest.fixture
async def planted(api: httpx.AsyncClient, mailbox: LocalMailbox, log: Log) -> Planted:
    """A patient with a long history, and nothing else on the disk."""
    assert mailbox and log
    clinic = await a_clinic()
    somebody = Planted(
        api, await a_doctor("Dr Meera", clinic_id=clinic), await a_doctor("Dr Arjun", clinic_id=clinic)
    )
    await somebody.live()
    return somebody


async def _erased(browser: Browser, planted: Planted) -> None:
    await entered(browser, planted.patient)
    answer = await browser.post("/me/data/erase", {"password": planted.patient.password, "sure": "y"})
    assert answer.status_code == 303, answer.text
    await run_jobs()
    await look()
    await run_jobs()
    assert await fetch_value("SELECT masked_at FROM erasures")


async def test_nothing_says_any_more_who_somebody_was(
    planted: Planted, browser: Browser, log: Log, surroundings: Surroundings
) -> None:
    before = await dump(surroundings), files_kept()
    assert found(NEEDLES, *before) == NEEDLES.keys(), "the search itself finds everything that was planted"
    assert found(NEEDLES, before[1]) >= {"name", "e-mail", "family"}, "in letters and in the copy"
    assert HEARD in log.text
    photos = list((settings().data_dir / "uploads" / "photos").glob("*"))
    money = await _money()
    assert photos

    await _erased(browser, planted)

    assert where(NEEDLES, await dump(surroundings, without=HELD), files_kept(), log.text) == []
    assert found(NEEDLES, await dump(surroundings)) >= {"name", "e-mail", "phone", "reason", "review"}
    assert not [photo for photo in photos if photo.exists()]

    await set_clock(clock.now() + timedelta(days=366, minutes=10))
    await tidy()
    await run_jobs()

    assert where(NEEDLES, await dump(surroundings), files_kept(), log.text) == []
    assert await fetch_value("SELECT done_at FROM erasures")
    assert await fetch_value("SELECT count(*) FROM log_in_tries WHERE user_id = $1", planted.patient.id) == 0
    assert await _money() == money
    assert await fetch(MONEY_ADRIFT) == []


async def test_visits_and_sums_stay_and_stars_are_those_of_the_reviews_left(
    planted: Planted, browser: Browser
) -> None:
    visits = await fetch("SELECT id, code, starts_at, status, amount_paise FROM appointments ORDER BY id")
    happened = await fetch_value("SELECT count(*) FROM events")
    assert await kept_sum(planted.doctor.doctor_id) == (2, 1)

    await _erased(browser, planted)

    kept = await fetch("SELECT id, code, starts_at, status, amount_paise FROM appointments ORDER BY id")
    assert kept == visits
    assert await fetch_value("SELECT count(*) FROM events") > happened
    assert await kept_sum(planted.doctor.doctor_id) == await counted_sum(planted.doctor.doctor_id) == (0, 0)


async def test_nothing_is_forgotten_a_day_too_soon(
    planted: Planted, browser: Browser, surroundings: Surroundings
) -> None:
    await _erased(browser, planted)

    await set_clock(clock.now() + timedelta(days=365, hours=23))
    await tidy()
    await run_jobs()

    assert found(NEEDLES, await dump(surroundings)) >= {"name", "e-mail", "phone"}


async def test_an_erasure_that_broke_off_goes_on_and_one_done_twice_is_done_once(
    planted: Planted, browser: Browser, surroundings: Surroundings
) -> None:
    sealed = "SELECT sealed FROM erasures"
    await entered(browser, planted.patient)
    await browser.post("/me/data/erase", {"password": planted.patient.password, "sure": "y"})
    await run_jobs()
    await seal(planted.patient.id, {"tables": {"users": [{"name": NEEDLES["name"]}]}})
    first = await fetch_value(sealed)
    who = await subject_of(planted.patient.id)
    await rooms.erase_everywhere(who, await rooms.things_of(who))  # and here the process was killed

    for _again in range(2):
        await mask(planted.patient.id)

    assert await fetch_value(sealed) == first
    assert where(NEEDLES, await dump(surroundings, without=HELD), files_kept()) == []
    assert await fetch_value("SELECT count(*) FROM events WHERE name = 'ACCOUNT_MASKED'") == 1


async def _money() -> tuple[object, ...]:
    row = await fetch_one(
        """
        SELECT (SELECT sum(captured_paise) FROM payments) AS captured,
               (SELECT sum(refunded_paise) FROM payments) AS refunded,
               (SELECT sum(amount_paise) FROM captures) AS came,
               (SELECT sum(amount_paise) FROM refunds WHERE status = 'processed') AS went
        """
    )
    assert row and row["captured"] == row["came"] and row["refunded"] == row["went"]
    return tuple(row.values())
