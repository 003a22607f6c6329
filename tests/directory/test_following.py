"""Following doctors: once each, counted right whoever presses when."""

import asyncio

import pytest

from app.db.engine import execute, fetch_value
from app.directory.errors import NoSuchDoctor
from app.directory.queries import doctor_shown, followed_by
from app.directory.services import add_practice, follow, rate, unfollow
from app.events.actor import SYSTEM
from app.events.queries import events_of
from tests.booking.visits import acting
from tests.factories import NOBODY, Cast, CastDoctor, a_clinic, a_doctor, a_patient


async def _follow(doctor: CastDoctor, person: Cast) -> None:
    await follow(doctor.doctor_id, user_id=person.id, by=acting(person))


async def _unfollow(doctor: CastDoctor, person: Cast) -> None:
    await unfollow(doctor.doctor_id, user_id=person.id, by=acting(person))


async def _followed(person: Cast) -> list[tuple[str, bool]]:
    return [(one.practice.doctor_name, one.is_open) for one in await followed_by(person.id)]


async def _counted(doctor: CastDoctor) -> int:
    shown = await doctor_shown(doctor.slug, viewer_id=None)
    rows = await fetch_value("SELECT count(*) FROM follows WHERE doctor_id = $1", doctor.doctor_id)
    assert shown.practice.followers_count == rows
    return shown.practice.followers_count


async def test_following_and_unfollowing_twice_is_once() -> None:
    meera, asha = await a_doctor(), await a_patient()

    for _again in range(2):
        await _follow(meera, asha)
    assert await _counted(meera) == 1
    assert [one.practice.doctor_id for one in await followed_by(asha.id)] == [meera.doctor_id]
    for _again in range(2):
        await _unfollow(meera, asha)

    assert await _counted(meera) == 0
    assert [event.name for event in await events_of(meera.doctor_id)] == [
        "DOCTOR_FOLLOWED",
        "DOCTOR_UNFOLLOWED",
    ]


async def test_the_page_of_a_doctor_knows_who_looks() -> None:
    meera, asha, vikram = await a_doctor(), await a_patient(), await a_patient("Vikram")
    await _follow(meera, asha)

    seen = [(await doctor_shown(meera.slug, viewer_id=who)).is_followed for who in (asha.id, vikram.id, None)]

    assert seen == [True, False, False]


async def test_those_followed_are_listed_by_name_each_once_seen_or_not() -> None:
    asha = await a_patient()
    doctors = [await a_doctor(name) for name in ("Dr C", "Dr A", "Dr B")]
    for doctor in doctors:
        await _follow(doctor, asha)

    assert await _followed(asha) == [("Dr A", True), ("Dr B", True), ("Dr C", True)]
    await _unfollow(doctors[0], asha)
    await add_practice(doctors[1].doctor_id, await a_clinic("Second"), by=SYSTEM)
    for doctor in doctors[1:]:
        await execute("UPDATE practices SET is_active = false WHERE id = $1", doctor.practice_id)
    assert await _followed(asha) == [("Dr A", True), ("Dr B", False)], "Dr A has another open practice"
    assert await followed_by((await a_patient("Vikram")).id) == []


async def test_nobody_follows_a_doctor_who_cannot_be_seen() -> None:
    hidden, asha = await a_doctor(approved=False), await a_patient()

    with pytest.raises(NoSuchDoctor):
        await _follow(hidden, asha)
    for act in (follow, unfollow):
        with pytest.raises(NoSuchDoctor):
            await act(NOBODY, user_id=asha.id, by=acting(asha))


async def test_many_who_follow_at_once_are_all_counted() -> None:
    meera = await a_doctor()
    people = [await a_patient(f"Asha {n}") for n in range(8)]

    await asyncio.gather(*(_follow(meera, one) for one in people for _twice in range(2)))
    assert await _counted(meera) == 8
    await asyncio.gather(*(_unfollow(meera, one) for one in people[:5] for _twice in range(2)))

    assert await _counted(meera) == 3


async def test_one_who_follows_and_unfollows_at_once_is_counted_as_listed() -> None:
    meera, asha = await a_doctor(), await a_patient()

    for _round in range(3):
        await asyncio.gather(*(act(meera, asha) for _n in range(4) for act in (_follow, _unfollow)))
        assert await _counted(meera) in (0, 1)


async def test_counting_by_reading_first_loses_followers() -> None:
    """What the count would come to if it were read, then written: the reason for the one UPDATE."""
    meera = await a_doctor()

    async def follow_by_reading() -> None:
        count = await fetch_value("SELECT followers_count FROM doctors WHERE id = $1", meera.doctor_id)
        await asyncio.sleep(0.05)
        await execute("UPDATE doctors SET followers_count = $2 WHERE id = $1", meera.doctor_id, count + 1)

    await asyncio.gather(*(follow_by_reading() for _n in range(6)))

    assert await fetch_value("SELECT followers_count FROM doctors WHERE id = $1", meera.doctor_id) < 6


async def test_the_average_is_made_of_stars_given_also_at_once() -> None:
    meera = await a_doctor()

    await asyncio.gather(*(rate(meera.doctor_id, stars=stars, count=1) for stars in (5, 4, 4)))
    assert (await doctor_shown(meera.slug, viewer_id=None)).practice.rating == 4.3
    await rate(meera.doctor_id, stars=-13, count=-3)

    practice = (await doctor_shown(meera.slug, viewer_id=None)).practice
    assert (practice.rating, practice.reviews_count) == (None, 0)
    with pytest.raises(NoSuchDoctor):
        await rate(NOBODY, stars=1, count=1)
