"""The whole of the sandbox behind its HTTP: the book, its rules and what happens by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from typing import Any

from app.payments.sandbox.clock import Clock
from app.payments.sandbox.faults import Faults
from app.payments.sandbox.orders import Orders
from app.payments.sandbox.payments import Payments
from app.payments.sandbox.refunds import Refunds
from app.payments.sandbox.settings import Settings
from app.payments.sandbox.store import Store
from app.payments.sandbox.webhooks import Webhooks, sign

REFUNDS_EVERY = 0.2
PAYMENTS_EVERY = 2.0


class Book:
    """One account at the gateway."""

    def __init__(self, settings: Settings) -> None:
        """Open the book; raises BookInUse."""
        self.settings = settings
        self.store = Store(settings.book)
        self.clock = Clock(settings.clock_dsn)
        self.faults = Faults()
        self.webhooks = Webhooks(
            self.store, self.clock, self.faults, url=settings.webhook_url, secret=settings.webhook_secret
        )
        self.orders = Orders(self.store, self.clock)
        self.refunds = Refunds(self.store, self.clock, self.faults, self.webhooks)
        self.payments = Payments(self.store, self.clock, self.webhooks, self.orders, self.refunds)

    def signature(self, order_id: str, payment_id: str) -> str:
        """What proves to the shop that this payment belongs to this order."""
        return sign(self.settings.key_secret, f"{order_id}|{payment_id}".encode())

    def ledger(self) -> dict[str, Any]:
        """Everything in the book, oldest first."""
        kinds = {"orders": "order", "payments": "payment", "refunds": "refund"}
        entities = {name: [entry.body for entry in self.store.records(kind)] for name, kind in kinds.items()}
        return {**entities, "webhooks": self.store.deliveries()}

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Send webhooks and let time do its part while the body runs; then close the book."""
        tasks = [asyncio.create_task(self.webhooks.run()), asyncio.create_task(self._let_time_pass())]
        for task in tasks:
            task.add_done_callback(_stop_if_broken)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.clock.close()
            self.store.close()

    async def _let_time_pass(self) -> None:
        """Timed steps: often while a refund is pending, seldom while a payment waits, else only looking."""
        since_payments = PAYMENTS_EVERY
        while True:
            if self.refunds.has_pending():
                await self.clock.refresh()
                self.refunds.settle_due()
            if since_payments >= PAYMENTS_EVERY:
                since_payments = 0.0
                if self.payments.has_waiting():
                    await self.clock.refresh()
                    self.payments.expire_due()
            await asyncio.sleep(REFUNDS_EVERY)
            since_payments += REFUNDS_EVERY


def _stop_if_broken(task: asyncio.Task[None]) -> None:
    """A gateway that no longer sends webhooks or settles refunds must not look alive."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logging.getLogger("sandbox").critical("The sandbox stops: a task of it broke.", exc_info=error)
        signal.raise_signal(signal.SIGTERM)
