"""Letters about one's own data."""

from uuid import UUID

from app import clock
from app.accounts.queries import get_user
from app.accounts.records import find_export, get_erasure
from app.directory.queries import was_approved
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.errors import Overtaken
from app.notifications.letters.known import Context, letter
from app.payments.queries import coming_back_paise


@letter
async def export_ready(event: PastEvent) -> Context:
    """The copy somebody asked for is there, and until when."""
    copy = await find_export(UUID(event.facts["export_id"]))
    if copy is None:
        raise Overtaken
    return {"expires_at": copy.expires_at, "zone": clock.HOUSE_ZONE.key, "link": links.data()}


@letter
async def account_erased(event: PastEvent) -> Context:
    """The last letter: what was erased, what stays and until when, and money still on its way."""
    erasure, account = await get_erasure(event.subject_id), await get_user(event.subject_id)
    return {
        "role": account.role,
        "was_approved": await was_approved(account.id),
        "kept_until": erasure.kept_until,
        "zone": clock.HOUSE_ZONE.key,
        "coming_back": await coming_back_paise(event.subject_id),
    }
