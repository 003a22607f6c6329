"""Who calls is who connected, or whom our own proxies name; what anybody else says changes nothing."""

from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from app.db.engine import fetch, fetch_value
from app.settings import BadSetting, read_settings
from app.web.limits import LIMITS
from app.web.proxies import SAID_BY_PROXIES, seen_through
from tests.factories import PASSWORD, a_patient
from tests.web.conftest import Elsewhere

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"), ip_network("2001:db8:ffff::/48"))


def seen(peer: str, *headers: tuple[str, str], scheme: str = "http") -> tuple[str, str]:
    """(the caller, the scheme) of a request from `peer`."""
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    scope: Any = {"type": "http", "client": (peer, 1), "scheme": scheme, "headers": raw}
    found: Any = seen_through(scope, TRUSTED)
    assert not [name for name, _ in found["headers"] if name in SAID_BY_PROXIES]
    return found["client"][0], found["scheme"]


FOR = "X-Forwarded-For"


@pytest.mark.parametrize(
    ("peer", "headers", "caller"),
    [
        ("203.0.113.9", [(FOR, "198.51.100.1")], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [(FOR, "198.51.100.1")], "198.51.100.1"),
        ("10.0.0.1", [(FOR, "192.0.2.66, 198.51.100.1")], "198.51.100.1"),
        ("10.0.0.1", [(FOR, "192.0.2.66"), (FOR, "198.51.100.1")], "198.51.100.1"),
        ("10.0.0.1", [(FOR, "192.0.2.66, 198.51.100.1, 10.9.9.9,127.0.0.1")], "198.51.100.1"),
        ("10.0.0.1", [(FOR, "10.0.0.3, 10.0.0.2")], "10.0.0.3"),
        ("10.0.0.1", [(FOR, "198.51.100.1, unknown")], "10.0.0.1"),
        ("10.0.0.1", [(FOR, "198.51.100.1, <script>, 10.0.0.2")], "10.0.0.2"),
        ("10.0.0.1", [(FOR, "")], "10.0.0.1"),
        ("10.0.0.1", [(FOR, "198.51.100.1:4711")], "198.51.100.1"),
        ("10.0.0.1", [(FOR, "[2001:db8::7]:4711")], "2001:db8::7"),
        ("10.0.0.1", [(FOR, "2001:db8::7, 2001:db8:ffff::1")], "2001:db8::7"),
        ("::ffff:10.0.0.1", [(FOR, "::ffff:198.51.100.1")], "198.51.100.1"),
        ("10.0.0.1", [("Forwarded", "for=192.0.2.66"), ("X-Real-IP", "192.0.2.66")], "10.0.0.1"),
        ("testclient", [(FOR, "198.51.100.1")], "testclient"),
    ],
)
def test_the_right_most_address_that_is_not_ours_calls(
    peer: str, headers: list[tuple[str, str]], caller: str
) -> None:
    assert seen(peer, *headers)[0] == caller


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("203.0.113.9", "https", "http"),
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "HTTPS ", "https"),
        ("10.0.0.1", "http, https", "https"),
        ("10.0.0.1", "https, http", "http"),
        ("10.0.0.1", "javascript", "http"),
    ],
)
def test_only_our_proxy_says_that_it_was_spoken_to_over_tls(peer: str, said: str, scheme: str) -> None:
    assert seen(peer, ("X-Forwarded-Proto", said))[1] == scheme


# the whole site

SPOOFS: list[list[tuple[str, str]]] = [
    [(FOR, "203.0.113.{n}")],
    [(FOR, "203.0.113.{n}, 127.0.0.1"), (FOR, "198.51.100.{n}")],
    [("Forwarded", "for=203.0.113.{n};host=evil.example;proto=https"), ("X-Real-IP", "203.0.113.{n}")],
    [("X-Forwarded-Host", "evil{n}.example"), ("X-Forwarded-Proto", "https"), ("X-Client-IP", "1.1.1.{n}")],
    [("True-Client-IP", "203.0.113.{n}"), ("CF-Connecting-IP", "203.0.113.{n}")],
]


async def test_spoofed_addresses_pass_no_limit_and_stand_in_no_log(api: httpx.AsyncClient) -> None:
    asha = await a_patient("Asha")
    statuses = []
    for number in range(LIMITS["log_in"].most + 5):
        spoof = SPOOFS[number % len(SPOOFS)]
        headers = [(name, value.format(n=number)) for name, value in spoof]
        body = {"identifier": f"{number}{asha.email}", "password": PASSWORD}
        answer = await api.post("/api/auth/login", json=body, headers=headers)
        statuses.append(answer.status_code)
    assert statuses == [401] * LIMITS["log_in"].most + [429] * 5
    assert await fetch_value("SELECT count(DISTINCT who) FROM limits WHERE name = 'log_in'") == 1
    assert {row["address"] for row in await fetch("SELECT address FROM log_in_tries")} <= {"127.0.0.1"}


async def test_a_spoofed_scheme_or_host_changes_no_cookie_and_no_address(api: httpx.AsyncClient) -> None:
    spoofed = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/x"}
    usual, other = await api.get("/me"), await api.get("/me", headers=spoofed)
    assert usual.headers["location"] == other.headers["location"] == "/login?next=%2Fme"
    api.cookies.clear()
    other = await api.get("/login", headers=spoofed)
    assert "Secure" not in other.headers["set-cookie"] and "evil" not in str(other.headers)
    assert "strict-transport-security" not in other.headers


async def test_behind_our_proxies_each_caller_has_limits_of_their_own(elsewhere: Elsewhere) -> None:
    async def tries(site: httpx.AsyncClient, forwarded_for: str, times: int) -> list[int]:
        body = {"identifier": "nobody@example.com", "password": PASSWORD}
        headers = {FOR: forwarded_for}
        return [
            (await site.post("/api/auth/login", json=body, headers=headers)).status_code for _ in range(times)
        ]

    most = LIMITS["log_in"].most
    with elsewhere(peer="10.1.2.3", TRUSTED_PROXIES="10.0.0.0/8, 2001:db8:ffff::/48") as site:
        await tries(site, "198.51.100.1", most)
        assert await tries(site, "198.51.100.1", 1) == [429]
        assert await tries(site, "203.0.113.5, 198.51.100.1, 10.7.7.7", 1) == [429]
        assert (await tries(site, "198.51.100.1, 203.0.113.5", 1))[0] != 429
    with elsewhere(peer="198.51.100.1", TRUSTED_PROXIES="10.0.0.0/8") as site:
        assert await tries(site, "203.0.113.5", 1) == [429]


@pytest.mark.parametrize(
    "text",
    [
        "proxy.example",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "*",
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1",
        "10.0.0.0/7",
        "2000::/3",
        "2000::/15",
    ],
)
def test_proxies_that_are_no_addresses_or_are_everybody_refuse_to_start(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", f"192.0.2.1, {text}")
    with pytest.raises(BadSetting, match="TRUSTED_PROXIES"):
        read_settings()


def test_the_widest_networks_of_proxies_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, 2001::/16")
    assert read_settings().trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("2001::/16"))
