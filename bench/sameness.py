"""Whether answers tell by their time, status or shape which addresses have an account.

    .venv/bin/python -m bench.sameness [samples]      300 unless told

Asks in turn about a known and an unknown address at every door that takes one, and compares. Ends with 1
when medians differ by more than 5 %, or when status or shape differ at all.
"""

import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from statistics import median
from time import perf_counter

import httpx

from bench.ground import on_fresh_database
from bench.live import serving

SAMPLES = 300
MOST_DIFFERENCE = 0.05
PASSWORD = "demo-pass-2026"
NEVER_ALIKE = re.compile(r'(name="_csrf_token" value="|x-csrftoken": ")[0-9a-f]+|[a-z]{5}-\d{6}@example\.com')
"""What differs from answer to answer whoever asks: tokens of forms, and the address that was typed."""

_numbers = count(1)


@dataclass(frozen=True)
class Door:
    """A call that takes an address, EMAIL in its `fields`; `known` is what kind of account there is."""

    name: str
    path: str
    fields: dict[str, str]
    known: str = "confirmed"


SIGN_UP = {"name": "Some Body", "email": "EMAIL", "mobile": "", "password": "a-long-secret-7", "notice": "y"}
DOORS = (
    Door("log-in page", "/login", {"identifier": "EMAIL", "password": "a-wrong-secret-7"}),
    Door("log-in call", "/api/auth/login", {"identifier": "EMAIL", "password": "a-wrong-secret-7"}),
    Door("log-in of an account that waits", "/login", {"identifier": "EMAIL", "password": "x"}, "waiting"),
    Door("sign-up page", "/signup", SIGN_UP),
    Door("sign-up page, account that waits", "/signup", SIGN_UP, "waiting"),
    Door("forgotten password", "/login/forgot", {"email": "EMAIL"}),
    Door("forgotten password, call", "/api/auth/forgot-password", {"email": "EMAIL"}),
    Door("code", "/verify", {"email": "EMAIL", "code": "000000"}, "waiting"),
    Door("code, call", "/api/auth/verify-email", {"email": "EMAIL", "code": "000000"}, "waiting"),
    Door("another letter", "/verify/again", {"email": "EMAIL"}, "waiting"),
    Door("link for this device", "/login/trust", {"identifier": "EMAIL"}),
)


def main() -> None:
    """Measure, print, and judge."""
    samples = int(sys.argv[1]) if sys.argv[1:] else SAMPLES
    told: list[str] = []
    on_fresh_database(lambda: _measure(samples, told))
    if told:
        sys.exit("\n".join(told))


async def _measure(samples: int, told: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with serving(listening), httpx.AsyncClient(base_url=address, timeout=30) as client:
            await client.get("/login")
            for door in DOORS:
                told += await _compare(client, door, samples)


async def _compare(client: httpx.AsyncClient, door: Door, samples: int) -> list[str]:
    known, strange = await _known(door.known), _unknown()
    taken: dict[bool, list[float]] = {True: [], False: []}
    shapes: dict[bool, set[tuple[int, str, int]]] = {True: set(), False: set()}
    for _warm in range(3):
        await _ask(client, door, known)
        await _ask(client, door, next(strange))
    for _each in range(samples):
        for is_known in (True, False):
            answer, seconds = await _ask(client, door, known if is_known else next(strange))
            taken[is_known].append(seconds)
            shapes[is_known].add(_shape(answer))
    one, other = median(taken[True]), median(taken[False])
    difference = abs(one - other) / max(one, other)
    print(f"{door.name:36} known {one * 1000:6.1f} ms  unknown {other * 1000:6.1f} ms  {difference:5.1%}")
    told = [f"{door.name}: medians differ by {difference:.1%}"] if difference > MOST_DIFFERENCE else []
    if shapes[True] != shapes[False]:
        told.append(f"{door.name}: {sorted(shapes[True])} for known, {sorted(shapes[False])} for unknown")
    return told


def _shape(answer: httpx.Response) -> tuple[int, str, int]:
    return (
        answer.status_code,
        answer.headers.get("location", "") + "|" + ",".join(sorted(answer.headers)),
        len(NEVER_ALIKE.sub("", answer.text)),
    )


async def _ask(client: httpx.AsyncClient, door: Door, email: str) -> tuple[httpx.Response, float]:
    from app.db.engine import execute

    await execute("DELETE FROM limits")
    fields = {name: value.replace("EMAIL", email) for name, value in door.fields.items()}
    csrf = client.cookies["csrf"]
    client.cookies.clear()
    client.cookies.set("csrf", csrf)
    began = perf_counter()
    if door.path.startswith("/api/"):
        answer = await client.post(door.path, json=fields)
    else:
        answer = await client.post(door.path, data={**fields, "_csrf_token": csrf})
    return answer, perf_counter() - began


def _unknown() -> Iterator[str]:
    """Addresses nobody has, as long as the known ones."""
    while True:
        yield f"nobod-{next(_numbers):06d}@example.com"


async def _known(kind: str) -> str:
    from app.accounts.services import create_account
    from app.db.engine import execute

    email = f"known-{next(_numbers):06d}@example.com"
    await create_account(name="Asha Patil", email=email, password=PASSWORD, role="patient")
    if kind == "waiting":
        await execute("UPDATE users SET email_verified_at = NULL WHERE email = $1", email)
    return email


if __name__ == "__main__":
    main()
