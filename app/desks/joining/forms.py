"""The forms of whoever wants to practise here."""

from typing import Any

from wtforms import SelectField, StringField

from app.accounts.forms import CountedForm, SignUpForm, accepts_notice, typed
from app.directory.queries import Application
from app.directory.rules import LONGEST_NAME
from app.directory.services import Particulars
from app.directory.specialities import SPECIALITIES
from app.errors import _
from app.web.forms import at_most, one_line, strip
from app.web.i18n import gettext

_SHORT = at_most(LONGEST_NAME)


class SpecialityForm(CountedForm):
    """What a doctor is written in as; fields have the names at which the directory refuses."""

    specialization = SelectField(
        _("Speciality"),
        [typed(_("Choose a speciality from the list."))],
        default="",
        description=_("The one practised most. Patients look for it."),
        validate_choice=False,
    )
    registration_number = StringField(_("Registration number"), [_SHORT], filters=[one_line])
    qualifications = StringField(_("Qualifications"), [_SHORT], filters=[one_line])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As every form, with the specialities there are."""
        super().__init__(*args, **kwargs)
        named = sorted(((key, gettext(name)) for key, name in SPECIALITIES.items()), key=lambda one: one[1])
        self.specialization.choices = [("", gettext(_("Choose"))), *named]

    @property
    def said(self) -> Particulars:
        """What was typed, as the directory takes it."""
        return Particulars(
            str(self.specialization.data or ""),
            str(self.qualifications.data or ""),
            str(self.registration_number.data or ""),
        )


class ParticularsForm(SpecialityForm):
    """What an administrator decides by, so it has to be there."""

    registration_number = StringField(
        _("Registration number"),
        [typed(_("Enter your number in the register of the medical council.")), _SHORT],
        filters=[one_line],
        description=_(
            "Your number in the register of the medical council, such as MH 12345. We look it up there, "
            "so that nobody but doctors sees patients here."
        ),
    )
    qualifications = StringField(
        _("Qualifications"),
        [typed(_("Enter your degrees, such as MBBS.")), _SHORT],
        filters=[one_line],
        description=_("Such as MBBS, MD (General Medicine). Patients read them on your page."),
    )

    @classmethod
    def of(cls, application: Application | None) -> "ParticularsForm":
        """What an applicant said before, to say it better."""
        if application is None:
            return cls()
        return cls(
            specialization=application.speciality,
            registration_number=application.registration_number,
            qualifications=application.qualifications,
        )


class DoctorSignUpForm(SignUpForm, ParticularsForm):
    """A new account and its application in one; the notice stands below both."""

    notice = accepts_notice()


class WaitingInvitedForm(CountedForm):
    """An invitation used by somebody whose application waits: everything else is said already."""

    invitation_code = StringField(
        _("Code of the invitation"),
        [typed(_("Enter the code of your invitation."))],
        filters=[strip],
        description=_("Three groups of four letters and digits, as in our e-mail."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As every form, with the code first, as it stands on the page."""
        super().__init__(*args, **kwargs)
        self._fields = {"invitation_code": self._fields.pop("invitation_code"), **self._fields}


class InvitedSignUpForm(WaitingInvitedForm, DoctorSignUpForm):
    """The same by somebody who is new here."""


class InvitedForm(WaitingInvitedForm, ParticularsForm):
    """The same by somebody who has an account and has not applied."""
