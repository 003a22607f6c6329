"""What the directory refuses, each with the sentence a person reads."""

from app.errors import Conflict, NotFound, _


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


class ServiceChanged(Conflict):
    """The doctor changed or retired a service while somebody was booking it."""

    slug = "service-changed"
    message = _("The doctor has changed this service or no longer offers it. Please look at it again.")
