"""Another e-mail address."""

from wtforms import PasswordField, StringField

from app.accounts import rules
from app.accounts.forms.base import CountedForm, read_by, typed
from app.errors import _
from app.web.forms import strip


class ChangeEmailForm(CountedForm):
    """Another address, asked for with the password."""

    email = StringField(_("New e-mail address"), [read_by(rules.read_email)], filters=[strip])
    password = PasswordField(_("Your password"), [typed(_("Enter your password."))])


class EmailCodeForm(CountedForm):
    """The digits of the letter to the new address."""

    code = StringField(_("Code from our e-mail"), [read_by(rules.read_code)], filters=[strip])
