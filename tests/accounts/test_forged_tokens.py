"""Tokens we never made: refused, cookie and bearer."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from app import clock
from app.accounts import codes
from app.accounts.rules import ACCESS_FOR
from app.db.clock import set_clock
from tests.accounts.kept import REFUSED, answers_to, refreshed, session_of
from tests.factories import a_patient, token_of

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
    right = (await session_of(await a_patient())).access
    claims = jwt.decode(right, options={"verify_signature": False})
    assert await answers_to(api, right) == {"page": 200, "api": 200}

    wrong = {kind: await answers_to(api, token) for kind, token in _forged(claims).items()}

    assert {kind: got for kind, got in wrong.items() if got != REFUSED} == {}


async def test_a_token_holds_a_quarter_of_an_hour(api: httpx.AsyncClient) -> None:
    asha, began = await a_patient(), clock.now()
    right = await token_of(asha)
    await set_clock(began + ACCESS_FOR - timedelta(seconds=5))
    assert await answers_to(api, right) == {"page": 200, "api": 200}
    await set_clock(began + ACCESS_FOR)
    assert await answers_to(api, right) == REFUSED


@pytest.mark.parametrize("sent", ["", "A" * 4096, '"', "x; access=", "%00", "=" * 500])
async def test_a_refresh_token_that_is_none_is_refused(api: httpx.AsyncClient, sent: str) -> None:
    assert await refreshed(api, sent) == REFUSED


async def test_a_refresh_token_cut_short_is_refused_and_costs_its_owner_nothing(
    api: httpx.AsyncClient,
) -> None:
    right = (await session_of(await a_patient())).refresh
    for cut in (right[:-1], right[1:], right + "x", right.swapcase(), right[:10]):
        assert await refreshed(api, cut) == REFUSED
    assert (await api.post("/api/auth/refresh", json={"refresh_token": right})).status_code == 200


async def test_a_token_of_one_kind_does_not_serve_as_the_other(api: httpx.AsyncClient) -> None:
    kept = await session_of(await a_patient())
    assert await answers_to(api, kept.refresh) == REFUSED
    assert await refreshed(api, kept.access) == REFUSED
