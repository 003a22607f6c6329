"""What happens by itself after a while, on a clock the test moves."""

from pathlib import Path

import pytest

from app.payments.sandbox.clock import Clock
from app.payments.sandbox.errors import Refusal
from app.payments.sandbox.faults import Faults
from app.payments.sandbox.orders import Orders
from app.payments.sandbox.payments import Attempt, Payments
from app.payments.sandbox.refunds import Refunds
from app.payments.sandbox.store import Store
from app.payments.sandbox.webhooks import Webhooks, gap_ms


class MovedClock(Clock):
    """A clock that stands where it is put, in seconds after an arbitrary beginning."""

    at = 1_772_000_000

    def now_ms(self) -> int:
        return self.at * 1000


class Bench:
    """The rules without their HTTP."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.clock = MovedClock(None)
        faults = Faults()
        webhooks = Webhooks(self.store, self.clock, faults, url=None, secret="s")
        self.orders = Orders(self.store, self.clock)
        self.refunds = Refunds(self.store, self.clock, faults, webhooks)
        self.payments = Payments(self.store, self.clock, webhooks, self.orders, self.refunds)

    def pay(self, outcome: str, **order: object) -> str:
        made = self.orders.create({"amount": 75000, "currency": "INR", **order})
        payment_id: str = self.payments.pay(made["id"], Attempt(outcome))["id"]
        return payment_id

    def status(self, payment_id: str) -> str:
        status: str = self.payments.get(payment_id).body["status"]
        return status

    def events(self) -> list[str]:
        return [hook["event"] for hook in self.store.deliveries()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_payment_the_bank_never_answers_fails_after_ten_minutes(bench: Bench) -> None:
    payment_id = bench.pay("created")
    bench.clock.at += 599
    bench.payments.expire_due()
    assert bench.status(payment_id) == "created"

    bench.clock.at += 1
    bench.payments.expire_due()

    assert bench.status(payment_id) == "failed"
    assert bench.payments.get(payment_id).body["error_reason"] == "payment_timed_out"
    assert bench.events() == ["payment.failed"]


@pytest.mark.parametrize(
    ("order", "minutes"),
    [
        ({}, 3 * 24 * 60),
        ({"payment": {"capture": "manual", "capture_options": {"manual_expiry_period": 30}}}, 30),
    ],
)
def test_an_uncaptured_payment_is_given_back_after_its_period(
    bench: Bench, order: dict[str, object], minutes: int
) -> None:
    payment_id = bench.pay("authorized", **order)
    bench.clock.at += minutes * 60 - 1
    bench.payments.expire_due()
    assert bench.status(payment_id) == "authorized"

    bench.clock.at += 1
    bench.payments.expire_due()

    payment = bench.payments.get(payment_id).body
    assert (payment["status"], payment["captured"], payment["refund_status"]) == ("refunded", False, "full")
    assert bench.events() == ["payment.authorized", "refund.created"]
    bench.payments.expire_due()
    assert len(bench.store.records("refund")) == 1


def test_a_refund_settles_by_the_moved_clock_at_once(bench: Bench) -> None:
    refund_id = bench.refunds.create(bench.pay("captured"), {}, key=None)["id"]
    bench.refunds.settle_due()
    assert bench.refunds.get(refund_id).body["status"] == "pending"
    bench.clock.at += 1
    bench.refunds.settle_due()
    assert bench.refunds.get(refund_id).body["status"] == "processed"


def test_a_payment_older_than_six_months_is_not_refunded(bench: Bench) -> None:
    payment_id = bench.pay("captured")
    bench.clock.at += 184 * 24 * 60 * 60
    with pytest.raises(
        Refusal, match=r"^Refund is not supported by the bank because the payment is more than 6"
    ):
        bench.refunds.create(payment_id, {}, key=None)


def test_a_refused_change_leaves_nothing_behind(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    payment_id = bench.pay("authorized")
    before = bench.events()
    monkeypatch.setattr(bench.orders, "note_paid", _break)
    with pytest.raises(RuntimeError):
        bench.payments.capture(payment_id, {"amount": 75000})
    assert (bench.status(payment_id), bench.events()) == ("authorized", before)


def test_the_gaps_between_tries_are_those_measured() -> None:
    assert [gap_ms("payment.captured", n) for n in (1, 2, 3, 4)] == [230, 6_000, 13_000, 20_000]
    assert [gap_ms("refund.created", n) for n in (1, 2)] == [6_000, 13_000]
    assert gap_ms("payment.captured", 16) is None


def _break(_order: object) -> None:
    raise RuntimeError
