"""What the directory refuses, each with the sentence a person reads."""

from app.errors import Conflict, Invalid, NotFound, _


class NoSuchDoctor(NotFound):
    """No doctor under that address or id, or one whose practice is not open."""

    message = _("We could not find that doctor.")


class NoOpenPractice(NotFound):
    """The doctor signed in has no approved practice yet."""

    slug = "no-open-practice"
    message = _("Your practice is not open yet. You can offer times once the administrator has approved it.")


class NoSuchService(NotFound):
    """The doctor offers no such service, or not any more."""

    message = _("The doctor does not offer that service.")


class DoctorAlready(Conflict):
    """An account applies as a doctor once."""

    slug = "doctor-already"
    message = _("This account has applied as a doctor already.")


class DoctorApproved(Conflict):
    """Whoever is let in already can neither be turned down nor apply."""

    slug = "doctor-approved"
    message = _("This doctor is approved already.")


class ApplicationRejected(Conflict):
    """An application is turned down once; approving it, or applying again, is still possible."""

    slug = "application-rejected"
    message = _("This application was turned down already.")


class NotYetApproved(Conflict):
    """Only whom an administrator let in practises anywhere."""

    slug = "not-yet-approved"
    message = _("This doctor is not approved yet.")


class NotAnApplicant(Conflict):
    """The account cannot become a doctor's: it works at a desk, or runs the house."""

    slug = "not-an-applicant"
    message = _("This account belongs to reception or an administrator.")


class InvitationNotValid(Invalid):
    """The same answer for a code that never was, was used, is too old or was withdrawn."""

    slug = "invitation-not-valid"

    def __init__(self) -> None:
        super().__init__(
            fields={
                "invitation_code": _(
                    "This invitation is not valid: it was used, withdrawn or is too old, "
                    "or the code was typed otherwise than it was written."
                )
            }
        )


class InvitationForAnother(InvitationNotValid):
    """An invitation written to an address serves the account of that address alone."""

    slug = "invitation-for-another"

    def __init__(self) -> None:
        Invalid.__init__(
            self,
            fields={
                "invitation_code": _(
                    "This invitation was written to another e-mail address, "
                    "and works only for an account with that address."
                )
            },
        )


class InvitationUsed(Conflict):
    """An invitation somebody has used cannot be withdrawn any more."""

    slug = "invitation-used"
    message = _("Somebody has used this invitation already.")


class ServiceChanged(Conflict):
    """The doctor changed or retired a service while somebody was booking it."""

    slug = "service-changed"
    message = _("The doctor has changed this service or no longer offers it. Please look at it again.")
