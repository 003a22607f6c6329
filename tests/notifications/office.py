"""A mail server that misbehaves as told, and short ways to what letters say."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from bs4 import BeautifulSoup

from tests.factories import Cast, run_jobs
from tests.surroundings import PostOffice


class BadOffice:
    """Refuses addresses, is slow at one step of the conversation, or cuts the line after the final dot.

    `began` counts how often it came to the slow step.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse_address: str | None = None
        self.seconds = 0.0
        self.slow_at = "data"
        self.cuts = 0
        self.began = 0
        self._controller: Controller | None = None

    def open(self, port: int) -> None:
        """Listen on a port of loopback."""
        self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self._controller.start()

    def shut(self) -> None:
        """Stop listening."""
        assert self._controller is not None
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        await self._be_slow("address")
        if self.refuse_address:
            return self.refuse_address
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._be_slow("data")
        self.letters.append(BytesParser(EmailMessage, policy=modern).parsebytes(envelope.content or b""))
        if self.cuts:
            self.cuts -= 1
            server.transport.abort()
        return "250 kept"

    async def _be_slow(self, step: str) -> None:
        if step == self.slow_at:
            self.began += 1
            await asyncio.sleep(self.seconds)


def text_of(letter: EmailMessage) -> str:
    """The words of the text form."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(letter: EmailMessage) -> str:
    """The HTML form as it was sent."""
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def words_of(letter: EmailMessage) -> str:
    """The words of the HTML form, white space folded."""
    return " ".join(BeautifulSoup(html_of(letter), "html.parser").get_text(" ").split())


@asynccontextmanager
async def at_work(*, seconds: float = 30) -> AsyncIterator[None]:
    """A worker runs meanwhile, and at the end goes on until no job is left."""
    working = asyncio.create_task(run_jobs())
    try:
        yield
        await asyncio.wait_for(working, seconds)
    finally:
        working.cancel()


async def eventually(is_so: Callable[[], Awaitable[object]], *, seconds: float = 20) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not await is_so():  # noqa: ASYNC110 - what is waited for happens in the database
            await asyncio.sleep(0.05)


def newest_to(post_office: PostOffice, person: Cast) -> EmailMessage:
    """The last letter somebody got."""
    return post_office.to(person.email)[-1]


def says(letter: EmailMessage, *words: str) -> None:
    """Both forms say all of it."""
    for form in (" ".join(text_of(letter).split()), words_of(letter)):
        for word in words:
            assert word in form, (word, form)
