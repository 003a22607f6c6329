"""What an administrator types: which accounts, tries and staff to look for, and what shall become of them."""

from typing import Any

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from app.accounts import rules
from app.accounts.forms import AccountForm, read_by
from app.desks.admin.standing import LONGEST_WHY
from app.directory.queries.staff import ClinicName
from app.errors import _
from app.web.forms import Form, one_line, strip
from app.web.i18n import gettext

RESULT_WORDS = {
    "entered": _("Came in"),
    "second_step_asked": _("Second step asked"),
    "wrong_password": _("Wrong password"),
    "wrong_code": _("Wrong code"),
    "unknown_account": _("Unknown account"),
    "locked": _("Locked after many tries"),
    "limited": _("Too many tries from there"),
    "blocked": _("Blocked account"),
}
STATE_WORDS = {
    "blocked": _("Blocked"),
    "unconfirmed": _("E-mail not confirmed"),
    "waiting": _("Doctor, waits for approval"),
    "erased": _("Erased"),
}
WORKS_AS = {"reception": _("Reception of a clinic"), "admin": _("Administrator")}


def in_words(choices: dict[str, str]) -> list[tuple[str, str]]:
    """Choices of a list in the reader's language, behind one for any of them."""
    return [("", gettext(_("Any"))), *((key, gettext(words)) for key, words in choices.items())]


class FindUsersForm(Form):
    """Which accounts are listed."""

    q = StringField(_("Name, e-mail or mobile"), filters=[strip])
    role = SelectField(_("Role"), default="")
    state = SelectField(_("State"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As WTForms does, with the choices in the reader's language."""
        super().__init__(*args, **kwargs)
        self.role.choices = in_words(rules.ROLES)
        self.state.choices = in_words(STATE_WORDS)


class FindTriesForm(Form):
    """Which tries to log in are listed."""

    q = StringField(_("Name, e-mail or mobile"), filters=[strip])
    result = SelectField(_("Result"), default="")
    address = StringField(_("Network address"), filters=[strip])
    day = DateField(_("Day"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As WTForms does, with the results in the reader's language."""
        super().__init__(*args, **kwargs)
        self.result.choices = in_words(RESULT_WORDS)


class BlockForm(AccountForm):
    """Why an account is shut out."""

    reason = TextAreaField(
        _("Reason"),
        [Length(max=LONGEST_WHY, message=_("Use up to 500 letters."))],
        filters=[strip],
        description=_("The person reads it in our letter."),
    )


class WorkForm(AccountForm):
    """As what somebody works, and where."""

    role = RadioField(_("Works as"), choices=list(WORKS_AS.items()), default="reception")
    clinic = SelectField(_("Clinic"), default="", description=_("An administrator belongs to no clinic."))

    def validate_clinic(self, field: SelectField) -> None:
        """Refuse reception of nowhere."""
        if self.role.data == "reception" and not field.data:
            raise ValidationError(gettext(_("Choose the clinic where the person works.")))

    def with_clinics(self, clinics: list[ClinicName]) -> None:
        """Offer these clinics, by name."""
        named = [(str(one.id), f"{one.name}, {one.city}") for one in clinics]
        self.clinic.choices = [("", gettext(_("Choose"))), *named]
        self.role.choices = [(key, gettext(words)) for key, words in WORKS_AS.items()]


class NewStaffForm(WorkForm):
    """Somebody who shall work at a desk, or run the house."""

    name = StringField(_("Name"), [read_by(rules.read_name)], filters=[one_line])
    email = StringField(_("E-mail address"), [read_by(rules.read_email)], filters=[strip])
