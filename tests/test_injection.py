"""Whatever people write stays what they wrote: in pages, headers, letters and the log."""

import logging
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from itertools import cycle

import asyncpg
import httpx
import pytest

from app.jobs.worker import drain
from app.web.logs import KeyValue
from tests import doors_table as table
from tests.doors_scene import Scene, the_scene
from tests.doors_table import DOORS
from tests.evil_texts import EVIL_TEXTS, MARK, what_became_of
from tests.surroundings import PostOffice, Surroundings

FREE_TEXTS = frozenset(
    {
        *("name", "note", "reason", "wish", "text", "answer", "why", "title", "about", "designation"),
        *("qualifications", "registration_number", "description", "category", "languages", "q"),
    }
)
"""Fields in which people may write what they like."""

PAGES = [door for door in DOORS if door.is_safe and door.is_page and door.who != table.THIS_MACHINE]
IN_TURN = "each in turn"
"""Every text is tried on every change, each in some field; `full` tries each of them in all."""


@pytest.fixture
async def scene(surroundings: Surroundings, owner: asyncpg.Connection) -> AsyncIterator[Scene]:
    async with the_scene(surroundings.base_url, owner) as prepared:
        yield prepared


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What the process would have written to its log meanwhile, in the form in which it writes."""
    kept: list[str] = []
    keeper = logging.Handler(logging.INFO)
    keeper.setFormatter(KeyValue())
    keeper.emit = lambda record: kept.append(keeper.format(record))  # type: ignore[method-assign]
    logging.getLogger().addHandler(keeper)
    yield kept
    logging.getLogger().removeHandler(keeper)


def wrong_with(answer: httpx.Response) -> list[str]:
    """What an answer shows that a text of a person put there."""
    wrong = [f"a header {name}" for name in answer.headers if MARK in name]
    wrong += [f"a broken header {name}" for name, text in answer.headers.items() if {"\r", "\n"} & set(text)]
    if answer.status_code >= 500:
        wrong.append(f"an error {answer.status_code}")
    if answer.headers.get("content-type", "").startswith("text/html"):
        wrong += what_became_of(answer.text)
    return wrong


def texts_of(letter: EmailMessage) -> list[EmailMessage]:
    """The parts of a letter that are read by people."""
    return [part for part in letter.walk() if part.get_content_maintype() == "text"]


def wrong_with_letter(letter: EmailMessage) -> list[str]:
    """What a letter has that a text of a person put there."""
    wrong = [f"a header {name}" for name in letter if MARK in name or name in ("Bcc", "Cc")]
    wrong += [] if len(letter.get_all("To", [])) == 1 else ["another reader"]
    for part in letter.walk():
        if part.get_content_type() == "text/html":
            wrong += what_became_of(part.get_content())
        if part.get_content_type() == "text/calendar":
            wrong += [f"a line {line}" for line in part.get_content().splitlines() if line.startswith("Bcc")]
    return wrong


@pytest.mark.parametrize(
    "evil",
    [
        IN_TURN,
        "markup",
        *(pytest.param(one, marks=pytest.mark.full) for one in EVIL_TEXTS if one != "markup"),
    ],
)
async def test_a_text_through_every_form_stays_a_text(
    scene: Scene, evil: str, lines: list[str], post_office: PostOffice
) -> None:
    wrong: list[str] = []
    taken: set[str] = set()
    shown: set[str] = set()
    texts = cycle(EVIL_TEXTS.values() if evil == IN_TURN else [EVIL_TEXTS[evil]])
    for door in DOORS:
        body = scene.filled(door.send)
        if door.is_safe or not isinstance(body, dict) or not body:
            continue
        for fields in filter(None, ({*body} & FREE_TEXTS, {*body})):
            sent = {**body, **{name: _as_sent(body[name], next(texts)) for name in sorted(fields)}}
            answer = await scene.call(door, door.insider, send=sent)
            if answer.status_code >= 400 and fields <= FREE_TEXTS and door.call not in taken:
                await drain()
                wrong += await _read(scene, shown)  # what was written until here is taken away now
                await scene.shelf.put_back()
                answer = await scene.call(door, door.insider, send=sent)
            wrong += [f"{door.call} ({', '.join(sorted(fields))}): {what}" for what in wrong_with(answer)]
            if answer.status_code < 400:
                taken.add(door.call)
    await drain()
    wrong += await _read(scene, shown)
    for letter in post_office.letters:
        wrong += [f"letter {letter['Subject']}: {what}" for what in wrong_with_letter(letter)]
    wrong += [f"log: {line}" for line in lines if "\n" in line or MARK in line]
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert len(taken) > 20, sorted(taken)
    assert len(shown) > 5, sorted(shown)
    assert any(MARK in part.get_content() for letter in post_office.letters for part in texts_of(letter))


def _as_sent(usual: object, text: str) -> object:
    return [text] if isinstance(usual, list) else text


async def _read(scene: Scene, shown: set[str]) -> list[str]:
    """Open each page as somebody who may; which of them show what was written is added to `shown`."""
    wrong = []
    for page in PAGES:
        answer = await scene.call(page, page.insider)
        if MARK in answer.text:
            shown.add(page.call)
        wrong += [f"{page.call}: {what}" for what in wrong_with(answer)]
    return wrong
