"""The process: what it survives, what ends it, what it refuses to start with."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Shop, Twin, eventually

Starter = Callable[..., Twin]


def test_a_kill_loses_neither_the_book_nor_a_webhook(another: Starter, shop: Shop) -> None:
    url = f"{shop.url}/hook"
    shop.answer_webhook = lambda _post: 500
    first = another(SANDBOX_WEBHOOK_URL=url)
    order_id = first.order(receipt="survivor")
    payment_id = first.pay(order_id)["razorpay_payment_id"]
    refund = first.client.payment.refund(
        payment_id, {"amount": 100}, headers={"X-Refund-Idempotency": "survives-kill"}
    )
    eventually(lambda: len(shop.events_of(order_id)) >= 4)
    first.process.kill()
    first.process.wait()
    shop.posts.clear()
    shop.answer_webhook = lambda _post: 200

    second = another(SANDBOX_WEBHOOK_URL=url)

    assert second.client.order.fetch(order_id)["status"] == "paid"
    again = second.client.payment.refund(
        payment_id, {"amount": 100}, headers={"X-Refund-Idempotency": "survives-kill"}
    )
    assert again["id"] == refund["id"]
    eventually(lambda: second.client.refund.fetch(refund["id"])["status"] == "processed")
    eventually(
        lambda: (
            {post["event"]["event"] for post in shop.events_of(order_id)}
            >= {"payment.authorized", "payment.captured", "order.paid", "refund.processed"}
        )
    )


def test_it_ends_when_its_parents_pipe_closes(another: Starter) -> None:
    running = another()
    running.order()
    assert running.process.stdin is not None
    running.process.stdin.close()
    assert running.process.wait(timeout=5) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_even_while_a_call_hangs(another: Starter, number: int) -> None:
    running = another()
    running.fault(api={"hang_ms": 60_000})
    hanging = subprocess.Popen(
        [sys.executable, "-c", f"import urllib.request as r; r.urlopen('{running.url}/v1/orders')"],
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
        stderr=subprocess.DEVNULL,
    )
    eventually(lambda: running.fault() == {})
    began = time.monotonic()
    running.process.send_signal(number)
    assert running.process.wait(timeout=5) == 0
    assert time.monotonic() - began < 4
    hanging.wait(timeout=5)


def test_one_book_is_open_in_one_process(another: Starter, tmp_path: Path) -> None:
    another(tmp_path)
    done = run_to_its_end(
        SANDBOX_BOOK=str(tmp_path), SANDBOX_KEY_ID="k", SANDBOX_KEY_SECRET="s", SANDBOX_WEBHOOK_SECRET="w"
    )
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"The sandbox does not start: The sandbox's book in {tmp_path} cannot be opened"
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SANDBOX_BOOK", "", "SANDBOX_BOOK is not set."),
        ("SANDBOX_KEY_SECRET", " ", "SANDBOX_KEY_SECRET is not set."),
        ("SANDBOX_PORT", "http", "SANDBOX_PORT must be a number from 0 to 65535, not 'http'."),
        (
            "SANDBOX_WEBHOOK_URL",
            "ftp://x",
            "SANDBOX_WEBHOOK_URL must be an http address, not 'ftp://x'.",
        ),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    from app.payments.sandbox.settings import BadSetting, read_settings

    good = {
        "SANDBOX_BOOK": str(tmp_path),
        "SANDBOX_KEY_ID": "k",
        "SANDBOX_KEY_SECRET": "s",
        "SANDBOX_WEBHOOK_SECRET": "w",
    }
    assert read_settings(good).port == 0
    with pytest.raises(BadSetting) as refusal:
        read_settings({**good, name: value})
    assert str(refusal.value) == said


def test_a_bad_setting_ends_the_start_with_a_sentence() -> None:
    done = run_to_its_end()
    assert (done.returncode, done.stderr) == (2, "The sandbox does not start: SANDBOX_BOOK is not set.\n")


def test_it_works_while_the_clocks_database_is_away(another: Starter) -> None:
    running = another(SANDBOX_CLOCK_DSN="postgresql://nobody@127.0.0.1:1/nothing")
    now = running.client.order.fetch(running.order())["created_at"]
    assert abs(now - time.time()) < 5


def run_to_its_end(**environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app.payments.sandbox"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
