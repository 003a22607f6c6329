"""Signing up, and proving the address."""

from wtforms import HiddenField, PasswordField, StringField

from app.accounts import rules
from app.accounts.forms.base import CountedForm, accepts_notice, not_own, read_by
from app.errors import _
from app.web.forms import one_line, strip


class SignUpForm(CountedForm):
    """A new patient."""

    name = StringField(_("Your name"), [read_by(rules.read_name)], filters=[one_line])
    email = StringField(_("E-mail address"), [read_by(rules.read_email)], filters=[strip])
    mobile = StringField(_("Mobile number"), [read_by(rules.read_optional_mobile)], filters=[strip])
    password = PasswordField(_("Password"), [not_own("name", "email", "mobile")])
    notice = accepts_notice()
    next = HiddenField()


class VerifyForm(CountedForm):
    """The digits of a letter."""

    code = StringField(_("Code from our e-mail"), [read_by(rules.read_code)], filters=[strip])
    next = HiddenField()


class LinkForm(CountedForm):
    """One button: what opens a letter's link by itself presses none."""

    token = HiddenField()


class VerifyLinkForm(LinkForm):
    """The same in a browser that did not ask for the letter: it wants the password chosen at sign-up."""

    password = PasswordField(_("The password you chose"))
