"""Finding doctors: by words, by filters, in four orders, page by page."""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from app import clock
from app.booking.queries import find_doctors, next_free
from app.db.engine import execute, fetch_value
from app.directory.queries import Asked, choices, listed_slugs, only_doctor
from app.directory.rules import SORTS
from app.directory.services import (
    add_practice,
    add_service,
    approve,
    change_clinic,
    change_profile,
    change_service,
    relist_stale,
    retire_service,
)
from app.directory.specialities import SPECIALITY_WORDS
from app.events.actor import SYSTEM
from tests.booking.visits import hold_for
from tests.factories import KOLKATA, CastDoctor, a_clinic, a_doctor, a_patient, a_service, a_slot, clinic_day


async def _found(*, page: int = 1, page_size: int = 20, **asked: Any) -> list[str]:
    found = await find_doctors(Asked(**asked), page=page, page_size=page_size, now=clock.now())
    return [one.practice.doctor_name for one in found.items]


async def _count(doctor: CastDoctor, *, followers: int = 0, stars: Sequence[int] = ()) -> None:
    await execute(
        "UPDATE doctors SET followers_count = $2, reviews_count = $3, stars_total = $4 WHERE id = $1",
        doctor.doctor_id,
        followers,
        len(stars),
        sum(stars),
    )


async def test_a_doctor_is_found_by_name_speciality_clinic_city_and_service() -> None:
    clinic = await a_clinic("Sanjeevani Polyclinic", city="Nagpur")
    meera = await a_doctor("Dr Meera Kulkarni", clinic_id=clinic, speciality="cardiology")
    await a_service(meera.practice_id, name="Echocardiogram", position=1)
    await a_doctor("Dr Arjun Rao", speciality="dentistry")

    for words in ("meera", "Kulkarni", "DR. MEERA", "heart", "cardiologist", "हृदय रोग", "sanjeevani"):
        assert await _found(q=words) == ["Dr Meera Kulkarni"], words
    for words in ("nagpur", "echo", "meera nagpur", "cardiologist in Nagpur", "kulkarni heart sanj"):
        assert await _found(q=words) == ["Dr Meera Kulkarni"], words
    assert await _found(q="meera dentist") == []


async def test_the_beginning_of_a_word_is_enough() -> None:
    await a_doctor("Dr Meera Kulkarni")

    for end in range(1, len("kulkarni") + 1):
        assert await _found(q="kulkarni"[:end]) == ["Dr Meera Kulkarni"]
    assert await _found(q="ulkarni") == ["Dr Meera Kulkarni"], "one letter is missing"
    assert await _found(q="lkarni") == []


@pytest.mark.parametrize(
    "typed",
    ["kulkarmi", "kulkari", "kulkaarni", "kuklarni", "julkarni", "ukulkarni", "kulkarnii", "ukLKARNI"],
)
async def test_one_letter_wrong_missing_too_many_or_swapped_is_found(typed: str) -> None:
    await a_doctor("Dr Meera Kulkarni")
    await a_doctor("Dr Arjun Rao")

    assert await _found(q=typed) == ["Dr Meera Kulkarni"]
    assert await _found(q=f"{typed[0]}x{typed[1]}x{typed[2:]}") == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("skin specialist", "dermatology"),
        ("heart specialist", "cardiology"),
        ("eye surgeon", "ophthalmology"),
        ("eye hospital", "ophthalmology"),
        ("child specialist", "paediatrics"),
        ("kids doctor", "paediatrics"),
        ("skin problem", "dermatology"),
        ("knee pain", "orthopaedics"),
        ("best dermatologist pune city", "dermatology"),
        ("dermatologist zzzz", "dermatology"),
        ("i need a good skin doctor", "dermatology"),
        ("त्वचा रोग विशेषज्ञ", "dermatology"),
        ("दंत चिकित्सक", "dentistry"),
    ],
)
async def test_people_find_doctors_by_how_they_speak(typed: str, found: str) -> None:
    for key in SPECIALITY_WORDS:
        await a_doctor(f"Dr {key}", speciality=key)

    assert await _found(q=typed, page_size=100) == [f"Dr {found}"]


async def test_words_that_all_write_leave_out_nobody_and_put_first_who_has_them() -> None:
    for key in SPECIALITY_WORDS:
        await a_doctor(f"Dr {key}", speciality=key)

    found = await _found(q="lady doctor", page_size=100)

    assert found[0] == "Dr gynaecology"
    assert len(found) == len(await _found(q="best specialist", page_size=100)) == len(SPECIALITY_WORDS)


async def test_a_hospital_is_found_by_its_whole_name() -> None:
    lotus = await a_doctor("Dr Asha", clinic_id=await a_clinic("Lotus Hospital"))
    named = await a_doctor("Dr Lotus")
    await a_doctor("Dr Bina", clinic_id=await a_clinic("City Hospital"))
    await _count(named, followers=10)

    assert await _found(q="Lotus Hospital") == [lotus.name, named.name]
    assert (await _found(q="city hospital"))[0] == "Dr Bina"


async def test_a_word_that_stands_with_nobody_counts_as_not_written_unless_all_do() -> None:
    await a_doctor("Dr Meera Kulkarni")
    await a_doctor("Dr Arjun Rao")

    assert await _found(q="meera xylophone") == ["Dr Meera Kulkarni"]
    assert await _found(q="meera rao") == [], "both stand with somebody, though not together"
    for nonsense in ("zzzz", "zzzz xylophone", "zzzz hospital", "😀", "%"):
        assert await _found(q=nonsense) == [], nonsense


@pytest.mark.parametrize("typed", ["Rao", "raoo", "raao", "roa"])
async def test_a_short_name_is_found_by_a_slip_and_does_not_stand_for_any(typed: str) -> None:
    for name in ("Dr Arjun Rao", "Dr Bina Das", "Dr Chitra Roy", "Dr Dev Rai"):
        await a_doctor(name)

    assert await _found(q=typed) == ["Dr Arjun Rao"]
    assert await _found(q="daas") == ["Dr Bina Das"]


async def test_every_speciality_is_found_by_its_english_and_hindi_words() -> None:
    for key in SPECIALITY_WORDS:
        await a_doctor(f"Dr {key}", speciality=key)

    for key, one in SPECIALITY_WORDS.items():
        for words in (one.name, one.hindi, *one.words.split()):
            assert f"Dr {key}" in await _found(q=words, page_size=100), words


async def test_a_whole_name_comes_before_its_beginning_a_place_and_a_slip() -> None:
    await a_doctor("Dr Asha Shar")
    await a_doctor("Dr Bina Sharma")
    await a_doctor("Dr Chitra", clinic_id=await a_clinic("Shar Clinic"))
    star = await a_doctor("Dr Farid Star")
    await _count(star, followers=1000)

    assert await _found(q="shar") == ["Dr Asha Shar", "Dr Bina Sharma", "Dr Chitra", "Dr Farid Star"]
    assert (await _found(q="shar", sort="popularity"))[0] == "Dr Farid Star"


async def test_filters_narrow_together() -> None:
    await a_doctor("Dr A", city="Pune", speciality="ent", languages=["Hindi", "Marathi"], fee_paise=30_000)
    await a_doctor("Dr B", city="pune", speciality="ent", languages=["English"], fee_paise=50_000)
    await a_doctor("Dr C", city="Delhi", speciality="ent", languages=["HINDI"], fee_paise=70_000)
    await a_doctor("Dr D", city="New Delhi", speciality="oncology", fee_paise=0)

    assert await _found(city="PUNE", sort="fee") == ["Dr A", "Dr B"]
    assert await _found(city=" new-delhi ") == ["Dr D"]
    assert await _found(city="delhi") == ["Dr C"], "New Delhi is another city"
    assert await _found(language="hindi", sort="fee") == ["Dr A", "Dr C"]
    assert await _found(speciality="ent", sort="fee") == ["Dr A", "Dr B", "Dr C"]
    assert await _found(max_fee_paise=50_000, sort="fee") == ["Dr D", "Dr A", "Dr B"]
    assert await _found(max_fee_paise=0) == ["Dr D"]
    assert await _found(city="Pune", language="Hindi", speciality="ent", max_fee_paise=30_000) == ["Dr A"]
    for nothing in ({"city": "%"}, {"language": "\x00"}, {"speciality": "magic"}, {"max_fee_paise": -1}):
        assert await _found(**nothing) == [], nothing


async def test_a_doctor_without_services_is_found_last_by_fee_and_by_no_limit() -> None:
    none, dear = await a_doctor("Dr None"), await a_doctor("Dr Dear", fee_paise=500_000)
    await retire_service(none.service_id, practice_id=none.practice_id, by=SYSTEM)

    assert await _found(sort="fee") == ["Dr Dear", "Dr None"]
    assert await _found(max_fee_paise=10**15) == ["Dr Dear"]
    assert dear.slug in await listed_slugs()


async def test_the_fee_that_counts_is_that_of_the_first_service_in_person() -> None:
    meera = await a_doctor(fee_paise=60_000)
    await a_service(meera.practice_id, name="Video", fee_paise=10_000, position=-1, mode="video")

    assert await _found(max_fee_paise=10_000) == []
    assert await _found(max_fee_paise=60_000) == ["Dr Meera"]


async def test_four_orders_with_what_is_missing_last() -> None:
    popular, rated, cheap, soon = [await a_doctor(f"Dr {n}") for n in ("Popular", "Rated", "Cheap", "Soon")]
    await _count(popular, followers=9, stars=[4, 4, 4])
    await _count(rated, stars=[5, 4])
    await _count(cheap, followers=1, stars=[3, 4])
    await a_slot(soon, days_ahead=1)
    await a_slot(popular, days_ahead=2)
    await execute("UPDATE listings SET fee_paise = NULL WHERE doctor_id = $1", soon.doctor_id)
    await execute("UPDATE listings SET fee_paise = 1 WHERE doctor_id = $1", cheap.doctor_id)

    assert (await _found(sort="popularity"))[:2] == ["Dr Popular", "Dr Cheap"]
    assert await _found() == await _found(sort="popularity")
    assert await _found(sort="rating") == ["Dr Rated", "Dr Popular", "Dr Cheap", "Dr Soon"]
    assert (await _found(sort="fee"))[0] == "Dr Cheap"
    assert (await _found(sort="fee"))[-1] == "Dr Soon"
    assert (await _found(sort="soonest"))[:2] == ["Dr Soon", "Dr Popular"]


async def test_who_has_the_same_rating_on_the_page_is_in_the_order_of_ids() -> None:
    doctors = sorted([await a_doctor(f"Dr {n}") for n in range(3)], key=lambda one: one.doctor_id)
    for doctor, stars in zip(doctors, ([5] * 9 + [4] * 11, [5, 4], [5] * 11 + [4] * 9), strict=True):
        await _count(doctor, stars=stars)
    await _count(last := await a_doctor("Dr Last"))

    found = await find_doctors(Asked(sort="rating"), page=1, page_size=20, now=clock.now())

    assert [one.practice.rating for one in found.items] == [4.6, 4.5, 4.5, None]
    assert [one.practice.doctor_id for one in found.items] == [
        doctors[2].doctor_id,
        doctors[0].doctor_id,
        doctors[1].doctor_id,
        last.doctor_id,
    ]


@pytest.mark.parametrize("sort", [None, *SORTS])
async def test_equal_doctors_keep_their_places_from_page_to_page(sort: Any) -> None:
    doctors = sorted([await a_doctor(f"Dr {n}") for n in range(7)], key=lambda one: one.doctor_id)

    pages = [await _found(page=page, page_size=3, sort=sort) for page in (1, 2, 3, 4)]

    assert [name for page in pages for name in page] == [one.name for one in doctors]
    assert [len(page) for page in pages] == [3, 3, 1, 0]


async def test_a_page_knows_how_many_there_are_also_beyond_the_last() -> None:
    for n in range(5):
        await a_doctor(f"Dr {n}")

    for page in (1, 3, 9):
        found = await find_doctors(Asked(), page=page, page_size=2, now=clock.now())
        assert (found.total, found.pages) == (5, 3)
    nobody = await find_doctors(Asked(q="zzzz"), page=1, page_size=2, now=clock.now())
    assert (nobody.items, nobody.total, nobody.pages) == ([], 0, 1)


async def test_who_is_found_comes_with_services_and_the_next_free_time() -> None:
    meera = await a_doctor(minutes=30)
    await a_service(meera.practice_id, name="Second", position=1)
    await a_slot(meera, at="10:00")
    now = clock.now()

    one = (await find_doctors(Asked(), page=1, page_size=20, now=now)).items[0]

    assert [service.name for service in one.services] == ["Consultation", "Second"]
    assert one.service == one.services[0]
    assert one.services[0].id == meera.service_id
    assert one.next_free_at == (await next_free([meera.practice_id], now=now))[meera.practice_id]


async def test_the_day_filter_takes_only_times_a_patient_may_book() -> None:
    names = ("Free", "Taken", "Kept", "Short", "Too soon", "Too far", "Other day")
    doctors = {name: await a_doctor(f"Dr {name}") for name in names}
    slots = {
        name: await a_slot(doctor) for name, doctor in doctors.items() if name not in ("Short", "Other day")
    }
    await a_slot(doctors["Short"], minutes=15)
    await a_slot(doctors["Other day"], days_ahead=2)
    await hold_for(await a_patient(), slots["Taken"], doctors["Taken"])
    await execute("UPDATE slots SET is_kept = true WHERE id = $1", slots["Kept"])
    policies = {"Too soon": "lead_minutes = 4320", "Too far": "calendar_days = 1"}
    for name, policy in policies.items():
        await execute(f"UPDATE practices SET {policy} WHERE id = $1", doctors[name].practice_id)
    far = await a_slot(doctors["Too far"], days_ahead=3)
    assert far

    assert await _found(on=clinic_day(1), q="free") == ["Dr Free"]
    assert sorted(await _found(on=clinic_day(1))) == ["Dr Free", "Dr Too far"]
    assert await _found(on=clinic_day(2)) == ["Dr Other day"]
    assert await _found(on=clinic_day(3)) == []
    assert await _found(on=clinic_day(-1)) == []
    soonest = await _found(sort="soonest")
    assert set(soonest[:2]) == {"Dr Free", "Dr Too far"}
    assert soonest[2] == "Dr Other day"


async def test_with_a_day_who_is_found_comes_with_the_first_free_time_of_it() -> None:
    meera = await a_doctor()
    await a_slot(meera, days_ahead=1)
    for at in ("11:00", "10:30"):
        await a_slot(meera, days_ahead=2, at=at)
    now = clock.now()

    (that_day,) = (await find_doctors(Asked(on=clinic_day(2)), page=1, page_size=20, now=now)).items
    (any_day,) = (await find_doctors(Asked(), page=1, page_size=20, now=now)).items

    first = clock.at(clinic_day(2), time(10, 30), KOLKATA)
    assert (that_day.free_that_day_at, any_day.free_that_day_at) == (first, None)
    assert that_day.next_free_at == any_day.next_free_at == clock.at(clinic_day(1), time(10), KOLKATA)


async def test_a_lapsed_hold_leaves_the_time_free() -> None:
    meera = await a_doctor()
    held = await hold_for(await a_patient(), await a_slot(meera), meera)
    assert held.hold_expires_at is not None
    later = held.hold_expires_at + timedelta(seconds=1)

    before = await find_doctors(Asked(on=clinic_day()), page=1, page_size=20, now=clock.now())
    after = await find_doctors(Asked(on=clinic_day()), page=1, page_size=20, now=later)

    assert (before.total, after.total) == (0, 1)


async def test_each_change_shows_at_once() -> None:
    meera = await a_doctor("Dr Meera", approved=False)
    assert await _found() == []
    await approve(meera.doctor_id, by=SYSTEM)
    assert await _found(q="meera") == ["Dr Meera"]

    await add_service(meera.practice_id, name="Vaccination", duration_minutes=15, fee_paise=20_000, by=SYSTEM)
    assert await _found(q="vaccination") == ["Dr Meera"]
    terms: dict[str, Any] = {"description": "", "category": "", "mode": "in_person", "is_taxable": False}
    await change_service(
        meera.service_id,
        practice_id=meera.practice_id,
        name="Review visit",
        duration_minutes=15,
        fee_paise=12_300,
        by=SYSTEM,
        **terms,
    )
    assert await _found(q="review", max_fee_paise=12_300) == ["Dr Meera"]
    lines = {"designation": "", "qualifications": "", "registration_number": "", "about": ""}
    await change_profile(meera.doctor_id, languages=["Konkani"], by=SYSTEM, **lines)
    assert await _found(language="konkani") == ["Dr Meera"]
    await change_clinic(
        meera.clinic_id,
        name="Aarogya",
        address="x",
        city="Panaji",
        pincode="403001",
        phone="+912012345678",
        opening_text="",
        calendar_days=60,
        lead_minutes=0,
        walk_in_percent=0,
        by=SYSTEM,
    )
    assert await _found(q="aarogya", city="panaji") == ["Dr Meera"]
    assert await _found(city="Pune") == []


async def test_a_doctor_of_two_practices_is_listed_at_the_first_and_then_at_the_next() -> None:
    meera = await a_doctor()
    await add_practice(meera.doctor_id, await a_clinic("Second", city="Goa"), by=SYSTEM)
    assert await _found(city="Goa") == []

    await execute("UPDATE practices SET is_active = false WHERE id = $1", meera.practice_id)
    assert await _found() == [], "not shown even before the listings are written anew"
    assert await relist_stale() == 1

    assert await _found(city="Goa") == ["Dr Meera"]
    assert await relist_stale() == 0


async def test_listings_of_an_older_version_and_missing_ones_are_written_anew() -> None:
    for name in ("Dr Ancient", "Dr Missing", "Dr Present"):
        await a_doctor(name)
    await a_doctor("Dr Hidden", approved=False)
    await execute("UPDATE listings SET version = 0, words = '' WHERE words @@ 'ancient'::tsquery")
    await execute("DELETE FROM listings WHERE words @@ 'missing'::tsquery")
    assert sorted(await _found()) == ["Dr Ancient", "Dr Present"]

    assert await relist_stale() == 2

    assert await _found(q="ancient") == ["Dr Ancient"]
    assert await _found(q="missing") == ["Dr Missing"]
    assert await fetch_value("SELECT count(*) FROM listings") == 3


async def test_the_boxes_offer_each_city_and_language_once() -> None:
    assert (await choices()).cities == (await choices()).languages == []
    await a_doctor(city="Pune", languages=["hindi", "Marathi"])
    await a_doctor(city="pune", languages=["Hindi"])
    await a_doctor(city="Agra")
    await a_doctor(city="Delhi", languages=["Urdu"], approved=False)

    found = await choices()

    assert (found.cities, found.languages) == (["Agra", "Pune"], ["Hindi", "Marathi"])


async def test_a_house_of_one_doctor_knows_it() -> None:
    assert await only_doctor() is None
    meera = await a_doctor()
    assert await only_doctor() == meera.slug
    await a_doctor("Dr Hidden", approved=False)
    assert await only_doctor() == meera.slug
    await a_doctor("Dr Arjun")
    assert await only_doctor() is None


@trying(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.text(max_size=300), city=st.text(max_size=20), language=st.text(max_size=20))
async def test_any_question_is_answered(q: str, city: str, language: str) -> None:
    now = clock.now()

    for asked in (Asked(q), Asked(city=city), Asked(language=language), Asked(q, city=city, sort="soonest")):
        found = await find_doctors(asked, page=1, page_size=20, now=now)
        assert found.total == 0
