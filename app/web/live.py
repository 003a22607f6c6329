"""Open pages that hear at once what changed: one LISTEN a process, any number of event streams.

A stream says only that something is worth looking at, by the name of a DOM event; the page then fetches its
own part again. So messages carry nothing personal, several become one, and one too many does no harm. None is
lost: whoever was not listening for a while is told to look when the listening begins again.
"""

import asyncio
import logging
import signal
import threading
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from uuid import UUID

import asyncpg
from litestar.response import Stream

from app import clock
from app.db.engine import DB
from app.db.notices import CHANNEL, Notice
from app.errors import TooMany, Unavailable
from app.web.limits import line_of

log = logging.getLogger(__name__)

PING_EVERY = 15
"""Seconds after which a quiet stream says something, so that nobody on the way takes it for dead."""
MOST_STREAMS = 2000
"""Streams one process holds open at once."""
MOST_AT_AN_ADDRESS = 200
"""Streams of strangers at one network address, where a whole mobile network's customers may stand."""
MOST_OF_AN_ACCOUNT = 40
"""Streams of one account, wherever it is signed in; strangers at its address take none of them."""
AGAIN_IN = 30
"""Seconds after which somebody who found no room may ask again."""
REMEMBERED = 4096
"""Notices kept to tell whether a page is older than the last change."""
SKEW_MS = 2000
"""Milliseconds by which clocks of several servers may differ."""
LOOK_EVERY = 5
"""Seconds after which a quiet connection to the database is asked whether it still lives."""
SLOWEST = 3
"""Seconds the database may take to connect or to answer."""
FIRST_WAIT, LONGEST_WAIT = 0.2, 2.0
"""Seconds between tries to reach a database that is away."""
NAME = "parchi live"
"""What the connection is called in pg_stat_activity."""
AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

Wish = Callable[[Notice], str | None]
"""Which message a notice is worth to a page, if any."""
Until = Callable[[Notice], bool]
"""Whether a notice ends a stream, because whoever opened it may no longer be let in."""


class NoRoom(Unavailable):
    """The process holds as many streams as it can."""

    slug = "no-room"


def mark() -> int:
    """The moment a page was made, for its stream to know what came since; milliseconds of the real clock."""
    return clock.real_ms()


_PING = ": \n\n"


def _as_event(message: str) -> str:
    """One message of a stream; its id comes back as Last-Event-ID, so that it counts as the page's mark."""
    return f"event: {message}\nid: {mark()}\ndata: look\n\n"


class Follower:
    """One open stream: the ids it follows, and the messages it has not been given yet, each only once."""

    def __init__(
        self, topics: Collection[UUID], wish: Wish, everything: str, until: Until | None = None
    ) -> None:
        self.topics = frozenset(topics)
        self.wish = wish
        self.everything = everything
        self.until = until
        self._waiting: dict[str, None] = {}
        self._woken = asyncio.Event()
        self.is_over = False

    def hear(self, notice: Notice) -> None:
        """Take a notice for a message, unless the page does not care or is about to be told so anyway."""
        if self.until is not None and self.until(notice):
            self.end()
        message = self.wish(notice) if self.topics & notice.concerns else None
        if message:
            self.tell(message)

    def tell(self, message: str) -> None:
        """Leave a message for the stream."""
        self._waiting[message] = None
        self._woken.set()

    def end(self) -> None:
        """Let the stream end."""
        self.is_over = True
        self._woken.set()

    async def messages(self, *, within: float) -> list[str]:
        """What has come, waiting for it up to so many seconds."""
        try:
            await asyncio.wait_for(self._woken.wait(), within)
        except TimeoutError:
            return []
        self._woken.clear()
        waiting, self._waiting = list(self._waiting), {}
        return waiting


class Hub:
    """Everybody who follows something in this process, and the one connection that hears for all."""

    def __init__(self) -> None:
        self._followers: set[Follower] = set()
        self._opened_by: Counter[str] = Counter()
        self._recent: deque[tuple[int, Notice]] = deque(maxlen=REMEMBERED)
        self._heard_all_since: int | None = None
        self._is_closed = False

    # hearing ---------------------------------------------------------------------------------------

    async def listen(self) -> None:
        """Hear what the database tells until cancelled, coming back by itself when it was away."""
        wait = FIRST_WAIT
        while True:
            try:
                async with asyncio.timeout(SLOWEST):
                    con = await DB.get_new_connection()
            except AWAY as problem:
                log.warning("live connection refused error=%s", type(problem).__name__)
            else:
                wait = FIRST_WAIT
                try:
                    await self._hear_on(con)
                except AWAY as problem:
                    log.warning("live connection lost error=%s", type(problem).__name__)
                finally:
                    self._heard_all_since = None
                    con.terminate()
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _hear_on(self, con: asyncpg.Connection) -> None:
        """Listen on one connection until it ends or no longer answers."""
        gone = asyncio.Event()
        con.add_termination_listener(lambda _con: gone.set())
        async with asyncio.timeout(SLOWEST):
            await con.execute(f"SET application_name = '{NAME}'")
            await con.add_listener(CHANNEL, lambda _con, _pid, _channel, text: self._hear(text))
        self._recent.clear()
        self._heard_all_since = mark()
        for follower in self._followers:
            follower.tell(follower.everything)
            if follower.until is not None:
                follower.end()  # what ended it may have been missed; the door lets in again whoever still may
        while not gone.is_set():
            try:
                await asyncio.wait_for(gone.wait(), LOOK_EVERY)
            except TimeoutError:
                await con.fetchval("SELECT 1", timeout=SLOWEST)

    def _hear(self, text: str) -> None:
        try:
            notice = Notice.read(text)
        except ValueError:
            log.warning("live notice not understood length=%s", len(text))
            return
        if len(self._recent) == REMEMBERED:
            self._heard_all_since = self._recent[0][0]
        self._recent.append((mark(), notice))
        for follower in self._followers:
            follower.hear(notice)

    # streams ---------------------------------------------------------------------------------------

    def stream(
        self,
        topics: Collection[UUID],
        wish: Wish,
        *,
        everything: str,
        since: int | None,
        address: str,
        account: UUID | None = None,
        until: Until | None = None,
    ) -> Stream:
        """An event stream for a page that follows `topics`: each message names a DOM event.

        `wish` says which message a notice is worth; `everything` is sent when the page may have missed some:
        unless nothing it cares for has come since its `mark`, and after the database was away. `until` says
        which notice ends the stream. Streams are counted for the `account`, of strangers for the network
        `address`. Raises NoRoom (503), or TooMany (429) where one of these has too many.
        """
        if self._is_closed or len(self._followers) >= MOST_STREAMS:
            raise NoRoom
        who = f"account {account}" if account else line_of(address)
        if self._opened_by[who] >= (MOST_OF_AN_ACCOUNT if account else MOST_AT_AN_ADDRESS):
            raise TooMany(retry_after=AGAIN_IN)
        follower = Follower(topics, wish, everything, until)
        return Stream(
            self._sent_to(follower, since, who),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _sent_to(self, follower: Follower, since: int | None, who: str) -> AsyncIterator[str]:
        with self._among_followers(follower, who):
            if self._may_have_missed(follower, since):
                follower.tell(follower.everything)
            yield _PING
            while True:
                messages = await follower.messages(within=PING_EVERY)
                if follower.is_over:
                    return
                yield "".join(_as_event(message) for message in messages) or _PING

    @contextmanager
    def _among_followers(self, follower: Follower, who: str) -> Iterator[None]:
        self._followers.add(follower)
        self._opened_by[who] += 1
        if self._is_closed:
            follower.end()
        try:
            yield
        finally:
            self._followers.discard(follower)
            self._opened_by[who] -= 1
            if not self._opened_by[who]:
                del self._opened_by[who]

    def _may_have_missed(self, follower: Follower, since: int | None) -> bool:
        """Whether something a page cares for may have happened after its mark and before it followed."""
        if since is None or self._heard_all_since is None or since - SKEW_MS < self._heard_all_since:
            return True
        return any(
            at >= since - SKEW_MS and follower.topics & notice.concerns and follower.wish(notice)
            for at, notice in self._recent
        )

    # ending ----------------------------------------------------------------------------------------

    def close(self) -> None:
        """End every stream and open no more: a server that shall stop waits for them."""
        self._is_closed = True
        for follower in list(self._followers):
            follower.end()

    @contextmanager
    def closed_by_signals(self) -> Iterator[None]:
        """Close as soon as the process is asked to end, and pass the signal on to who handled it before.

        The server tells an application that it ends only when all answers are complete, and streams never
        are. Outside the main thread, where tests run servers, there are no signals.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before: dict[int, Any] = {}

        def pass_on(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.close)
            if callable(before[number]):
                before[number](number, frame)

        for number in (signal.SIGTERM, signal.SIGINT):
            if callable(signal.getsignal(number)):
                before[number] = signal.signal(number, pass_on)
        try:
            yield
        finally:
            for asked, handler in before.items():
                signal.signal(asked, handler)
