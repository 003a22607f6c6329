"""What payments refuses, each with the sentence a person reads."""

from app.errors import Conflict, Invalid, NotFound, NotSignedIn, Unavailable, _


class GatewayDown(Unavailable):
    """The gateway does not answer, or not in a form we can read."""

    slug = "gateway-down"
    message = _("The payment service does not answer just now. Please try again in a minute.")


class GatewayRefused(GatewayDown):
    """The gateway understood a request of ours and said no; `reason` is its own sentence, for the log.

    `is_final` when the same request can never be granted. Nobody who pays can mend this, so people read
    the same sentence as when it is down.
    """

    slug = "gateway-refused"

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__()
        self.reason = reason
        self.is_final = is_final


class BadSignature(NotSignedIn):
    """A message that claims to be the gateway's and is not."""

    slug = "bad-signature"
    message = _("The signature of this message does not hold.")


class NotTheGateways(Invalid):
    """What the browser brought back was not signed by the gateway for this order."""

    slug = "payment-not-confirmed"
    message = _("We could not confirm this payment with the payment service. Nothing was changed.")

    def __init__(self) -> None:
        """A program finds the sentence at the signature, the proof that does not hold."""
        super().__init__(fields={"razorpay_signature": self.message})


class OrderUnknown(NotFound):
    """An order of the gateway that none of our payments has (yet)."""

    slug = "order-unknown"


class NothingToRefund(Conflict):
    """No captured money is left that is not given back already, or on its way."""

    slug = "nothing-to-refund"
    message = _("There is nothing left to give back for this visit.")


class RefundDoesNotFit(Conflict):
    """The gateway tells of a refund that our book has no room for yet; read again later."""

    slug = "refund-does-not-fit"
    message = _("This refund does not fit what is known of the payment.")
