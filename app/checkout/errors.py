"""What checkout refuses, each with the sentence a person reads."""

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
