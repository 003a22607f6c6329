"""One person over all rooms: what is kept of them, and taking it out again.

The order of erasing is from what tells of an account to the account itself, so that each room still finds
what is theirs.
"""

from uuid import UUID

from app import clock
from app.accounts import personal as accounts
from app.accounts.personal import Export, Subject
from app.booking import personal as booking
from app.db.engine import transaction
from app.desks.privacy.inventory import WITHHELD
from app.directory import personal as directory
from app.events import personal as events
from app.notifications import personal as notifications
from app.payments import personal as payments
from app.reviews import personal as reviews
from app.scheduling import personal as scheduling
from app.web.idempotency import forget_answers_about

EXPORTING = (accounts, directory, scheduling, booking, payments, reviews, notifications)
ERASING = (notifications, reviews, payments, booking, scheduling, directory, accounts)


async def things_of(who: Subject) -> list[UUID]:
    """Ids of the visits and reviews of somebody, by which the log and letters know them."""
    return [*await booking.visit_ids(who), *await reviews.review_ids(who)]


async def everything_of(who: Subject) -> dict[str, object]:
    """All that is kept of somebody, as it is taken along and as it is sealed."""
    tables: Export = {}
    for room in EXPORTING:
        tables |= await room.export(who)
    tables |= await events.export(who.ids, await things_of(who), user_id=who.user_id)
    return {
        "about": {"user_id": str(who.user_id), "role": who.role, "made_at": clock.now().isoformat()},
        "not_included": WITHHELD,
        "tables": tables,
    }


async def erase_everywhere(who: Subject) -> None:
    """Take somebody out of every room at once; doing so again takes out what has come since."""
    async with transaction():
        things = await things_of(who)
        await events.erase(who.ids, things)
        await forget_answers_about([*who.ids, *things])
        for room in ERASING:
            await room.erase(who)


async def erase_files(who: Subject) -> None:
    """Take out what lies outside the database: photos, copies, letters kept here. Raises StorageAway."""
    await notifications.erase_files(who, await things_of(who))
    await accounts.erase_files(who)


async def forget_everywhere(who: Subject) -> None:
    """Once the legal term is over: take out whatever is left of somebody."""
    async with transaction():
        await erase_everywhere(who)
        await payments.forget(who)
        await accounts.forget(who)
