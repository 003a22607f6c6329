"""The forms of accounts; what they accept is decided by `rules`."""

from app.accounts.forms.base import AccountForm, CountedForm, accepts_notice, read_by, typed
from app.accounts.forms.email import ChangeEmailForm, EmailCodeForm
from app.accounts.forms.entering import ConfirmLogInForm, LogInForm, TrustForm
from app.accounts.forms.me import OwnPersonForm, PersonForm, PhotoForm, ProfileForm
from app.accounts.forms.passwords import (
    ChangePasswordForm,
    ChoosePasswordForm,
    FirstPasswordForm,
    ForgotForm,
    OwnersFirstForm,
)
from app.accounts.forms.privacy import AcceptForm, AskCopyForm, EraseForm
from app.accounts.forms.signing_up import LinkForm, SignUpForm, VerifyForm, VerifyLinkForm

__all__ = [
    "AcceptForm",
    "AccountForm",
    "AskCopyForm",
    "ChangeEmailForm",
    "ChangePasswordForm",
    "ChoosePasswordForm",
    "ConfirmLogInForm",
    "CountedForm",
    "EmailCodeForm",
    "EraseForm",
    "FirstPasswordForm",
    "ForgotForm",
    "LinkForm",
    "LogInForm",
    "OwnPersonForm",
    "OwnersFirstForm",
    "PersonForm",
    "PhotoForm",
    "ProfileForm",
    "SignUpForm",
    "TrustForm",
    "VerifyForm",
    "VerifyLinkForm",
    "accepts_notice",
    "read_by",
    "typed",
]
