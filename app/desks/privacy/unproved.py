"""Forgetting accounts of sign-ups that nobody ever confirmed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app import clock
from app.accounts.personal import subject_of
from app.accounts.services.unproved import lock_unproved, shut_unproved, unproved_accounts
from app.booking import personal as booking
from app.db.engine import transaction
from app.desks.privacy.rooms import erase_everywhere, erase_files, things_of
from app.directory.queries import find_doctor_of_user
from app.jobs.registry import every, task
from app.jobs.services import enqueue

FORGET = "privacy.forget_unproved"

UNPROVED_FOR = timedelta(days=30)
"""How long an account waits for its address to be proved.

Name, number and address may have been typed by a stranger, about somebody who never asked for it and has no
way in to erase it. A letter's link holds a day and another can be asked for at any time, so a month is enough
for whoever means it; they can sign up again, since such an account can do nothing that would be lost.
"""


@every("privacy.look_for_unproved", "23 4 * * * 17")
async def look_for_unproved() -> None:
    """Ask for each account to be forgotten whose time is over."""
    for user_id in await unproved_accounts(begun_before=clock.now() - UNPROVED_FOR):
        await enqueue(FORGET, {"user_id": user_id}, dedupe=f"unproved:{user_id}")


@task(FORGET)
async def forget(payload: dict[str, Any]) -> None:
    """Forget one account that nobody proved."""
    await forget_unproved(UUID(payload["user_id"]))


async def forget_unproved(user_id: UUID) -> None:
    """Take out of every room what was typed into an account that nobody proved, and shut it.

    One that was proved meanwhile stays, and one that the clinic knows: with visits, or of a doctor whom an
    administrator let in. Nothing is sealed for the legal term, as nobody has shown to be who was written
    down. Raises StorageAway, and then the tidying of photos takes the files.
    """
    begun_before = clock.now() - UNPROVED_FOR
    async with transaction():
        if not await lock_unproved(user_id, begun_before=begun_before):
            return
        who, doctor = await subject_of(user_id), await find_doctor_of_user(user_id)
        if await booking.visit_ids(who) or (doctor is not None and doctor.is_approved):
            return
        things = await things_of(who)
        await shut_unproved(user_id)
        await erase_everywhere(who, things)
    await erase_files(who, things)
