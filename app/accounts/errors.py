"""What accounts refuse, each with the sentence a person reads."""

from app.errors import Conflict, Invalid, NotFound, NotSignedIn, TooMany, Unavailable, _


class EmailTaken(Conflict):
    """An account with this e-mail address exists; only programs are told so."""

    slug = "email-taken"
    message = _("There is already an account with this e-mail address.")


class WrongLogIn(NotSignedIn):
    """The same answer for an unknown account, a wrong password and a blocked account."""

    slug = "wrong-log-in"
    message = _("These do not match an account. Please check both and try again.")


class LogInLocked(TooMany):
    """Too many wrong passwords, of this client or of strangers together; the same where nobody is meant."""

    slug = "log-in-locked"

    def __init__(self, *, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        message = _("Too many wrong tries. Try again in %(days)s days.")
        if minutes <= 1:
            message = _("Too many wrong tries. Try again in a minute.")
        elif minutes <= 120:
            message = _("Too many wrong tries. Try again in %(minutes)s minutes.")
        elif minutes <= 48 * 60:
            message = _("Too many wrong tries. Try again in %(hours)s hours.")
        super().__init__(message, retry_after=retry_after)


class LogInOver(NotSignedIn):
    """The log-in that waited for its second step is used, too old, ended, or began on another device."""

    slug = "log-in-over"
    message = _("This log-in took too long or began somewhere else. Please log in again.")


class WrongSecondStep(Invalid):
    """The code of the second step is not right, or was used before."""

    slug = "wrong-code"

    def __init__(self) -> None:
        super().__init__(fields={"code": _("This code does not work. Please check it and try again.")})


class SecondStepLocked(TooMany):
    """Too many codes of a second step, of this client or of strangers together."""

    slug = "second-step-locked"

    def __init__(self, *, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        message = _(
            "Too many tries. Try again in %(hours)s hours. If you cannot wait, choose a new password, or ask "
            "your administrator: then you begin anew."
        )
        if minutes <= 1:
            message = _("Too many tries. Try again in a minute.")
        elif minutes <= 120:
            message = _(
                "Too many tries. Try again in %(minutes)s minutes. If you cannot wait, choose a new password."
            )
        super().__init__(message, retry_after=retry_after)


class TooManyPasswords(TooMany):
    """So many wrong passwords in a row, in whatever session, that only a letter helps."""

    slug = "too-many-passwords"

    def __init__(self, *, retry_after: int) -> None:
        message = _(
            "Too many wrong passwords were typed for this account. Choose a new one with “Forgotten "
            "password?”, on the log-in page or where you change it."
        )
        super().__init__(message, retry_after=retry_after)


class ChangedMeanwhile(Conflict):
    """The password that was typed is none any more, or the session that asks was ended."""

    slug = "changed-meanwhile"
    message = _(
        "Your password was changed or you were logged out at this very moment. Log in again, and try again."
    )


class OtherBrowser(Conflict):
    """The link was asked for in another browser, and trusts that one alone."""

    slug = "other-browser"
    message = _(
        "This link works only in the browser you asked for it in. Open it there, or ask for another here."
    )


class SessionOver(NotSignedIn):
    """The refresh token is unknown, too old or already spent, or its session has ended."""

    slug = "session-over"
    message = _("This session is over. Please log in again.")


class WrongCode(Invalid):
    """The code is not the newest one, was tried too often, or is too old."""

    slug = "wrong-code"

    def __init__(self) -> None:
        super().__init__(
            fields={
                "code": _(
                    "This code does not work. Please use the one from our newest e-mail, open its link, or "
                    "ask for another."
                )
            }
        )


class LinkSpent(Invalid):
    """The link was used, is too old, or is not ours."""

    slug = "link-spent"

    def __init__(self) -> None:
        super().__init__(
            fields={"token": _("This link was already used or is too old. You can ask for a new one.")}
        )


class WrongAppCode(Invalid):
    """The code is not what the authenticator app shows now, or was used before."""

    slug = "wrong-app-code"

    def __init__(self) -> None:
        super().__init__(
            fields={
                "code": _("This code does not work. Wait until the app shows the next one, and enter that.")
            }
        )


class SecondStepOn(Conflict):
    """An authenticator app is set up already; another takes its place once it is turned off."""

    slug = "second-step-on"
    message = _("Your second step is on already.")


class TooManyPersons(Conflict):
    """More persons than one family has."""

    slug = "too-many-persons"
    message = _("You cannot add more people to this account.")


class OwnPerson(Conflict):
    """The account holder is one of the people of the account for as long as it lives."""

    slug = "own-person"
    message = _("You cannot take yourself out.")


class PhotosBusy(Unavailable):
    """More photos are put up at this moment than we open at the same time."""

    slug = "photos-busy"
    message = _("Many people put up a photo just now. Please try again in a minute.")


class OwnAccount(Conflict):
    """An administrator would do to the own account what asks for the password, or shut themselves out."""

    slug = "own-account"
    message = _(
        "This is your own account. Password, devices and second step you change under Security; for anything "
        "else ask another administrator."
    )


class LastAdmin(Conflict):
    """Nobody would be left to run the house."""

    slug = "last-admin"
    message = _("This is the only administrator. Make somebody else one first.")


class AccountBlocked(Conflict):
    """Nothing is begun for an account that is shut out."""

    slug = "account-blocked"
    message = _("This account is blocked. Unblock it first.")


class AccountErased(Conflict):
    """The person asked for the account to be erased; there is no way back."""

    slug = "account-erased"
    message = _("This account was erased when its owner asked for it. Nothing can be changed any more.")


class CopyOnItsWay(Conflict):
    """A copy of somebody's data is being made; another one would say the same."""

    slug = "copy-on-its-way"
    message = _("Your copy is being made already. You will get an e-mail when it is ready.")


class NoSuchCopy(NotFound):
    """No copy of theirs under that address, or one whose week is over."""

    slug = "no-such-copy"
    message = _("This copy is not kept any more. You can ask for a new one.")
