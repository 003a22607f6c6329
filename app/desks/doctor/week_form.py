"""The form of a working week: any number of sessions a day, added, copied and removed before it is saved."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from wtforms import FieldList, FormField, StringField

from app.desks.doctor.fields import USUAL_MINUTES, NumberField, shown
from app.desks.doctor.session_form import WEEKDAYS, SessionForm, breaks_text
from app.errors import Invalid
from app.scheduling.queries import Week
from app.scheduling.rules import Session, check_week
from app.web.forms import Form, Typed, strip
from app.web.i18n import sentence
from app.web.visitor import WebRequest

MOST_ROWS = 70
"""What is sent beyond that is left out."""
_HIGHEST_VERSION = 2**31 - 1

_ROW = ("weekday", "starts", "ends", "slot_minutes", "gap_minutes", "breaks")
_NUMBERED = re.compile(r"sessions-(\d{1,3})-\w+", re.ASCII)
_ACT = re.compile(r"(add|remove|copy)-(\d{1,3})(?:-(\d))?", re.ASCII)

Row = dict[str, str]


if TYPE_CHECKING:
    _SessionForms = FieldList[FormField[SessionForm]]
else:
    _SessionForms = FieldList


class _Rows(_SessionForms):
    """Rows numbered in a way that counts."""

    def _extract_indices(self, _prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        for name in formdata:
            if match := _NUMBERED.fullmatch(name):
                yield int(match[1])


class WeekForm(Form):
    """Fields have the names at which scheduling refuses: `sessions-3-ends`."""

    sessions = _Rows(FormField(SessionForm), max_entries=MOST_ROWS)
    version = NumberField()
    act = StringField(filters=[strip])

    @classmethod
    async def read(cls, request: WebRequest, **start: Any) -> Self:
        """The form as it was sent, after what its button asks for: a row more or less, a day copied."""
        f = await super().read(request, **start)
        wanted = _ACT.fullmatch(f.act.data or "")
        return f._after(wanted) if wanted else f

    @classmethod
    def of(cls, week: Week, *, minutes: int) -> Self:
        """The week as it is kept; one that is still empty begins with a row on Monday."""
        rows = [_row(session) for session in week.sessions]
        return cls._of_rows(rows or [_empty(0, minutes)], version=week.version)

    @classmethod
    def _of_rows(cls, rows: Sequence[Row], *, version: object, act: str = "", focus: str = "") -> Self:
        ordered = sorted(rows, key=lambda row: row["weekday"])
        typed = Typed(version=[str(version)], act=[act])
        for number, row in enumerate(ordered):
            typed |= {f"sessions-{number}-{name}": [row[name]] for name in _ROW}
        f = cls(formdata=typed)
        f.focus = focus
        return f

    focus: str = ""
    """Where the next key shall go after a row was added or taken away: the id of an element."""

    @property
    def rows(self) -> list[Row]:
        """What is typed, row by row, as text."""
        return [
            {name: shown(one.form[name]) for name in _ROW} | {"weekday": str(one.form.day)}
            for one in self.sessions.entries
        ]

    def of_day(self, weekday: int) -> list[SessionForm]:
        """The rows of one weekday."""
        return [one.form for one in self.sessions.entries if one.form.day == weekday]

    def _after(self, wanted: re.Match[str]) -> Self:
        rows, act, number = self.rows, wanted[1], int(wanted[2])
        version = shown(self.version)
        if act == "remove":
            left = [row for place, row in enumerate(rows) if place != number]
            focus = f"add-{rows[number]['weekday']}" if number < len(rows) else ""
            return self._of_rows(left, version=version, act="remove", focus=focus)
        if act == "copy":
            last = min(int(wanted[3] or 4), len(WEEKDAYS) - 1)
            return self._of_rows(_copied(rows, last), version=version, act="copy", focus="day-1")
        day = min(number, len(WEEKDAYS) - 1)
        f = self._of_rows([*rows, self._next_row(day)], version=version, act="add")
        f.focus = f.of_day(day)[-1].starts.id if f.of_day(day) else ""
        return f

    def _next_row(self, day: int) -> Row:
        """An empty row with the lengths of the one before it."""
        before = [row for row in self.rows if int(row["weekday"]) <= day] or self.rows
        row = _empty(day, USUAL_MINUTES)
        return row | {name: before[-1][name] for name in ("slot_minutes", "gap_minutes")} if before else row

    @property
    def wants_edit(self) -> bool:
        """Whether only the form itself was to change."""
        return self.act.data in ("add", "remove", "copy")

    @property
    def is_being_typed(self) -> bool:
        """Whether no button was pressed, and the page asks for its preview by itself."""
        return bool(self.act.data == "look")

    @property
    def wants_preview(self) -> bool:
        """Whether the week is only to be shown."""
        return self.act.data == "preview" or self.is_being_typed

    def check(self) -> bool:
        """Whether it is a week that can be; else the fields say why not."""
        is_right = self.validate()
        try:
            check_week([one.form.session for one in self._readable()])
        except Invalid as refusal:
            self.take(refusal)
            return False
        return is_right

    @property
    def week(self) -> list[Session]:
        """The sessions written, rows without any left out."""
        return [one.form.session for one in self._filled()]

    def _filled(self) -> list[Any]:
        return [one for one in self.sessions.entries if not one.form.is_blank]

    def possible_week(self) -> list[Session] | None:
        """The sessions written, or None while they are no week yet; says nothing at the fields."""
        twin = self.with_version(self.seen_version)
        return twin.week if twin.check() else None

    def with_version(self, version: int) -> Self:
        """The same as it is typed, made from another version of the calendar."""
        return self._of_rows(self.rows, version=version, act=self.act.data or "", focus=self.focus)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Everything that has to be sent to save the same week."""
        rows = enumerate(self.rows)
        typed = [(f"sessions-{number}-{name}", text) for number, row in rows for name, text in row.items()]
        return [*typed, ("version", str(self.seen_version)), ("act", "save")]

    def _readable(self) -> list[Any]:
        """The rows of which each field could be read."""
        return [one for one in self._filled() if not one.form.errors]

    @property
    def seen_version(self) -> int:
        """The calendar's version this form was made from; 0 for one that cannot be read."""
        seen: int = self.version.data or 0
        return seen if 0 <= seen <= _HIGHEST_VERSION else 0

    def take(self, refusal: Invalid) -> None:
        """Put refusals about the n-th session that could be read at the row in which it is written."""
        rows = self._readable()
        for name, message in refusal.fields.items():
            match = _NUMBERED.fullmatch(name)
            row = rows[int(match[1])].form if match and int(match[1]) < len(rows) else None
            at = name.rpartition("-")[2].replace("weekday", "starts")
            field = row._fields.get(at) if row is not None else None
            words = sentence(message, refusal.params)
            if field is None:
                self.form_errors.append(words)
            else:
                field.errors = [*field.errors, words]
        self.sessions.errors = [one.errors for one in self.sessions.entries]


def _copied(rows: list[Row], last: int) -> list[Row]:
    """The rows with Monday's in the place of those from Tuesday to `last`, where Monday has any."""
    monday = [row for row in rows if row["weekday"] == "0" and row["starts"] + row["ends"]]
    if not monday:
        return rows
    kept = [row for row in rows if not 1 <= int(row["weekday"]) <= last]
    return kept + [row | {"weekday": str(day)} for day in range(1, last + 1) for row in monday]


def _row(session: Session) -> Row:
    return {
        "weekday": str(session.weekday),
        "starts": f"{session.starts:%H:%M}",
        "ends": f"{session.ends:%H:%M}",
        "slot_minutes": str(session.slot_minutes),
        "gap_minutes": str(session.gap_minutes or ""),
        "breaks": breaks_text(session.breaks),
    }


def _empty(weekday: int, minutes: int) -> Row:
    return dict.fromkeys(_ROW, "") | {"weekday": str(weekday), "slot_minutes": str(minutes)}
