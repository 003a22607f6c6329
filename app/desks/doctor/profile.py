"""What a doctor says of herself, and what patients see of it."""

from typing import Any, Self

from litestar import Response, Router, get, post
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from app.accounts.access import account_of
from app.desks.doctor.practice import describe
from app.desks.doctor.seen import CHANGED, SeenForm
from app.directory.errors import NoSuchDoctor
from app.directory.languages import LANGUAGES
from app.directory.queries import (
    Doctor,
    Practice,
    find_doctor_of_user,
    find_practice_of_user,
)
from app.directory.rules import LONGEST_NAME, LONGEST_TEXT, is_meeting_link, speciality_name
from app.errors import Invalid, _
from app.events.actor import Actor
from app.web.doors import roles
from app.web.forms import at_most, one_line, strip
from app.web.i18n import gettext, sentence
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

_SAVED = Notice(_("Saved."))
_SHORT = at_most(LONGEST_NAME)


def _is_link(_form: SeenForm, field: StringField) -> None:
    if not is_meeting_link(field.data or ""):
        raise ValidationError(sentence(_("Give a link that begins with https://, or leave this empty.")))


class ProfileForm(SeenForm):
    """Fields have the names at which the directory refuses."""

    designation = StringField(
        _("Designation"), [_SHORT], filters=[one_line], description=_("Such as Senior consultant.")
    )
    qualifications = StringField(
        _("Qualifications"),
        [_SHORT],
        filters=[one_line],
        description=_("Such as MBBS, MD (General Medicine)."),
    )
    registration_number = StringField(
        _("Registration number"),
        [_SHORT],
        filters=[one_line],
        description=_("Your number in the register of the medical council."),
    )
    about = TextAreaField(
        _("About you"),
        [Length(max=LONGEST_TEXT, message=_("Use up to 4,000 letters."))],
        filters=[strip],
        description=_("What you treat and how you work, in a few sentences."),
    )
    languages = SelectMultipleField(_("Languages you speak with patients"))
    meeting_link = StringField(
        _("Meeting link for visits by video"),
        [_is_link],
        filters=[strip],
        description=_("Patients see it a quarter of an hour before a visit by video."),
    )

    @classmethod
    def of(cls, doctor: Doctor, practice: Practice | None) -> Self:
        """What is written down now, to change."""
        written = {name: getattr(doctor, name) for name in (*_WRITTEN, "languages")}
        link = practice.meeting_link if practice else ""
        return cls(data={**written, "meeting_link": link}).offering(doctor).as_stored()

    def offering(self, doctor: Doctor) -> Self:
        """The same with the languages there are to choose from; one written down before stands among them."""
        others = [name for name in doctor.languages if name not in LANGUAGES]
        self.languages.choices = [(name, gettext(name)) for name in (*LANGUAGES, *others)]
        return self

    async def save(self, doctor: Doctor, practice: Practice | None, *, by: Actor) -> bool:
        """Write it down, all or nothing; False when the fields say why not."""
        written = {name: str(self.data[name] or "") for name in (*_WRITTEN, "meeting_link")}
        try:
            await describe(doctor, practice, **written, languages=self.languages.data or [], by=by)
        except Invalid as refusal:
            self.take(refusal)
            return False
        return True


_WRITTEN = ("designation", "qualifications", "registration_number", "about")


@get("/doctor/profile", name="doctor.profile", guards=[roles("doctor")])
async def show(request: WebRequest) -> Response[Any]:
    """The profile, to look at and change, before approval too."""
    doctor, practice = await _own(request)
    return _profile_page(request, doctor, practice, ProfileForm.of(doctor, practice))


@post("/doctor/profile", guards=[roles("doctor")])
async def change(request: WebRequest) -> Response[Any]:
    """Change it."""
    doctor, practice = await _own(request)
    f = (await ProfileForm.read(request)).offering(doctor)
    if not f.validate():
        return _profile_page(request, doctor, practice, f, status=422)
    if f.overtaken(ProfileForm.of(doctor, practice)):
        return _profile_page(request, doctor, practice, f, status=409, notice=CHANGED)
    if not await f.save(doctor, practice, by=account_of(request).actor):
        return _profile_page(request, doctor, practice, f, status=422)
    return go(request, "doctor.profile", notice=_SAVED)


async def _own(request: WebRequest) -> tuple[Doctor, Practice | None]:
    """The doctor signed in, and her open practice; raises NoSuchDoctor."""
    account = account_of(request)
    doctor = await find_doctor_of_user(account.id)
    if doctor is None:
        raise NoSuchDoctor
    return doctor, await find_practice_of_user(account.id)


def _profile_page(
    request: WebRequest, doctor: Doctor, practice: Practice | None, f: ProfileForm, **answer: Any
) -> Response[Any]:
    return page(
        request,
        "desks/doctor/profile.html",
        f=f,
        doctor=doctor,
        practice=practice,
        speciality=sentence(speciality_name(doctor.speciality)),
        **answer,
    )


router = Router("/", route_handlers=[show, change])
