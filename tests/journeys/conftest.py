"""A real Chromium and a running worker, for whole stories."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from app.jobs.worker import run_worker
from tests.surroundings import Surroundings

PHONE = ViewportSize(width=360, height=640)
DESK = ViewportSize(width=1280, height=800)

NewPage = Callable[..., Awaitable[Page]]


def chromium_path() -> str | None:
    """A Chromium of this machine; None lets Playwright look for a browser of its own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium for all stories; without one the tests fail, they are never skipped."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(),
            args=[
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
                "--disable-dev-shm-usage",
                "--disable-background-networking",
            ],
        )
        yield browser
        await browser.close()


@pytest.fixture
async def new_page(chromium: Browser, surroundings: Surroundings) -> AsyncIterator[NewPage]:
    """Opens a page of somebody's own, with or without JavaScript; complaints of the browser fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def open_page(*, script: bool = True, size: ViewportSize = PHONE) -> Page:
        context = await chromium.new_context(
            base_url=surroundings.base_url, java_script_enabled=script, viewport=size, locale="en-IN"
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.on("console", lambda message: complaints.append(message.text) if _is_csp(message.text) else None)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert not complaints, complaints


def _is_csp(text: str) -> bool:
    return any(words in text for words in ("Content Security Policy", "Refused to", "violates"))


@pytest.fixture
async def worker() -> AsyncIterator[None]:
    """The worker, running beside the story as it does in life."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(stop))
    yield
    stop.set()
    await asyncio.wait_for(running, timeout=10)


async def until(condition: Callable[[], bool], *, seconds: float = 10, what: str = "it") -> None:
    """Wait for something the worker does; fails with a sentence when it never comes."""
    for _turn in range(int(seconds / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{what} did not come within {seconds} s")


def screenshots() -> Path | None:
    """Where to leave pictures of every page, when whoever runs the tests asks for them."""
    folder = os.environ.get("SCREENSHOTS")
    return Path(folder) if folder else None
