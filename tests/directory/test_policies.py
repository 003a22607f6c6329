"""What clinics and practices decide: how far ahead, how soon, how many times are kept for walk-ins."""

from typing import Any
from uuid import uuid4

import pytest

from app.directory.queries import doctor_shown, get_clinic, get_practice, policies_of
from app.directory.services import add_clinic, change_clinic, change_practice
from app.errors import Invalid, NotFound
from app.events.actor import SYSTEM
from app.events.queries import events_of
from tests.factories import NOBODY, a_clinic, a_doctor

OWN: dict[str, Any] = {
    "meeting_link": "https://meet.example.com/meera",
    "lead_minutes": 120,
    "calendar_days": 30,
    "walk_in_percent": 25,
}
AS_THE_CLINIC: dict[str, Any] = {
    "meeting_link": "",
    "lead_minutes": None,
    "calendar_days": None,
    "walk_in_percent": None,
}
CLINIC: dict[str, Any] = {
    "name": "Shanti Clinic",
    "address": "12 MG Road",
    "city": "Pune",
    "pincode": "411001",
    "phone": "+912012345678",
    "opening_text": "Monday to Friday",
    "calendar_days": 90,
    "lead_minutes": 60,
    "walk_in_percent": 10,
}


async def test_a_practice_has_the_policies_of_its_clinic_until_it_has_its_own() -> None:
    meera = await a_doctor()
    await change_clinic(meera.clinic_id, by=SYSTEM, **CLINIC)
    before = await get_practice(meera.practice_id)

    await change_practice(meera.practice_id, by=SYSTEM, **OWN)
    own = await get_practice(meera.practice_id)
    policies = await policies_of(meera.practice_id)
    await change_practice(meera.practice_id, by=SYSTEM, **AS_THE_CLINIC)

    assert (before.calendar_days, before.lead_minutes, before.walk_in_percent) == (90, 60, 10)
    assert {name: getattr(own, name) for name in OWN} == OWN
    assert {name: getattr(policies, name) for name in OWN} == OWN
    assert (policies.clinic_calendar_days, policies.clinic_lead_minutes) == (90, 60)
    assert await get_practice(meera.practice_id) == before


async def test_nothing_at_all_is_a_policy_too() -> None:
    meera = await a_doctor()
    await change_clinic(meera.clinic_id, by=SYSTEM, **CLINIC)

    await change_practice(meera.practice_id, by=SYSTEM, **{**OWN, "lead_minutes": 0, "walk_in_percent": 0})

    practice = await get_practice(meera.practice_id)
    assert (practice.lead_minutes, practice.walk_in_percent) == (0, 0)


async def test_only_what_changed_is_written_down_and_nothing_twice() -> None:
    meera = await a_doctor()

    for _again in range(2):
        await change_practice(meera.practice_id, by=SYSTEM, **{**AS_THE_CLINIC, "lead_minutes": 30})
        await change_clinic(meera.clinic_id, by=SYSTEM, **CLINIC)

    changes = [event for event in await events_of(meera.practice_id) if event.name == "PRACTICE_CHANGED"]
    assert [event.facts["changed"] for event in changes] == [["lead_minutes"]]
    changes = [event for event in await events_of(meera.clinic_id) if event.name == "CLINIC_CHANGED"]
    assert len(changes) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lead_minutes", -1),
        ("lead_minutes", 10_081),
        ("calendar_days", 0),
        ("calendar_days", 367),
        ("walk_in_percent", -1),
        ("walk_in_percent", 91),
        ("meeting_link", "http://meet.example.com/meera"),
        ("meeting_link", "javascript:alert(1)"),
        ("meeting_link", "https://"),
        ("meeting_link", "https:meet.example.com"),
        ("meeting_link", "meet.example.com"),
        ("meeting_link", "https://meet.example.com/a b"),
        ("meeting_link", "https://meet.example.com/\n"),
        ("meeting_link", 'https://meet.example.com/"onclick'),
        ("meeting_link", "https://someone:secret@meet.example.com/"),
        ("meeting_link", "https://meet.example.com:99999/"),
        ("meeting_link", "https://[::1/"),
        ("meeting_link", "https://meet.example.com/" + "x" * 500),
        ("meeting_link", "https://meet.example.com/\ud800"),
        ("meeting_link", "\x00"),
    ],
)
async def test_a_policy_that_makes_no_sense_is_refused_at_its_field(field: str, value: object) -> None:
    meera = await a_doctor()

    with pytest.raises(Invalid) as refused:
        await change_practice(meera.practice_id, by=SYSTEM, **{**OWN, field: value})

    assert set(refused.value.fields) == {field}
    assert (await policies_of(meera.practice_id)).lead_minutes is None


@pytest.mark.parametrize(
    "link",
    [
        "https://meet.example.com/abc-defg-hij?pwd=%20x#now",
        "https://meet.example.com:8443/",
        "HTTPS://MEET.EXAMPLE.COM",
        "https://zoom.example.com/j/1?p=मीरा",
    ],
)
async def test_an_https_address_is_a_meeting_link(link: str) -> None:
    meera = await a_doctor()

    await change_practice(meera.practice_id, by=SYSTEM, **{**OWN, "meeting_link": link})

    assert (await get_practice(meera.practice_id)).meeting_link == link


async def test_a_clinic_is_refused_at_every_field_and_keeps_what_it_had() -> None:
    clinic = await a_clinic()
    before = await get_clinic(clinic)

    with pytest.raises(Invalid) as policies:
        await change_clinic(clinic, by=SYSTEM, **{**CLINIC, "lead_minutes": -1, "calendar_days": 0})
    with pytest.raises(Invalid) as particulars:
        await change_clinic(clinic, by=SYSTEM, **{**CLINIC, "name": "", "pincode": "1"})
    with pytest.raises(Invalid):
        await add_clinic(slug="new", time_zone="Asia/Kolkata", by=SYSTEM, **{**CLINIC, "walk_in_percent": 91})

    assert set(policies.value.fields) == {"lead_minutes", "calendar_days"}
    assert set(particulars.value.fields) == {"name", "pincode"}
    assert await get_clinic(clinic) == before


async def test_the_opening_text_is_shown_with_the_doctor() -> None:
    meera = await a_doctor()

    await change_clinic(meera.clinic_id, by=SYSTEM, **CLINIC)

    shown = await doctor_shown(meera.slug, viewer_id=None)
    assert shown.practice.clinic_opening_text == "Monday to Friday"
    assert (await get_clinic(meera.clinic_id)).zone == "Asia/Kolkata"


async def test_what_is_not_there_is_not_found() -> None:
    for question in (
        change_practice(uuid4(), by=SYSTEM, **OWN),
        change_clinic(uuid4(), by=SYSTEM, **CLINIC),
        policies_of(NOBODY),
        get_clinic(NOBODY),
    ):
        with pytest.raises(NotFound):
            await question
