"""What somebody typed who never proved the address goes after a month; nothing that is anybody's does."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest

from app.db.engine import execute, fetch_one, fetch_value
from app.desks.privacy.unproved import UNPROVED_FOR, look_for_unproved
from tests.accounts.confirmations import happened, link_of
from tests.accounts.uploads import a_photo
from tests.booking.visits import a_visit
from tests.browser import Browser
from tests.desks.privacy.haystack import dump, files_kept
from tests.factories import Cast, a_doctor, a_patient, a_person, a_receptionist, a_slot, run_jobs
from tests.surroundings import Surroundings

TYPED = {
    "name": "Quittenbaum Odd",
    "email": "quittenbaum@example.com",
    "mobile": "9812309812",
    "password": "a calm green river",
}


async def _some_time_later(by: timedelta = UNPROVED_FOR + timedelta(days=1)) -> None:
    """Everything was begun so much earlier, and the day's job runs."""
    await execute("UPDATE users SET created_at = created_at - $1::interval", by)
    await execute(
        "UPDATE email_confirmations SET created_at = created_at - $1::interval, "
        "code_expires_at = code_expires_at - $1::interval, link_expires_at = link_expires_at - $1::interval",
        by,
    )
    await look_for_unproved()
    await run_jobs()


async def _is_forgotten(email: str) -> bool:
    return not await fetch_value("SELECT EXISTS (SELECT FROM users WHERE email = $1)", email)


@pytest.mark.usefixtures("mailbox")
@pytest.mark.parametrize("role", ["patient", "doctor"])
async def test_nothing_is_left_of_a_sign_up_nobody_confirmed_and_the_address_is_free(
    api: httpx.AsyncClient, surroundings: Surroundings, role: str
) -> None:
    signed_up = await api.post("/api/auth/signup", json={**TYPED, "role": role})
    token = {"Authorization": f"Bearer {signed_up.json()['access_token']}"}
    user = await fetch_one("SELECT id FROM users")
    assert user is not None
    await a_person(user["id"], name="Quittenbaum Kid")
    await run_jobs()
    assert "uittenbaum" in await dump(surroundings)
    assert "uittenbaum" in files_kept()

    await _some_time_later()

    kept = await dump(surroundings) + files_kept()
    assert "uittenbaum" not in kept and "9812309812" not in kept
    assert await happened("UNPROVED_FORGOTTEN") == 1
    assert (await api.get("/api/me", headers=token)).status_code == 401
    assert (await api.post("/api/auth/signup", json={**TYPED, "role": role})).status_code == 201


async def test_the_photo_goes_as_well() -> None:
    asha = await a_patient(verified=False)
    key = await a_photo(asha)
    assert key in files_kept()
    await _some_time_later()
    assert key not in files_kept()


async def test_a_month_is_waited_and_a_letter_that_still_leads_in(api: httpx.AsyncClient) -> None:
    assert (await api.post("/api/auth/signup", json=TYPED)).status_code == 201
    await _some_time_later(UNPROVED_FOR - timedelta(hours=1))
    assert not await _is_forgotten(TYPED["email"])

    await execute("UPDATE email_confirmations SET link_expires_at = now() + interval '1 hour'")
    await look_for_unproved()
    await execute("UPDATE users SET created_at = created_at - interval '2 hours'")
    await look_for_unproved()
    await run_jobs()
    assert not await _is_forgotten(TYPED["email"])

    await execute("UPDATE email_confirmations SET link_expires_at = now() - interval '1 hour'")
    await look_for_unproved()
    await run_jobs()
    assert await _is_forgotten(TYPED["email"])


async def test_who_proves_the_address_before_the_job_comes_stays(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    await api.post("/api/auth/signup", json=TYPED)
    await execute("UPDATE users SET created_at = created_at - interval '40 days'")
    await execute("UPDATE email_confirmations SET link_expires_at = now() - interval '1 hour'")
    await look_for_unproved()
    await execute("UPDATE email_confirmations SET link_expires_at = now() + interval '1 hour'")
    proved = await browser.post(await link_of(TYPED["email"]), {"password": TYPED["password"]})
    await run_jobs()

    assert proved.status_code == 303
    assert await fetch_value("SELECT name FROM users WHERE email_verified_at IS NOT NULL") == TYPED["name"]


async def _with_a_visit() -> Cast:
    doctor, asha = await a_doctor(), await a_patient()
    await a_visit(asha, await a_slot(doctor), doctor)
    return asha


async def _made_by_staff() -> Cast:
    asha = await a_patient()
    await execute("UPDATE users SET password_hash = '' WHERE id = $1", asha.id)
    return asha


async def _reception() -> Cast:
    return await a_receptionist((await a_doctor()).clinic_id)


@pytest.mark.parametrize("somebody", [_with_a_visit, _made_by_staff, _reception, a_doctor])
async def test_whom_the_clinic_knows_stays(somebody: Callable[[], Awaitable[Cast]]) -> None:
    cast = await somebody()
    await execute("UPDATE users SET email_verified_at = NULL WHERE id = $1", cast.id)

    await _some_time_later()

    assert not await _is_forgotten(cast.email)
