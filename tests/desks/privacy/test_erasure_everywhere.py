"""After an erasure and the legal term nothing anywhere says any more who somebody was."""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from unittest.mock import AsyncMock

import httpx
import pytest

from app import clock
from app.accounts import personal as accounts
from app.accounts.personal import subject_of
from app.accounts.services.erasing import seal
from app.booking import personal as booking
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_one, fetch_value, transaction
from app.desks.privacy import rooms
from app.desks.privacy.inventory import EXPORTED
from app.desks.privacy.jobs import look, tidy
from app.desks.privacy.leaving import mask
from app.events import personal as events
from app.notifications import post
from app.notifications.mailbox import LocalMailbox
from app.payments import personal as payments
from app.reviews import personal as reviews
from app.settings import settings
from app.web.logs import KeyValue
from tests.browser import Browser
from tests.conftest import MONEY_ADRIFT
from tests.desks.privacy.entering import entered
from tests.desks.privacy.haystack import HELD, dump, files_kept, found, where
from tests.desks.privacy.planting import NEEDLES, Planted
from tests.factories import a_clinic, a_doctor, run_jobs
from tests.reviews.visits import counted_sum, kept_sum
from tests.surroundings import Surroundings

HEARD = "the log is listened to"


class Log(logging.Handler):
    """Keeps every line as our processes would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(KeyValue())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def log() -> Iterator[Log]:
    listening, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(listening)
    root.setLevel(logging.INFO)
    logging.getLogger("app").info(HEARD)
    yield listening
    root.removeHandler(listening)
    root.setLevel(level)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalMailbox]:
    """The mailbox that an installation without a mail server has."""
    shutil.rmtree(settings().data_dir / "mailbox", ignore_errors=True)
    ours = LocalMailbox(settings().data_dir / "mailbox")
    ours.start()
    asked = replace(settings(), smtp_url=ours.smtp_url)
    monkeypatch.setattr(post, "settings", lambda: asked)
    yield ours
    ours.stop()


@pytest.fixture
async def planted(api: httpx.AsyncClient, mailbox: LocalMailbox, log: Log) -> Planted:
    """A patient with a long history, and nothing else on the disk, which other tests have written to."""
    assert mailbox and log
    for folder in ("exports", "photos"):
        shutil.rmtree(settings().data_dir / "uploads" / folder, ignore_errors=True)
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


class _Undone(Exception):
    """Takes back what was tried."""


async def test_every_room_has_to_do_its_part(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever is left out, the search finds what it would have erased."""
    visit_id = await fetch_value("SELECT id FROM appointments LIMIT 1")
    await execute(
        "INSERT INTO idempotency_keys (user_id, key, request_hash, status, body, created_at) "
        "VALUES ($1, 'of-the-clinic', '', 200, $2, $3)",
        planted.doctor.id,
        f'{{"id": "{visit_id}", "person": "{NEEDLES["family"]}"}}',
        clock.now(),
    )
    parts = [(module, "erase") for module in (accounts, booking, payments, reviews, events)]
    for module, name in [*parts, (rooms, "forget_answers_about")]:
        with pytest.raises(_Undone), monkeypatch.context() as without:
            without.setattr(module, name, AsyncMock())
            async with transaction():
                await rooms.erase_everywhere(await subject_of(planted.patient.id))
                left = found(NEEDLES, await _rows_left())
                raise _Undone
        assert left, f"{module.__name__}.{name} is not missed"


async def _rows_left() -> str:
    """The rows of every table that is erased at once, read in the running transaction."""
    tables = EXPORTED.keys() - set(HELD)
    texts = [await fetch_value(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t') for table in tables]
    return "\n".join(text for text in texts if text)


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
    await rooms.erase_everywhere(await subject_of(planted.patient.id))  # and here the process was killed

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
