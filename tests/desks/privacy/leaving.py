"""Short ways to an account that is given up, or erased."""

from app.desks.privacy.jobs import look
from app.desks.privacy.leaving import close_for_good
from app.events.queries import PastEvent, events_of
from tests.accounts.places import HERE
from tests.browser import Browser
from tests.desks.privacy.entering import entered
from tests.factories import Cast, run_jobs


async def event_of(person: Cast) -> PastEvent:
    """The event of an account that was given up."""
    return next(event for event in await events_of(person.id) if event.name == "ACCOUNT_ERASED")


async def give_up(browser: Browser, person: Cast, **typed: object) -> int:
    """Send the form as `person`; gives the status of the answer."""
    form = {"password": person.password, "sure": "y", **typed}
    return (await (await entered(browser, person)).post("/me/data/erase", form)).status_code


async def erase(person: Cast) -> None:
    """All of it, as page and worker do it."""
    await close_for_good(await person.account(), password=person.password, where=HERE)
    await run_jobs()
    await look()
    await run_jobs()
