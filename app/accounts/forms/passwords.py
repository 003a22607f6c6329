"""Passwords: forgotten, chosen by a letter, changed."""

from wtforms import HiddenField, PasswordField, StringField

from app.accounts import rules
from app.accounts.forms.base import AccountForm, accepts_notice, read_by, typed
from app.accounts.forms.entering import CountedForm
from app.errors import _
from app.web.forms import strip


class ForgotForm(AccountForm):
    """The address of an account whose password is forgotten."""

    email = StringField(_("E-mail address"), [read_by(rules.read_email)], filters=[strip])
    next = HiddenField()


class ChoosePasswordForm(AccountForm):
    """A new password, by the link of a letter."""

    password = PasswordField(_("New password"), [read_by(rules.read_password)])


class FirstPasswordForm(ChoosePasswordForm):
    """The same for an account that has not accepted the privacy notice yet."""

    notice = accepts_notice()


class ChangePasswordForm(CountedForm):
    """A new password in the place of one that is known."""

    current = PasswordField(_("Current password"), [typed(_("Enter your current password."))])
    password = PasswordField(_("New password"), [read_by(rules.read_password)])
