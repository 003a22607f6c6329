"""The site answers to its own names alone."""

from collections.abc import Iterator

import httpx
import pytest

from app.settings import BadSetting, read_settings
from app.web.hosts import host_name
from tests.factories import PASSWORD, run_jobs
from tests.surroundings import PostOffice, Surroundings
from tests.web.conftest import Elsewhere

SITE = "https://clinic.example"
PRODUCTION = {
    "APP_ENV": "production",
    "BASE_URL": SITE,
    "SECRET_KEY": "a-long-secret-of-many-signs-0123456789-abcdef",
    "PARCHI_SANDBOX_ORIGIN": "",
}
STRANGE = [
    "evil.example",
    "clinic.example.evil.example",
    "evil-clinic.example",
    "clinic.example@evil.example",
    "clinic.example, evil.example",
    "clinic.example:port",
    "clinic.example:99999999",
    "clinic%2eexample",
    "xn--clnic-8va.example",
    "[::1",
    "[]",
    ":80",
    "",
    " ",
    "203.0.113.5",
    "127.0.0.1:8000",
    "localhost",
]


@pytest.fixture
def production(elsewhere: Elsewhere) -> Iterator[httpx.AsyncClient]:
    with elsewhere(**PRODUCTION, ALLOWED_HOSTS="www.clinic.example, 198.51.100.7") as site:
        yield site


@pytest.mark.parametrize("path", ["/doctors", "/api/doctors", "/login", "/static/app.css", "/nowhere"])
async def test_a_name_that_is_not_ours_is_refused_and_not_repeated(
    production: httpx.AsyncClient, path: str
) -> None:
    for host in STRANGE:
        answer = await production.get(path, headers={"Host": host})

        assert answer.status_code == (404 if path == "/nowhere" else 400), host
        assert "evil" not in answer.text and "evil" not in str(answer.headers)
        assert answer.headers["x-content-type-options"] == "nosniff"
        if path.startswith("/api"):
            assert answer.json()["type"] == "/problems/misdirected"


async def test_our_own_names_are_answered(production: httpx.AsyncClient) -> None:
    for host in (
        "clinic.example",
        "CLINIC.example",
        "clinic.example:443",
        "www.clinic.example",
        "198.51.100.7",
    ):
        assert (await production.get("/doctors", headers={"Host": host})).status_code == 200, host


async def test_probes_call_a_process_by_any_address(production: httpx.AsyncClient) -> None:
    for host in ("10.0.0.12:8000", "127.0.0.1", "pod-7"):
        assert (await production.get("/health/live", headers={"Host": host})).status_code == 200


async def test_a_second_name_or_none_is_refused(production: httpx.AsyncClient) -> None:
    twice = [("Host", "clinic.example"), ("Host", "clinic.example")]
    assert (await production.get("/doctors", headers=twice)).status_code == 400


async def test_the_name_another_header_says_is_not_heard(production: httpx.AsyncClient) -> None:
    forwarded = {"X-Forwarded-Host": "clinic.example", "Forwarded": "host=clinic.example"}
    answer = await production.get("/doctors", headers={"Host": "evil.example", **forwarded})
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "192.168.1.7:8000"])
async def test_development_is_called_by_loopback_and_by_addresses_in_digits(
    api: httpx.AsyncClient, host: str
) -> None:
    assert (await api.get("/doctors", headers={"Host": host})).status_code == 200
    assert (await api.get("/doctors", headers={"Host": "evil.example"})).status_code == 400


@pytest.mark.parametrize(("host", "answer"), [("127.0.0.1:8000", 401), ("10.1.2.3", 400)])
async def test_the_sandbox_of_a_production_reaches_it_by_loopback(
    elsewhere: Elsewhere, surroundings: Surroundings, host: str, answer: int
) -> None:
    with elsewhere(**PRODUCTION | {"PARCHI_SANDBOX_ORIGIN": surroundings.sandbox.origin}) as site:
        sent = await site.post("/api/payment/webhook", content=b"{}", headers={"Host": host})
    assert sent.status_code == answer


async def test_links_in_letters_and_pages_never_take_the_name_of_a_request(
    api: httpx.AsyncClient, post_office: PostOffice
) -> None:
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Original-URL": "/evil"}
    newcomer = {"name": "Asha", "email": "new@example.com", "password": PASSWORD, "role": "patient"}
    assert (await api.post("/api/auth/signup", json=newcomer, headers=spoofed)).status_code == 201
    await run_jobs()
    assert post_office.letters
    for letter in post_office.letters:
        assert "evil.example" not in letter.as_string()
    for path in ("/doctors", "/login", "/sitemap.xml", "/robots.txt"):
        assert "evil.example" not in (await api.get(path, headers=spoofed)).text


@pytest.mark.parametrize("text", ["a b", "*.example.com", "example.com:443", "https://example.com", "a/b"])
def test_an_allowed_host_that_is_no_name_refuses_to_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", text)
    with pytest.raises(BadSetting, match="ALLOWED_HOSTS"):
        read_settings()


def test_a_host_is_read_without_its_port() -> None:
    assert host_name("Clinic.Example:8443") == "clinic.example"
    assert host_name("[::1]:8443") == "::1"
