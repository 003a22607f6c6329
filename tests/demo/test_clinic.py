"""The demo clinic: who is there, what is on offer, and that loading it again changes nothing else."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from app.accounts.services import logging_in
from app.booking.services import withdraw_slot
from app.db.engine import fetch, fetch_value
from app.demo import clinic as demo
from app.directory.queries import listed_slugs, practice_by_slug
from app.events.actor import SYSTEM
from app.scheduling.queries import slots_on
from app.settings import settings
from tests.factories import clinic_day

EVERYBODY = ("asha", "vikram", "meera", "arjun", "sunita", "admin")


async def _counts() -> list[int]:
    tables = ("users", "clinics", "doctors", "practices", "services", "staff", "slots", "events")
    return [await fetch_value(f"SELECT count(*) FROM {table}") for table in tables]


async def test_everybody_can_log_in_and_books_with_a_confirmed_address(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging_in, "settings", lambda: replace(settings(), demo=True))
    assert not await demo.is_loaded()
    await demo.load()
    assert await demo.is_loaded()

    for name in EVERYBODY:
        answer = await api.post(
            "/api/auth/login", json={"identifier": f"{name}@example.com", "password": demo.PASSWORD}
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["user"]["email_verified"]


async def test_both_doctors_have_times_on_each_of_the_next_fourteen_days(api: httpx.AsyncClient) -> None:
    await demo.load()

    doctors = (await api.get("/api/doctors")).json()["items"]
    assert {doctor["specialization"] for doctor in doctors} == {"general_medicine", "dentistry"}
    assert {doctor["fee"] for doctor in doctors} == {50_000, 60_000}
    for doctor in doctors:
        for ahead in range(1, 15):
            day = {"doctor_id": doctor["id"], "date": str(clinic_day(ahead))}
            slots = (await api.get("/api/availability", params=day)).json()["slots"]
            assert len(slots) == 12
            assert (slots[0]["starts_at"][11:16], slots[-1]["ends_at"][11:16]) == ("09:00", "18:30")


async def test_loading_again_changes_nothing_also_at_once() -> None:
    await asyncio.gather(demo.load(), demo.load(), demo.load())
    once = await _counts()

    await demo.load()

    assert await _counts() == once
    assert once[:2] == [6, 1]


async def test_loading_again_fills_what_is_missing_around_what_is_there() -> None:
    await demo.load()
    practice = await practice_by_slug((await listed_slugs())[0])
    first, second, *_rest = await slots_on(practice.id, clinic_day())
    await withdraw_slot(first.id, practice_id=practice.id, by=SYSTEM)
    await withdraw_slot(second.id, practice_id=practice.id, by=SYSTEM)
    shifted = "INSERT INTO slots (practice_id, doctor_id, starts_at, ends_at, on_date, created_at) "
    await fetch(
        shifted + "SELECT practice_id, doctor_id, starts_at + interval '10 min', ends_at, on_date, now() "
        "FROM slots WHERE id = $1",
        first.id,
    )

    await demo.load()

    slots = await slots_on(practice.id, clinic_day())
    assert len(slots) == 12
    assert [(slot.starts_at - first.starts_at).total_seconds() / 60 for slot in slots[:2]] == [10, 30]
