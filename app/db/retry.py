"""Trying a whole transaction again when PostgreSQL chose it as the one to give way."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from asyncpg import DeadlockDetectedError, SerializationError

from app.db.engine import DB

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 4


def retried(service: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Run a service again after a deadlock or serialization failure (SQLSTATE 40P01, 40001).

    Only the outermost transaction can be repeated, so inside a running one the failure passes on.
    """

    @wraps(service)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, TRIES):
            try:
                return await service(*args, **kwargs)
            except (DeadlockDetectedError, SerializationError):
                if DB.current_transaction.get() is not None:
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - only spreads retries
        return await service(*args, **kwargs)

    return run
