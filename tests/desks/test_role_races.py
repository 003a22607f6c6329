"""Employing, approving, sending away and blocking one account at the same moment never mix."""

import asyncio
from uuid import UUID

import pytest

from app.accounts import services as accounts
from app.accounts.services import Standing
from app.db.engine import fetch_one, fetch_value
from app.desks.admin import staffing, standing
from app.directory.services import applying, approve
from app.errors import DomainError
from app.events.actor import SYSTEM
from tests.directory.test_applying import an_applicant
from tests.factories import a_clinic, a_receptionist

PAUSE = 0.05
"""Seconds between reading an account and deciding by what was read, so that acts really meet."""

_STANDING = """
SELECT id, role, email_verified_at IS NOT NULL AS is_verified, blocked_at IS NOT NULL AS is_blocked,
       erased_at IS NOT NULL AS is_erased FROM users WHERE id = $1
"""


def _with_a_pause(monkeypatch: pytest.MonkeyPatch, *, locked: bool) -> None:
    """Let each act wait after it has read the account, under its lock or without it."""
    lock = accounts.lock_account

    async def read(user_id: UUID) -> Standing:
        if locked:
            found = await lock(user_id)
        else:
            row = await fetch_one(_STANDING, user_id)
            assert row is not None
            found = Standing(**dict(row))
        await asyncio.sleep(PAUSE)
        return found

    monkeypatch.setattr(accounts, "lock_account", read)
    monkeypatch.setattr(applying, "lock_account", read)


async def _employed_and_approved() -> tuple[int, str, bool, bool]:
    """How many of both acts were refused; then role, whether approved, and whether at a desk."""
    kabir, waiting = await an_applicant()
    clinic = await a_clinic()
    outcomes = await asyncio.gather(
        staffing.employ(kabir.id, role="reception", clinic_id=clinic, by=SYSTEM),
        approve(waiting.id, clinic_id=clinic, by=SYSTEM),
        return_exceptions=True,
    )
    bugs = [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, DomainError)]
    assert not bugs, bugs
    row = await fetch_one(
        "SELECT u.role, d.approved_at IS NOT NULL AS approved, "
        "EXISTS (SELECT FROM staff s WHERE s.user_id = u.id) AS works "
        "FROM users u JOIN doctors d ON d.user_id = u.id WHERE u.id = $1",
        kabir.id,
    )
    assert row is not None
    return sum(one is not None for one in outcomes), row["role"], row["approved"], row["works"]


CONSISTENT = {(1, "doctor", True, False), (1, "reception", False, True)}


async def test_of_employing_and_approving_at_once_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_a_pause(monkeypatch, locked=True)

    for _round in range(5):
        assert await _employed_and_approved() in CONSISTENT


async def test_without_the_lock_somebody_is_an_approved_doctor_at_a_desk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control of the test above."""
    _with_a_pause(monkeypatch, locked=False)

    assert await _employed_and_approved() not in CONSISTENT


async def _sent_away_and_moved() -> tuple[str, bool]:
    """The role and whether there is a desk, after both at once."""
    sunita, other = await a_receptionist(await a_clinic()), await a_clinic()
    await asyncio.gather(
        staffing.send_away(sunita.id, by=SYSTEM),
        staffing.employ(sunita.id, role="reception", clinic_id=other, by=SYSTEM),
        return_exceptions=True,
    )
    role = await fetch_value("SELECT role FROM users WHERE id = $1", sunita.id)
    return role, await fetch_value("SELECT EXISTS (SELECT FROM staff WHERE user_id = $1)", sunita.id)


async def test_who_is_sent_away_and_moved_at_once_works_as_the_role_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _with_a_pause(monkeypatch, locked=True)

    for _round in range(5):
        assert await _sent_away_and_moved() in {("patient", False), ("reception", True)}


async def test_who_is_blocked_while_approved_is_listed_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_a_pause(monkeypatch, locked=True)

    for _round in range(5):
        kabir, waiting = await an_applicant()
        clinic = await a_clinic()
        outcomes = await asyncio.gather(
            approve(waiting.id, clinic_id=clinic, by=SYSTEM),
            standing.block(kabir.id, why="", by=SYSTEM),
            return_exceptions=True,
        )

        assert outcomes[1] is None
        listed = "SELECT EXISTS (SELECT FROM listings WHERE doctor_id = $1)"
        assert not await fetch_value(listed, waiting.id)
