"""What becomes of each visit that loses its time, as chosen in a form beside the change's own fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from wtforms import StringField, TextAreaField

from app.booking.queries import OpenSlot, Visit
from app.booking.rules import MOVABLE
from app.checkout.services import Plan, Preview
from app.desks.doctor.appointment_page import SHORT_ENOUGH
from app.errors import _
from app.payments.queries import Payment
from app.web.forms import Form, strip
from app.web.visitor import WebRequest

PREFIX = "closing-"
_VISIT = f"{PREFIX}visit-"
CANCEL = "cancel"


class PlanForm(Form):
    """A note, and for each visit a time or `cancel`; `said` is what the button said that was pressed."""

    note = TextAreaField(_("Note to the patients"), filters=[strip], validators=[SHORT_ENOUGH])
    act = StringField()
    said = StringField()
    choices: dict[str, str]

    @classmethod
    async def asked(cls, request: WebRequest) -> Self:
        """From a posted form that may have none of it yet."""
        f = await cls.read(request, prefix=PREFIX)
        f.choices = {
            name.removeprefix(_VISIT): value
            for name, value in (await request.form()).multi_items()
            if name.startswith(_VISIT) and isinstance(value, str)
        }
        return f

    @property
    def is_answer(self) -> bool:
        """Whether the change is to be made: it was just asked for, or confirmed."""
        return self.act.data in (None, "", "confirm")

    @property
    def plan(self) -> Plan:
        """The choices that can be read, by booking code."""
        read = {code: None if value == CANCEL else _moment(value) for code, value in self.choices.items()}
        return {code: at for code, at in read.items() if at is not None or self.choices[code] == CANCEL}

    @property
    def counted(self) -> tuple[int, int]:
        """How many visits are moved and how many cancelled."""
        moved = sum(at is not None for at in self.plan.values())
        return moved, len(self.plan) - moved

    @property
    def says_what_it_does(self) -> bool:
        """Whether the button's words were true when it was pressed; without scripts they may be older."""
        return not self.choices or self.said.data == "{}-{}".format(*self.counted)


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


@dataclass(frozen=True)
class Row:
    """One visit that loses its time, the times to choose from, and the one chosen (None: cancel)."""

    visit: Visit
    paid_paise: int
    times: list[OpenSlot]
    chosen: datetime | None
    is_new: bool
    is_gone: bool

    @property
    def is_held(self) -> bool:
        """Whether the time is only held, so that it can only be given up."""
        return self.visit.status not in MOVABLE


def rows_of(
    preview: Preview, payments: Mapping[UUID, Payment], f: PlanForm, *, gone: frozenset[str]
) -> list[Row]:
    """The affected visits with what was chosen for each, or what is proposed where nothing was yet."""
    return [
        _row(
            visit, payments.get(visit.id), preview, f, is_gone=visit.code in gone and visit.code in f.choices
        )
        for visit in preview.affected
    ]


def _row(visit: Visit, payment: Payment | None, preview: Preview, f: PlanForm, **marks: Any) -> Row:
    proposed, others = preview.proposals.get(visit.id), preview.others.get(visit.id, [])
    is_cancelled = f.act.data == CANCEL or (f.act.data != "move" and f.choices.get(visit.code) == CANCEL)
    return Row(
        visit=visit,
        paid_paise=payment.left_paise if payment else 0,
        times=[*([proposed] if proposed else []), *others],
        chosen=proposed.starts_at if proposed and not is_cancelled else None,
        is_new=bool(f.choices) and visit.code not in f.choices,
        **marks,
    )
