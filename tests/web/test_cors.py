"""Pages of the origins that are set may call /api, without cookies; nobody may call anything else."""

from collections.abc import Iterator

import httpx
import pytest

from app.settings import BadSetting, read_settings
from tests.web.conftest import Elsewhere

FRIEND = "https://app.example"


@pytest.fixture
def shared(elsewhere: Elsewhere) -> Iterator[httpx.AsyncClient]:
    with elsewhere(CORS_ORIGINS=f"{FRIEND}, http://localhost:5173") as site:
        yield site


def shared_with(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control")}


def asking(method: str, origin: str = FRIEND, headers: str = "authorization,content-type") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


@pytest.mark.parametrize("path", ["/api/doctors", "/api/me", "/api/no-such-call", "/api/schema/openapi.json"])
async def test_answers_and_refusals_of_the_api_may_be_read_by_a_friend(
    shared: httpx.AsyncClient, path: str
) -> None:
    answer = await shared.get(path, headers={"Origin": FRIEND})

    assert shared_with(answer) == {
        "access-control-allow-origin": FRIEND,
        "access-control-expose-headers": "Retry-After",
    }
    assert "Origin" in answer.headers["vary"]
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://app.example.evil.example",
        "http://app.example",
        "null",
        "",
        "https://app.example:8",
    ],
)
async def test_nobody_else_may_read_anything(shared: httpx.AsyncClient, origin: str) -> None:
    for answer in (
        await shared.get("/api/doctors", headers={"Origin": origin}),
        await shared.options("/api/appointments/book", headers=asking("POST", origin)),
    ):
        assert shared_with(answer) == {}
        assert "Origin" in answer.headers["vary"]  # what is kept for one origin is not for another


async def test_a_preflight_says_which_methods_and_headers_there_are(shared: httpx.AsyncClient) -> None:
    answer = await shared.options("/api/appointments/book", headers=asking("POST"))
    said = shared_with(answer)

    assert answer.status_code == 204 and not answer.content
    assert said.pop("access-control-allow-headers") == "Authorization, Content-Type, Idempotency-Key"
    assert set(said.pop("access-control-allow-methods").replace(" ", "").split(",")) == {"POST", "OPTIONS"}
    assert said == {"access-control-allow-origin": FRIEND, "access-control-max-age": "600"}


async def test_credentials_are_never_allowed_and_cookies_open_nothing(shared: httpx.AsyncClient) -> None:
    for path in ("/api/me", "/api/doctors"):
        for answer in (
            await shared.get(path, headers={"Origin": FRIEND, "Cookie": "access=x"}),
            await shared.options(path, headers=asking("GET")),
        ):
            assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/doctors", "/login", "/static/app.css", "/health/live", "/nowhere"])
async def test_pages_are_shared_with_nobody(shared: httpx.AsyncClient, path: str) -> None:
    for answer in (
        await shared.get(path, headers={"Origin": FRIEND}),
        await shared.options(path, headers=asking("GET")),
    ):
        assert shared_with(answer) == {}


async def test_without_the_setting_nothing_is_shared(api: httpx.AsyncClient) -> None:
    for answer in (
        await api.get("/api/doctors", headers={"Origin": FRIEND}),
        await api.options("/api/doctors", headers=asking("GET")),
    ):
        assert shared_with(answer) == {}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://App.example:443", "https://app.example"),
        ("http://app.example:80", "http://app.example"),
        ("https://[2001:db8::1]:443", "https://[2001:db8::1]"),
        ("https://app.example:80", "https://app.example:80"),
        ("https://app.example:4430", "https://app.example:4430"),
    ],
)
async def test_an_origin_written_with_the_usual_port_is_the_one_browsers_send(
    elsewhere: Elsewhere, written: str, sent: str
) -> None:
    with elsewhere(CORS_ORIGINS=written) as site:
        answer = await site.get("/api/doctors", headers={"Origin": sent})
    assert answer.headers.get("access-control-allow-origin") == sent


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "app.example",
        "https://*.example",
        "https://app.example/",
        "ftp://a.example",
        "https://a@b.example",
        "https://[",
        "null",
    ],
)
def test_what_is_no_origin_refuses_to_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CORS_ORIGINS", f"{FRIEND},{text}")
    with pytest.raises(BadSetting, match="CORS_ORIGINS"):
        read_settings()
