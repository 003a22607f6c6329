"""Who is shown to patients, and what they offer."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.db.engine import execute
from app.directory.errors import DoctorAlready, NoOpenPractice, NoSuchDoctor, NoSuchService
from app.directory.queries import (
    clinic_of_staff,
    default_service,
    doctor_shown,
    find_doctor_of_user,
    get_service,
    listed_slugs,
    practice_by_slug,
    practice_of_doctor,
    practice_of_user,
    practices_of_clinic,
    services_of,
)
from app.directory.rules import SPECIALITIES, slug_of, speciality_key
from app.directory.services import (
    add_clinic,
    add_practice,
    add_service,
    apply_as_doctor,
    approve,
    change_profile,
    join_staff,
)
from app.errors import Invalid, NotFound
from app.events.actor import SYSTEM
from app.events.queries import events_of
from tests.factories import a_clinic, a_doctor, a_patient, a_receptionist, a_service


async def test_nobody_sees_a_doctor_before_approval() -> None:
    asha = await a_patient()
    doctor_id = await apply_as_doctor(asha.id, name="Dr Asha", speciality="dentistry", by=SYSTEM)
    practice_id = await add_practice(doctor_id, await a_clinic(), by=SYSTEM)
    known = await find_doctor_of_user(asha.id)
    assert known is not None and not known.is_approved
    slug = known.slug

    for question in (practice_by_slug(slug), practice_of_doctor(doctor_id)):
        with pytest.raises(NoSuchDoctor):
            await question
    with pytest.raises(NoOpenPractice):
        await practice_of_user(asha.id)
    assert await listed_slugs() == []

    await approve(doctor_id, by=SYSTEM)
    await approve(doctor_id, by=SYSTEM)

    assert (await practice_by_slug(slug)).id == practice_id
    assert await listed_slugs() == [slug]
    assert [event.name for event in await events_of(doctor_id)] == ["DOCTOR_APPLIED", "DOCTOR_APPROVED"]


async def test_an_account_applies_once() -> None:
    asha = await a_patient()
    await apply_as_doctor(asha.id, name="Dr Asha", speciality="dentistry", by=SYSTEM)

    with pytest.raises(DoctorAlready):
        await apply_as_doctor(asha.id, name="Dr Asha", speciality="dentistry", by=SYSTEM)


async def test_namesakes_get_addresses_of_their_own_also_at_once() -> None:
    people = [await a_patient(f"Asha {n}") for n in range(4)]

    ids = await asyncio.gather(
        *(apply_as_doctor(one.id, name="Dr Asha Patil", speciality="ent", by=SYSTEM) for one in people)
    )

    known = [await find_doctor_of_user(one.id) for one in people]
    slugs = {one.slug for one in known if one is not None and one.id in ids}
    assert len(slugs) == 4
    assert "dr-asha-patil" in slugs


@pytest.mark.parametrize("text", ["", "magic", "dentistry; drop table"])
async def test_an_unknown_speciality_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        await apply_as_doctor(uuid4(), name="Dr Nobody", speciality=text, by=SYSTEM)

    assert set(refused.value.fields) == {"specialization"}


def test_a_speciality_is_known_however_its_words_are_joined() -> None:
    for text in ("general_medicine", "General medicine", " GENERAL-MEDICINE "):
        assert speciality_key(text) == "general_medicine"
    assert all(speciality_key(key) == key for key in SPECIALITIES)


def test_addresses_are_plain() -> None:
    assert slug_of("Dr. Zoë  O'Brien") == "dr-zoe-o-brien"
    assert slug_of("डॉ मीरा") == "doctor"
    assert len(slug_of("x" * 200)) == 60


async def test_one_practice_of_a_doctor_is_shown_and_an_inactive_one_never() -> None:
    meera = await a_doctor()
    second = await add_practice(meera.doctor_id, await a_clinic("Second"), by=SYSTEM)
    assert (await practice_of_doctor(meera.doctor_id)).id == meera.practice_id
    assert await listed_slugs() == [meera.slug]

    await execute("UPDATE practices SET is_active = false WHERE id = $1", meera.practice_id)

    assert (await practice_of_doctor(meera.doctor_id)).id == second
    assert await practices_of_clinic(meera.clinic_id) == []


async def test_the_first_service_in_person_counts_when_nobody_chose() -> None:
    meera = await a_doctor()
    video = await add_service(
        meera.practice_id, name="Video", duration_minutes=15, fee_paise=0, mode="video", by=SYSTEM
    )
    assert [service.id for service in await services_of(meera.practice_id)] == [meera.service_id, video]
    assert (await default_service(meera.practice_id)).id == meera.service_id

    await execute("UPDATE services SET retired_at = now() WHERE id = $1", meera.service_id)
    assert (await default_service(meera.practice_id)).id == video
    with pytest.raises(NoSuchService):
        await get_service(meera.service_id, practice_id=meera.practice_id)

    await execute("UPDATE services SET retired_at = now() WHERE id = $1", video)
    with pytest.raises(NoSuchService):
        await default_service(meera.practice_id)


async def test_a_service_of_another_practice_is_not_found() -> None:
    meera, arjun = await a_doctor(), await a_doctor("Dr Arjun")

    with pytest.raises(NoSuchService):
        await get_service(arjun.service_id, practice_id=meera.practice_id)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"duration_minutes": 4}, "duration_minutes"),
        ({"fee_paise": 99}, "fee_paise"),
        ({"fee_paise": -100}, "fee_paise"),
        ({"fee_paise": 50_000_001}, "fee_paise"),
        ({"mode": "by post"}, "mode"),
    ],
)
async def test_a_service_that_makes_no_sense_is_refused(wrong: dict[str, object], field: str) -> None:
    meera = await a_doctor()
    sense: dict[str, object] = {"name": "X", "duration_minutes": 30, "fee_paise": 100, "mode": "in_person"}

    with pytest.raises(Invalid) as refused:
        await add_service(meera.practice_id, by=SYSTEM, **{**sense, **wrong})  # type: ignore[arg-type]

    assert set(refused.value.fields) == {field}


async def test_a_clinic_that_makes_no_sense_is_refused_at_every_field() -> None:
    with pytest.raises(Invalid) as refused:
        await add_clinic(
            slug="x",
            name="",
            address="",
            city="",
            pincode="01234",
            phone="",
            time_zone="Mars/Base",
            by=SYSTEM,
        )

    assert set(refused.value.fields) == {"name", "pincode", "time_zone"}


async def test_a_profile_is_written_and_too_much_of_it_refused() -> None:
    meera = await a_doctor()
    lines = {"designation": "Physician", "qualifications": "MBBS", "registration_number": "1"}

    await change_profile(meera.doctor_id, **lines, about="Fevers", languages=["Hindi"], by=SYSTEM)
    assert (await doctor_shown(meera.slug, viewer_id=None)).doctor.languages == ["Hindi"]

    with pytest.raises(Invalid) as refused:
        lines["designation"] = "x" * 121
        await change_profile(meera.doctor_id, **lines, about="x" * 4001, languages=[], by=SYSTEM)
    assert set(refused.value.fields) == {"designation", "about"}


async def test_reception_works_for_one_clinic_and_can_move() -> None:
    first, second = await a_clinic(), await a_clinic("Second")
    sunita = await a_receptionist(first)
    assert await clinic_of_staff(sunita.id) == first

    await join_staff(sunita.id, second, by=SYSTEM)

    assert await clinic_of_staff(sunita.id) == second
    with pytest.raises(NotFound):
        await clinic_of_staff(UUID(int=1))


async def test_a_patient_is_no_doctor() -> None:
    asha = await a_patient()

    assert await find_doctor_of_user(asha.id) is None
    with pytest.raises(NoOpenPractice):
        await practice_of_user(asha.id)


async def test_services_keep_their_order() -> None:
    meera = await a_doctor()
    await a_service(meera.practice_id, name="Second", position=1)

    assert [service.name for service in await services_of(meera.practice_id)] == ["Consultation", "Second"]
