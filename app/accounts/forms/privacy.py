"""One's own data: the notice of it, a copy of it, and its end."""

from typing import Any

from wtforms import BooleanField, HiddenField, PasswordField, StringField

from app.accounts.forms.base import AccountForm, CountedForm, typed
from app.accounts.rules import NOTICE_LANGUAGES, NOTICE_VERSION
from app.errors import _
from app.web.forms import strip
from app.web.i18n import sentence


class AcceptForm(AccountForm):
    """The notice, accepted: which version of it was shown, and in which language."""

    version = HiddenField()
    language = HiddenField()

    def validate(self, *args: Any, **more: Any) -> bool:
        """As of every form; nobody agrees to what they were not shown, or in a language it is not in."""
        if self.version.data == NOTICE_VERSION and self.language.data in NOTICE_LANGUAGES:
            return bool(super().validate(*args, **more))
        self.form_errors = [sentence(_("The notice has changed since. Please read it as it is now."))]
        return False


class AskCopyForm(CountedForm):
    """The password again, before a copy of everything is made; with a second step its code, too."""

    password = PasswordField(_("Your password"), [typed(_("Enter your password."))])
    code = StringField(_("Code of the app, or a recovery code"), filters=[strip])


class EraseForm(AskCopyForm):
    """The same, and a tick, before an account is closed for good."""

    sure = BooleanField(
        _("I know that this cannot be undone."), [typed(_("Please tick this box if you are sure."))]
    )
