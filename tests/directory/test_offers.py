"""What a doctor offers: changed and retired, with visits that stay as they were."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts.queries import self_of
from app.booking.queries import get_appointment
from app.booking.services import hold
from app.db.engine import DB, fetch, fetch_one, transaction
from app.directory.errors import NoSuchService, ServiceChanged
from app.directory.queries import Service, default_service, retired_services_of, services_of
from app.directory.services import (
    add_service,
    change_service,
    keep_service,
    move_service,
    retire_service,
)
from app.errors import Invalid
from app.events.actor import SYSTEM
from app.events.queries import events_of
from tests.booking.visits import a_visit, acting, hold_for
from tests.factories import CastDoctor, a_doctor, a_patient, a_service, a_slot

TERMS: dict[str, Any] = {
    "name": "Consultation",
    "description": "Bring old papers",
    "category": "Visits",
    "duration_minutes": 20,
    "fee_paise": 70_000,
    "mode": "video",
    "is_taxable": True,
}
PARTED = """
SELECT a.code FROM appointments a JOIN services s ON s.id = a.service_id WHERE a.amount_paise <> s.fee_paise
"""


async def _change(doctor: CastDoctor, **terms: object) -> UUID:
    return await change_service(
        doctor.service_id, practice_id=doctor.practice_id, by=SYSTEM, **{**TERMS, **terms}
    )


def _terms_of(service: Service) -> dict[str, Any]:
    return {column: getattr(service, column) for column in TERMS}


async def _only(doctor: CastDoctor) -> Service:
    (service,) = await services_of(doctor.practice_id)
    return service


async def test_a_service_nobody_booked_is_written_over() -> None:
    meera = await a_doctor()

    changed = await _change(meera)

    assert changed == meera.service_id
    service = await _only(meera)
    assert {column: getattr(service, column) for column in TERMS} == TERMS
    event = (await events_of(meera.service_id))[-1]
    assert event.name == "SERVICE_CHANGED"


async def test_a_service_somebody_booked_is_retired_and_another_takes_its_place() -> None:
    meera = await a_doctor()
    behind = await a_service(meera.practice_id, name="Second", position=1)
    visit = await a_visit(await a_patient(), await a_slot(meera), meera)

    changed = await _change(meera)

    assert changed != meera.service_id
    assert [service.id for service in await services_of(meera.practice_id)] == [changed, behind]
    old = await fetch_one("SELECT * FROM services WHERE id = $1", meera.service_id)
    assert old is not None and old["retired_at"] is not None
    assert (old["name"], old["duration_minutes"], old["fee_paise"]) == ("Consultation", 30, 50_000)
    assert (await get_appointment(visit.id)).service_id == meera.service_id
    with pytest.raises(NoSuchService):
        await _change(meera, fee_paise=80_000)


@pytest.mark.parametrize("wording", [{"description": "Bring old papers"}, {"category": "Visits"}])
async def test_a_booked_service_described_in_other_words_stays_the_same(wording: dict[str, str]) -> None:
    meera = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(meera), meera)
    before = await _only(meera)

    changed = await _change(meera, **{**_terms_of(before), **wording})

    assert changed == meera.service_id == (await get_appointment(visit.id)).service_id
    assert await _only(meera) == replace(before, **wording)  # type: ignore[arg-type]
    assert await retired_services_of(meera.practice_id) == []


@pytest.mark.parametrize(
    "agreed",
    [
        {"name": "Visit"},
        {"fee_paise": 1_000},
        {"duration_minutes": 15},
        {"mode": "video"},
        {"is_taxable": True},
    ],
)
async def test_what_a_patient_agreed_to_is_never_written_over(agreed: dict[str, object]) -> None:
    meera = await a_doctor()
    await a_visit(await a_patient(), await a_slot(meera), meera)
    before = await _only(meera)

    changed = await _change(meera, **{**_terms_of(before), **agreed})

    assert changed != meera.service_id
    assert await retired_services_of(meera.practice_id) == [before]


async def test_a_change_to_the_same_is_none() -> None:
    meera = await a_doctor()
    await a_visit(await a_patient(), await a_slot(meera), meera)
    changed = await _change(meera)
    before = len(await events_of(changed))

    again = await change_service(changed, practice_id=meera.practice_id, by=SYSTEM, **TERMS)

    assert again == changed
    assert len(await events_of(changed)) == before


async def test_a_retired_service_is_offered_no_longer_and_its_visits_stay() -> None:
    meera = await a_doctor()
    visit = await a_visit(await a_patient(), await a_slot(meera), meera)

    for _again in range(2):
        await retire_service(meera.service_id, practice_id=meera.practice_id, by=SYSTEM)

    assert await services_of(meera.practice_id) == []
    assert (await get_appointment(visit.id)).status == "confirmed"
    retired = [event for event in await events_of(meera.service_id) if event.name == "SERVICE_RETIRED"]
    assert len(retired) == 1


async def test_nobody_touches_the_services_of_another_practice() -> None:
    meera, arjun = await a_doctor(), await a_doctor("Dr Arjun")

    for service_id in (arjun.service_id, uuid4()):
        with pytest.raises(NoSuchService):
            await change_service(service_id, practice_id=meera.practice_id, by=SYSTEM, **TERMS)
        with pytest.raises(NoSuchService):
            await retire_service(service_id, practice_id=meera.practice_id, by=SYSTEM)
        with pytest.raises(NoSuchService):
            await move_service(service_id, practice_id=meera.practice_id, up=True, by=SYSTEM)
    assert (await _only(arjun)).fee_paise == 50_000


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"description": "x" * 4001}, "description"),
        ({"category": "x" * 61}, "category"),
        ({"duration_minutes": 481}, "duration_minutes"),
        ({"fee_paise": 99}, "fee_paise"),
        ({"mode": ""}, "mode"),
    ],
)
async def test_terms_that_make_no_sense_are_refused_and_nothing_changes(
    wrong: dict[str, object], field: str
) -> None:
    meera = await a_doctor()
    before = await _only(meera)

    with pytest.raises(Invalid) as refused:
        await _change(meera, **wrong)
    with pytest.raises(Invalid):
        await add_service(meera.practice_id, by=SYSTEM, **{**TERMS, **wrong})

    assert set(refused.value.fields) == {field}
    assert await _only(meera) == before


async def test_services_change_places_and_the_first_counts() -> None:
    meera = await a_doctor()
    second = await add_service(meera.practice_id, by=SYSTEM, **{**TERMS, "mode": "in_person"})
    third = await add_service(meera.practice_id, by=SYSTEM, **TERMS)

    await move_service(third, practice_id=meera.practice_id, up=True, by=SYSTEM)
    await move_service(second, practice_id=meera.practice_id, up=False, by=SYSTEM)
    await move_service(meera.service_id, practice_id=meera.practice_id, up=True, by=SYSTEM)
    await move_service(meera.service_id, practice_id=meera.practice_id, up=False, by=SYSTEM)
    await move_service(meera.service_id, practice_id=meera.practice_id, up=False, by=SYSTEM)

    assert [one.id for one in await services_of(meera.practice_id)] == [third, second, meera.service_id]
    assert (await default_service(meera.practice_id)).id == second


async def test_services_added_at_once_stand_one_behind_the_other() -> None:
    meera = await a_doctor()

    await asyncio.gather(
        *(add_service(meera.practice_id, by=SYSTEM, **{**TERMS, "name": f"S{n}"}) for n in range(6))
    )

    rows = await fetch("SELECT position FROM services WHERE practice_id = $1", meera.practice_id)
    assert sorted(row["position"] for row in rows) == list(range(7))
    words = await fetch("SELECT words @@ 's0 & s1 & s2 & s3 & s4 & s5'::tsquery AS all FROM listings")
    assert words[0]["all"], "the last to write its listing read what all had written"


async def test_a_service_is_kept_on_the_terms_somebody_read() -> None:
    meera = await a_doctor()
    read = await _only(meera)
    await _change(meera)

    async with transaction():
        with pytest.raises(ServiceChanged):
            await keep_service(read)
        await keep_service(await _only(meera))
    await retire_service(meera.service_id, practice_id=meera.practice_id, by=SYSTEM)
    with pytest.raises(ServiceChanged):
        await keep_service(read)


async def _in_a_connection_of_its_own(act: Awaitable[object]) -> None:
    """A task inherits the transaction it is made in; this one leaves it."""
    DB.current_transaction.set(None)
    await act


async def test_a_change_waits_for_a_booking_under_way_and_leaves_its_terms() -> None:
    meera, asha = await a_doctor(), await a_patient()
    read, slot = await _only(meera), await a_slot(meera)

    async with transaction():
        visit = await hold_for(asha, slot, meera)
        change = asyncio.create_task(_in_a_connection_of_its_own(_change(meera)))
        await asyncio.wait([change], timeout=0.5)
        assert not change.done()
    await change

    row = await fetch_one("SELECT * FROM services WHERE id = $1", visit.service_id)
    assert row is not None and Service.of(row) == read
    assert (await _only(meera)).fee_paise == TERMS["fee_paise"]


async def _book_on_old_terms(meera: CastDoctor) -> None:
    """The doctor changes the service after a patient's booking has read it, before its hold."""
    asha, slot, read = await a_patient(), await a_slot(meera), await _only(meera)
    await _change(meera)
    await hold(
        slot, service=read, person=await self_of(asha.id), reason="", booked_by=asha.id, by=acting(asha)
    )


async def test_nobody_books_terms_that_were_changed_meanwhile() -> None:
    meera = await a_doctor()

    with pytest.raises(ServiceChanged):
        await _book_on_old_terms(meera)

    assert await fetch(PARTED) == []


async def test_without_the_guard_a_visit_parts_from_its_service(monkeypatch: pytest.MonkeyPatch) -> None:
    meera = await a_doctor()

    async def look_away(service: Service) -> None:
        return None

    monkeypatch.setattr(import_module("app.booking.services.hold"), "keep_service", look_away)
    await _book_on_old_terms(meera)

    assert len(await fetch(PARTED)) == 1


async def test_bookings_and_changes_at_once_never_part() -> None:
    meera = await a_doctor()
    slots = [await a_slot(meera, at=f"{hour:02}:00") for hour in range(8, 16)]
    patients = [await a_patient(f"Asha {n}") for n in range(8)]

    async def book(n: int) -> None:
        service = (await services_of(meera.practice_id))[0]
        person = await self_of(patients[n].id)
        with suppress(ServiceChanged):
            await hold(
                slots[n],
                service=service,
                person=person,
                reason="",
                booked_by=patients[n].id,
                by=acting(patients[n]),
            )

    async def change(n: int) -> None:
        current = (await services_of(meera.practice_id))[0]
        terms = {**TERMS, "duration_minutes": 30, "fee_paise": 10_000 + n * 100}
        with suppress(NoSuchService):
            await change_service(current.id, practice_id=meera.practice_id, by=SYSTEM, **terms)

    await asyncio.gather(*(act(n) for n in range(8) for act in (book, change)))

    assert await fetch(PARTED) == []
    assert len(await services_of(meera.practice_id)) == 1
