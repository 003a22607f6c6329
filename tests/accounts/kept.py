"""What somebody kept of a session, and how it is answered when they show it."""

from dataclasses import dataclass

import httpx

from app.accounts.services import (
    log_in,
)
from tests.factories import Cast

REFUSED = {"page": 303, "api": 401}


@dataclass(frozen=True)
class Kept:
    """What somebody kept of a session, and shows afterwards."""

    access: str
    refresh: str


async def session_of(person: Cast) -> Kept:
    tokens = await log_in(person.email, person.password, address="127.0.0.1", device="tests")
    return Kept(tokens.access_token, tokens.refresh_token)


async def answers_to(api: httpx.AsyncClient, access: str) -> dict[str, int]:
    """How a page answers to a token in the cookie, and the API to the same as a bearer."""
    api.cookies.clear()
    page = await api.get("/me", headers={"Cookie": f"access={access}"})
    program = await api.get("/api/me", headers={"Authorization": f"Bearer {access}".strip()})
    return {"page": page.status_code, "api": program.status_code}


async def refreshed(api: httpx.AsyncClient, refresh: str) -> dict[str, int]:
    """The same for a token that renews a session."""
    api.cookies.clear()
    page = await api.get("/me", headers={"Cookie": f"refresh={refresh}"})
    program = await api.post("/api/auth/refresh", json={"refresh_token": refresh})
    return {"page": page.status_code, "api": program.status_code}
