"""The form that leads to the gateway's own page, and that the script turns into its dialog."""

from dataclasses import dataclass

from app.accounts.queries import Account
from app.booking.queries import Visit
from app.errors import _
from app.payments.gateway import checkout_script, hosted_checkout_url
from app.payments.queries import Payment
from app.settings import settings
from app.web.i18n import sentence
from app.web.render import address
from app.web.visitor import WebRequest


@dataclass(frozen=True)
class PayForm:
    """Where to send the payer, with which hidden fields, and the script that does it over our page."""

    action: str
    script: str
    fields: dict[str, str]


def pay_form(request: WebRequest, visit: Visit, payment: Payment, payer: Account) -> PayForm | None:
    """What the gateway's hosted checkout wants to be sent; None while there is no order yet.

    The amount is shown to the payer only: what is charged stands in the order, which we have made.
    """
    if payment.razorpay_order_id is None:
        return None
    here = settings().base_url
    back = address(request, "checkout.return")
    fields = {
        "key_id": settings().razorpay_key_id,
        "order_id": payment.razorpay_order_id,
        "amount": str(payment.amount_paise),
        "currency": "INR",
        "name": visit.clinic_name,
        "description": sentence(_("Visit %(code)s"), {"code": visit.code}),
        "prefill[name]": payer.name,
        "prefill[email]": payer.email,
        **({"prefill[contact]": payer.mobile} if payer.mobile else {}),
        "callback_url": f"{here}{back}?visit={visit.code}",
        "cancel_url": f"{here}{address(request, 'checkout.pay', code=visit.code)}?payment=cancelled",
    }
    return PayForm(hosted_checkout_url(), checkout_script(), fields)
