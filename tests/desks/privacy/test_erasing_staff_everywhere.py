"""After an erasure nothing says any more who a doctor or an applicant was, but for what past visits need."""

import httpx
import pytest

from app.accounts.personal import subject_of
from app.db.engine import fetch, fetch_one, fetch_value
from app.desks.privacy import rooms
from app.desks.privacy.leaving import close_for_good, mask
from app.notifications.mailbox import LocalMailbox
from app.settings import settings
from tests.accounts.places import HERE
from tests.desks.privacy.conftest import Log
from tests.desks.privacy.haystack import HELD, dump, files_kept, found, where
from tests.desks.privacy.leaving import erase
from tests.desks.privacy.planting_staff import APPLICANT, DOCTOR, NAME, SERVICE, PlantedStaff
from tests.factories import run_jobs
from tests.surroundings import Surroundings

NEEDLES = {**DOCTOR, **APPLICANT}


@pytest.fixture
async def staff(api: httpx.AsyncClient, mailbox: LocalMailbox, log: Log) -> PlantedStaff:
    assert mailbox and log
    planted = PlantedStaff(api)
    await planted.live()
    return planted


async def test_nothing_says_any_more_who_they_were(
    staff: PlantedStaff, log: Log, surroundings: Surroundings
) -> None:
    before = await dump(surroundings), files_kept()
    assert found(NEEDLES, before[0]) == NEEDLES.keys(), "the search itself finds everything that was planted"
    assert found(NEEDLES, before[1]) >= {"doctor's e-mail", "applicant", "applicant's number", "why not"}

    await erase(staff.doctor)
    await erase(staff.applicant)

    assert where(NEEDLES, await dump(surroundings, without=HELD), files_kept(), log.text) == []
    doctor = await fetch_one("SELECT * FROM doctors WHERE user_id = $1", staff.doctor.id)
    assert doctor and (doctor["name"], doctor["registration_number"]) == (NAME, "MH 12345")
    assert await fetch_value("SELECT name FROM services") == SERVICE
    assert list((settings().data_dir / "uploads").rglob("*.webp")) == []


async def test_letters_to_an_invited_address_go_although_the_erasure_broke_off(staff: PlantedStaff) -> None:
    """Who was invited, and came in without it, is known by the address alone, which is erased first."""
    await _unused(staff)
    await close_for_good(await staff.doctor.account(), password=staff.doctor.password, where=HERE)
    await run_jobs()
    with pytest.MonkeyPatch.context() as breaking:
        breaking.setattr("app.desks.privacy.leaving.erase_files", _break_off)
        with pytest.raises(_BrokeOff):
            await mask(staff.doctor.id)

    await mask(staff.doctor.id)

    assert found({"doctor's e-mail": DOCTOR["doctor's e-mail"]}, files_kept()) == set()


async def test_the_log_of_what_they_practise_as_is_theirs_to_take_along(staff: PlantedStaff) -> None:
    tables = (await rooms.everything_of(await subject_of(staff.applicant.id)))["tables"]

    assert isinstance(tables, dict)
    told = {row["name"]: row["facts"] for row in tables["events"]}
    assert told["DOCTOR_APPLIED"] == {"speciality": "general_medicine"}
    assert "DOCTOR_REJECTED" in told


class _BrokeOff(Exception):
    """Stands for a process that was killed."""


async def _break_off(*_args: object) -> None:
    raise _BrokeOff


async def _unused(staff: PlantedStaff) -> None:
    """As if her invitation had never been used."""
    done = await fetch(
        "UPDATE invitations SET used_at = NULL, used_by_id = NULL WHERE used_by_id = $1 RETURNING id",
        staff.doctor.id,
    )
    assert len(done) == 1
