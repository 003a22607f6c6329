"""How soon, how far ahead and how many of the times patients can book online."""

from typing import Any, Self

from litestar import Response, Router, get, post
from wtforms import SelectField

from app.accounts.access import account_of
from app.desks.doctor.fields import NumberField
from app.desks.doctor.practice import set_rules
from app.desks.doctor.seen import CHANGED, SeenForm
from app.directory.queries import Policies, Practice, find_practice_of_user, policies_of, practice_of_user
from app.errors import Invalid, _
from app.events.actor import Actor
from app.web.doors import roles
from app.web.i18n import ngettext, sentence
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

TEMPLATE = "desks/doctor/rules.html"
_HOUR, _DAY = 60, 24 * 60
LEADS = (0, 15, 30, _HOUR, 2 * _HOUR, 4 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 3 * _DAY, 7 * _DAY)
"""Minutes to choose from; one set elsewhere stands among them."""
AS_CLINIC = ""


def lasting(minutes: int) -> str:
    """`2 hours`: a length of time in the unit that needs no fraction."""
    if minutes and minutes % _DAY == 0:
        return ngettext("%(num)s day", "%(num)s days", minutes // _DAY) % {"num": minutes // _DAY}
    if minutes and minutes % _HOUR == 0:
        return ngettext("%(num)s hour", "%(num)s hours", minutes // _HOUR) % {"num": minutes // _HOUR}
    return ngettext("%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes}


class RulesForm(SeenForm):
    """Fields have the names at which the directory refuses; what is left empty is as the clinic has it."""

    lead_minutes = SelectField(_("How long before a time it can still be booked online"))
    calendar_days = NumberField(_("How many days ahead patients can book"))
    walk_in_percent = NumberField(_("Share of the times kept for walk-ins, in percent"))

    @classmethod
    def of(cls, policies: Policies) -> Self:
        """What holds now, to change."""
        lead = AS_CLINIC if policies.lead_minutes is None else str(policies.lead_minutes)
        typed = {
            "lead_minutes": lead,
            "calendar_days": policies.calendar_days,
            "walk_in_percent": policies.walk_in_percent,
        }
        return cls(data=typed).offering(policies).as_stored()

    def offering(self, policies: Policies) -> Self:
        """The same with the lead times there are to choose from."""
        own = () if policies.lead_minutes is None else (policies.lead_minutes,)
        as_clinic = sentence(_("as the clinic: %(time)s"), {"time": _lead(policies.clinic_lead_minutes)})
        choices = [(AS_CLINIC, as_clinic)]
        choices += [(str(minutes), _lead(minutes)) for minutes in sorted({*LEADS, *own})]
        self.lead_minutes.choices = choices
        return self

    async def save(self, practice: Practice, *, by: Actor) -> bool:
        """Decide it for the practice and make its calendar so; False when the fields say why not."""
        lead = self.lead_minutes.data
        try:
            await set_rules(
                practice,
                lead_minutes=int(lead) if lead else None,
                calendar_days=self.calendar_days.data,
                walk_in_percent=self.walk_in_percent.data,
                by=by,
            )
        except Invalid as refusal:
            self.take(refusal)
            return False
        return True


def _lead(minutes: int) -> str:
    return lasting(minutes) if minutes else sentence(_("until it begins"))


def _rules_page(
    request: WebRequest, practice: Practice, policies: Policies, f: RulesForm, **answer: Any
) -> Response[str]:
    return page(request, TEMPLATE, practice=practice, policies=policies, f=f, **answer)


@get("/doctor/rules", name="doctor.rules", guards=[roles("doctor")])
async def show(request: WebRequest) -> Response[str]:
    """What holds now; before approval a page that says what happens next."""
    practice = await find_practice_of_user(account_of(request).id)
    if practice is None:
        return page(request, TEMPLATE, practice=None)
    policies = await policies_of(practice.id)
    return _rules_page(request, practice, policies, RulesForm.of(policies))


@post("/doctor/rules", name="doctor.rules.change", guards=[roles("doctor")], status_code=200)
async def change(request: WebRequest) -> Response[Any]:
    """Save them; the calendar follows at once."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    policies = await policies_of(practice.id)
    f = (await RulesForm.read(request)).offering(policies)
    if not f.validate():
        return _rules_page(request, practice, policies, f, status=422)
    if f.overtaken(RulesForm.of(policies)):
        return _rules_page(request, practice, policies, f, status=409, notice=CHANGED)
    if not await f.save(practice, by=account.actor):
        return _rules_page(request, practice, policies, f, status=422)
    return go(request, "doctor.rules", notice=Notice(_("The booking rules are saved.")))


router = Router("/", route_handlers=[show, change])
