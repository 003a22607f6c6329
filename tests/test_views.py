"""Who looked at whom is written down: once for each answer of staff that shows a patient, and else never."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.events import names
from tests.doors_scene import Scene, the_scene
from tests.doors_table import CAST, DOORS, THINGS, Door
from tests.surroundings import Surroundings

CANARY = "Vogelsang"
"""The patient's family name; in public, where it is written with its first letter only, nobody sees it."""

STAFF = [who for who, role in CAST.items() if role in ("doctor", "reception", "admin")]


@pytest.fixture
async def scene(surroundings: Surroundings, owner: asyncpg.Connection) -> AsyncIterator[Scene]:
    async with the_scene(surroundings.base_url, owner) as prepared:
        await owner.execute(f"UPDATE persons SET name = 'Kanari {CANARY}'")
        await owner.execute(f"UPDATE users SET name = 'Kanari {CANARY}' WHERE role = 'patient'")
        await _today(owner, prepared.stories["asked"].code)
        yield prepared


async def _today(owner: asyncpg.Connection, code: str) -> None:
    """Let a visit be today, so that it stands on the doctor's day."""
    await owner.execute(
        "UPDATE appointments SET on_date = on_date - 1, starts_at = starts_at - interval '1 day', "
        "ends_at = ends_at - interval '1 day' WHERE code = $1",
        code,
    )


async def _looks(owner: asyncpg.Connection) -> list[asyncpg.Record]:
    return await owner.fetch(
        "SELECT name, subject_id, by_id, facts FROM events WHERE name = ANY($1) ORDER BY seq",
        list(names.VIEWS),
    )


def _safe(door: Door) -> bool:
    return door.is_safe and not door.path.endswith("/live")


async def test_each_answer_that_shows_staff_a_patient_is_written_down_once(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    wrong, shown = [], set()
    for who in STAFF:
        for door in filter(_safe, DOORS):
            for state in THINGS.get(door.about, ("paid",)):
                before = len(await _looks(owner))
                answer = await scene.call(door, who, state)
                new, is_shown = len(await _looks(owner)) - before, CANARY in answer.text
                if is_shown:
                    shown.add(door.call)
                if new != is_shown:
                    wrong.append(f"{door.call} by {who} about {state}: {new} events, shown: {is_shown}")
    assert not wrong, "\n".join(wrong)
    assert shown >= SHOWING


SHOWING = {
    "GET /doctor",
    "GET /appointments",
    "GET /appointments/{code:str}",
    "GET /appointments/{code:str}/complete",
    "GET /appointments/{code:str}/cancel",
    "GET /appointments/{code:str}/reschedule",
    "GET /doctor/requests",
    "GET /doctor/closings/{closing_id:uuid}",
    "GET /api/appointments",
    "GET /api/appointments/{appointment_id:uuid}",
}
