"""Clinics are walls: nothing of one is seen or changed from another, by whatever id somebody knows."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from tests.doors_scene import Scene, heard, the_scene
from tests.doors_table import ALLOWED, DOORS, NOT_THERE, OPEN_DOORS, Door
from tests.surroundings import Surroundings

CANARY = "Zwickauer"
"""The family name of the other clinic's patient."""
INSIDE = ("the doctor", "another doctor of the clinic", "reception of the clinic", "the patient")
"""Who belongs to this clinic; the administrator belongs to all."""

THEIRS = {
    "code:str": "their_code",
    "appointment_id:uuid": "their_visit",
    "slot_id:uuid": "their_time",
    "service_id:uuid": "their_service",
    "person_id:uuid": "their_person",
}
"""What paths name, and what the scene calls the same thing of the other clinic."""
SWAPPED = {f"${name}": f"$their_{name}" for name in ("time", "service", "person", "visit")}
"""The same for fields."""


@pytest.fixture
async def scene(surroundings: Surroundings, owner: asyncpg.Connection) -> AsyncIterator[Scene]:
    async with the_scene(surroundings.base_url, owner) as prepared:
        await owner.execute(
            "UPDATE persons SET name = $2 WHERE account_id = $1",
            prepared.names["somebody"],
            f"Zilli {CANARY}",
        )
        yield prepared


def _let_in(door: Door) -> Iterator[str]:
    """Who of this clinic passes the door itself, whatever is behind it."""
    for who in INSIDE:
        if door.answer_to(who, "paid") in (ALLOWED, NOT_THERE):
            yield who


def _bodies(scene: Scene, door: Door) -> Iterator[object]:
    """What the call sends, with each thing it names replaced by the other clinic's."""
    if isinstance(door.send, dict):
        for name, value in door.send.items():
            if isinstance(value, str) and value in SWAPPED:
                yield scene.filled({**door.send, name: SWAPPED[value]})


async def test_another_clinics_thing_in_a_path_is_not_there(scene: Scene) -> None:
    tried, wrong, before = 0, [], await scene.shelf.changed()
    for door in DOORS:
        named = {p.partition(":")[0]: scene.names[THEIRS[p]] for p in door.parameters if p in THEIRS}
        if not door.about or not named or door.who in OPEN_DOORS:
            continue
        for who in _let_in(door):
            tried += 1
            told = {name: str(thing) for name, thing in named.items()}
            answer = await scene.call(door, who, path=scene.path(door, **told))
            if heard(answer) != NOT_THERE:
                wrong.append(f"{door.call} by {who}: {answer.status_code}")
            if await scene.shelf.changed() != before:
                wrong.append(f"{door.call} by {who} changed something")
    assert not wrong, "\n".join(wrong)
    assert tried > 60


async def test_another_clinics_thing_in_a_field_is_refused(scene: Scene, owner: asyncpg.Connection) -> None:
    tried, wrong, before = 0, [], await scene.shelf.changed()
    for door in DOORS:
        for body in _bodies(scene, door):
            for who in _let_in(door):
                if door.answer_to(who, "paid") != ALLOWED:
                    continue
                tried += 1
                answer = await scene.call(door, who, send=body)
                if answer.is_success or answer.is_server_error:
                    wrong.append(f"{door.call} by {who}: {answer.status_code}")
                if await scene.shelf.changed() != before:
                    wrong.append(f"{door.call} by {who} changed something")
    assert not wrong, "\n".join(wrong)
    assert tried > 8


async def test_no_page_of_one_clinic_names_another_clinics_patient(scene: Scene) -> None:
    wrong = []
    for door in DOORS:
        if door.is_safe and not door.path.endswith("/live"):
            for who in INSIDE:
                answer = await scene.call(door, who)
                if CANARY in answer.text:
                    wrong.append(f"{door.call} by {who}")
    assert not wrong, "\n".join(wrong)
    listed = next(door for door in DOORS if door.call == "GET /api/appointments")
    for who in ("an administrator", "reception of another clinic", "a doctor of another clinic"):
        assert CANARY in (await scene.call(listed, who)).text, f"or the test above would prove nothing: {who}"


@pytest.mark.parametrize("who", INSIDE)
async def test_a_list_asked_for_another_clinics_doctor_is_empty(scene: Scene, who: str) -> None:
    listed = next(door for door in DOORS if door.call == "GET /api/appointments")
    path = f"/api/appointments?doctor_id={scene.names['their_doctor']}"
    assert (await scene.call(listed, who, path=path)).json()["total"] == 0
