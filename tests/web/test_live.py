"""Streams for open pages: what they say, what they miss, how many there may be, and how they end."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import asyncpg
import httpx
import pytest

from app.booking import services as booking
from app.db.engine import DB, execute, fetch_value, transaction
from app.db.notices import CHANNEL, Notice
from app.desks.patient.live import changes_times
from app.directory.queries import get_practice
from app.events import names
from app.events.actor import SYSTEM
from app.events.services import publish
from app.main import create_app
from app.scheduling.services import offer
from app.web import live
from app.web.live import Follower, Hub, mark
from tests.booking.visits import a_visit, acting, hold_for, later
from tests.browser import Browser
from tests.factories import CastDoctor, a_doctor, a_patient, a_slot, clinic_day
from tests.surroundings import Surroundings

SOON = 5.0
"""Seconds a busy machine may take; on an idle one messages come within a hundredth of one."""
QUIET = 0.3
"""Seconds after which nothing more is expected."""


class Listener:
    """An open stream, as a page reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()
        self._reading: asyncio.Task[str] | None = None

    async def _line(self, seconds: float) -> str | None:
        self._reading = self._reading or asyncio.ensure_future(anext(self._lines))
        done, _waiting = await asyncio.wait({self._reading}, timeout=seconds)
        if not done:
            return None
        line, self._reading = self._reading.result(), None
        return line

    async def hears(self, *, within: float = SOON) -> str | None:
        """The name of the next message, None when none comes in time."""
        while (line := await self._line(within)) is not None:
            if line.startswith("event: "):
                return line.removeprefix("event: ")
        return None

    async def is_over(self, *, within: float = SOON) -> bool:
        """Whether the server ends the stream in time."""
        try:
            while await self._line(within) is not None:
                pass
        except StopAsyncIteration:
            self._reading = None
            return True
        return False

    async def close(self) -> None:
        if self._reading:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading


@asynccontextmanager
async def the_stream(
    api: httpx.AsyncClient, doctor: CastDoctor, *, since: object = "", **headers: str
) -> AsyncIterator[Listener]:
    """A doctor's stream, of a page that is as fresh as can be unless `since` says otherwise."""
    since = since or mark() + live.SKEW_MS  # what the test has just done counts as seen
    async with api.stream("GET", f"/doctors/{doctor.slug}/live?since={since}", headers=headers) as answer:
        listener = Listener(answer)
        await listener._line(SOON)  # from here on it follows
        yield listener
        await listener.close()


async def test_a_stream_is_not_kept_not_squeezed_and_not_held_back(api: httpx.AsyncClient) -> None:
    async with the_stream(api, await a_doctor()) as stream:
        said = stream.answer.headers

    assert said["content-type"].startswith("text/event-stream")
    assert said["cache-control"] == "no-store"
    assert said["x-accel-buffering"] == "no"
    assert "content-encoding" not in said


async def test_head_of_a_stream_is_over_at_once(api: httpx.AsyncClient) -> None:
    answer = await api.head(f"/doctors/{(await a_doctor()).slug}/live", timeout=SOON)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_whom_nobody_can_see_has_no_stream(api: httpx.AsyncClient) -> None:
    doctor = await a_doctor()
    await execute("UPDATE doctors SET approved_at = NULL")

    assert (await api.get(f"/doctors/{doctor.slug}/live")).status_code == 404


async def _held_and_given_up(doctor: CastDoctor) -> None:
    asha = await a_patient()
    held = await hold_for(asha, await a_slot(doctor, at="09:00"), doctor)
    await booking.release_hold(held.id, by=acting(asha))


async def _lapsed(doctor: CastDoctor) -> None:
    held = await hold_for(await a_patient(), await a_slot(doctor, at="09:00"), doctor)
    with later(minutes=16):
        await booking.expire(held.id, by=SYSTEM)


async def _cancelled(doctor: CastDoctor) -> None:
    asha = await a_patient()
    visit = await a_visit(asha, await a_slot(doctor, at="09:00"), doctor)
    await booking.cancel(visit.id, reason="", by=acting(asha))


async def _moved(doctor: CastDoctor) -> None:
    visit = await a_visit(await a_patient(), await a_slot(doctor, at="09:00"), doctor)
    await booking.reschedule(visit.id, slot_id=await a_slot(doctor, at="12:00"), by=acting(doctor))


async def _seated_again(doctor: CastDoctor) -> None:
    held = await hold_for(await a_patient(), await a_slot(doctor, at="09:00"), doctor)
    with later(minutes=16):
        await booking.expire(held.id, by=SYSTEM)
        await booking.seat_again(held.id, by=SYSTEM)


async def _offered(doctor: CastDoctor) -> None:
    practice = await get_practice(doctor.practice_id)
    await offer(practice, clinic_day(), ["16:00"], duration_minutes=30, by=acting(doctor))


async def _withdrawn(doctor: CastDoctor) -> None:
    slot = await a_slot(doctor, at="17:00")
    await booking.withdraw_slot(slot, practice_id=doctor.practice_id, by=acting(doctor))


@pytest.mark.parametrize(
    "change", [_held_and_given_up, _lapsed, _cancelled, _moved, _seated_again, _offered, _withdrawn]
)
async def test_what_changes_a_doctors_times_is_told_to_that_doctors_pages_alone(
    api: httpx.AsyncClient, change: Callable[[CastDoctor], Awaitable[None]]
) -> None:
    doctor, another = await a_doctor(), await a_doctor("Dr Arjun")
    async with the_stream(api, doctor) as stream, the_stream(api, another) as other:
        await change(doctor)

        assert await stream.hears() == "times"
        assert await other.hears(within=QUIET) is None


async def test_booking_a_held_time_is_nothing_new_and_what_is_rolled_back_never_was(
    api: httpx.AsyncClient,
) -> None:
    doctor, asha = await a_doctor(), await a_patient()
    held = await hold_for(asha, await a_slot(doctor), doctor)
    free = await a_slot(doctor, at="11:00")

    async with the_stream(api, doctor, since=mark() + 60_000) as stream:
        await booking.confirm(held.id, by=acting(asha))
        with suppress(RuntimeError):
            async with transaction():
                await hold_for(asha, free, doctor)
                raise RuntimeError

        assert await stream.hears(within=QUIET) is None


async def test_a_page_older_than_the_last_change_is_told_at_once_and_a_fresh_one_is_not(
    api: httpx.AsyncClient,
) -> None:
    doctor = await a_doctor()
    before = mark()
    await hold_for(await a_patient(), await a_slot(doctor), doctor)
    await asyncio.sleep(QUIET)
    fresh = mark() + live.SKEW_MS

    async with the_stream(api, doctor, since=before) as old, the_stream(api, doctor, since=fresh) as new:
        assert await old.hears() == "times"
        assert await new.hears(within=QUIET) is None
    async with the_stream(api, doctor, since=before, **{"Last-Event-ID": str(fresh)}) as came_back:
        assert await came_back.hears(within=QUIET) is None


@pytest.mark.parametrize("odd", ["-1", "1e9", "१२३", "9" * 400, "x", "0"])
async def test_a_mark_that_is_none_is_as_good_as_an_old_page(api: httpx.AsyncClient, odd: str) -> None:
    async with the_stream(api, await a_doctor(), since=odd) as stream:
        assert await stream.hears() == "times"


async def test_when_the_listening_connection_is_cut_everybody_is_told_to_look_and_hears_again(
    api: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    doctor = await a_doctor()
    slot = await a_slot(doctor)
    async with the_stream(api, doctor) as stream:
        cut = await owner.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = $1",
            live.NAME,
        )
        told = await stream.hears(within=10)
        await hold_for(await a_patient(), slot, doctor)

        assert cut == 1
        assert told == "times"
        assert await stream.hears() == "times"


async def test_a_notification_that_is_not_ours_is_passed_over(api: httpx.AsyncClient) -> None:
    doctor = await a_doctor()
    slot = await a_slot(doctor)
    async with the_stream(api, doctor) as stream:
        for text in ("", "[]", "{}", '{"name": 1}', '{"name": "X", "subject": "none"}', "x" * 7000):
            await execute("SELECT pg_notify($1, $2)", CHANNEL, text)
        await hold_for(await a_patient(), slot, doctor)

        assert await stream.hears() == "times"


async def test_a_notice_holds_ids_and_a_state_and_nothing_that_people_wrote(
    owner: asyncpg.Connection,
) -> None:
    heard: list[str] = []
    await owner.add_listener(CHANNEL, lambda _con, _pid, _channel, text: heard.append(text))
    doctor, asha = await a_doctor(), await a_patient()
    try:
        visit = await hold_for(asha, await a_slot(doctor), doctor, reason="A private reason")
        await owner.fetchval("SELECT 1")
    finally:
        await owner.reset()

    sent = json.loads(heard[-1])
    assert sent == {
        "name": names.APPOINTMENT_HELD,
        "subject": str(visit.id),
        "practice": str(doctor.practice_id),
        "doctor": str(doctor.doctor_id),
    }
    assert len(heard[-1]) < 400


async def test_a_notice_reads_what_it_writes() -> None:
    notice = Notice(names.APPROVAL_ASKED, uuid4(), uuid4(), uuid4(), "expired")

    assert Notice.read(notice.as_text()) == notice
    assert Notice.read(Notice("X", notice.subject_id).as_text()) == Notice("X", notice.subject_id)


async def test_an_event_outside_a_transaction_is_told_to_nobody() -> None:
    with pytest.raises(RuntimeError):
        await publish(names.SLOTS_ADDED, uuid4(), by=SYSTEM)


# the hub alone ------------------------------------------------------------------------------------------


def _about() -> Notice:
    return Notice(names.SLOTS_ADDED, uuid4())


async def test_a_database_that_connects_and_then_says_nothing_is_left_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "SLOWEST", 0.3)
    con = await DB.get_new_connection()
    backend = con.get_server_pid()
    try:
        os.kill(backend, signal.SIGSTOP)
        hearing = asyncio.ensure_future(Hub()._hear_on(con))
        done, _waiting = await asyncio.wait({hearing}, timeout=SOON)
        hearing.cancel()
        assert done
        assert isinstance(hearing.exception(), TimeoutError)
    finally:
        os.kill(backend, signal.SIGCONT)
        con.terminate()


async def test_many_notices_before_a_page_takes_them_are_one_message() -> None:
    notice = _about()
    follower = Follower({notice.subject_id}, changes_times, "times")
    for _each in range(1000):
        follower.hear(notice)
        follower.hear(_about())

    assert await follower.messages(within=SOON) == ["times"]
    assert await follower.messages(within=0.01) == []


async def test_a_hub_takes_so_many_streams_and_so_many_of_one_address(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor = await a_doctor()
    path = f"/doctors/{doctor.slug}/live"
    async with the_stream(api, doctor):
        monkeypatch.setattr(live, "MOST_AT_AN_ADDRESS", 1)
        crowded = await api.get(path)
        monkeypatch.setattr(live, "MOST_STREAMS", 1)
        full = await api.get(path)
    await asyncio.sleep(QUIET)
    async with the_stream(api, doctor) as stream:
        room_again = stream.answer.status_code

    assert (crowded.status_code, full.status_code, room_again) == (429, 503, 200)
    assert int(crowded.headers["retry-after"]) > 0
    assert int(full.headers["retry-after"]) > 0


async def test_strangers_behind_an_address_take_no_stream_from_who_is_signed_in_there(
    api: httpx.AsyncClient, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor = await a_doctor()
    path = f"/doctors/{doctor.slug}/live"
    monkeypatch.setattr(live, "MOST_AT_AN_ADDRESS", 1)
    monkeypatch.setattr(live, "MOST_OF_AN_ACCOUNT", 1)
    asha = (await browser.signed_in(await a_patient())).client
    async with the_stream(api, doctor):
        assert (await api.get(path)).status_code == 429
        async with the_stream(asha, doctor) as own:
            assert own.answer.status_code == 200
            assert (await asha.get(path)).status_code == 429


async def test_a_quiet_stream_says_something_now_and_then(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PING_EVERY", 0.1)
    async with the_stream(api, await a_doctor()) as stream:
        lines = [await stream._line(SOON) for _each in range(4)]

    assert any(line is not None and line.startswith(":") for line in lines)


async def test_a_page_that_follows_after_much_has_happened_is_told_to_look() -> None:
    hub, notice = Hub(), _about()
    hub._heard_all_since = 0
    fresh = mark() + live.SKEW_MS + 1
    follower = Follower({notice.subject_id}, changes_times, "times")
    for _each in range(live.REMEMBERED):
        hub._hear(_about().as_text())
    knows = hub._may_have_missed(follower, fresh + 60_000)
    hub._hear(notice.as_text())

    assert not knows
    assert hub._may_have_missed(follower, fresh - 60_000), "what it no longer remembers may have mattered"
    assert hub._may_have_missed(follower, mark())


async def test_closing_ends_open_streams_and_opens_no_more(surroundings: Surroundings) -> None:
    hub: Hub = create_app().state.live
    follower_stream = hub.stream({uuid4()}, changes_times, everything="times", since=None, address="a")
    pieces = follower_stream.iterator
    first = await anext(aiter(pieces))  # type: ignore[arg-type]
    hub.close()

    assert first.startswith(":")
    assert [piece async for piece in pieces] == []  # type: ignore[union-attr]
    with pytest.raises(live.NoRoom):
        hub.stream({uuid4()}, changes_times, everything="times", since=None, address="a")


async def test_nothing_is_left_behind_when_pages_close(
    api: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    doctor = await a_doctor()
    for _each in range(20):
        async with the_stream(api, doctor):
            pass
    await asyncio.sleep(QUIET)

    listening = await fetch_value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1",
        live.NAME,
    )
    assert listening == 1
