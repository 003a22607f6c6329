"""What an administrator types about doctors: whom to find, where they practise, why not, whom to invite."""

from uuid import UUID

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from app.accounts import rules
from app.accounts.forms import AccountForm, read_by, typed
from app.desks.joining.forms import SpecialityForm
from app.directory.queries.staff import ClinicName
from app.directory.rules import LONGEST_WHY
from app.errors import _
from app.web.forms import Form, one_line, strip
from app.web.i18n import gettext


class FindDoctorsForm(Form):
    """Which doctors are listed."""

    q = StringField(_("Name, e-mail or registration number"), filters=[strip])


class ClinicForm(AccountForm):
    """Where a doctor practises; fields have the names at which the directory refuses."""

    clinic_id = SelectField(_("Clinic"), default="", validate_choice=False)

    def with_clinics(self, clinics: list[ClinicName], otherwise: str) -> None:
        """Offer these clinics by name, behind a line that stands for none of them."""
        named = [(str(one.id), f"{one.name}, {one.city}") for one in clinics]
        self.clinic_id.choices = [("", gettext(otherwise)), *named]

    @property
    def chosen(self) -> UUID | None:
        """The clinic, or None; what is no id is one that no clinic has."""
        text = self.clinic_id.data or ""
        if not text:
            return None
        try:
            return UUID(text)
        except ValueError:
            return UUID(int=0)


class RejectForm(AccountForm):
    """Why somebody is turned down."""

    reason = TextAreaField(
        _("Reason"),
        [
            typed(_("Write why, so that the doctor can put it right.")),
            Length(max=LONGEST_WHY, message=_("Use up to 1,000 letters.")),
        ],
        filters=[strip],
        description=_("The doctor reads it in our letter, and may apply again."),
    )


class AddDoctorForm(ClinicForm, SpecialityForm):
    """A doctor added by hand; `account` is the one whose address it is, once that was asked about."""

    name = StringField(
        _("Name"),
        [read_by(rules.read_name)],
        filters=[one_line],
        description=_("As patients shall read it, such as Dr Meera Rao."),
    )
    email = StringField(_("E-mail address"), [read_by(rules.read_email)], filters=[strip])
    account = HiddenField()


class InviteForm(ClinicForm):
    """Whom to invite, if anybody in particular."""

    email = StringField(
        _("E-mail address"),
        filters=[strip],
        description=_(
            "We write the code to it, and only an account with this address can use it. "
            "Without an address you hand the code over yourself."
        ),
    )
