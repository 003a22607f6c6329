"""Which way money moves, and when the gateway is asked again."""

from datetime import UTC, datetime, timedelta

import pytest

from app.payments.rules import RANK, is_forward, next_order_ask, next_refund_ask, status_of_money

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_payment_moves_forward_only() -> None:
    moves = {(old, new) for old in RANK for new in RANK if is_forward(old, new)}

    assert {("failed", "authorized"), ("failed", "captured"), ("created", "captured")} <= moves
    assert not {(new, old) for old, new in moves} & moves
    assert not any(old == new for old, new in moves)


@pytest.mark.parametrize(
    ("captured", "refunded", "status"),
    [(500, 0, "captured"), (500, 1, "partially_refunded"), (500, 500, "refunded")],
)
def test_the_sums_alone_say_what_became_of_captured_money(captured: int, refunded: int, status: str) -> None:
    assert status_of_money(captured_paise=captured, refunded_paise=refunded) == status


def test_orders_are_asked_about_steadily_while_held_and_then_ever_less_often() -> None:
    held = next_order_ask(NOON, hold_ended_at=NOON + 10 * MINUTE, every=MINUTE)
    later = [
        next_order_ask(NOON, hold_ended_at=NOON - after, every=MINUTE) - NOON
        for after in (MINUTE, timedelta(hours=1), timedelta(hours=50))
    ]

    assert held == NOON + MINUTE
    assert later == [MINUTE, timedelta(minutes=30), timedelta(hours=6)]


def test_refunds_are_asked_about_ever_less_often() -> None:
    gaps = [
        next_refund_ask(NOON, created_at=NOON - age) - NOON
        for age in (timedelta(0), timedelta(hours=1), timedelta(days=5))
    ]

    assert gaps == [timedelta(seconds=30), timedelta(minutes=30), timedelta(hours=6)]
