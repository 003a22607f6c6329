"""The forms of accounts; what they accept is decided by `rules`."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from wtforms import FileField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import StopValidation

from app.accounts import rules
from app.accounts.errors import WrongLogIn
from app.accounts.rules import BadValue
from app.errors import Conflict, Invalid, _
from app.web.forms import Form, one_line, strip
from app.web.i18n import LANGUAGES, sentence

LANGUAGE_NAMES = {"en": "English"}

T = TypeVar("T")
Check = Callable[[Any, Any], None]


def read_by(reader: Callable[[str], object]) -> Check:
    """A validator that lets pass what a reader of `rules` can read."""

    def check(_form: Form, field: Any) -> None:
        try:
            reader(field.data or "")
        except BadValue as bad:
            raise StopValidation(sentence(bad.message)) from None

    return check


def typed(message: str) -> Check:
    """A validator that wants something typed, of any kind."""

    def check(_form: Form, field: Any) -> None:
        if not field.data:
            raise StopValidation(sentence(message))

    return check


class AccountForm(Form):
    """A form whose service may refuse what the form let pass."""

    async def tried(self, act: Awaitable[T]) -> T | None:
        """What an act gives, or None with its refusal put where the person can read it."""
        try:
            return await act
        except Invalid as refusal:
            self.take(refusal)
        except (WrongLogIn, Conflict) as refusal:
            self.form_errors = [*self.form_errors, sentence(refusal.message, refusal.params)]
        return None


class LogInForm(AccountForm):
    """E-mail or mobile, and password."""

    identifier = StringField(
        _("E-mail address or mobile number"),
        [typed(_("Enter your e-mail address or your mobile number."))],
        filters=[strip],
    )
    password = PasswordField(_("Password"), [typed(_("Enter your password."))])
    next = HiddenField()


class SignUpForm(AccountForm):
    """A new patient."""

    name = StringField(_("Your name"), [read_by(rules.read_name)], filters=[one_line])
    email = StringField(_("E-mail address"), [read_by(rules.read_email)], filters=[strip])
    mobile = StringField(_("Mobile number"), [read_by(rules.read_optional_mobile)], filters=[strip])
    password = PasswordField(_("Password"), [read_by(rules.read_password)])
    next = HiddenField()


class VerifyForm(AccountForm):
    """An address and the digits that were sent to it."""

    email = StringField(_("E-mail address"), [read_by(rules.read_email)], filters=[strip])
    code = StringField(_("Code from our e-mail"), [read_by(rules.read_code)], filters=[strip])
    next = HiddenField()


class AskAgainForm(AccountForm):
    """An address that waits for another letter."""

    email = StringField(_("E-mail address"), [read_by(rules.read_email)], filters=[strip])


class LinkForm(AccountForm):
    """One button: what opens a letter's link by itself presses none."""

    token = HiddenField()


class ProfileForm(AccountForm):
    """What an account says about its holder."""

    name = StringField(_("Your name"), [read_by(rules.read_name)], filters=[one_line])
    mobile = StringField(_("Mobile number"), [read_by(rules.read_optional_mobile)], filters=[strip])
    language = SelectField(
        _("Language"), choices=[(code, LANGUAGE_NAMES[code]) for code in LANGUAGES], default=LANGUAGES[0]
    )


class OwnPersonForm(AccountForm):
    """The account holder as somebody who sees a doctor."""

    name = StringField(_("Name"), [read_by(rules.read_name)], filters=[one_line])
    birth_year = StringField(_("Year of birth"), filters=[strip])
    sex = RadioField(
        _("Sex"), choices=[("", _("Rather not say")), *rules.SEXES.items()], default="", validate_choice=False
    )
    mobile = StringField(_("Mobile number"), [read_by(rules.read_optional_mobile)], filters=[strip])
    next = HiddenField()


class PersonForm(OwnPersonForm):
    """Somebody an account books for."""

    relation = SelectField(
        _("Who are they to you?"),
        [read_by(rules.read_choice(rules.RELATIONS))],
        choices=[("", _("Choose")), *rules.RELATIONS.items()],
        default="",
        validate_choice=False,
    )


class PhotoForm(AccountForm):
    """A photo; the handler reads the file itself, and what is wrong with it is said here."""

    photo = FileField(
        _("Choose a photo"),
        description=_(
            "JPEG, PNG or WebP, up to 10 MB. We cut out the middle and keep nothing else of the file, "
            "such as where it was taken."
        ),
    )
    next = HiddenField()
