"""The gateway's own door: signed messages over the raw body."""

from litestar import Response, Router, post

from app.checkout.services import receive_webhook
from app.web.doors import signed_by_gateway
from app.web.limiting import UNCOUNTED
from app.web.visitor import WebRequest


@post(
    "/payment/webhook",
    status_code=200,
    guards=[signed_by_gateway],
    name="api.payment.webhook",
    exclude_from_csrf=True,
    opt=UNCOUNTED,
)
async def webhook(request: WebRequest) -> Response[None]:
    """Take a message of the gateway: 200 once it is kept, 401 where its signature does not hold."""
    await receive_webhook(
        await request.body(),
        signature=request.headers.get("X-Razorpay-Signature"),
        event_id=request.headers.get("X-Razorpay-Event-Id"),
    )
    return Response(None, status_code=200)


router = Router("/api", route_handlers=[webhook], tags=["Payments"])
