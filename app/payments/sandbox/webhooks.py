"""Webhooks: envelope, signature, and sending them until somebody takes them.

Delivery goes by real time alone, and every event stands in the book before it is sent: after a restart what
was not acknowledged is sent again, so each event arrives at least once.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sqlite3
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

from app.payments.sandbox.clock import Clock, real_ms
from app.payments.sandbox.faults import Faults
from app.payments.sandbox.shapes import Entity, new_id
from app.payments.sandbox.store import Store

ACCOUNT_ID = "acc_SandboxParchi0"
ANSWER_WITHIN = 5.0
GIVE_UP_AFTER_MS = 24 * 60 * 60 * 1000
# Gaps measured at Razorpay (796 test deliveries): a first quick repeat, then doubling up to about 23 hours.
GAPS_MS = (
    230, 6_000, 13_000, 20_000, 43_000, 82_000, 162_000, 324_000, 643_000,
    1_283_000, 2_563_000, 5_127_000, 10_241_000, 20_481_000, 40_964_000,
)  # fmt: skip
WITHOUT_QUICK_REPEAT = {"refund.created", "payment.failed"}


def sign(secret: str, message: bytes) -> str:
    """The hexadecimal HMAC-SHA256 Razorpay signs payments and webhooks with."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def gap_ms(event: str, failures: int) -> int | None:
    """How long after its n-th failed try an event is sent again; None when that was the last."""
    index = failures - 1 + (event in WITHOUT_QUICK_REPEAT)
    return GAPS_MS[index] if index < len(GAPS_MS) else None


class Webhooks:
    """The queue of events and the task that empties it."""

    def __init__(self, store: Store, clock: Clock, faults: Faults, *, url: str | None, secret: str) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._url = url
        self._secret = secret
        self._wake = asyncio.Event()
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._broken: BaseException | None = None

    def emit(self, event: str, *, send: bool = True, delay_ms: int = 0, **entities: Entity) -> None:
        """Queue one event with a snapshot of its entities, within the caller's transaction.

        ``send`` False writes it down as dropped, as an ordered loss does; ``delay_ms`` is real time.
        """
        envelope = {
            "entity": "event",
            "account_id": ACCOUNT_ID,
            "event": event,
            "contains": list(entities),
            "payload": {name: {"entity": entity} for name, entity in entities.items()},
            "created_at": self._clock.now(),
        }
        body = json.dumps(envelope, separators=(",", ":"), ensure_ascii=False)
        now = real_ms()
        fate = self._faults.take_webhook(event, now_ms=now)
        wanted = send and self._url is not None and not fate.drop
        self._store.add_delivery(
            event_id=new_id(""),
            event=event,
            body=body,
            signature=sign(self._secret, body.encode()),
            state="pending" if wanted else "dropped",
            at=(now, now + delay_ms + fate.delay_ms),
            copies=fate.copies,
        )
        self._wake.set()

    async def run(self) -> None:
        """Send what is due, for ever; cancelling it leaves unfinished deliveries pending in the book."""
        try:
            while True:
                self._wake.clear()
                if self._broken is not None:
                    raise self._broken
                now = real_ms()
                for row in self._store.due_deliveries(now):
                    if row["event_id"] not in self._sending:
                        self._start(row)
                next_ms = self._store.next_delivery_ms(after_ms=now)
                wait = None if next_ms is None else max(0.0, (next_ms - real_ms()) / 1000)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), wait)
        finally:
            for task in self._sending.values():
                task.cancel()

    def _start(self, row: sqlite3.Row) -> None:
        task = asyncio.create_task(self._deliver(row))
        self._sending[row["event_id"]] = task
        task.add_done_callback(lambda done: self._finished(row["event_id"], done))

    def _finished(self, event_id: str, task: asyncio.Task[None]) -> None:
        del self._sending[event_id]
        self._broken = self._broken or (None if task.cancelled() else task.exception())
        self._wake.set()

    async def _deliver(self, row: sqlite3.Row) -> None:
        assert self._url is not None
        at, status, error = real_ms(), None, None
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                status = await post(self._url, row["body"].encode(), _headers(row))
        except TimeoutError:
            error = f"no answer within {ANSWER_WITHIN:.0f} s"
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as failure:
            error = str(failure) or type(failure).__name__
        with self._store.transaction():
            self._store.add_try(row["event_id"], at_ms=at, status=status, error=error)
            self._note_result(row, accepted=status is not None and 200 <= status < 300)

    def _note_result(self, row: sqlite3.Row, *, accepted: bool) -> None:
        now = real_ms()
        copies = row["copies"] - accepted
        failures = row["failures"] + (not accepted)
        if accepted:
            state, next_ms = ("delivered" if copies == 0 else "pending"), now
        else:
            gap = gap_ms(row["event"], failures)
            late = gap is None or now + gap > row["created_ms"] + GIVE_UP_AFTER_MS
            state, next_ms = ("given_up" if late else "pending"), now + (gap or 0)
        self._store.move_delivery(
            row["event_id"], state=state, next_ms=next_ms, failures=failures, copies=copies
        )


def _headers(row: sqlite3.Row) -> dict[str, str]:
    return {
        "User-Agent": "Razorpay-Webhook/v1",
        "Content-Type": "application/json",
        "X-Razorpay-Event-Id": row["event_id"],
        "Request-Id": row["event_id"],
        "X-Razorpay-Signature": row["signature"],
        "Accept-Encoding": "gzip",
    }


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send one POST and return its HTTP status, following no redirect and using no proxy.

    Written on asyncio's streams because a delivery must end the moment the process does, which a thread would
    not. Raises OSError when nobody listens, ValueError when the answer is not HTTP.
    """
    parts = urlsplit(url)
    assert parts.hostname is not None
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname,
        parts.port or (443 if secure else 80),
        ssl=ssl.create_default_context() if secure else None,
    )
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {**headers, "Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close"}
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()
        return _status(await reader.readline())
    finally:
        writer.close()


def _status(line: bytes) -> int:
    version, _, rest = line.partition(b" ")
    code = rest[:3]
    if not version.startswith(b"HTTP/1.") or not code.isdigit():
        raise ValueError(f"The answer is not HTTP: {line[:60]!r}")
    return int(code)
