"""Letters about money that came in vain, or goes back."""

from uuid import UUID

from app.booking.queries import visit_by_id
from app.events.queries import PastEvent
from app.notifications import links
from app.notifications.letters.about import for_patient
from app.notifications.letters.known import Context, letter
from app.payments.queries import get_refund


@letter
async def paid_too_late(event: PastEvent) -> Context:
    """The payment came when the time was gone or the visit cancelled; everything goes back."""
    visit = await visit_by_id(event.subject_id)
    return {
        **for_patient(visit, event),
        "refund_paise": event.facts["amount_paise"],
        "was_cancelled": event.facts["why"] == "cancelled",
        "home": links.home(),
    }


@letter
async def paid_unexpected(event: PastEvent) -> Context:
    """Money came that nothing was owed for, such as a second payment; it goes back."""
    visit = await visit_by_id(event.subject_id)
    return {**for_patient(visit, event), "refund_paise": event.facts["amount_paise"]}


@letter
async def refunded(event: PastEvent) -> Context:
    """The gateway has sent the money back; the reference is what a bank can look for."""
    refund = await get_refund(UUID(event.facts["refund_id"]))
    return {
        **for_patient(await visit_by_id(event.subject_id), event),
        "refund_paise": refund.amount_paise,
        "reference": refund.razorpay_refund_id,
    }
