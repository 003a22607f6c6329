"""What a patient sees of one visit: the slip, where the money is, what can be done, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response

from app import clock
from app.accounts.access import patient_of
from app.booking.access import visit_for
from app.booking.queries import HistoryEntry, Visit, history_of
from app.booking.rules import CANCELLABLE, MOVABLE
from app.desks.history import told
from app.directory.queries import Practice
from app.errors import _
from app.events import names
from app.payments.queries import Payment, money_history_of, payment_of, refund_of
from app.reviews.queries import find_review_of
from app.web.filters import moment
from app.web.i18n import sentence
from app.web.render import Notice, page, wants_part
from app.web.visitor import WebRequest

_HAPPENED = {
    names.APPOINTMENT_HELD: _("Time held"),
    names.APPOINTMENT_EXPIRED: _("No longer held"),
    names.APPROVAL_ASKED: _("Doctor asked to confirm"),
    names.APPOINTMENT_BOOKED: _("Booked"),
    names.APPOINTMENT_DECLINED: _("Declined"),
    names.APPOINTMENT_CANCELLED: _("Cancelled"),
    names.APPOINTMENT_RESCHEDULED: _("Moved from %(old)s to %(new)s"),
    names.APPOINTMENT_COMPLETED: _("Completed"),
    names.APPOINTMENT_NO_SHOW: _("Marked as missed"),
    names.RESCHEDULE_REQUESTED: _("Another time asked for"),
    names.RESCHEDULE_DECLINED: _("Request for another time declined"),
    names.RESCHEDULE_WITHDRAWN: _("Request for another time taken back"),
}
_BY = {
    "patient": _("by you"),
    "doctor": _("by the doctor"),
    "reception": _("by the clinic"),
    "admin": _("by the clinic"),
}
_ANSWERS = (
    names.RESCHEDULE_REQUESTED,
    names.RESCHEDULE_DECLINED,
    names.RESCHEDULE_WITHDRAWN,
    names.APPOINTMENT_RESCHEDULED,
)
_ON_THE_CALENDAR = CANCELLABLE | {"in_consultation", "completed", "cancelled"}

_SEEN_BY_VIDEO = ("confirmed", "checked_in", "in_consultation")
LINK_BEFORE = timedelta(minutes=15)
"""How long before a visit by video begins its link is shown; the page names the minutes too."""

JUST_PAID = "?paid=1"
"""Query of the visit's page for those who come from the gateway with its signature."""


@dataclass(frozen=True)
class Acts:
    """What the patient can do with the visit now."""

    pay: bool
    cancel: bool
    ask: bool
    calendar: bool


@dataclass(frozen=True)
class Meeting:
    """Where a visit by video takes place: the doctor's link once it is time, and how long until then."""

    opens_at: datetime
    is_open: bool
    link: str
    seconds_left: int


def meeting_of(visit: Visit, *, now: datetime) -> Meeting | None:
    """The meeting of a visit by video that is still to come or goes on; None for any other."""
    if visit.service_mode != "video" or visit.status not in _SEEN_BY_VIDEO:
        return None
    if visit.starts_at is None or visit.ends_at is None or visit.ends_at <= now:
        return None
    opens_at = visit.starts_at - LINK_BEFORE
    is_open = opens_at <= now
    left = ceil(max((opens_at - now).total_seconds(), 0))
    return Meeting(opens_at, is_open, visit.meeting_link if is_open else "", left)


def acts_on(visit: Visit, *, now: datetime) -> Acts:
    """What the state and the time allow; the services decide again when it is done."""
    ahead = not visit.has_begun(now)
    return Acts(
        pay=visit.status == "held" and not visit.is_lapsed(now),
        cancel=ahead and visit.status in CANCELLABLE,
        ask=ahead and visit.status in MOVABLE and visit.request is None,
        calendar=visit.starts_at is not None and visit.status in _ON_THE_CALENDAR,
    )


def is_settling(visit: Visit, payment: Payment | None, *, just_paid: bool) -> bool:
    """Whether the payer has done their part and the gateway's word is still to come.

    `just_paid` when they come from the gateway: while it does not answer us, our book knows of nothing yet.
    """
    if payment is None or visit.status not in ("held", "expired"):
        return False
    if payment.status == "captured":
        return payment.left_paise > 0
    return payment.status == "authorized" or (just_paid and payment.status == "created")


def answer_of(history: Sequence[HistoryEntry]) -> HistoryEntry | None:
    """What became of the last wish for another time: open, taken back, not possible, moved; None without."""
    return next((entry for entry in reversed(history) if entry.event in _ANSWERS), None)


def map_address(at: Visit | Practice) -> str:
    """A search for the clinic on a map, which opens the map of the phone."""
    place = f"{at.clinic_name}, {at.clinic_address}, {at.clinic_city} {at.clinic_pincode}"
    return "https://www.google.com/maps/search/?" + urlencode({"api": 1, "query": place})


def share_address(visit: Visit) -> str:
    """A WhatsApp message for who comes along: doctor, clinic, time, number, code, map; never the reason."""
    when = moment(visit.starts_at, visit.zone) if visit.starts_at else ""
    about: dict[str, object] = {"doctor": visit.doctor_name, "clinic": visit.clinic_name, "when": when}
    lines = [sentence(_("Visit to %(doctor)s at %(clinic)s, %(when)s."), about)]
    if visit.token_number is not None:
        lines.append(sentence(_("Number %(number)s."), {"number": visit.token_number}))
    lines += [sentence(_("Code %(code)s."), {"code": visit.code}), map_address(visit)]
    return "https://wa.me/?text=" + quote("\n".join(lines))


async def visit_page(
    request: WebRequest, code: str, *, notice: Notice | None = None, status: int = 200
) -> Response[Any]:
    """The visit as it stands.

    While the bank is asked, htmx asks for the part again and again, and gets nothing until it has changed.
    """
    visit = await visit_for(code, patient_of(request))
    payment = await payment_of(visit.id)
    settling = is_settling(visit, payment, just_paid="paid" in request.query_params)
    if settling and wants_part(request) and status == 200:
        return Response(None, status_code=204)
    history = await history_of(visit.id)
    now = clock.now()
    return page(
        request,
        "desks/patient/visit.html",
        part="visit_now",
        notice=notice,
        status=status,
        visit=visit,
        payment=payment,
        refund=await refund_of(visit.id),
        review=await find_review_of(visit.id) if visit.status == "completed" else None,
        settling=settling,
        acts=acts_on(visit, now=now),
        meeting=meeting_of(visit, now=now),
        answer=answer_of(history),
        history=told(history, await money_history_of(visit.id), zone=visit.zone, happened=_HAPPENED, by=_BY),
        map=map_address(visit),
        share=share_address(visit),
        now=now,
    )
