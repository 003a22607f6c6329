"""How a person comes in, in a real browser."""

from playwright.async_api import Page

from tests.factories import Cast, known_device


async def log_in(page: Page, person: Cast) -> None:
    """With e-mail address and password, in a browser they have used before."""
    await page.goto("/login")
    device = {"name": "device", "value": await known_device(person), "url": page.url}
    await page.context.add_cookies([device])  # type: ignore[list-item]
    await page.fill("#identifier", person.email)
    await page.fill("#password", person.password)
    await page.click("main form button:has-text('Log in')")
    await page.wait_for_url(lambda url: "/login" not in url)
