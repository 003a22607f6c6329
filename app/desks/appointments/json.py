"""The appointment as the API shows it, built here and nowhere else."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, field

from app.booking.queries import HistoryEntry, Visit, histories_of, visit_by_id
from app.booking.services.viewing import note_listed, note_seen
from app.events.actor import Actor
from app.payments.queries import Payment, Refund, payments_of, refunds_of
from app.web.filters import iso


class DoctorName(Struct):
    """Whom the visit is with; `id` is that of the doctor's own page."""

    id: UUID
    name: str
    specialization: str
    clinic: str


class ServiceName(Struct):
    """What the visit is for."""

    id: UUID
    name: str
    duration_minutes: int
    mode: str


class PatientName(Struct):
    """Who is seen."""

    id: UUID
    name: str


class PaymentAnswer(Struct):
    """Where the money stands."""

    status: str
    method: str
    razorpay_order_id: str | None
    razorpay_payment_id: str | None


class RefundAnswer(Struct):
    """Money on its way back, in paise."""

    id: UUID
    amount: int
    status: str

    @classmethod
    def of(cls, refund: Refund) -> "RefundAnswer":
        """From the refund's row."""
        return cls(refund.id, refund.amount_paise, refund.status)


class HistoryAnswer(Struct):
    """One change: states before and after, who by their role, and the note they left."""

    at: str
    old: str | None = field(name="from")
    new: str | None = field(name="to")
    by_role: str
    note: str


class AppointmentAnswer(Struct):
    """An appointment; times in the clinic's offset, money in paise, no `payment` where nothing is due."""

    id: UUID
    code: str
    token_number: int | None
    status: str
    starts_at: str | None
    ends_at: str | None
    doctor: DoctorName
    service: ServiceName
    patient: PatientName
    reason: str
    amount: int
    currency: str
    hold_expires_at: str | None
    reschedule_requested: bool
    payment: PaymentAnswer | None
    history: list[HistoryAnswer]
    refund: RefundAnswer | UnsetType = UNSET


async def appointment_json(visit: Visit, *, by: Actor) -> AppointmentAnswer:
    """One appointment with its money and history, as `by` is about to see it."""
    await note_seen(visit.person_id, visit_id=visit.id, by=by)
    return (await _answers([visit]))[0]


async def appointment_json_of(appointment_id: UUID, *, by: Actor) -> AppointmentAnswer:
    """As `appointment_json`, read afresh; whoever calls has made sure that it may be seen."""
    return await appointment_json(await visit_by_id(appointment_id), by=by)


async def appointments_json(visits: Sequence[Visit], *, by: Actor) -> list[AppointmentAnswer]:
    """A list of appointments, as `by` is about to see it, in three queries however many they are."""
    await note_listed([visit.person_id for visit in visits], by=by)
    return await _answers(visits)


async def _answers(visits: Sequence[Visit]) -> list[AppointmentAnswer]:
    ids = [visit.id for visit in visits]
    payments, refunds, histories = await payments_of(ids), await refunds_of(ids), await histories_of(ids)
    return [
        _answer(visit, payments.get(visit.id), refunds.get(visit.id), histories[visit.id]) for visit in visits
    ]


def _answer(
    visit: Visit, payment: Payment | None, refund: Refund | None, history: Sequence[HistoryEntry]
) -> AppointmentAnswer:
    zone = visit.zone
    return AppointmentAnswer(
        id=visit.id,
        code=visit.code,
        token_number=visit.token_number,
        status=visit.status,
        starts_at=_iso(visit.starts_at, zone),
        ends_at=_iso(visit.ends_at, zone),
        doctor=DoctorName(visit.doctor_id, visit.doctor_name, visit.speciality, visit.clinic_name),
        service=ServiceName(visit.service_id, visit.service_name, visit.minutes, visit.service_mode),
        patient=PatientName(visit.person_id, visit.person_name),
        reason=visit.reason,
        amount=visit.amount_paise,
        currency="INR",
        hold_expires_at=_iso(visit.hold_expires_at, zone) if visit.status == "held" else None,
        reschedule_requested=visit.request is not None,
        payment=_payment(payment) if payment else None,
        history=[_change(entry, zone) for entry in history],
        refund=RefundAnswer.of(refund) if refund else UNSET,
    )


def _payment(payment: Payment) -> PaymentAnswer:
    return PaymentAnswer(
        payment.status, payment.method, payment.razorpay_order_id, payment.razorpay_payment_id
    )


def _change(entry: HistoryEntry, zone: str) -> HistoryAnswer:
    return HistoryAnswer(iso(entry.at, zone), entry.old, entry.new, entry.by_role, entry.note)


def _iso(moment: datetime | None, zone: str) -> str | None:
    return iso(moment, zone) if moment else None
