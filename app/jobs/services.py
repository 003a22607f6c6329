"""Putting work into the queue, together with the change that asks for it."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from app.db.engine import connection


async def enqueue(
    name: str,
    payload: Mapping[str, object],
    *,
    run_in: timedelta | None = None,
    dedupe: str | None = None,
    priority: int = 0,
) -> None:
    """Leave a job for the worker; inside a transaction it exists only if that commits.

    `payload` is small and carries ids, never a secret. `run_in` is a delay in real time. Nothing is
    left while a job with the same `dedupe` key waits or runs; who must be sure of a run that begins after
    the change puts what changed into the key. Jobs of a lower `priority` wait for all others.
    """
    data = json.dumps(payload, default=str).encode()
    async with connection() as con:
        await Queries(AsyncpgDriver(con)).enqueue(
            name, data, priority, run_in, dedupe_key=dedupe, on_conflict="skip"
        )


async def enqueue_all(name: str, work: Sequence[tuple[Mapping[str, object], str]]) -> None:
    """Leave one job for each payload and its `dedupe` key, as `enqueue` does, all in one statement."""
    count = len(work)
    if not count:
        return
    data = [json.dumps(payload, default=str).encode() for payload, _key in work]
    keys: list[str | None] = [key for _payload, key in work]
    async with connection() as con:
        await Queries(AsyncpgDriver(con)).enqueue(
            [name] * count, [*data], [0] * count, [None] * count, keys, on_conflict="skip"
        )
