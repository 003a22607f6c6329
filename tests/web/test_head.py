"""HEAD, which link previews and monitors send, is answered wherever GET is."""

import httpx
import pytest


@pytest.mark.parametrize("path", ["/", "/doctors", "/login", "/health/live", "/api/doctors"])
async def test_head_is_answered_as_get_without_the_body(api: httpx.AsyncClient, path: str) -> None:
    got = await api.get(path)
    head = await api.head(path)

    assert head.status_code == got.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]


async def test_head_of_what_only_post_reaches_is_refused(api: httpx.AsyncClient) -> None:
    assert (await api.head("/api/auth/login")).status_code == 405
