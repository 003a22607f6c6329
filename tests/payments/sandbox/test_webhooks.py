"""Webhooks: envelope, headers, signature; repeated, doubled, reordered, delayed, lost."""

import json
from typing import Any

from .conftest import WEBHOOK_SECRET, Shop, Twin, eventually


def arrived(shop: Shop, order_id: str, count: int, within: float = 5.0) -> list[dict[str, Any]]:
    eventually(lambda: len(shop.events_of(order_id)) >= count, within)
    return shop.events_of(order_id)


def names(posts: list[dict[str, Any]]) -> list[str]:
    return [post["event"]["event"] for post in posts]


def test_a_captured_payment_is_told_in_three_signed_events(twin: Twin, shop: Shop) -> None:
    order_id = twin.order()
    twin.pay(order_id)

    posts = arrived(shop, order_id, 3)
    assert sorted(names(posts)) == ["order.paid", "payment.authorized", "payment.captured"]
    for post in posts:
        headers, raw = post["headers"], post["raw"].decode()
        assert twin.client.utility.verify_webhook_signature(
            raw, headers["X-Razorpay-Signature"], WEBHOOK_SECRET
        )
        assert headers["User-Agent"] == "Razorpay-Webhook/v1"
        assert len(headers["X-Razorpay-Event-Id"]) == 14
        assert headers["Request-Id"] == headers["X-Razorpay-Event-Id"]
        assert raw == json.dumps(post["event"], separators=(",", ":"), ensure_ascii=False)
        assert list(post["event"]) == ["entity", "account_id", "event", "contains", "payload", "created_at"]
        assert list(post["event"]["payload"]) == post["event"]["contains"]
    assert len({post["headers"]["X-Razorpay-Event-Id"] for post in posts}) == 3
    told = {post["event"]["event"]: post["event"]["payload"] for post in posts}
    assert told["payment.authorized"]["payment"]["entity"]["status"] == "authorized"
    assert told["payment.captured"]["payment"]["entity"]["fee"] == 1770
    assert told["order.paid"]["order"]["entity"]["status"] == "paid"


def test_a_failure_is_told(twin: Twin, shop: Shop) -> None:
    order_id = twin.order()
    twin.pay(order_id, "failed")
    payment = arrived(shop, order_id, 1)[0]["event"]["payload"]["payment"]["entity"]
    assert (payment["status"], payment["error_reason"]) == ("failed", "payment_failed")


def test_a_refund_is_told_when_made_and_when_processed(twin: Twin, shop: Shop) -> None:
    order_id = twin.order()
    payment_id = twin.pay(order_id, webhook=False)["razorpay_payment_id"]
    twin.client.payment.refund(payment_id, {"amount": 25000})

    posts = arrived(shop, order_id, 2)
    assert names(posts) == ["refund.created", "refund.processed"]
    assert posts[1]["at"] - posts[0]["at"] < 2
    payload = posts[1]["event"]["payload"]
    assert payload["refund"]["entity"]["status"] == "processed"
    assert payload["payment"]["entity"]["amount_refunded"] == 25000


def test_a_refund_that_fails_is_told(twin: Twin, shop: Shop) -> None:
    order_id = twin.order()
    payment_id = twin.pay(order_id, webhook=False)["razorpay_payment_id"]
    twin.fault(refunds={})
    twin.client.payment.refund(payment_id, {"amount": 25000})
    assert names(arrived(shop, order_id, 2)) == ["refund.created", "refund.failed"]


def test_what_is_not_accepted_is_sent_again_with_the_same_id(twin: Twin, shop: Shop) -> None:
    answers = iter([500])
    shop.answer_webhook = lambda post: (
        next(answers, 200) if post["event"]["event"] == "payment.captured" else 200
    )
    order_id = twin.order()
    twin.pay(order_id)

    posts = [post for post in arrived(shop, order_id, 4) if post["event"]["event"] == "payment.captured"]
    assert len(posts) == 2
    assert posts[0]["raw"] == posts[1]["raw"]
    assert posts[0]["headers"]["X-Razorpay-Event-Id"] == posts[1]["headers"]["X-Razorpay-Event-Id"]
    assert 0.2 <= posts[1]["at"] - posts[0]["at"] < 1.5
    kept = eventually(
        lambda: [
            hook
            for hook in twin.ledger()["webhooks"]
            if hook["event_id"] == posts[0]["headers"]["X-Razorpay-Event-Id"] and hook["state"] == "delivered"
        ]
    )
    assert [tried["status"] for tried in kept[0]["tries"]] == [500, 200]


def test_duplicates_carry_one_id(twin: Twin, shop: Shop) -> None:
    order_id = twin.order()
    twin.fault(webhooks={"duplicate": 19, "events": ["payment.captured"]})
    twin.pay(order_id)

    posts = [post for post in arrived(shop, order_id, 22) if post["event"]["event"] == "payment.captured"]
    assert len(posts) == 20
    assert len({post["headers"]["X-Razorpay-Event-Id"] for post in posts}) == 1


def test_reordered_events_come_last_first(twin: Twin, shop: Shop) -> None:
    order_id = twin.order()
    assert twin.fault(webhooks={"next": 3, "reorder": True})["webhooks"]["next"] == 3
    twin.pay(order_id)
    assert names(arrived(shop, order_id, 3)) == ["order.paid", "payment.captured", "payment.authorized"]
    assert twin.fault() == {}


def test_a_dropped_event_never_comes_and_stands_in_the_ledger(twin: Twin, shop: Shop) -> None:
    order_id = twin.order()
    twin.fault(webhooks={"drop": True, "events": ["payment.captured"]})
    twin.pay(order_id)
    assert sorted(names(arrived(shop, order_id, 2))) == ["order.paid", "payment.authorized"]
    dropped = [hook["event"] for hook in twin.ledger()["webhooks"] if _is_dropped(hook, order_id)]
    assert dropped == ["payment.captured"]


def test_a_payment_without_webhooks_sends_none(twin: Twin, shop: Shop) -> None:
    silent, loud = twin.order(), twin.order()
    twin.pay(silent, webhook=False)
    twin.pay(loud)
    arrived(shop, loud, 3)
    assert shop.events_of(silent) == []


def test_a_delayed_webhook_does_not_delay_the_answer(twin: Twin, shop: Shop) -> None:
    order_id = twin.order()
    assert twin.pay(order_id, delay_ms=400)["status"] == "captured"
    assert shop.events_of(order_id) == []
    arrived(shop, order_id, 3)
    made, sent = _times(twin, order_id)
    assert all(at - since >= 400 for since, at in zip(made, sent, strict=True))


def _is_dropped(hook: dict[str, Any], order_id: str) -> bool:
    return hook["state"] == "dropped" and order_id in json.dumps(hook["body"])


def _times(twin: Twin, order_id: str) -> tuple[list[int], list[int]]:
    hooks = [hook for hook in twin.ledger()["webhooks"] if order_id in json.dumps(hook["body"])]
    return [hook["created_ms"] for hook in hooks], [hook["tries"][0]["at_ms"] for hook in hooks]
