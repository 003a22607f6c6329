"""Forms come from our own pages, by whichever of our names people called them, and from no other site's."""

import httpx
import pytest

from tests.web.conftest import Elsewhere

OURS = {"BASE_URL": "https://clinic.example", "ALLOWED_HOSTS": "www.clinic.example, 198.51.100.7"}


async def sent_from(site: httpx.AsyncClient, origin: str, host: str) -> int:
    """The answer to a log-in form with these headers: 403 where it counts as another site's."""
    site.cookies.clear()
    cookie = (await site.get("/login", headers={"Host": host})).cookies["__Host-csrf"]
    form = {"_csrf_token": cookie, "identifier": "", "password": ""}
    headers = {"Host": host, "Origin": origin, "Cookie": f"__Host-csrf={cookie}"}
    return (await site.post("/login", data=form, headers=headers)).status_code


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://clinic.example", "clinic.example"),
        ("https://clinic.example", "www.clinic.example"),
        ("https://www.clinic.example", "www.clinic.example"),
        ("https://www.clinic.example", "clinic.example"),
        ("https://198.51.100.7", "clinic.example"),
        ("https://clinic.example:443", "clinic.example"),
        ("https://www.clinic.example", "www.clinic.example:443"),
    ],
)
async def test_each_of_our_names_is_ours_also_behind_a_proxy_that_calls_us_by_another(
    elsewhere: Elsewhere, origin: str, host: str
) -> None:
    with elsewhere(**OURS) as site:
        assert await sent_from(site, origin, host) == 422


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://www.clinic.example.evil.example",
        "https://evil-www.clinic.example",
        "https://www.clinic.example:8443",
        "http://www.clinic.example",
        "https://evil.example@www.clinic.example",
        "https://www.clinic.example:port",
        "ftp://www.clinic.example",
        "null",
    ],
)
async def test_whatever_is_only_like_one_of_our_names_is_another_site(
    elsewhere: Elsewhere, origin: str
) -> None:
    with elsewhere(**OURS) as site:
        assert await sent_from(site, origin, "clinic.example") == 403
