"""Signing up, and proving the address."""

from wtforms import HiddenField, PasswordField, StringField

from app.accounts import rules
from app.accounts.forms.base import AccountForm, read_by
from app.errors import _
from app.web.forms import one_line, strip


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
