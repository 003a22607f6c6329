"""Codes, links, access tokens, passwords: what proves something, and what does not."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from argon2 import PasswordHasher

from app.accounts import codes, tokens
from app.accounts.passwords import hash_password, is_outdated, is_password
from app.accounts.rules import ACCESS_FOR

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def test_a_code_follows_from_its_row_and_no_other() -> None:
    one, other = uuid4(), uuid4()

    assert codes.code_for(one) == codes.code_for(one)
    assert len(codes.code_for(one)) == 6
    assert codes.is_code_of(one, codes.code_for(one))
    assert not codes.is_code_of(one, codes.code_for(other) + "x")


def test_a_link_names_its_row_and_cannot_be_made_for_another() -> None:
    one, other = uuid4(), uuid4()
    token = codes.link_token_for(one)

    assert codes.confirmation_of(token) == one
    forged = codes.link_token_for(other)[:21] + token[21:]
    assert codes.confirmation_of(forged) is None


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 43, "....", "A" * 5000])
def test_rubbish_is_no_link(token: str) -> None:
    assert codes.confirmation_of(token) is None


def test_an_access_token_says_who_until_its_time_is_over() -> None:
    user, session = uuid4(), uuid4()
    token = tokens.access_token(user, session, now=NOW)

    assert tokens.read_access_token(token, now=NOW + ACCESS_FOR - timedelta(seconds=1)) == tokens.Claims(
        user, session
    )
    assert tokens.read_access_token(token, now=NOW + ACCESS_FOR) is None


def _claims(**other: object) -> dict[str, object]:
    at = int(NOW.timestamp())
    return {
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "typ": "access",
        "aud": "parchi",
        "iat": at,
        "exp": at + 900,
        **other,
    }


def _signed(claims: dict[str, object], *, key: bytes = b"", algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key or codes.key_for("access tokens"), algorithm)


def test_a_token_with_our_claims_and_key_holds_or_the_tests_below_would_prove_nothing() -> None:
    assert tokens.read_access_token(_signed(_claims()), now=NOW) is not None


def _wrong_tokens() -> dict[str, str]:
    return {
        "no algorithm": jwt.encode(_claims(), None, "none"),
        "another algorithm": _signed(_claims(), algorithm="HS512"),
        "another key": _signed(_claims(), key=b"k" * 32),
        "a key of ours for another purpose": _signed(_claims(), key=codes.key_for("refresh tokens")),
        "another audience": _signed(_claims(aud="another")),
        "another kind": _signed(_claims(typ="refresh")),
        "an account that is no id": _signed(_claims(sub="asha")),
        "no session": _signed(_claims(sid=None)),
        "an end that is no time": _signed(_claims(exp="soon")),
        "no end": _signed({name: value for name, value in _claims().items() if name != "exp"}),
        "no audience": _signed({name: value for name, value in _claims().items() if name != "aud"}),
        "a beginning that is no time": _signed(_claims(iat="soon")),
        "a beginning to come": _signed(_claims(iat=int(NOW.timestamp()) + 61)),
        "rubbish": "a.b.c",
        "nothing": "",
    }


@pytest.mark.parametrize("kind", list(_wrong_tokens()))
def test_every_other_token_is_refused(kind: str) -> None:
    assert tokens.read_access_token(_wrong_tokens()[kind], now=NOW) is None


async def test_a_password_is_kept_as_argon2id_with_the_figures_of_owasp() -> None:
    kept = await hash_password("a long enough secret")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await is_password("a long enough secret", kept)
    assert not await is_password("another", kept)
    assert not is_outdated(kept)


async def test_without_an_account_no_password_is_right() -> None:
    assert not await is_password("a long enough secret", None)
    assert not await is_password("a long enough secret", "not a hash")


def test_a_hash_with_other_figures_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("x"))
