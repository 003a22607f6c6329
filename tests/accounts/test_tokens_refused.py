"""Tokens that no longer prove anything, or never did: refused on the next request, cookie and bearer."""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest

from app import clock
from app.accounts import codes
from app.accounts.rules import ACCESS_FOR, REFRESH_GRACE
from app.accounts.services import (
    ask_reset,
    block,
    change_password,
    change_role,
    choose_password,
    end_all_sessions,
    log_in,
    log_out,
)
from app.accounts.services.change_email import ask_email_change, change_email_by_code
from app.accounts.services.own_second_step import turn_off
from app.accounts.tokens import access_token
from app.db.clock import set_clock
from app.desks.privacy.leaving import close_for_good
from app.events.actor import SYSTEM
from tests.accounts.authenticator import code_of as app_code
from tests.accounts.authenticator import turned_on
from tests.accounts.confirmations import code_of, newest
from tests.accounts.places import HERE
from tests.browser import Browser
from tests.factories import Cast, a_patient, token_of

REFUSED = {"page": 303, "api": 401}


@dataclass(frozen=True)
class Kept:
    """What somebody kept of a session, and shows afterwards."""

    access: str
    refresh: str


async def _session(person: Cast) -> Kept:
    tokens = await log_in(person.email, person.password, address="127.0.0.1", device="tests")
    return Kept(tokens.access_token, tokens.refresh_token)


async def _answers(api: httpx.AsyncClient, access: str) -> dict[str, int]:
    """How a page answers to a token in the cookie, and the API to the same as a bearer."""
    api.cookies.clear()
    page = await api.get("/me", headers={"Cookie": f"access={access}"})
    program = await api.get("/api/me", headers={"Authorization": f"Bearer {access}".strip()})
    return {"page": page.status_code, "api": program.status_code}


async def _refreshed(api: httpx.AsyncClient, refresh: str) -> dict[str, int]:
    """The same for a token that renews a session."""
    api.cookies.clear()
    page = await api.get("/me", headers={"Cookie": f"refresh={refresh}"})
    program = await api.post("/api/auth/refresh", json={"refresh_token": refresh})
    return {"page": page.status_code, "api": program.status_code}


# tokens we never made


def _segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _by_hand(header: dict[str, object], claims: dict[str, Any], key: bytes | None) -> str:
    """A token whose header says anything at all, signed by HS256 or not at all."""
    told = f"{_segment(header)}.{_segment(claims)}"
    return f"{told}.{_segment(hmac.digest(key, told.encode(), hashlib.sha256)) if key is not None else ''}"


def _forged(claims: dict[str, Any]) -> dict[str, str]:
    ours = codes.key_for("access tokens")
    right = jwt.encode(claims, ours, "HS256")
    head, body, seal = right.split(".")
    now = int(clock.now().timestamp())
    nones = {
        f"algorithm {name!r}": _by_hand({"alg": name, "typ": "JWT"}, claims, None)
        for name in ("none", "None", "NONE", "nOnE", "")
    }
    return {
        **nones,
        "algorithm none with our seal": _by_hand({"alg": "none", "typ": "JWT"}, claims, ours),
        "no seal": f"{head}.{body}.",
        "no third part": f"{head}.{body}",
        "RS256 with a seal of its length": f"{_segment({'alg': 'RS256'})}.{body}.{_segment(b'k' * 256)}",
        "ES256 with a seal of zeros": f"{_segment({'alg': 'ES256'})}.{body}.{_segment(bytes(64))}",
        "RS256 said, HS256 done": _by_hand({"alg": "RS256", "typ": "JWT"}, claims, ours),
        "HS512": jwt.encode(claims, ours, "HS512"),
        "a key in the header": _by_hand(
            {"alg": "HS256", "jwk": {"kty": "oct", "k": _segment(b"k" * 32)}}, claims, b"k" * 32
        ),
        "a key named by a path": _by_hand({"alg": "HS256", "kid": "../../dev/null"}, claims, b""),
        "an empty key": _by_hand({"alg": "HS256"}, claims, b""),
        "another key": jwt.encode(claims, b"k" * 32, "HS256"),
        "the key of refresh tokens": jwt.encode(claims, codes.key_for("refresh tokens"), "HS256"),
        "another kind": jwt.encode({**claims, "typ": "refresh"}, ours, "HS256"),
        "another audience": jwt.encode({**claims, "aud": "another"}, ours, "HS256"),
        "no audience": jwt.encode({k: v for k, v in claims.items() if k != "aud"}, ours, "HS256"),
        "an end that has passed": jwt.encode({**claims, "exp": now - 1}, ours, "HS256"),
        "no end": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, ours, "HS256"),
        "a beginning to come": jwt.encode({**claims, "iat": now + 600, "exp": now + 1500}, ours, "HS256"),
        "another's account": f"{head}.{_segment({**claims, 'sub': claims['sid']})}.{seal}",
        "three words": "a.b.c",
        "an end cut off": right[:-1],
        "a beginning cut off": right[1:],
        "one half": right[: len(right) // 2],
        "twice": right + right,
        "a tail": f"{right}.x",
        "signs of no token": ' ; = , "',
        "4 KB": "A" * 4096,
        "4 KB of dots": "." * 4096,
        "4 KB with our head": f"{head}.{'A' * 4000}.{seal}",
        "nothing": "",
    }


async def test_only_the_token_we_made_opens_anything(api: httpx.AsyncClient) -> None:
    right = (await _session(await a_patient())).access
    claims = jwt.decode(right, options={"verify_signature": False})
    assert await _answers(api, right) == {"page": 200, "api": 200}

    wrong = {kind: await _answers(api, token) for kind, token in _forged(claims).items()}

    assert {kind: got for kind, got in wrong.items() if got != REFUSED} == {}


async def test_a_token_holds_a_quarter_of_an_hour(api: httpx.AsyncClient) -> None:
    asha, began = await a_patient(), clock.now()
    right = await token_of(asha)
    await set_clock(began + ACCESS_FOR - timedelta(seconds=5))
    assert await _answers(api, right) == {"page": 200, "api": 200}
    await set_clock(began + ACCESS_FOR)
    assert await _answers(api, right) == REFUSED


@pytest.mark.parametrize("sent", ["", "A" * 4096, '"', "x; access=", "%00", "=" * 500])
async def test_a_refresh_token_that_is_none_is_refused(api: httpx.AsyncClient, sent: str) -> None:
    assert await _refreshed(api, sent) == REFUSED


async def test_a_refresh_token_cut_short_is_refused_and_costs_its_owner_nothing(
    api: httpx.AsyncClient,
) -> None:
    right = (await _session(await a_patient())).refresh
    for cut in (right[:-1], right[1:], right + "x", right.swapcase(), right[:10]):
        assert await _refreshed(api, cut) == REFUSED
    assert (await api.post("/api/auth/refresh", json={"refresh_token": right})).status_code == 200


async def test_a_token_of_one_kind_does_not_serve_as_the_other(api: httpx.AsyncClient) -> None:
    kept = await _session(await a_patient())
    assert await _answers(api, kept.refresh) == REFUSED
    assert await _refreshed(api, kept.access) == REFUSED


# replay, and the answer that was lost


async def _renew(browser: Browser, refresh: str, device: str) -> httpx.Response:
    browser.client.cookies.clear()
    return await browser.client.get("/me", headers={"Cookie": f"refresh={refresh}; device={device}"})


async def test_of_all_replays_only_the_lost_answer_asked_again_in_time_passes(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    kept = dict(browser.client.cookies)
    first = await _renew(browser, kept["refresh"], kept["device"])

    lost = await _renew(browser, kept["refresh"], kept["device"])

    assert (first.status_code, lost.status_code) == (200, 200)
    assert first.cookies["refresh"] == lost.cookies["refresh"]
    await set_clock(clock.now() + REFRESH_GRACE)
    assert (await _renew(browser, kept["refresh"], kept["device"])).status_code == 303
    assert (await _renew(browser, lost.cookies["refresh"], kept["device"])).status_code == 303


async def test_another_device_has_no_grace_and_ends_the_family(browser: Browser) -> None:
    await browser.signed_in(await a_patient())
    kept = dict(browser.client.cookies)
    new = (await _renew(browser, kept["refresh"], kept["device"])).cookies

    thief = await _renew(browser, kept["refresh"], "")

    assert thief.status_code == 303
    assert (await _renew(browser, new["refresh"], kept["device"])).status_code == 303


# what ends a session ends it everywhere


async def _logs_out(person: Cast, kept: Kept) -> None:
    claims = jwt.decode(kept.access, options={"verify_signature": False})
    await log_out(UUID(claims["sid"]), by=(await person.account()).actor)


async def _changes_password(person: Cast, _kept: Kept) -> None:
    account = await person.account()
    await change_password(account, current=person.password, password="an even calmer lake", where=HERE)


async def _resets_password(person: Cast, _kept: Kept) -> None:
    await ask_reset(person.email, address="127.0.0.1")
    token = codes.link_token_for(await newest(person.email), "reset_password")
    await choose_password(token, "an even calmer lake", where=HERE, accepts_in="en")


async def _changes_email(person: Cast, _kept: Kept) -> None:
    account = await person.account()
    await ask_email_change(account, email="new@example.com", password=person.password, where=HERE)
    await change_email_by_code(account, await code_of(person.email))


async def _turns_off_the_second_step(person: Cast, _kept: Kept) -> None:
    secret, _codes = await turned_on(person)
    await turn_off(await person.account(), password=person.password, code=app_code(secret), where=HERE)


async def _is_blocked(person: Cast, _kept: Kept) -> None:
    await block(person.id, why="spam", by=SYSTEM)


async def _becomes_staff(person: Cast, _kept: Kept) -> None:
    await change_role(person.id, "reception", by=SYSTEM)


async def _is_logged_out_by_the_administrator(person: Cast, _kept: Kept) -> None:
    await end_all_sessions(person.id, by=SYSTEM)


async def _erases_the_account(person: Cast, _kept: Kept) -> None:
    await close_for_good(await person.account(), password=person.password, where=HERE)


End = Callable[[Cast, Kept], Awaitable[None]]
ENDS: dict[str, End] = {
    "log-out": _logs_out,
    "another password": _changes_password,
    "a password chosen by letter": _resets_password,
    "another e-mail address": _changes_email,
    "a second step turned off": _turns_off_the_second_step,
    "being blocked": _is_blocked,
    "another role": _becomes_staff,
    "the administrator": _is_logged_out_by_the_administrator,
    "erasure": _erases_the_account,
}


@pytest.mark.parametrize("end", ENDS)
async def test_after(api: httpx.AsyncClient, end: str) -> None:
    """What was handed out before opens nothing on the very next request, and renews nothing."""
    asha, vikram = await a_patient(), await a_patient("Vikram")
    kept, others = await _session(asha), await _session(vikram)
    assert await _answers(api, kept.access) == {"page": 200, "api": 200}

    await ENDS[end](asha, kept)

    assert await _answers(api, kept.access) == REFUSED
    assert await _refreshed(api, kept.refresh) == REFUSED
    assert await _answers(api, others.access) == {"page": 200, "api": 200}, "nobody else is logged out"


# a session somebody else put there


async def test_log_in_goes_on_with_no_session_that_was_there_before(browser: Browser) -> None:
    """Neither one of a stranger's, planted in the browser, nor one made up keeps its value."""
    asha, mallory = await a_patient(), await a_patient("Mallory")
    planted = await _session(mallory)
    browser.client.cookies.set("access", planted.access)
    browser.client.cookies.set("refresh", planted.refresh)

    await browser.post("/login", {"identifier": asha.email, "password": asha.password})

    after = {cookie.name: cookie.value for cookie in browser.client.cookies.jar if cookie.domain != ""}
    assert after["access"] != planted.access and after["refresh"] != planted.refresh
    for token in (planted.access, planted.refresh):
        page = await browser.client.get("/me", headers={"Cookie": f"access={token}; refresh={token}"})
        assert asha.email not in page.text


async def test_each_log_in_is_a_session_of_its_own(browser: Browser) -> None:
    asha, seen = await a_patient(), set()
    for _ in range(2):
        await browser.signed_in(asha)
        claims = jwt.decode(browser.client.cookies["access"], options={"verify_signature": False})
        seen |= {claims["sid"], browser.client.cookies["refresh"]}
    assert len(seen) == 4


async def test_a_token_of_an_account_and_a_session_that_do_not_belong_together_is_refused(
    api: httpx.AsyncClient,
) -> None:
    asha, vikram = await a_patient(), await a_patient("Vikram")
    claims = jwt.decode((await _session(asha)).access, options={"verify_signature": False})
    assert await _answers(api, access_token(vikram.id, UUID(claims["sid"]), now=clock.now())) == REFUSED
    assert await _answers(api, access_token(asha.id, uuid4(), now=clock.now())) == REFUSED
