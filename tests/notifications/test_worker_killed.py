"""A worker process is killed between the commit and the mail; another one makes up for it, once."""

import asyncio
from datetime import timedelta

import pytest

from app import clock
from app.db.clock import set_clock
from app.db.engine import fetch_value
from app.notifications.services import CLAIM_FOR, SEND
from tests.booking.visits import a_visit
from tests.factories import a_doctor, a_patient, a_slot
from tests.jobs.workers import a_worker, kill
from tests.notifications.office import BadOffice, eventually
from tests.surroundings import PostOffice


async def all_sent() -> bool:
    """Whether both letters of the visit are out."""
    there: bool = await fetch_value("SELECT count(sent_at) = 2 FROM letters")
    return there


async def both_met_the_closed_door() -> bool:
    """Whether the worker tried both letters in vain."""
    tried: bool = await fetch_value(
        "SELECT count(*) = 2 FROM pgqueuer WHERE entrypoint = $1 AND attempts > 0", SEND
    )
    return tried


@pytest.mark.timeout(120)
async def test_killed_before_the_mail_was_taken_it_is_sent_once_by_the_next(bad_office: BadOffice) -> None:
    bad_office.seconds, bad_office.slow_at = 8, "address"
    doctor, asha = await a_doctor(), await a_patient()
    await a_visit(asha, await a_slot(doctor), doctor)

    with a_worker() as first:
        await eventually(lambda: asyncio.sleep(0, bad_office.began == 2), seconds=30)
        kill(first)
    assert await fetch_value("SELECT count(*) FROM letters WHERE sent_at IS NULL") == 2

    bad_office.seconds = 0
    await set_clock(clock.now() + CLAIM_FOR + timedelta(seconds=1))
    with a_worker():
        await eventually(all_sent, seconds=40)

    assert sorted(str(letter["To"]) for letter in bad_office.letters) == sorted([asha.email, doctor.email])


@pytest.mark.timeout(120)
async def test_killed_while_mail_is_down_every_letter_is_sent_once_later(post_office: PostOffice) -> None:
    post_office.shut()
    doctor, asha = await a_doctor(), await a_patient()
    await a_visit(asha, await a_slot(doctor), doctor)
    with a_worker() as first:
        await eventually(both_met_the_closed_door, seconds=30)
        kill(first)

    post_office.open()
    with a_worker():
        await eventually(all_sent, seconds=60)

    assert sorted(str(letter["To"]) for letter in post_office.letters) == sorted([asha.email, doctor.email])
