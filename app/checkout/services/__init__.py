"""Writes that join visit and money: start, order, settle, return, webhook, cancel, sweep, poll."""

from app.checkout.services.cancel import Cancelled, cancel, decline, give_up, refund
from app.checkout.services.order import ensure_order, make_order_late, try_order
from app.checkout.services.poll import poll
from app.checkout.services.settle import capture, look_up, settle, take_return
from app.checkout.services.start import start
from app.checkout.services.sweep import close_hold, sweep
from app.checkout.services.webhook import handle_webhook, receive_webhook

__all__ = [
    "Cancelled",
    "cancel",
    "capture",
    "close_hold",
    "decline",
    "ensure_order",
    "give_up",
    "handle_webhook",
    "look_up",
    "make_order_late",
    "poll",
    "receive_webhook",
    "refund",
    "settle",
    "start",
    "sweep",
    "take_return",
    "try_order",
]
