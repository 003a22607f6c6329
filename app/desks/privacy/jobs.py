"""Background work of privacy: copies to make and to let go, accounts to mask and to forget."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app import clock
from app.accounts.records import erasures_to_finish, erasures_to_mask, open_exports
from app.accounts.services.exports import MAKE, tidy_exports
from app.desks.privacy import leaving
from app.desks.privacy.copies import make_copy
from app.jobs.registry import every, task
from app.jobs.services import enqueue
from app.notifications.queries import settled
from app.notifications.services import GIVE_UP_AFTER

MASK = "privacy.mask"
FINISH = "privacy.finish"
LETTER = "account_erased"

WRITTEN_WITHIN = timedelta(hours=1)
"""By then the last letter is written down, and from then on it is tried for GIVE_UP_AFTER."""


@task(MAKE)
async def make(payload: dict[str, Any]) -> None:
    """Make a copy somebody asked for."""
    await make_copy(UUID(payload["export_id"]))


@task(MASK)
async def mask(payload: dict[str, Any]) -> None:
    """Take somebody out who gave the account up."""
    await leaving.mask(UUID(payload["user_id"]))


@task(FINISH)
async def finish(payload: dict[str, Any]) -> None:
    """Let go of what was kept for the legal term."""
    await leaving.finish(UUID(payload["user_id"]))


@every("privacy.look", "* * * * * 25")
async def look() -> None:
    """Ask again for copies that are still to be made, and for masking once the last letter is out."""
    for export_id in await open_exports(now=clock.now()):
        await enqueue(MAKE, {"export_id": export_id}, dedupe=f"export:{export_id}")
    waiting, late = await erasures_to_mask(), clock.now() - GIVE_UP_AFTER - WRITTEN_WITHIN
    told = await settled([erasure.user_id for erasure in waiting], LETTER)
    for erasure in waiting:
        if erasure.asked_at < late or erasure.user_id in told:
            await enqueue(MASK, {"user_id": erasure.user_id}, dedupe=f"mask:{erasure.user_id}")


@every("privacy.tidy", "*/10 * * * * 40")
async def tidy() -> None:
    """Let go of copies whose week is over, and of accounts whose legal term is."""
    for erasure in await erasures_to_finish(now=clock.now()):
        await enqueue(FINISH, {"user_id": erasure.user_id}, dedupe=f"finish:{erasure.user_id}")
    await tidy_exports()
