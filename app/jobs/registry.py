"""Every task and schedule the worker can run; rooms register theirs when `main` imports them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Work = Callable[[dict[str, Any]], Awaitable[None]]
Beat = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Task:
    """One kind of job: the first retry waits `first_retry`, each later one longer, up to `longest_retry`."""

    name: str
    work: Work
    tries: int
    first_retry: timedelta
    longest_retry: timedelta


@dataclass(frozen=True)
class Schedule:
    """One thing done again and again, `cron` with seconds as sixth field."""

    name: str
    cron: str
    beat: Beat


tasks: dict[str, Task] = {}
schedules: dict[str, Schedule] = {}


def task(
    name: str,
    *,
    tries: int = 40,
    first_retry: timedelta = timedelta(seconds=1),
    longest_retry: timedelta = timedelta(minutes=10),
) -> Callable[[Work], Work]:
    """Register a coroutine as the work of jobs called `name`; it must bear being run twice.

    With the defaults a job is tried for about five hours before it is set aside for a person.
    """

    def register(work: Work) -> Work:
        tasks[name] = Task(name, work, tries, first_retry, longest_retry)
        return work

    return register


def every(name: str, cron: str) -> Callable[[Beat], Beat]:
    """Register a coroutine to run on a schedule, once for all workers together."""

    def register(beat: Beat) -> Beat:
        schedules[name] = Schedule(name, cron, beat)
        return beat

    return register
