"""The forms of accounts; what they accept is decided by `rules`."""

from app.accounts.forms.base import AccountForm, read_by, typed
from app.accounts.forms.entering import LogInForm
from app.accounts.forms.me import OwnPersonForm, PersonForm, PhotoForm, ProfileForm
from app.accounts.forms.signing_up import AskAgainForm, LinkForm, SignUpForm, VerifyForm

__all__ = [
    "AccountForm",
    "AskAgainForm",
    "LinkForm",
    "LogInForm",
    "OwnPersonForm",
    "PersonForm",
    "PhotoForm",
    "ProfileForm",
    "SignUpForm",
    "VerifyForm",
    "read_by",
    "typed",
]
