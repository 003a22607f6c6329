"""What the gateway says while somebody is being erased is handled, and who paid is not kept."""

import json

import httpx
import pytest

from app.checkout.services import cancel, take_return
from app.db.engine import fetch_one
from app.desks.privacy import leaving
from app.desks.privacy.leaving import close_for_good, mask
from app.payments.services import keep_delivery, mark_handled
from tests.accounts.places import HERE
from tests.booking.visits import acting
from tests.checkout.stories import Story, a_held_visit, captured_message, deliver, pay
from tests.desks.privacy.leaving import erase
from tests.factories import run_jobs

PAYER = "payer.canary@example.org"
PROOF = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")


async def _called_off() -> tuple[Story, str]:
    """A visit paid and called off, and the number of the payment."""
    story = await a_held_visit()
    proof = await pay(story, email=PAYER)
    await take_return(*(proof[name] for name in PROOF))
    await cancel(story.visit_id, by=acting(story.patient))
    return story, proof["razorpay_payment_id"]


async def _body(event_id: str) -> str:
    kept = await fetch_one("SELECT body, handled_at FROM webhook_deliveries WHERE event_id = $1", event_id)
    assert kept and kept["handled_at"]
    return str(kept["body"])


async def test_a_message_handled_between_erasing_and_writing_that_down_is_not_kept(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, payment_id = await _called_off()
    await close_for_good(await story.patient.account(), password=story.patient.password, where=HERE)
    await run_jobs()
    await deliver(api, await captured_message(payment_id), event_id="meanwhile")

    async def handled_meanwhile(*_args: object) -> None:
        await run_jobs()

    monkeypatch.setattr(leaving, "erase_files", handled_meanwhile)
    await mask(story.patient.id)

    assert await _body("meanwhile") == ""


async def test_a_message_whose_handling_began_before_all_this_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It did not see the erasure, nor did the erasing see it handled."""
    story, payment_id = await _called_off()
    await close_for_good(await story.patient.account(), password=story.patient.password, where=HERE)
    await run_jobs()
    said = (await captured_message(payment_id)).decode()
    await keep_delivery("long", name="payment.captured", razorpay_order_id=story.order_id, body=said)

    async def handled_unseen(*_args: object) -> None:
        await fetch_one(
            "UPDATE webhook_deliveries SET handled_at = received_at WHERE event_id = 'long' RETURNING 1"
        )

    monkeypatch.setattr(leaving, "erase_files", handled_unseen)
    await mask(story.patient.id)

    assert await _body("long") == ""


async def test_a_message_that_names_no_order_is_known_by_the_payment() -> None:
    story, payment_id = await _called_off()
    _other, others_payment = await _called_off()
    await erase(story.patient)

    for event_id, named in (("theirs", payment_id), ("another's", others_payment)):
        said = json.dumps({"event": "payment.noted", "payment_id": named, "email": PAYER})
        await keep_delivery(event_id, name="payment.noted", razorpay_order_id=None, body=said)
        await mark_handled(event_id)

    assert await _body("theirs") == ""
    assert PAYER in await _body("another's")
