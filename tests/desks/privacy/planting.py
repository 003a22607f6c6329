"""Somebody whose every trace can be searched for, planted through the doors people come in by."""

import asyncio
from typing import Any
from uuid import UUID

import httpx

from app.accounts.queries import find_user_by_email
from app.accounts.services import ask_email_change, ask_reset
from app.accounts.services.exports import ask_export
from app.db.engine import fetch_value
from app.reviews import services as reviews
from tests.accounts.confirmations import code_of
from tests.accounts.places import HERE
from tests.accounts.uploads import a_photo
from tests.booking.visits import acting
from tests.factories import Cast, CastDoctor, a_slot, paid_at_gateway, run_jobs, token_of

NEEDLES = {
    "name": "Zarquina Canarywala",
    "e-mail": "zarquina.canary@example.com",
    "another e-mail": "zarquina.nest@example.com",
    "phone": "9876501234",
    "family": "Fledgling Nestling",
    "family's phone": "9876505678",
    "reason": "feathers are falling out",
    "wish": "only before sunrise",
    "note": "my cage is far away",
    "reason to cancel": "the cat is sitting outside",
    "review": "chirped very kindly with me",
    "answer": "get well soon dear bird",
    "report": "this bird never came",
    "e-mail at the gateway": "payer.canary@example.org",
    "phone at the gateway": "9123456780",
    "device": "CanaryBrowser",
}
PASSWORD = "a-song-at-dawn-2026"


class Planted:
    """A patient with a long history, and the doctor she saw."""

    def __init__(self, api: httpx.AsyncClient, doctor: CastDoctor, other: Cast) -> None:
        self.api = api
        self.doctor = doctor
        self.other = other
        self.patient = Cast(UUID(int=0), NEEDLES["name"], NEEDLES["e-mail"], "patient", PASSWORD)

    async def live(self) -> None:
        """Sign up, bring a family, be seen and reviewed, cancel and be refunded, take a copy along."""
        await self._sign_up()
        person = await self._ask(
            "POST",
            "/api/me/people",
            name=NEEDLES["family"],
            relation="child",
            birth_year=2015,
            mobile=NEEDLES["family's phone"],
        )
        await a_photo(self.patient)
        seen = await self._book("10:00", person_id=person["id"], reason=NEEDLES["reason"])
        await self._wish(seen)
        await self._be_seen(seen)
        called_off = await self._book("11:00")
        why = {"reason": NEEDLES["reason to cancel"]}
        await self._ask("DELETE", f"/api/appointments/{called_off}/cancel", **why)
        await run_jobs()
        await until("SELECT count(*) = 1 FROM refunds WHERE status = 'processed'")
        account = await self.patient.account()
        await ask_reset(NEEDLES["e-mail"], address="127.0.0.1")
        await ask_email_change(account, email=NEEDLES["another e-mail"], password=PASSWORD, where=HERE)
        await ask_export(account)
        await run_jobs()

    async def _sign_up(self) -> None:
        self.api.headers["User-Agent"] = f"{NEEDLES['device']}/7.7"
        await self._ask(
            "POST",
            "/api/auth/signup",
            name=NEEDLES["name"],
            email=NEEDLES["e-mail"],
            mobile=NEEDLES["phone"],
            password=PASSWORD,
            role="patient",
        )
        await run_jobs()
        code = await code_of(NEEDLES["e-mail"])
        await self._ask("POST", "/api/auth/verify-email", email=NEEDLES["e-mail"], code=code)
        for password in ("not this one", PASSWORD):
            entered = await self.api.post(
                "/api/auth/login", json={"identifier": NEEDLES["e-mail"], "password": password}
            )
        self.api.headers["Authorization"] = f"Bearer {entered.json()['access_token']}"
        account = await find_user_by_email(NEEDLES["e-mail"])
        assert account is not None
        self.patient = Cast(account.id, account.name, account.email, "patient", PASSWORD)
        await run_jobs()

    async def _book(self, at: str, **more: object) -> str:
        slot_id = await a_slot(self.doctor, at=at)
        answer = await self.api.post(
            "/api/appointments/book",
            json={"slot_id": str(slot_id), "pay_with": "razorpay", **more},
            headers={"Idempotency-Key": f"book-{at}"},
        )
        assert answer.status_code == 201, answer.text
        heard = await fetch_value("SELECT count(*) FROM webhook_deliveries")
        await paid_at_gateway(
            answer.json()["order"]["id"],
            webhook=True,
            email=NEEDLES["e-mail at the gateway"],
            contact=f"+91{NEEDLES['phone at the gateway']}",
        )
        await until(f"SELECT count(*) > {heard} FROM webhook_deliveries")
        await run_jobs()
        return str(answer.json()["appointment"]["id"])

    async def _wish(self, visit_id: str) -> None:
        words = {"wish": NEEDLES["wish"], "note": NEEDLES["note"]}
        await self._ask("POST", f"/api/appointments/{visit_id}/reschedule-request", **words)

    async def _be_seen(self, visit_id: str) -> None:
        """The doctor's program sees her, she says how it was, he answers, another one is not amused."""
        theirs = {"Authorization": f"Bearer {await token_of(self.doctor)}", "Idempotency-Key": "seen-1"}
        listed = await self.api.get("/api/appointments", headers=theirs)
        assert NEEDLES["family"] in listed.text
        done = await self.api.patch(f"/api/appointments/{visit_id}/complete", headers=theirs)
        assert done.status_code == 200, done.text
        await self._ask("POST", f"/api/appointments/{visit_id}/review", stars=2, text=NEEDLES["review"])
        review_id = await fetch_value("SELECT id FROM reviews")
        await reviews.answer(review_id, text=NEEDLES["answer"], by=acting(self.doctor))
        await reviews.report(review_id, why=NEEDLES["report"], by=acting(self.other))
        await run_jobs()

    async def _ask(self, method: str, path: str, **body: object) -> dict[str, Any]:
        answer = await self.api.request(method, path, json=body)
        assert answer.is_success, f"{path}: {answer.text}"
        said: dict[str, Any] = answer.json() if answer.content else {}
        return said


async def until(sql: str) -> None:
    """Wait for what another process tells us; the gateway's twin sends its messages by itself."""
    for _try in range(100):
        await run_jobs()
        if await fetch_value(sql):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never came true: {sql}")
