"""What checkout refuses, each with the sentence a person reads."""

from collections.abc import Iterable

from app.errors import Conflict, Invalid, _


class WayOfPayingNotOffered(Invalid):
    """A way of paying this clinic does not offer (yet)."""

    slug = "not-offered"

    def __init__(self) -> None:
        super().__init__(fields={"pay_with": _("This way of paying is not offered yet.")})


class NothingToPay(Conflict):
    """The visit costs nothing, so there is no order to make."""

    slug = "nothing-to-pay"
    message = _("There is nothing to pay for this visit.")


class PlanRefused(Conflict):
    """Time is not closed as it was planned; `codes` are the visits the plan does not do for."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = frozenset(codes)
        super().__init__(extra={"visits": sorted(self.codes)})


class AffectedChanged(PlanRefused):
    """Visits would lose their time for which nothing was chosen."""

    slug = "affected-changed"
    message = _("Visits in this time came in meanwhile. Nothing was changed yet. Please look at them first.")


class TimeNotFree(PlanRefused):
    """A time chosen for a visit was taken, chosen for two, begins too soon, or its patient is elsewhere."""

    slug = "time-not-free"
    message = _("Some of the chosen times cannot be had. Nothing was changed yet. Please look again.")


class TooManyAffected(Invalid):
    """More visits would lose their time at once than one page can ask about."""

    slug = "too-many-affected"
    message = _(
        "%(visits)s visits would lose their time, and %(most)s at once is the most. Nothing was changed. "
        "Please close a shorter stretch first."
    )

    def __init__(self, visits: int, *, most: int) -> None:
        super().__init__(fields={"last_on": self.message}, params={"visits": visits, "most": most})
