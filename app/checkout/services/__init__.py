"""Writes that join visit, money and calendar: start, order, settle, webhook, cancel, close, move, sweep."""

from app.checkout.services.cancel import Cancelled, cancel, decline, give_up, refund
from app.checkout.services.closing import (
    MOST_AT_ONCE,
    Change,
    Done,
    Effect,
    EndException,
    NewException,
    NewWeek,
    Plan,
    Preview,
    close_time,
    effect_of,
    preview_closing,
)
from app.checkout.services.mover import move_one, move_what_is_open
from app.checkout.services.order import ensure_order, make_order_late, try_order
from app.checkout.services.poll import poll
from app.checkout.services.settle import capture, look_up, settle, take_return
from app.checkout.services.start import start
from app.checkout.services.sweep import close_hold, sweep
from app.checkout.services.webhook import handle_webhook, receive_webhook

__all__ = [
    "MOST_AT_ONCE",
    "Cancelled",
    "Change",
    "Done",
    "Effect",
    "EndException",
    "NewException",
    "NewWeek",
    "Plan",
    "Preview",
    "cancel",
    "capture",
    "close_hold",
    "close_time",
    "decline",
    "effect_of",
    "ensure_order",
    "give_up",
    "handle_webhook",
    "look_up",
    "make_order_late",
    "move_one",
    "move_what_is_open",
    "poll",
    "preview_closing",
    "receive_webhook",
    "refund",
    "settle",
    "start",
    "sweep",
    "take_return",
    "try_order",
]
