"""A browser without JavaScript, as short as tests want to say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import httpx
from bs4 import BeautifulSoup, Tag

if TYPE_CHECKING:
    from tests.factories import Cast

PART = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "main#main"}


@dataclass(frozen=True)
class Answer:
    """What came back, and how a person would find things in it."""

    response: httpx.Response

    @property
    def status_code(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        return self.response.headers

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.response.headers.get("location", "")

    @property
    def html(self) -> BeautifulSoup:
        return BeautifulSoup(self.response.text, "html.parser")

    @property
    def text(self) -> str:
        """The words of the page, white space folded."""
        return " ".join(self.html.get_text(" ").split())

    def side_part(self, name: str) -> str:
        """The words of a region that rode along in an htmx answer."""
        found = self.html.find("hx-partial", attrs={"hx-target": f"#{name}"})
        assert isinstance(found, Tag), f"no part for #{name} in the answer"
        return " ".join(found.get_text(" ").split())

    def one(self, selector: str) -> Tag:
        """The only element a CSS selector finds."""
        found = self.html.select(selector)
        assert len(found) == 1, f"{len(found)} elements for {selector}"
        return found[0]

    def error_of(self, field: str) -> str:
        """The message at a form field."""
        return " ".join(self.one(f"#{field}-error").get_text(" ").split())


class Browser:
    """Keeps cookies, sends the CSRF token that forms carry, follows no redirect by itself."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def signed_in(self, person: "Cast") -> Self:
        """The same browser after `person`, who has used it before, has logged in through the form."""
        from tests.factories import known_device

        self.client.cookies.clear()
        self.client.cookies.set("device", await known_device(person), domain=self.client.base_url.host)
        answer = await self.post("/login", {"identifier": person.email, "password": person.password})
        assert answer.status_code == 303, answer.text
        return self

    async def get(self, path: str, *, part: bool = False, **params: object) -> Answer:
        """Open a page, or ask for its part as htmx does."""
        query = {name: str(value) for name, value in params.items()} or None
        return Answer(await self.client.get(path, params=query, headers=PART if part else None))

    async def post(
        self, path: str, data: Mapping[str, object] | None = None, *, part: bool = False
    ) -> Answer:
        """Send a form."""
        if "csrf" not in self.client.cookies:
            await self.client.get("/login")
        form: dict[str, str | list[str]] = {"_csrf_token": self.client.cookies["csrf"]}
        for name, value in (data or {}).items():
            form[name] = [str(one) for one in value] if isinstance(value, list) else str(value)
        return Answer(await self.client.post(path, data=form, headers=PART if part else None))

    async def follow(self, answer: Answer) -> Answer:
        """Go where a redirect leads."""
        assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:300]}"
        return await self.get(answer.location)
