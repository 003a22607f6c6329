"""Oneself, and the people one books for."""

from typing import Any

from wtforms import FileField, HiddenField, RadioField, SelectField, StringField

from app import clock
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


def _birth_year(text: str) -> int | None:
    return rules.read_birth_year(text, this_year=clock.now().year)


class PersonForm(AccountForm):
    """Somebody an account books for; the fields stand in the order of the page."""

    name = StringField(_("Name"), [read_by(rules.read_name)], filters=[one_line])
    relation = SelectField(
        _("Who are they to you?"),
        [read_by(rules.read_choice(rules.RELATIONS))],
        choices=[("", _("Choose")), *rules.RELATIONS.items()],
        default="",
        validate_choice=False,
    )
    birth_year = StringField(_("Year of birth"), [read_by(_birth_year)], filters=[strip])
    sex = RadioField(
        _("Sex"), choices=[("", _("Rather not say")), *rules.SEXES.items()], default="", validate_choice=False
    )
    mobile = StringField(_("Mobile number"), [read_by(rules.read_optional_mobile)], filters=[strip])
    next = HiddenField()


class OwnPersonForm(PersonForm):
    """The account holder as somebody who sees a doctor."""

    def __init__(self, *args: Any, **values: Any) -> None:
        """As every form, without what they are to themselves."""
        super().__init__(*args, **values)
        del self.relation


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
