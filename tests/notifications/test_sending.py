"""Letters go out once each, oldest first, whatever the mail server does; nothing waits for them."""

import asyncio
import logging
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app import clock
from app.booking import services
from app.db.clock import set_clock
from app.db.engine import execute, fetch, fetch_value, transaction
from app.events import names
from app.events.actor import SYSTEM
from app.events.queries import get_event
from app.events.services import publish
from app.jobs.registry import tasks
from app.notifications import post
from app.notifications.errors import NotYet
from app.notifications.services import OVERDUE_AFTER, SEND, rescue, send_letter, write_letter
from tests.booking.visits import a_visit, acting
from tests.factories import Cast, a_doctor, a_patient, a_slot, run_jobs
from tests.notifications.office import BadOffice, at_work, eventually
from tests.surroundings import PostOffice


async def a_letter(to: Cast | None = None) -> UUID:
    """A letter that waits, with its job; the shortest there is."""
    to = to or await a_patient()
    async with transaction():
        event_id = await publish(names.USER_LOGGED_IN, to.id, by=SYSTEM)
    await write_letter(await get_event(event_id), "known_email", to.id)
    letter_id: UUID = await fetch_value("SELECT id FROM letters WHERE event_id = $1", event_id)
    return letter_id


async def states() -> list[str]:
    """How each letter stands, oldest first."""
    rows = await fetch(
        """
        SELECT CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN refused_at IS NOT NULL THEN 'refused'
               ELSE 'waiting' END AS state FROM letters ORDER BY created_at, id
        """
    )
    return [row["state"] for row in rows]


async def jobs_of(letter_id: UUID) -> int:
    count: int = await fetch_value(
        "SELECT count(*) FROM pgqueuer WHERE dedupe_key = $1 AND status IN ('queued', 'picked')",
        f"letter:{letter_id}",
    )
    return count


async def test_an_event_heard_twice_writes_one_letter(post_office: PostOffice) -> None:
    asha = await a_patient()
    async with transaction():
        event_id = await publish(names.USER_LOGGED_IN, asha.id, by=SYSTEM)
    event = await get_event(event_id)

    await asyncio.gather(*(write_letter(event, "known_email", asha.id) for _time in range(5)))
    await run_jobs()

    assert len(post_office.letters) == 1


async def test_a_job_that_runs_twice_sends_once(post_office: PostOffice) -> None:
    letter_id = await a_letter()
    payload = {"letter_id": str(letter_id)}

    await send_letter(payload)
    await send_letter(payload)
    await run_jobs()

    assert len(post_office.letters) == 1


async def test_two_workers_at_the_same_moment_send_once(bad_office: BadOffice) -> None:
    bad_office.seconds = 0.3
    payload = {"letter_id": str(await a_letter())}

    first, second = await asyncio.gather(send_letter(payload), send_letter(payload), return_exceptions=True)

    assert {type(first), type(second)} == {type(None), NotYet}
    assert len(bad_office.letters) == 1


async def test_a_letter_is_written_with_its_job_or_not_at_all() -> None:
    asha = await a_patient()
    async with transaction():
        event_id = await publish(names.USER_LOGGED_IN, asha.id, by=SYSTEM)
    event = await get_event(event_id)

    with pytest.raises(RuntimeError):
        async with transaction():
            await write_letter(event, "known_email", asha.id)
            raise RuntimeError

    assert await states() == []
    assert await fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", SEND) == 0


async def test_while_mail_is_down_booking_goes_on_and_later_everything_arrives_once_and_in_order(
    post_office: PostOffice,
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    post_office.shut()
    visit = await a_visit(asha, await a_slot(doctor), doctor)

    async with at_work():
        there = await a_slot(doctor, at="12:00")
        moved = await services.reschedule(visit.id, slot_id=there, by=acting(doctor))
        await services.cancel(visit.id, by=acting(doctor))
        await eventually(lambda: fetch_value("SELECT count(*) = 6 FROM letters WHERE sent_at IS NULL"))
        await eventually(lambda: fetch_value("SELECT min(attempts) > 0 FROM pgqueuer"))
        post_office.open()

    assert (visit.status, moved.status) == ("confirmed", "confirmed")
    assert await states() == ["sent"] * 6
    assert len({letter["Message-ID"] for letter in post_office.letters}) == len(post_office.letters) == 6
    subjects = [str(letter["Subject"]).split(":")[0] for letter in post_office.to(asha.email)]
    assert sorted(subjects) == ["New time", "Visit booked", "Visit cancelled"]


async def test_the_letter_that_waited_longest_goes_first_whoseever_job_runs(post_office: PostOffice) -> None:
    cast = [await a_patient() for _number in range(4)]
    letters = []
    for minutes, person in enumerate(cast):
        letter_id = await a_letter(person)
        await execute(
            "UPDATE letters SET created_at = created_at + $2 * interval '1 second' WHERE id = $1",
            letter_id,
            minutes - 100,
        )
        letters.append(letter_id)

    for letter_id in reversed(letters):
        await send_letter({"letter_id": str(letter_id)})

    assert [str(letter["To"]) for letter in post_office.letters] == [person.email for person in cast]


async def test_a_letter_refused_now_is_sent_later(post_office: PostOffice) -> None:
    post_office.refuse_with = "451 try again later"
    letter_id = await a_letter()
    async with at_work():
        await eventually(lambda: fetch_value("SELECT tries > 0 FROM letters WHERE id = $1", letter_id))
        assert await states() == ["waiting"]
        post_office.refuse_with = None

    assert await states() == ["sent"]
    assert len(post_office.letters) == 1


async def test_one_letter_refused_now_does_not_hold_up_the_others(bad_office: BadOffice) -> None:
    bad_office.refuse_address = "450 mailbox busy"
    first = await a_letter()
    with pytest.raises(Exception, match="450"):
        await send_letter({"letter_id": str(first)})
    bad_office.refuse_address = None

    await send_letter({"letter_id": str(await a_letter())})

    assert await states() == ["waiting", "sent"]


@pytest.mark.parametrize("at", ["address", "data"])
async def test_a_letter_refused_for_good_is_noted_and_not_tried_again(
    post_office: PostOffice, at: str, request: pytest.FixtureRequest
) -> None:
    if at == "address":
        request.getfixturevalue("bad_office").refuse_address = "550 no such person"
    else:
        post_office.refuse_with = "550 not wanted"
    letter_id = await a_letter()

    await run_jobs()
    await set_clock(clock.now() + 2 * OVERDUE_AFTER)
    await rescue()

    assert await states() == ["refused"]
    assert await fetch_value("SELECT refused_why FROM letters") == "550"
    assert await jobs_of(letter_id) == 0


async def test_a_server_that_hangs_costs_one_wait_and_no_letter(
    bad_office: BadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "ANSWER_WITHIN", 0.3)
    bad_office.seconds = 1
    await a_letter()
    async with at_work():
        await eventually(lambda: asyncio.sleep(0, bad_office.began > 0))
        assert await states() == ["waiting"]
        monkeypatch.setattr(post, "ANSWER_WITHIN", 10)
        bad_office.seconds = 0

    assert await states() == ["sent"]


async def test_a_line_cut_after_the_final_dot_doubles_at_most_with_the_same_id(bad_office: BadOffice) -> None:
    bad_office.cuts = 2
    for _number in range(4):
        await a_letter()
    await run_jobs()

    ids = [letter["Message-ID"] for letter in bad_office.letters]
    assert await states() == ["sent"] * 4
    assert (len(ids), len(set(ids))) == (4 + 2, 4)


async def test_a_letter_that_lost_its_job_gets_a_new_one(post_office: PostOffice) -> None:
    letter_id = await a_letter()
    await execute("DELETE FROM pgqueuer WHERE dedupe_key = $1", f"letter:{letter_id}")
    await rescue()
    assert await jobs_of(letter_id) == 0, "a letter just written is nobody's loss yet"

    await set_clock(clock.now() + 2 * OVERDUE_AFTER)
    await rescue()
    await rescue()

    assert await jobs_of(letter_id) == 1
    await run_jobs()
    assert len(post_office.letters) == 1


async def test_a_claim_left_by_a_dead_worker_or_by_another_clock_lapses(post_office: PostOffice) -> None:
    dead, moved = await a_letter(), await a_letter()
    ago = "UPDATE letters SET rests_until = $2::timestamptz + $3 * interval '1 second' WHERE id = $1"
    await execute(ago, dead, clock.now(), -1)
    await execute(ago, moved, clock.now(), 86_400)

    await run_jobs()

    assert await states() == ["sent", "sent"]


async def test_a_listener_that_fails_never_touches_the_booking_and_is_made_up_for(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = "notifications.listeners.on_booked"
    failed: list[str] = []
    whole = tasks[listener].work

    async def fail_at_first(payload: dict[str, Any]) -> None:
        if not failed:
            failed.append(payload["event_id"])
            raise ZeroDivisionError
        await whole(payload)

    monkeypatch.setitem(tasks, listener, replace(tasks[listener], work=fail_at_first))
    doctor, asha = await a_doctor(), await a_patient()

    visit = await a_visit(asha, await a_slot(doctor), doctor)
    await run_jobs()

    assert visit.status == "confirmed"
    assert len(failed) == 1
    assert sorted(str(letter["To"]) for letter in post_office.letters) == sorted([asha.email, doctor.email])


async def test_words_that_cannot_be_made_hold_up_no_other_letter(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = await a_letter()
    await execute("UPDATE letters SET kind = 'no_such_letter' WHERE id = $1", broken)
    with pytest.raises(KeyError):
        await send_letter({"letter_id": str(broken)})

    await send_letter({"letter_id": str(await a_letter())})

    assert await states() == ["waiting", "sent"]


@pytest.mark.parametrize("answer", ["550 <%s> is unknown", "450 <%s> is busy"])
async def test_no_log_and_no_queue_table_names_an_address(
    post_office: PostOffice, bad_office: BadOffice, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    caplog.set_level(logging.DEBUG)
    asha = await a_patient("Asha Secret")
    bad_office.refuse_address = answer % asha.email
    await a_letter(asha)
    async with at_work():
        await eventually(lambda: fetch_value("SELECT tries > 0 OR refused_at IS NOT NULL FROM letters"))
        await asyncio.sleep(0.2)
        kept = await fetch_value("SELECT string_agg(l::text, ' ') FROM pgqueuer_log l")
        bad_office.refuse_address = None

    noted = await fetch_value("SELECT refused_why FROM letters")
    ours = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail."))
    assert SEND in ours or noted
    for place in (kept, ours, noted or ""):
        assert asha.email not in place
