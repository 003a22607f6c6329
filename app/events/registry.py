"""Who listens for what. Each listener is a job of its own, so one that fails is retried alone."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from uuid import UUID

from app.events.queries import PastEvent, get_event
from app.jobs.registry import task

_listeners: dict[str, list[str]] = defaultdict(list)

Listener = Callable[[PastEvent], Awaitable[None]]


def listens_for(*names: str) -> Callable[[Listener], Listener]:
    """Run the decorated coroutine, as a retried job, after each event of these names has committed."""

    def register(listener: Listener) -> Listener:
        job_name = f"{listener.__module__.removeprefix('app.')}.{listener.__name__}"

        @task(job_name)
        @wraps(listener)
        async def run(payload: dict[str, Any]) -> None:
            await listener(await get_event(UUID(payload["event_id"])))

        for name in names:
            _listeners[name].append(job_name)
        return listener

    return register


def listeners_of(name: str) -> tuple[str, ...]:
    """The job names of all who listen for an event name."""
    return tuple(_listeners[name]) if name in _listeners else ()
