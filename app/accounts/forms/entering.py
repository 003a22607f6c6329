"""Logging in."""

from wtforms import HiddenField, PasswordField, StringField

from app.accounts.forms.base import AccountForm, typed
from app.errors import _
from app.web.forms import strip


class LogInForm(AccountForm):
    """E-mail or mobile, and password."""

    identifier = StringField(
        _("E-mail address or mobile number"),
        [typed(_("Enter your e-mail address or your mobile number."))],
        filters=[strip],
    )
    password = PasswordField(_("Password"), [typed(_("Enter your password."))])
    next = HiddenField()
