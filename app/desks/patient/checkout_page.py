"""What a patient sees of a time that is held: check and pay, or that the time is over."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length

from app import clock
from app.accounts.access import patient_of
from app.accounts.queries import Account, Person, get_person, persons_of
from app.booking.access import visit_for
from app.booking.queries import Visit, open_slots, other_times
from app.booking.rules import LONGEST_TEXT
from app.desks.patient.pay_form import pay_form
from app.errors import _
from app.payments.queries import Payment, payment_of
from app.settings import settings
from app.web.forms import Form, strip
from app.web.render import Notice, go, page, wants_part
from app.web.visitor import WebRequest

UNPAID = frozenset({"due", "created", "failed"})
"""States of a payment of which nothing has reached the gateway's till."""

CLOSED = _("You closed the payment. Nothing was charged, and the time is still held for you.")
"""What who leaves the gateway without paying reads, with JavaScript and without."""

_AFTER_TRYING = {
    "failed": _("The payment did not go through. The time is still held for you: you can try again."),
    "cancelled": CLOSED,
}


class DetailsForm(Form):
    """Whom the visit is for, and why."""

    person = SelectField(_("Who is the visit for?"))
    reason = TextAreaField(
        _("Reason for the visit"),
        filters=[strip],
        validators=[Length(max=LONGEST_TEXT, message=_("Please say it in 500 characters or fewer."))],
    )

    async def offer_persons_of(self, account: Account) -> None:
        """Let the account choose among the people it books for."""
        self.person.choices = [(str(one.id), one.name) for one in await persons_of(account.id)]

    async def chosen(self, account: Account) -> Person:
        """The person chosen; raises NotFound for anybody else's."""
        return await get_person(UUID(self.person.data), account_id=account.id)


def is_unpaid(payment: Payment | None) -> bool:
    """Whether no money is on its way to us."""
    return payment is None or payment.status in UNPAID


async def checkout_page(
    request: WebRequest,
    code: str,
    *,
    f: DetailsForm | None = None,
    part: str = "main",
    notice: Notice | None = None,
    status: int = 200,
) -> Response[Any]:
    """The page of a held time as it stands now; once it is booked or money is on its way, on to the visit."""
    account = patient_of(request)
    visit = await visit_for(code, account)
    payment = await payment_of(visit.id)
    now = clock.now()
    if is_unpaid(payment) and (visit.status == "expired" or visit.is_lapsed(now)):
        return await _over(request, visit, now=now, notice=notice, status=status)
    if payment is None or not is_unpaid(payment) or visit.status != "held":
        return go(request, "visits.show", code=visit.code, notice=notice)
    assert visit.hold_expires_at is not None
    return page(
        request,
        "desks/patient/pay.html",
        part=part,
        notice=notice or _what_the_gateway_said(request),
        status=status,
        visit=visit,
        more_until=visit.hold_expires_at + settings().hold_for,
        closed=CLOSED,
        f=f or await _details_of(visit, account),
        pay=pay_form(request, visit, payment, account),
        saved=False,
        now=now,
    )


async def _details_of(visit: Visit, account: Account) -> DetailsForm:
    f = DetailsForm(person=str(visit.person_id), reason=visit.reason)
    await f.offer_persons_of(account)
    return f


def _what_the_gateway_said(request: WebRequest) -> Notice | None:
    words = _AFTER_TRYING.get(request.query_params.get("payment", ""))
    return Notice(words, "refused") if words else None


async def _over(
    request: WebRequest, visit: Visit, *, now: datetime, notice: Notice | None, status: int
) -> Response[Any]:
    """The hold has run out: kindly, with the same time when it is still free, and with others."""
    assert visit.starts_at is not None
    minutes = visit.minutes
    that_day = await open_slots(visit.practice_id, visit.on_date, minutes=minutes, now=now)
    if wants_part(request):
        return go(request, "checkout.pay", code=visit.code, notice=notice)
    near = await other_times(visit.practice_id, near=visit.starts_at, minutes=minutes, now=now, limit=4)
    return page(
        request,
        "desks/patient/lapsed.html",
        notice=notice,
        status=status,
        visit=visit,
        is_free=any(slot.id == visit.slot_id for slot in that_day),
        others=[slot for slot in near if slot.id != visit.slot_id][:3],
    )
