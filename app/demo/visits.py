"""Visits of the large demo with their money and their history."""

import json
from datetime import date, datetime, timedelta
from math import exp
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app import clock
from app.booking.rules import new_code
from app.db.engine import fetch
from app.demo import people
from app.demo.heap import Heap, new_id
from app.demo.rows import Booking, Patient, Seen, Time
from app.directory.queries import Practice
from app.events import names
from app.scheduling.queries import week_of
from app.scheduling.rules import wanted

if TYPE_CHECKING:
    from app.demo.large import MadeDoctor

FULLEST = 0.9
"""The share of a doctor's times that may be booked; beyond it nobody would find a free one to try."""
LONG_SHARE, NO_SHOW_SHARE, CANCELLED_SHARE = 0.08, 0.05, 0.07
NEAR_DAYS = 25
"""Visits ahead thin out: after this many days about a third are booked."""

_codes: set[str] = set()


class Booker:
    """Books one doctor's times; `seen` are the visits that took place."""

    def __init__(
        self,
        heap: Heap,
        dice: Random,
        doctor: "MadeDoctor",
        practice: Practice,
        patients: list[Patient],
        *,
        days: int,
        now: datetime,
    ) -> None:
        self.seen: list[Seen] = []
        self._heap, self._dice, self._doctor, self._practice = heap, dice, doctor, practice
        self._patients, self._days, self._now = patients, days, now

    async def book(self, count: int) -> bool:
        """Put so many visits on the heap; False when the doctor has not nearly as many times."""
        times = [*await self._past(), *await self._ahead()]
        if count > FULLEST * len(times):
            return False
        chosen = self._choose(times, count)
        bookings = [self._booking(times, place, chosen) for place in sorted(chosen)]
        self._number(bookings)
        for booking in bookings:
            self._write(booking)
        return True

    async def _ahead(self) -> list[Time]:
        rows = await fetch(
            "SELECT id, starts_at, ends_at, on_date FROM slots "
            "WHERE practice_id = $1 AND starts_at > $2 AND withdrawn_at IS NULL ORDER BY starts_at",
            self._practice.id,
            self._now,
        )
        return [Time(*row) for row in rows]

    async def _past(self) -> list[Time]:
        today = clock.day_of(self._now, self._practice.zone_info)
        week = await week_of(self._practice.id)
        slots = wanted(
            week.sessions,
            [],
            self._practice.zone_info,
            first=today - timedelta(days=self._days),
            last=today,
            walk_in_percent=0,
        )
        over = [slot for slot in slots if slot.starts_at <= self._now]
        return [Time(None, slot.starts_at, slot.ends_at, slot.on_date) for slot in over]

    def _choose(self, times: list[Time], count: int) -> set[int]:
        """Places of times, drawn without putting back, near days sooner (Efraimidis and Spirakis, 2006)."""

        def key(time: Time) -> float:
            ahead = max(0.0, (time.starts_at - self._now) / timedelta(days=1))
            return float(self._dice.random() ** (1 / (exp(-ahead / NEAR_DAYS) + 0.1)))

        keys = [key(time) for time in times]
        return set(sorted(range(len(times)), key=keys.__getitem__, reverse=True)[:count])

    def _booking(self, times: list[Time], place: int, chosen: set[int]) -> Booking:
        time, dice = times[place], self._dice
        patient = dice.choice(self._patients)
        following = times[place + 1] if place + 1 < len(times) else None
        is_long = (
            following is not None
            and place + 1 not in chosen
            and following.starts_at == time.ends_at
            and (following.slot_id is None) == (time.slot_id is None)
            and dice.random() < LONG_SHARE
        )
        ends_at = following.ends_at if is_long and following else time.ends_at
        latest = min(self._now, time.starts_at - timedelta(hours=1))
        booked_at = max(latest - timedelta(minutes=dice.randrange(14 * 24 * 60)), patient.since)
        status, closed_at = self._outcome(time, ends_at, booked_at)
        service = self._doctor.longer if is_long else self._doctor.usual
        person = dice.choice(patient.persons)
        return Booking(time, ends_at, service, patient, person, booked_at, status, closed_at)

    def _outcome(self, time: Time, ends_at: datetime, booked_at: datetime) -> tuple[str, datetime | None]:
        roll = self._dice.random()
        if roll < CANCELLED_SHARE:
            return "cancelled", booked_at + (min(time.starts_at, self._now) - booked_at) * self._dice.random()
        if ends_at > self._now:
            return "confirmed", None
        if roll < CANCELLED_SHARE + NO_SHOW_SHARE:
            return "no_show", ends_at
        return "completed", ends_at

    def _number(self, bookings: list[Booking]) -> None:
        """Give tokens in the order of booking, as confirming does."""
        last: dict[date, int] = {}
        for booking in sorted(bookings, key=lambda one: one.booked_at):
            on = booking.time.on_date
            booking.token = last[on] = last.get(on, 0) + 1
        for on, number in last.items():
            self._heap.add("token_counters", practice_id=self._practice.id, on_date=on, last_number=number)

    def _write(self, booking: Booking) -> None:
        time, fee = booking.time, booking.service[1]
        slot_id = time.slot_id or self._past_slot(time)
        appointment_id = new_id(self._dice)
        self._heap.add(
            "appointments",
            id=appointment_id,
            code=self._code(),
            practice_id=self._practice.id,
            doctor_id=self._doctor.id,
            service_id=booking.service[0],
            person_id=booking.person_id,
            booked_by_id=booking.patient.id,
            slot_id=slot_id,
            starts_at=time.starts_at,
            ends_at=booking.ends_at,
            on_date=time.on_date,
            status=booking.status,
            token_number=booking.token,
            token_on=time.on_date,
            amount_paise=fee,
            reason=self._dice.choice(people.REASONS),
            hold_expires_at=booking.booked_at + timedelta(minutes=12),
            created_at=booking.booked_at - timedelta(minutes=3),
            changed_at=booking.closed_at or booking.booked_at,
        )
        self._pay(appointment_id, booking, fee)
        self._tell(appointment_id, booking, fee)
        if booking.status == "completed" and booking.closed_at:
            self.seen.append(Seen(appointment_id, booking.patient, booking.closed_at))

    def _past_slot(self, time: Time) -> UUID:
        slot_id = new_id(self._dice)
        self._heap.add(
            "slots",
            id=slot_id,
            practice_id=self._practice.id,
            doctor_id=self._doctor.id,
            starts_at=time.starts_at,
            ends_at=time.ends_at,
            on_date=time.on_date,
            created_at=self._doctor.since,
            origin="rule",
        )
        return slot_id

    def _code(self) -> str:
        code = new_code(self._dice.choice)
        while code in _codes:
            code = new_code(self._dice.choice)
        _codes.add(code)
        return code

    def _pay(self, appointment_id: UUID, booking: Booking, fee: int) -> None:
        """What was captured, and for a cancelled visit all of it given back."""
        payment_id, paid = new_id(self._dice), f"pay_Demo{new_id(self._dice).hex[:14]}"
        is_back = booking.status == "cancelled"
        self._heap.add(
            "payments",
            id=payment_id,
            appointment_id=appointment_id,
            payer_id=booking.patient.id,
            method="razorpay",
            status="refunded" if is_back else "captured",
            amount_paise=fee,
            captured_paise=fee,
            refunded_paise=fee if is_back else 0,
            receipt=f"demo-{payment_id.hex}",
            razorpay_order_id=f"order_Demo{payment_id.hex[:14]}",
            razorpay_payment_id=paid,
            created_at=booking.booked_at - timedelta(minutes=3),
            captured_at=booking.booked_at,
            final_at=booking.booked_at,
        )
        self._heap.add(
            "captures",
            razorpay_payment_id=paid,
            payment_id=payment_id,
            amount_paise=fee,
            currency="INR",
            captured_at=booking.booked_at,
        )
        if is_back and booking.closed_at:
            refund_id = new_id(self._dice)
            self._heap.add(
                "refunds",
                id=refund_id,
                payment_id=payment_id,
                razorpay_payment_id=paid,
                amount_paise=fee,
                status="processed",
                why="cancelled",
                idempotency_key=f"demo-{refund_id}",
                razorpay_refund_id=f"rfnd_Demo{refund_id.hex[:14]}",
                created_at=booking.closed_at,
                next_ask_at=booking.closed_at,
                processed_at=booking.closed_at,
            )

    def _tell(self, appointment_id: UUID, booking: Booking, fee: int) -> None:
        """The history a visit's page shows."""
        patient, doctor = (booking.patient.id, "patient"), (self._doctor.user_id, "doctor")
        facts = {
            "practice_id": str(self._practice.id),
            "person_id": str(booking.person_id),
            "booked_by_id": str(booking.patient.id),
            "starts_at": booking.time.starts_at.isoformat(),
        }

        def happened(name: str, at: datetime, by: tuple[UUID | None, str], **more: Any) -> None:
            self._heap.add(
                "events",
                id=new_id(self._dice),
                name=name,
                at=at,
                subject_id=appointment_id,
                by_id=by[0],
                by_role=by[1],
                facts=json.dumps({**facts, **more}),
            )

        held_at = booking.booked_at - timedelta(minutes=3)
        happened(names.APPOINTMENT_HELD, held_at, patient, **{"from": None, "to": "held"}, amount_paise=fee)
        happened(
            names.APPOINTMENT_BOOKED,
            booking.booked_at,
            (None, "gateway"),
            **{"from": "held", "to": "confirmed"},
        )
        ended = {
            "completed": (names.APPOINTMENT_COMPLETED, doctor),
            "no_show": (names.APPOINTMENT_NO_SHOW, doctor),
            "cancelled": (names.APPOINTMENT_CANCELLED, patient),
        }
        if booking.closed_at:
            name, by = ended[booking.status]
            happened(name, booking.closed_at, by, **{"from": "confirmed", "to": booking.status})
