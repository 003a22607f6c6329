"""One appointment as the clinic sees it."""

from typing import Any

from litestar import Response
from litestar.types import ExceptionHandlersMap
from wtforms import TextAreaField
from wtforms.validators import Length

from app import clock
from app.accounts.access import account_of
from app.booking.access import visit_for
from app.booking.queries import Visit, history_of
from app.booking.rules import LONGEST_TEXT
from app.booking.services.viewing import note_seen
from app.desks.doctor.acts import BY, HAPPENED, acts_on
from app.desks.history import told
from app.desks.refusals import answered_by, refused_with
from app.errors import Conflict, _
from app.payments.queries import money_history_of, payment_of, refund_of
from app.web.forms import Form, strip
from app.web.render import Notice, page
from app.web.visitor import WebRequest

SHORT_ENOUGH = Length(max=LONGEST_TEXT, message=_("Please say it in 500 characters or fewer."))


class NoteForm(Form):
    """A few words for the patient."""

    note = TextAreaField(_("Note to the patient"), filters=[strip], validators=[SHORT_ENOUGH])


async def appointment_page(
    request: WebRequest,
    visit: Visit,
    *,
    f: NoteForm | None = None,
    notice: Notice | None = None,
    status: int = 200,
) -> Response[Any]:
    """The appointment as it stands; `f` is the answer to a patient, where one was typed already."""
    account, now = account_of(request), clock.now()
    await note_seen(visit.person_id, visit_id=visit.id, by=account.actor)
    return page(
        request,
        "desks/doctor/appointment.html",
        notice=notice,
        status=status,
        visit=visit,
        payment=await payment_of(visit.id),
        refund=await refund_of(visit.id),
        acts=acts_on(visit, account.role, now=now),
        history=told(
            await history_of(visit.id),
            await money_history_of(visit.id),
            zone=visit.zone,
            happened=HAPPENED,
            by=BY,
        ),
        f=f or NoteForm(),
        now=now,
    )


async def _as_it_stands(request: WebRequest, refusal: Conflict) -> Response[Any]:
    """The appointment's page, with what stood in the way above it."""
    visit = await visit_for(request.path_params["code"], account_of(request))
    return await appointment_page(request, visit, **refused_with(refusal))


STAYS: ExceptionHandlersMap = {Conflict: answered_by(_as_it_stands)}
"""For acts whose refusal is best read beside the appointment as it is now."""
