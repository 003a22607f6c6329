"""The list of appointments a clinic works with: filters, pages, money beside each."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Response
from wtforms import DateField, SelectField
from wtforms.validators import Optional, ValidationError

from app import clock
from app.accounts.access import account_of
from app.accounts.queries import Account
from app.booking.access import scope_of
from app.booking.queries import Visit, VisitFilter, visit_list
from app.booking.rules import LIVE
from app.booking.services.viewing import note_listed
from app.db.paging import Paged
from app.directory.queries import find_practice_of_user
from app.errors import _
from app.payments.queries import payments_of
from app.web.forms import Form
from app.web.i18n import gettext
from app.web.render import page
from app.web.visitor import WebRequest

PAGE_SIZE = 50
BOOKED = tuple(sorted(LIVE - {"held"}))
_STATES = {
    "booked": _("Booked and done"),
    "pending": _("Waiting for approval"),
    "confirmed": _("Confirmed"),
    "checked_in": _("Checked in"),
    "in_consultation": _("With the doctor"),
    "completed": _("Completed"),
    "no_show": _("Did not come"),
    "cancelled": _("Cancelled"),
    "held": _("Held, not paid"),
    "expired": _("Expired"),
    "all": _("All"),
}


class FilterForm(Form):
    """Which appointments are listed; days are the clinic's, both included."""

    first = DateField(_("From"), [Optional()])
    last = DateField(_("To"), [Optional()])
    status = SelectField(_("State"), default="booked")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As WTForms does, with the states in the reader's language."""
        super().__init__(*args, **kwargs)
        self.status.choices = [(value, gettext(words)) for value, words in _STATES.items()]

    def validate_last(self, field: DateField) -> None:
        """Refuse an end before the beginning."""
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(gettext(_("Choose a day that is not before the first one.")))

    def asked(self) -> VisitFilter:
        """The filter for the query."""
        choice = str(self.status.data)
        statuses = {"booked": BOOKED, "all": ()}.get(choice, (choice,))
        return VisitFilter(statuses, self.first.data, self.last.data)


async def list_page(request: WebRequest) -> Response[Any]:
    """The list from today on, or as the filters in the address say; bad filters are answered with 422."""
    account = account_of(request)
    query = request.query_params
    number = int(text) if (text := query.get("page", "1")).isdecimal() and 0 < int(text) < 100_000 else 1
    today = clock.day_of(clock.now(), await _zone_of(account))
    f = FilterForm(formdata=query) if query else FilterForm(first=today)
    fits = not query or f.validate()
    asked = f.asked() if fits else VisitFilter(BOOKED, today)
    found = await visit_list(scope_of(account), asked, page=number, page_size=PAGE_SIZE)
    await note_listed([visit.person_id for visit in found.items], by=account.actor)
    return page(
        request,
        "desks/doctor/appointments.html",
        part="appointments",
        also=["filters"],
        status=200 if fits else 422,
        f=f,
        found=found,
        payments=await payments_of([visit.id for visit in found.items]),
        today=today,
        href=_pages_address(f, found),
    )


async def _zone_of(account: Account) -> ZoneInfo:
    practice = await find_practice_of_user(account.id) if account.role == "doctor" else None
    return practice.zone_info if practice else clock.HOUSE_ZONE


def _pages_address(f: FilterForm, found: Paged[Visit]) -> str:
    """The address of the list's other pages, up to the page number."""
    chosen = {"first": f.first.data, "last": f.last.data, "status": f.status.data}
    kept = {name: value for name, value in chosen.items() if value}
    return "/appointments?" + urlencode({**kept, "page": ""}) if found.pages > 1 else ""
