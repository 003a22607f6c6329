"""Short ways to a new password by a letter."""

import httpx

from app.accounts.codes import link_token_for
from tests.accounts.confirmations import newest
from tests.browser import Browser
from tests.factories import Cast

NEW = "an even calmer lake"


async def reset_link(browser: Browser, person: Cast) -> str:
    """Ask for the letter, and give its link's path."""
    answer = await browser.post("/login/forgot", {"email": person.email})
    assert answer.location == "/login/forgot/sent"
    return f"/login/reset/{link_token_for(await newest(person.email), 'reset_password')}"


async def logs_in(api: httpx.AsyncClient, person: Cast, password: str) -> int:
    answer = await api.post("/api/auth/login", json={"identifier": person.email, "password": password})
    return answer.status_code
