"""Pure decisions about money: which way a payment may move, what fits, when to ask the gateway again."""

from datetime import datetime, timedelta

RANK = {
    "due": 0,
    "created": 1,
    "failed": 2,
    "authorized": 3,
    "captured": 4,
    "partially_refunded": 5,
    "refunded": 6,
}
"""A payment moves only to a higher rank; `failed` is low, because a bank may still say yes for days."""

CURRENCY = "INR"
LEAST_PAISE = 100
"""The gateway moves no less than ₹1."""

KEEP_ASKING_FOR = timedelta(hours=96)
"""After a hold's end: a bank's late yes comes within 72 hours (Razorpay), and a day more for delays."""

LONGEST_GAP = timedelta(hours=6)
REFUND_FIRST_ASK = timedelta(seconds=30)
GIVE_UP_REFUND_AFTER = timedelta(days=3)
"""How long a refund that is refused (say, for want of balance) is tried before a person must look."""

ORDER_CLAIM = timedelta(seconds=30)
"""How long one process may take to make an order before another may try; calls end after 11 seconds."""


def is_forward(old: str, new: str) -> bool:
    """Whether a payment in status `old` may go to `new`; staying is no move."""
    return RANK[new] > RANK[old]


def status_of_money(*, captured_paise: int, refunded_paise: int) -> str:
    """The status of a payment whose money was captured, from the sums alone."""
    if refunded_paise == 0:
        return "captured"
    return "refunded" if refunded_paise >= captured_paise else "partially_refunded"


def next_order_ask(now: datetime, *, hold_ended_at: datetime, every: timedelta) -> datetime:
    """When to ask about an order again: each `every` while the time is held, then in growing gaps.

    A gap is half of the time since the hold ended, so money is found after at most one and a half times
    its delay, and 96 hours cost some dozens of questions.
    """
    return now + max(every, min((now - hold_ended_at) / 2, LONGEST_GAP))


def next_refund_ask(now: datetime, *, created_at: datetime) -> datetime:
    """When to ask about a pending refund again, in growing gaps."""
    return now + max(REFUND_FIRST_ASK, min((now - created_at) / 2, LONGEST_GAP))
