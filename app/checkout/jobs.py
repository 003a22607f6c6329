"""Background work of checkout: captures, messages of the gateway, and what time brings."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.checkout import services
from app.jobs.registry import every, task
from app.jobs.services import enqueue
from app.payments.queries import waiting_deliveries


@task("checkout.capture", tries=12)
async def capture(payload: dict[str, Any]) -> None:
    """Take an authorized payment."""
    await services.capture(payload["razorpay_order_id"], payload["razorpay_payment_id"])


@task("checkout.make_order", tries=200, longest_retry=timedelta(seconds=15))
async def make_order(payload: dict[str, Any]) -> None:
    """Ask again for an order the gateway did not answer for; the tries outlast a hold that was extended."""
    await services.make_order_late(UUID(payload["appointment_id"]))


@task("checkout.handle_webhook")
async def handle_webhook(payload: dict[str, Any]) -> None:
    """Do what a message of the gateway asks for."""
    await services.handle_webhook(payload["event_id"])


@task("checkout.close_hold")
async def close_hold(payload: dict[str, Any]) -> None:
    """Ask the gateway about a lapsed hold, then settle or close it."""
    await services.close_hold(UUID(payload["appointment_id"]))


@task("checkout.move_visit")
async def move_visit(payload: dict[str, Any]) -> None:
    """Move or cancel a visit whose time was closed."""
    await services.move_one(UUID(payload["closing_id"]), UUID(payload["appointment_id"]))


@every("checkout.move_again", "* * * * * 30")
async def move_again() -> None:
    """Ask again for visits whose time was closed and that nothing has become of."""
    await services.move_what_is_open()


@every("checkout.sweep", "* * * * * */3")
async def sweep() -> None:
    """Close what time has ended."""
    await services.sweep()


@every("checkout.poll", "* * * * * */2")
async def poll() -> None:
    """Ask about orders that are due."""
    await services.poll()


@every("checkout.retry_webhooks", "*/5 * * * * 0")
async def retry_webhooks() -> None:
    """Hand over again what was set aside although its order is ours."""
    for event_id in await waiting_deliveries():
        await enqueue("checkout.handle_webhook", {"event_id": event_id}, dedupe=f"webhook:{event_id}")
