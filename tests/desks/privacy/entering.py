"""A browser of somebody who has logged in, without the cost of it."""

from tests.browser import Browser
from tests.factories import Cast, token_of


async def entered(browser: Browser, person: Cast) -> Browser:
    """The same browser with a fresh session of `person` and nothing else."""
    browser.client.cookies.clear()
    browser.client.cookies.set("access", await token_of(person))
    return browser
