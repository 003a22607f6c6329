"""The forms of one's own second step: set up, confirmed, renewed, turned off."""

from wtforms import HiddenField, PasswordField, StringField

from app.accounts.forms.base import AccountForm, CountedForm, typed
from app.errors import _
from app.web.forms import strip


class PasswordAgainForm(CountedForm):
    """The password once more, before something sensitive."""

    password = PasswordField(_("Your password"), [typed(_("Enter your password."))])


class AppCodeForm(AccountForm):
    """What an authenticator app shows for a key that was just taken into it."""

    key_id = HiddenField()
    code = StringField(_("Code of the app"), [typed(_("Enter the 6 digits the app shows."))], filters=[strip])


class SecondStepProofForm(PasswordAgainForm):
    """Password and second step, before the second step itself is changed."""

    code = StringField(
        _("Code of the app, or a recovery code"),
        [typed(_("Enter the 6 digits the app shows, or one of your recovery codes."))],
        filters=[strip],
    )
