"""What people write is not carried out by a real browser, whoever opens the page it stands on."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import Page

from tests.doors_scene import Scene, the_scene
from tests.doors_table import DOORS
from tests.evil_texts import EVIL_TEXTS, MARK
from tests.journeys.conftest import NewPage
from tests.surroundings import Surroundings
from tests.test_injection import FREE_TEXTS, PAGES

SCRIPTS = ("markup", "a way out of the document", "an attribute", "an address")
NO_DOCUMENT = re.compile(r"{token|\.ics$|/live$|^/me/data/copy/|^/photos/")
"""What a browser downloads, follows, or shows without a document of ours."""
WRITERS = ("the patient", "the doctor")


@pytest.fixture
async def scene(surroundings: Surroundings, owner: asyncpg.Connection) -> AsyncIterator[Scene]:
    async with the_scene(surroundings.base_url, owner) as prepared:
        yield prepared


@pytest.mark.parametrize("evil", SCRIPTS)
async def test_a_browser_carries_out_nothing_that_people_wrote(
    scene: Scene, evil: str, surroundings: Surroundings, new_page: NewPage
) -> None:
    await _write_everywhere(scene, EVIL_TEXTS[evil])
    shown = 0
    for who in (*WRITERS, "an administrator"):
        page = await new_page()
        page.on("dialog", lambda _dialog: pytest.fail("a dialog opened"))
        session = {"name": "access", "value": scene.tokens[who], "url": surroundings.base_url}
        await page.context.add_cookies([session])  # type: ignore[list-item]
        for door in PAGES:
            if door.insider == who and not NO_DOCUMENT.search(door.path):
                shown += await _open(page, scene.path(door), door.call)
    assert shown > 5, "hardly a page shows what was written"


async def _write_everywhere(scene: Scene, text: str) -> None:
    """Send every form with a text of people, whose writer may; what ends a visit is left out."""
    for door in DOORS:
        body = scene.filled(door.send)
        if door.is_safe or not door.is_page or not isinstance(body, dict) or not {*body} & FREE_TEXTS:
            continue
        if door.path.endswith(("/cancel", "/decline")) or door.insider not in WRITERS:
            continue
        fields = {name: [text] if isinstance(body[name], list) else text for name in {*body} & FREE_TEXTS}
        await scene.call(door, door.insider, send={**body, **fields})


async def _open(page: Page, path: str, call: str) -> bool:
    """Open a page and give its scripts a moment; whether it shows what was written."""
    answer = await page.goto(path, wait_until="load")
    assert answer is not None
    assert await page.evaluate(f"window.{MARK}") is None, f"{call} carried it out"
    return answer.ok and MARK in await page.content()
