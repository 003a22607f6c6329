"""A site set up otherwise than the one under test: with HTTPS, behind proxies, open to other origins."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest

from app.settings import settings

Elsewhere = Callable[..., AbstractContextManager[httpx.AsyncClient]]


@pytest.fixture
def elsewhere() -> Elsewhere:
    """Call it with settings, and with `peer`, the address that connects; the database is the same one."""
    return _elsewhere


@contextmanager
def _elsewhere(*, peer: str = "127.0.0.1", **environment: str) -> Iterator[httpx.AsyncClient]:
    before = dict(os.environ)
    os.environ.update(environment)
    settings.cache_clear()
    try:
        from app.main import create_app

        transport = httpx.ASGITransport(app=create_app(), client=(peer, 50_000))
        yield httpx.AsyncClient(transport=transport, base_url=settings().base_url)
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()
