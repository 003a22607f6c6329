"""Background work of payments: refunds on their way."""

from typing import Any
from uuid import UUID

from app.jobs.registry import every, task
from app.payments import services


@task("payments.send_refund")
async def send_refund(payload: dict[str, Any]) -> None:
    """Ask the gateway for one refund, again with growing gaps while it does not answer."""
    await services.send_refund(UUID(payload["refund_id"]))


@every("payments.poll_refunds", "* * * * * */10")
async def poll_refunds() -> None:
    """Follow the refunds that nobody tells us about."""
    await services.poll_refunds()
