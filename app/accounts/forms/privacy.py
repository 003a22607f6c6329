"""One's own data: a copy of it, and its end."""

from wtforms import BooleanField, PasswordField

from app.accounts.forms.base import AccountForm, typed
from app.errors import _


class AskCopyForm(AccountForm):
    """The password again, before a copy of everything is made."""

    password = PasswordField(_("Your password"), [typed(_("Enter your password."))])


class EraseForm(AccountForm):
    """The password again, and a tick, before an account is closed for good."""

    password = PasswordField(_("Your password"), [typed(_("Enter your password."))])
    sure = BooleanField(
        _("I know that this cannot be undone."), [typed(_("Please tick this box if you are sure."))]
    )
