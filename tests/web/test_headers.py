"""What every answer says about itself where the site is reached over TLS."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.doors_table import DOORS
from tests.factories import PASSWORD, Cast, a_patient
from tests.web.conftest import Elsewhere

YEAR = int(timedelta(days=365).total_seconds())
OPEN_PAGES = sorted({door.path for door in DOORS if door.method == "GET" and not door.parameters})


@pytest.fixture
def over_tls(elsewhere: Elsewhere) -> Iterator[httpx.AsyncClient]:
    with elsewhere(BASE_URL="https://clinic.example") as site:
        yield site


async def log_in(site: httpx.AsyncClient, person: Cast) -> httpx.Response:
    await site.get("/login")
    form = {"_csrf_token": site.cookies["__Host-csrf"], "identifier": person.email, "password": PASSWORD}
    return await site.post("/login", data=form, headers={"Origin": "https://clinic.example"})


def unbound(answer: httpx.Response) -> list[str]:
    """Cookies that another host, plain HTTP, a script or another site's form could use."""
    wanted = ("; Path=/", "; HttpOnly", "; Secure", "; SameSite=lax")
    return [
        cookie
        for cookie in answer.headers.get_list("set-cookie")
        if not cookie.startswith("__Host-")
        or "domain=" in cookie.lower()
        or any(part.lower() not in cookie.lower() for part in wanted)
    ]


async def test_every_cookie_is_bound_to_this_host_and_to_tls(over_tls: httpx.AsyncClient) -> None:
    asha, names = await a_patient("Asha"), set()
    for path in OPEN_PAGES:
        over_tls.cookies.clear()
        answer = await over_tls.get(path)
        assert not unbound(answer), path
        names |= set(over_tls.cookies)
    answer = await log_in(over_tls, asha)
    assert answer.status_code == 303 and not unbound(answer)
    assert {"__Host-access", "__Host-refresh"} <= set(over_tls.cookies)
    assert (await over_tls.get("/me")).status_code == 200
    out = await over_tls.post(
        "/logout",
        data={"_csrf_token": over_tls.cookies["__Host-csrf"]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert out.status_code == 303 and not unbound(out)
    assert "__Host-access" not in over_tls.cookies
    assert "__Host-csrf" in names


async def test_a_line_left_for_the_next_page_is_shown_and_taken_back_over_tls(
    over_tls: httpx.AsyncClient,
) -> None:
    left = await over_tls.get("/me")
    assert left.status_code == 303 and "__Host-notice" in over_tls.cookies
    shown = await over_tls.get(left.headers["location"])
    assert "Please log in first." in shown.text
    assert not unbound(shown) and "__Host-notice" not in over_tls.cookies


async def test_tls_is_asked_for_by_every_answer_for_a_year_and_more(over_tls: httpx.AsyncClient) -> None:
    for path in ("/", "/login", "/api/doctors", "/api/me", "/static/app.css", "/health/live", "/nowhere"):
        said = (await over_tls.get(path)).headers.get("strict-transport-security", "")
        assert "includeSubDomains" in said, path
        assert int(said.partition(";")[0].removeprefix("max-age=")) >= YEAR


async def test_plain_http_promises_no_tls(api: httpx.AsyncClient) -> None:
    assert "strict-transport-security" not in (await api.get("/login")).headers


async def test_a_cookie_without_its_prefix_opens_nothing_over_tls(over_tls: httpx.AsyncClient) -> None:
    """A neighbouring host can set `access`, and not `__Host-access`."""
    await log_in(over_tls, await a_patient("Asha"))
    access = over_tls.cookies["__Host-access"]
    over_tls.cookies.clear()
    assert (await over_tls.get("/me", headers={"Cookie": f"access={access}"})).status_code == 303
    assert (await over_tls.get("/me", headers={"Cookie": f"__Host-access={access}"})).status_code == 200


async def test_what_is_private_is_never_stored_and_files_are(
    browser: "object", api: httpx.AsyncClient
) -> None:
    for path in ("/", "/login", "/me", "/visits", "/doctor", "/api/me", "/api/doctors", "/health/ready"):
        assert (await api.get(path)).headers["cache-control"] == "no-store", path
    assert "no-store" not in (await api.get("/static/app.css")).headers["cache-control"]
