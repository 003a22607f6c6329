"""The search for planted people is shown to fail when one part of the erasure is left out."""

import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import AsyncMock

import httpx
import pytest

from app import clock
from app.accounts import personal as accounts
from app.accounts.personal import subject_of
from app.db.engine import execute, fetch_value, transaction
from app.desks.privacy import rooms
from app.desks.privacy.inventory import EXPORTED
from app.events import personal as events
from app.notifications import personal as notifications
from app.notifications.mailbox import LocalMailbox
from app.settings import settings
from tests.desks.privacy import planting
from tests.desks.privacy.haystack import HELD, files_kept, found
from tests.desks.privacy.planting import Planted
from tests.desks.privacy.planting_staff import APPLICANT, DOCTOR, PlantedStaff
from tests.factories import Cast, a_clinic, a_doctor

NEEDLES = {**planting.NEEDLES, **DOCTOR, **APPLICANT}
IN_ROOMS = [*((room, "erase") for room in rooms.ERASING), (events, "erase"), (rooms, "forget_answers_about")]
IN_FILES = [(notifications, "erase_files"), (accounts, "erase_files")]


class _Undone(Exception):
    """Takes back what was tried."""


@pytest.fixture
async def people(api: httpx.AsyncClient, mailbox: LocalMailbox) -> list[Cast]:
    """A patient, a doctor and an applicant, and beside what their lives leave two things that are rare."""
    assert mailbox
    staff = PlantedStaff(api)
    await staff.live()
    clinic = await a_clinic()
    meera, arjun = await a_doctor("Dr Meera", clinic_id=clinic), await a_doctor("Dr Arjun", clinic_id=clinic)
    planted = Planted(api, meera, arjun)
    await planted.live()
    await execute(
        "INSERT INTO idempotency_keys (user_id, key, request_hash, status, body, created_at) "
        "VALUES ($1, 'of-the-clinic', '', 200, $2, $3)",
        meera.id,
        f'{{"id": "{await fetch_value("SELECT id FROM appointments LIMIT 1")}", '
        f'"person": "{planting.NEEDLES["family"]}"}}',
        clock.now(),
    )
    await execute(
        "UPDATE letters SET refused_why = $2 WHERE recipient_id = $1",
        planted.patient.id,
        f"550 {planting.NEEDLES['e-mail']} is unknown here",
    )
    return [planted.patient, staff.doctor, staff.applicant]


async def test_every_room_has_to_do_its_part(people: list[Cast], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever is left out, the search finds what it would have erased."""
    assert found(NEEDLES, await _rows_left()) == NEEDLES.keys(), "the search itself finds what was planted"
    assert await _left_after_erasing(people) == set()

    for module, name in IN_ROOMS:
        with monkeypatch.context() as without:
            without.setattr(module, name, AsyncMock())
            left = await _left_after_erasing(people)
        assert left, f"{module.__name__}.{name} is not missed"


async def test_both_that_take_out_files_have_to_do_their_part(
    people: list[Cast], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_back = _kept_aside(tmp_path)
    assert found(NEEDLES, files_kept()) >= {"name", "doctor's e-mail", "applicant"}
    await _erase_files(people)
    assert found(NEEDLES, files_kept()) == set()
    assert list((settings().data_dir / "uploads").rglob("*.webp")) == []

    for module, name in IN_FILES:
        put_back()
        with monkeypatch.context() as without:
            without.setattr(module, name, AsyncMock())
            await _erase_files(people)
        assert found(NEEDLES, files_kept()), f"{module.__name__}.{name} is not missed"


async def _left_after_erasing(people: list[Cast]) -> set[str]:
    """What the database says of people once they are erased, which is then taken back."""
    left: set[str] = set()
    with pytest.raises(_Undone):
        async with transaction():
            for one in people:
                who = await subject_of(one.id)
                await rooms.erase_everywhere(who, await rooms.things_of(who))
            left = found(NEEDLES, await _rows_left())
            raise _Undone
    return left


async def _rows_left() -> str:
    """The rows of every table that is erased at once, read in the running transaction."""
    tables = EXPORTED.keys() - set(HELD)
    texts = [await fetch_value(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t') for table in tables]
    return "\n".join(text for text in texts if text)


async def _erase_files(people: list[Cast]) -> None:
    await execute("UPDATE photos SET removed_at = $1", clock.now())  # as the rooms do it before
    for one in people:
        who = await subject_of(one.id)
        await rooms.erase_files(who, await rooms.things_of(who))


def _kept_aside(folder: Path) -> Callable[[], None]:
    """Copies what lies on the disk; gives a way to put it back."""
    names = ("mailbox", "uploads")
    for name in names:
        shutil.copytree(settings().data_dir / name, folder / name)

    def put_back() -> None:
        for name in names:
            shutil.copytree(folder / name, settings().data_dir / name, dirs_exist_ok=True)

    return put_back
