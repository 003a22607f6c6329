"""What reviews refuse, each with the sentence a person reads."""

from app.errors import Conflict, NotFound, _


class NoSuchReview(NotFound):
    """No review of that visit or id, or none that they may see."""

    slug = "no-such-review"
    message = _("We could not find that review.")


class NotCompleted(Conflict):
    """Only who was seen by the doctor can say how it was."""

    slug = "not-completed"
    message = _("You can write a review once the visit has taken place.")


class AlreadyReviewed(Conflict):
    """One review for a visit; it can be changed."""

    slug = "already-reviewed"
    message = _("You have written a review of this visit already. You can change it.")


class AlreadyReported(Conflict):
    """One open report of a review for each person."""

    slug = "already-reported"
    message = _("You have reported this review already. The administrator will look at it.")


class OwnReview(Conflict):
    """Authors change their review, they do not report it."""

    slug = "own-review"
    message = _("This review is your own. You can change it on the page of the visit.")


class IsHidden(Conflict):
    """What nobody reads is neither answered nor reported."""

    slug = "review-hidden"
    message = _("This review is no longer shown, so there is nothing to do.")


class KeptAsItIs(Conflict):
    """What the administrator has looked at and kept is not laid before them again unchanged."""

    slug = "review-kept"
    message = _(
        "The administrator has looked at this review after your report and kept it. "
        "You can report it again if the patient changes it."
    )


class NothingToDecide(Conflict):
    """No report of the review is open, or it is shown again: somebody else has decided already."""

    slug = "nothing-to-decide"
    message = _("This was decided already. Please look again.")
