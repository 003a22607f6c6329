"""Passwords: forgotten, chosen by a letter, changed."""

from wtforms import HiddenField, PasswordField, StringField

from app.accounts import rules
from app.accounts.forms.base import CountedForm, accepts_notice, not_own, read_by, typed
from app.errors import _
from app.web.forms import one_line, strip


class ForgotForm(CountedForm):
    """The address of an account whose password is forgotten."""

    email = StringField(_("E-mail address"), [read_by(rules.read_email)], filters=[strip])
    next = HiddenField()


class ChoosePasswordForm(CountedForm):
    """A new password, by the link of a letter."""

    password = PasswordField(_("New password"), [read_by(rules.read_password)])


class FirstPasswordForm(ChoosePasswordForm):
    """The same for an account that has not accepted the privacy notice yet."""

    notice = accepts_notice()


class OwnersFirstForm(FirstPasswordForm):
    """The same for an account whose address nobody had proved: what was said of its holder counts no more."""

    name = StringField(_("Your name"), [read_by(rules.read_name)], filters=[one_line])
    password = PasswordField(_("New password"), [not_own("name")])
    notice = accepts_notice()


class ChangePasswordForm(CountedForm):
    """A new password in the place of one that is known."""

    current = PasswordField(_("Current password"), [typed(_("Enter your current password."))])
    password = PasswordField(_("New password"), [read_by(rules.read_password)])
