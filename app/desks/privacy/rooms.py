"""One person over all rooms: what is kept of them, and taking it out again.

The order of erasing is from what tells of an account to the account itself, so that each room still finds
what is theirs.
"""

from collections.abc import Sequence
from typing import cast
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

NOT_SEALED = frozenset({"idempotency_keys", "webhook_deliveries"})
"""Tables that serve nobody once an account is closed."""


async def things_of(who: Subject) -> list[UUID]:
    """Ids by which the log and letters know what is somebody's: visits, reviews, what they practise as.

    Some are found no more once somebody is erased, so read them before.
    """
    return [
        *await booking.visit_ids(who),
        *await reviews.review_ids(who),
        *await directory.thing_ids(who),
    ]


async def everything_of(who: Subject) -> dict[str, object]:
    """All that is kept of somebody, as it is taken along."""
    tables: Export = {}
    for room in EXPORTING:
        tables |= await room.export(who)
    tables |= await events.export(who.ids, await things_of(who), user_id=who.user_id)
    return {
        "about": {"user_id": str(who.user_id), "role": who.role, "made_at": clock.now().isoformat()},
        "not_included": WITHHELD,
        "tables": tables,
    }


async def sealed_copy_of(who: Subject) -> dict[str, object]:
    """What is kept for the legal term: the same without what says nothing new of anybody.

    Those are answers programs may fetch again for a day, and the gateway's messages word by word, whose sums
    and states stand with payments, captures and refunds.
    """
    document = await everything_of(who)
    tables = cast(Export, document["tables"])
    return {**document, "tables": {name: tables[name] for name in tables if name not in NOT_SEALED}}


async def erase_everywhere(who: Subject, things: Sequence[UUID]) -> None:
    """Take somebody out of every room at once; doing so again takes out what has come since.

    `things` are what `things_of` gives, as it was before anything was taken out.
    """
    async with transaction():
        await events.erase(who.ids, things)
        await forget_answers_about([*who.ids, *things])
        for room in ERASING:
            await room.erase(who)


async def erase_letters(who: Subject, things: Sequence[UUID]) -> None:
    """Take out the letters kept here that tell of somebody or of `things` of theirs."""
    await notifications.erase_files(who, things)


async def erase_files(who: Subject, things: Sequence[UUID]) -> None:
    """Take out what lies outside the database: letters kept here, photos, copies. Raises StorageAway."""
    await notifications.erase_files(who, things)
    await accounts.erase_files(who)


async def forget_everywhere(who: Subject, things: Sequence[UUID]) -> None:
    """Once the legal term is over: take out whatever is left of somebody."""
    async with transaction():
        await erase_everywhere(who, things)
        await payments.forget(who)
        await accounts.forget(who)
