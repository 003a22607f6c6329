"""Followers hear of new days: in one letter, once a day at most, and only of what they can still book."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest

from app import clock
from app.accounts.queries import get_user
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_value, transaction
from app.directory.queries import practice_of_doctor
from app.directory.services import follow, unfollow
from app.events import names
from app.events.queries import get_event
from app.events.services import publish
from app.notifications import followers, new_days
from app.notifications.new_days import GATHER_FOR, TELL, look_for_new_days, tell_followers
from app.notifications.services import SEND, TO_MANY, send_letter, write_letter
from app.scheduling.services import offer
from app.web.filters import day
from tests.booking.visits import a_visit, acting
from tests.factories import KOLKATA, Cast, CastDoctor, a_doctor, a_patient, a_slot, clinic_day, run_jobs
from tests.notifications.office import eventually, html_of, text_of, words_of
from tests.surroundings import PostOffice


@pytest.fixture(autouse=True)
async def real_time_again() -> AsyncIterator[None]:
    """Tests here let time pass for everybody."""
    yield
    await set_clock(None)


async def a_follower(doctor: CastDoctor, name: str = "Asha", *, verified: bool = True) -> Cast:
    person = await a_patient(name, verified=verified)
    await follow(doctor.doctor_id, user_id=person.id, by=acting(person))
    return person


async def opened(doctor: CastDoctor, *days: date) -> UUID:
    """The doctor offers a time on each of the days, as the calendar tells of it; gives the event's id."""
    for on in days:
        await a_slot(doctor, starts_at=datetime.combine(on, time(10), tzinfo=KOLKATA))
    async with transaction():
        return await publish(
            names.DAYS_OPENED,
            doctor.practice_id,
            by=acting(doctor),
            facts={"doctor_id": doctor.doctor_id, "days": [one.isoformat() for one in days]},
        )


def coming(*days_ahead: int) -> list[date]:
    """Days of the clinic counted from today: asked for once, because time passes in these tests."""
    return [clinic_day(number) for number in days_ahead]


async def later(how_long: timedelta) -> None:
    """Time passes, the schedule comes round, and the worker does what is due."""
    await set_clock(clock.now() + how_long)
    await look_for_new_days()
    await run_jobs()


def told_days(post_office: PostOffice, person: Cast) -> list[list[str]]:
    """The days of each letter about new days to somebody."""
    letters = [one for one in post_office.to(person.email) if "to book" in str(one["Subject"])]
    return [
        [line.removeprefix("- ") for line in text_of(one).splitlines() if line.startswith("- ")]
        for one in letters
    ]


def said(*days: date) -> list[str]:
    return [day(one) for one in days]


async def letters_by_reader() -> dict[UUID, int]:
    rows = await fetch(
        "SELECT recipient_id, count(*) AS letters FROM letters WHERE kind = 'new_days' GROUP BY 1"
    )
    return {row["recipient_id"]: row["letters"] for row in rows}


async def test_followers_hear_some_minutes_later_of_all_days_in_one_letter(post_office: PostOffice) -> None:
    doctor, other = await a_doctor(), await a_doctor("Dr Arjun")
    asha, _vikram = await a_follower(doctor), await a_follower(other, "Vikram")
    third, fourth, fifth = coming(3, 4, 5)
    await opened(doctor, fifth, third)
    await later(GATHER_FOR - timedelta(seconds=30))
    early = list(post_office.letters)
    await opened(doctor, fourth)
    await later(GATHER_FOR - timedelta(seconds=30))
    still_early = list(post_office.letters)

    await later(timedelta(minutes=1))

    (letter,) = post_office.letters
    assert early == still_early == []
    assert letter["To"] == asha.email
    days = said(third, fourth, fifth)
    assert told_days(post_office, asha) == [days]
    for form in (text_of(letter), words_of(letter)):
        assert "Dr Meera has opened new days:" in form
        assert f"/doctors/{doctor.slug}" in form
        assert "because you follow Dr Meera" in form and "press Unfollow" in form
        assert all(one in form for one in days)
    assert "visit booked" not in html_of(letter)


async def test_days_offered_by_hand_are_heard_of_too(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    asha = await a_follower(doctor)
    practice, on = await practice_of_doctor(doctor.doctor_id), clinic_day(6)
    await offer(practice, on, ["10:00", "11:00"], duration_minutes=30, by=acting(doctor))
    await later(GATHER_FOR)
    await offer(practice, on, ["12:00"], duration_minutes=30, by=acting(doctor))
    await later(timedelta(hours=25))

    assert told_days(post_office, asha) == [said(on)], "another time of that day is no new day"


async def test_the_schedule_that_comes_round_again_tells_nobody_twice(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    asha = await a_follower(doctor)
    event_id = await opened(doctor, clinic_day(3))
    await later(GATHER_FOR)

    await asyncio.gather(*(tell_followers({"event_id": str(event_id)}) for _time in range(3)))
    for _day in range(3):
        await later(timedelta(hours=20))

    assert len(told_days(post_office, asha)) == 1


async def test_what_opens_within_a_day_of_a_letter_waits_and_is_told_together(
    post_office: PostOffice,
) -> None:
    doctor = await a_doctor()
    asha = await a_follower(doctor)
    first, second, third = coming(10, 11, 12)
    await opened(doctor, first)
    await later(GATHER_FOR)
    await opened(doctor, second)
    await later(timedelta(hours=5))
    await opened(doctor, third)
    await later(timedelta(hours=18))
    assert told_days(post_office, asha) == [said(first)], "23 hours are no day"

    await later(timedelta(hours=1, minutes=1))

    assert told_days(post_office, asha) == [said(first), said(second, third)]


async def test_a_day_is_counted_for_each_doctor_and_follower(post_office: PostOffice) -> None:
    doctor, other = await a_doctor(), await a_doctor("Dr Arjun")
    asha = await a_follower(doctor)
    await follow(other.doctor_id, user_id=asha.id, by=acting(asha))
    await opened(doctor, clinic_day(3))
    await later(GATHER_FOR)
    vikram = await a_follower(doctor, "Vikram")
    fourth, fifth = coming(4, 5)
    await opened(other, fourth)
    await opened(doctor, fifth)
    await later(GATHER_FOR)

    assert [len(told_days(post_office, one)) for one in (asha, vikram)] == [2, 1]
    assert told_days(post_office, vikram) == [said(fifth)], "only what opened since they follow"


async def test_who_cannot_or_will_not_hear_hears_nothing(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    await a_follower(doctor, "Unconfirmed", verified=False)
    blocked, gone = await a_follower(doctor, "Blocked"), await a_follower(doctor, "Gone")
    await execute("UPDATE users SET blocked_at = $2 WHERE id = $1", blocked.id, clock.now())
    await unfollow(doctor.doctor_id, user_id=gone.id, by=acting(gone))
    await opened(doctor, clinic_day(3))
    late = await a_follower(doctor, "Late")

    await later(GATHER_FOR)

    assert post_office.letters == []
    assert late.id not in await letters_by_reader(), "the page showed those days when they followed"


async def test_a_doctor_who_cannot_be_found_any_more_is_not_told_of(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    await a_follower(doctor)
    await opened(doctor, clinic_day(3))
    await execute("DELETE FROM listings WHERE doctor_id = $1", doctor.doctor_id)

    await later(GATHER_FOR)

    assert post_office.letters == []


@pytest.mark.parametrize("what", ["unfollow", "block", "unlist", "withdraw", "keep", "pass"])
async def test_a_letter_that_was_overtaken_on_its_way_is_not_sent(post_office: PostOffice, what: str) -> None:
    doctor = await a_doctor()
    asha = await a_follower(doctor)
    event_id = await opened(doctor, clinic_day(3))
    await set_clock(clock.now() + GATHER_FOR)
    await tell_followers({"event_id": str(event_id)})
    assert await letters_by_reader() == {asha.id: 1}
    if what == "unfollow":
        await unfollow(doctor.doctor_id, user_id=asha.id, by=acting(asha))
    elif what == "block":
        await execute("UPDATE users SET blocked_at = $2 WHERE id = $1", asha.id, clock.now())
    elif what == "unlist":
        await execute("DELETE FROM listings WHERE doctor_id = $1", doctor.doctor_id)
    elif what == "withdraw":
        await execute("UPDATE slots SET withdrawn_at = $1, withdrawn_by = 'hand'", clock.now())
    elif what == "keep":
        await execute("UPDATE slots SET is_kept = true")
    else:
        await set_clock(clock.now() + timedelta(days=4))

    await run_jobs()

    assert post_office.letters == []
    assert await fetch_value("SELECT refused_why FROM letters") == "overtaken"
    assert await fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", SEND) == 0


async def test_only_days_that_are_still_offered_are_named(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    asha = await a_follower(doctor)
    third, fourth, fifth = coming(3, 4, 5)
    await opened(doctor, third, fourth, fifth)
    await execute(
        "UPDATE slots SET withdrawn_at = $1, withdrawn_by = 'hand' WHERE on_date = $2",
        clock.now(),
        fourth,
    )

    await later(GATHER_FOR)

    assert told_days(post_office, asha) == [said(third, fifth)]


async def test_a_day_is_named_only_if_patients_find_a_time_for_the_first_service(
    post_office: PostOffice,
) -> None:
    doctor, vikram = await a_doctor(), await a_patient("Vikram")
    asha = await a_follower(doctor)
    tomorrow, full, short, fine, too_far = coming(1, 4, 5, 6, 40)
    await opened(doctor, tomorrow, full, short, fine, too_far)
    slots = {row["on_date"]: row["id"] for row in await fetch("SELECT id, on_date FROM slots")}
    await a_visit(vikram, slots[full], doctor)
    await execute("UPDATE slots SET ends_at = starts_at + interval '5 minutes' WHERE on_date = $1", short)
    await execute("UPDATE practices SET lead_minutes = 2880, calendar_days = 30")

    await later(GATHER_FOR)

    assert told_days(post_office, asha) == [said(fine)]


async def test_of_many_days_the_first_are_named_and_the_others_counted(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    await a_follower(doctor)
    await opened(doctor, *coming(*range(1, 31)))

    await later(GATHER_FOR)

    (letter,) = post_office.letters
    assert text_of(letter).count("\n- ") == 14
    assert "and 16 more days" in text_of(letter) and "and 16 more days" in words_of(letter)


async def _many_followers(doctor: CastDoctor, count: int) -> Sequence[UUID]:
    rows = await fetch(
        """
        WITH people AS (
            INSERT INTO users (name, email, password_hash, role, email_verified_at, created_at)
            SELECT 'Follower', 'follower' || n || '@example.com', '', 'patient', $2, $2
            FROM generate_series(1, $3::int) n RETURNING id)
        INSERT INTO follows (user_id, doctor_id, created_at) SELECT id, $1, $2 FROM people RETURNING user_id
        """,
        doctor.doctor_id,
        clock.now() - timedelta(days=1),
        count,
    )
    return [row["user_id"] for row in rows]


async def test_very_many_are_told_once_each_although_the_job_dies_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doctor = await a_doctor()
    followers = await _many_followers(doctor, 1_030)
    event_id = await opened(doctor, clinic_day(3))
    await set_clock(clock.now() + GATHER_FOR)
    whole, batches = new_days.write_letters, 0

    async def dies_in_the_third(*args: object) -> None:
        nonlocal batches
        batches += 1
        await whole(*args)  # type: ignore[arg-type]
        if batches == 3:
            raise ConnectionResetError

    monkeypatch.setattr(new_days, "write_letters", dies_in_the_third)
    with pytest.raises(ConnectionResetError):
        await tell_followers({"event_id": str(event_id)})
    half = await letters_by_reader()
    await asyncio.gather(*(tell_followers({"event_id": str(event_id)}) for _worker in range(2)))

    assert len(half) == 2 * new_days.AT_ONCE, "the third batch was rolled back whole"
    assert await letters_by_reader() == dict.fromkeys(followers, 1)
    assert await fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", SEND) == len(followers)


async def test_two_openings_told_at_the_same_moment_are_one_letter_each() -> None:
    doctor = await a_doctor()
    followers = await _many_followers(doctor, 250)
    first, second = [await opened(doctor, on) for on in coming(3, 4)]
    await set_clock(clock.now() + GATHER_FOR)

    await asyncio.gather(*(tell_followers({"event_id": str(one)}) for one in (first, second) * 2))

    assert await letters_by_reader() == dict.fromkeys(followers, 1)


async def test_without_the_lock_two_openings_are_two_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    both_asked = asyncio.Barrier(2)
    whole = new_days.followers_to_tell

    async def look_together(*args: object, **kwargs: object) -> object:
        found = await whole(*args, **kwargs)  # type: ignore[arg-type]
        await both_asked.wait()
        return found

    async def no_lock(*_args: object) -> None:
        """Leaves both to look before either writes."""

    monkeypatch.setattr(new_days, "followers_to_tell", look_together)
    monkeypatch.setattr(new_days, "execute", no_lock)
    doctor = await a_doctor()
    followers = await _many_followers(doctor, 3)
    first, second = [await opened(doctor, on) for on in coming(3, 4)]
    await set_clock(clock.now() + GATHER_FOR)

    await asyncio.gather(*(tell_followers({"event_id": str(one)}) for one in (first, second)))

    assert await letters_by_reader() == dict.fromkeys(followers, 2)


async def test_an_urgent_letter_overtakes_a_thousand_to_followers(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    await _many_followers(doctor, 50)
    event_id = await opened(doctor, clinic_day(3))
    await set_clock(clock.now() + GATHER_FOR)
    await tell_followers({"event_id": str(event_id)})
    asha = await a_patient()
    await write_letter(await get_event(event_id), "known_email", asha.id)

    jobs = await fetch("SELECT priority FROM pgqueuer WHERE entrypoint = $1 ORDER BY priority, id", SEND)
    await send_letter({"letter_id": str(UUID(int=0))})

    assert "new_days" in TO_MANY
    assert [row["priority"] for row in jobs] == [-1] * 50 + [0]
    assert [letter["To"] for letter in post_office.letters] == [asha.email]


async def _asked_for(openings: Sequence[UUID]) -> list[int]:
    """Which of the openings wait for their job."""
    jobs = await fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1", TELL)
    return sorted(openings.index(UUID(json.loads(job["payload"])["event_id"])) for job in jobs)


async def test_followers_who_are_all_told_are_not_looked_through_every_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doctors = [await a_doctor(f"Dr {name}") for name in ("Meera", "Arjun", "Alone")]
    for doctor in doctors[:2]:
        await a_follower(doctor)
    openings = [await opened(doctor, clinic_day(30)) for doctor in doctors]
    questions = 0
    whole = followers.fetch

    async def counted(*args: object) -> object:
        nonlocal questions
        questions += 1
        return await whole(*args)  # type: ignore[arg-type]

    await later(GATHER_FOR)
    assert len(await letters_by_reader()) == 2
    monkeypatch.setattr(followers, "fetch", counted)
    await look_for_new_days()
    assert (questions, await _asked_for(openings)) == (1, []), "one question about all doctors"
    openings.append(await opened(doctors[0], clinic_day(31)))
    await set_clock(clock.now() + GATHER_FOR)
    await look_for_new_days()
    assert await _asked_for(openings) == [3], "the new opening alone"
    await run_jobs()

    await set_clock(clock.now() + followers.LOOK_AGAIN_AFTER)
    await look_for_new_days()

    assert await _asked_for(openings) == [1, 2, 3]


async def test_who_confirms_the_address_later_hears_within_the_hour(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    asha = await a_follower(doctor, verified=False)
    on = clinic_day(5)
    await opened(doctor, on)
    await later(GATHER_FOR)
    await execute("UPDATE users SET email_verified_at = $2 WHERE id = $1", asha.id, clock.now())

    await later(followers.LOOK_AGAIN_AFTER)

    assert told_days(post_office, asha) == [said(on)]


async def test_a_job_that_died_is_asked_for_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = await a_doctor()
    await a_follower(doctor)
    event_id = await opened(doctor, clinic_day(3))
    await set_clock(clock.now() + GATHER_FOR)

    async def dies(*_args: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(new_days, "write_letters", dies)
        with pytest.raises(ConnectionResetError):
            await tell_followers({"event_id": str(event_id)})
    await look_for_new_days()

    assert await _asked_for([event_id]) == [0]


async def test_the_worker_itself_tells_and_sends(post_office: PostOffice) -> None:
    doctor = await a_doctor()
    asha = await a_follower(doctor)
    await opened(doctor, clinic_day(3))
    await set_clock(clock.now() + GATHER_FOR)
    await look_for_new_days()
    await look_for_new_days()
    waiting = await fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", TELL)

    await run_jobs()

    assert waiting == 1
    await eventually(lambda: asyncio.sleep(0, len(post_office.letters) == 1))
    assert (await get_user(asha.id)).email == post_office.letters[0]["To"]
