"""Oneself, and the people one books for."""

from wtforms import FileField, HiddenField, RadioField, SelectField, StringField

from app.accounts import rules
from app.accounts.forms.base import AccountForm, read_by
from app.errors import _
from app.web.forms import one_line, strip
from app.web.i18n import LANGUAGES

LANGUAGE_NAMES = {"en": "English"}


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
