"""Reviews as patients meet them: writing one, reading those of a doctor, reporting one."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.accounts.access import account_of, patient_of
from app.booking.access import visit_for
from app.booking.queries import Visit
from app.desks.patient.visits import STAYS
from app.desks.refusals import answered_by, as_notice, confirm_first, refused_with
from app.desks.review_forms import ReportForm, tidied
from app.directory.queries import Practice, practice_by_slug, practice_of_doctor
from app.errors import Conflict, _
from app.events.actor import Actor
from app.reviews import services
from app.reviews.access import public_review
from app.reviews.errors import NotCompleted, OwnReview
from app.reviews.queries import Review, find_review_of, reported_by, reviews_shown, stars_of
from app.reviews.rules import LONGEST_REVIEW, author_shown
from app.web.doors import EmailNotConfirmed, anyone, signed_in, verified
from app.web.forms import Form
from app.web.i18n import gettext
from app.web.page_number import page_number
from app.web.render import Notice, go, page
from app.web.visitor import WebRequest

CONFIRMED = verified("patient", "doctor", "reception", "admin")

REVIEWS_A_PAGE = 10
STARS = {
    5: _("Excellent"),
    4: _("Good"),
    3: _("All right"),
    2: _("Poor"),
    1: _("Very poor"),
}
"""What each number of stars means, the best first."""

_PUBLISHED = Notice(_("Thank you. Your review helps others to choose."))
_CHANGED = Notice(_("Your review is changed."))
_NOT_YET = Notice(NotCompleted.message, "refused")
_REPORTED = Notice(_("Thank you. The administrator will look at the review."))


class ReviewForm(Form):
    """How a visit was."""

    stars = RadioField(
        _("How was it?"),
        coerce=int,
        validators=[InputRequired(_("Choose from 1 to 5 stars."))],
        validate_choice=True,
    )
    text = TextAreaField(
        _("What would you tell others?"),
        filters=[tidied],
        validators=[Length(max=LONGEST_REVIEW, message=_("Please use at most 2,000 characters."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As WTForms does, with the stars' words in the reader's language."""
        super().__init__(*args, **kwargs)
        self.stars.choices = [(stars, gettext(words)) for stars, words in STARS.items()]


@get("/visits/{code:str}/review", name="visits.review", guards=[signed_in])
async def ask(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Say how a visit was, or say it otherwise."""
    visit = await visit_for(code, patient_of(request))
    if visit.status != "completed":
        return go(request, "visits.show", notice=_NOT_YET, code=visit.code)
    review = await find_review_of(visit.id)
    f = ReviewForm(stars=review.stars, text=review.text) if review else ReviewForm()
    return _review_page(request, visit, review, f)


def _review_page(
    request: WebRequest, visit: Visit, review: Review | None, f: ReviewForm, *, status: int = 200
) -> Response[Any]:
    author = author_shown(patient_of(request).name)
    return page(
        request, "desks/patient/review.html", status=status, visit=visit, review=review, author=author, f=f
    )


@post("/visits/{code:str}/review", name="visits.review_now", guards=[signed_in], exception_handlers=STAYS)
async def review_now(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    """Publish it, or the change of it."""
    account = patient_of(request)
    visit = await visit_for(code, account)
    if visit.status != "completed":
        raise NotCompleted
    review = await find_review_of(visit.id)
    f = await ReviewForm.read(request)
    if not f.validate():
        return _review_page(request, visit, review, f, status=422)
    notice = await _publish(visit, review, f, by=account.actor)
    return go(request, "visits.show", notice=notice, code=visit.code)


async def _publish(visit: Visit, review: Review | None, f: ReviewForm, *, by: Actor) -> Notice:
    stars, text = f.stars.data, f.text.data or ""
    if review:
        await services.change(review.id, stars=stars, text=text, by=by)
        return _CHANGED
    await services.write(visit.id, stars=stars, text=text, by=by)
    return _PUBLISHED


@get("/doctors/{slug:str}/reviews", name="reviews.list", guards=[anyone])
async def reviews(request: WebRequest, slug: FromPath[str]) -> Response[Any]:
    """What patients say of a doctor; a page number that is too high gives the last page."""
    return await _reviews_page(request, await practice_by_slug(slug))


async def _reviews_page(request: WebRequest, practice: Practice) -> Response[Any]:
    found = await reviews_shown(
        practice.doctor_id, page=page_number(request), page_size=REVIEWS_A_PAGE, nearest=True
    )
    me = request.user.id if request.user else None
    reported = await reported_by(me, [one.id for one in found.items]) if me else set()
    return page(
        request,
        "desks/patient/reviews.html",
        practice=practice,
        stars=await stars_of(practice.doctor_id),
        found=found,
        me=me,
        reported=reported,
    )


async def _confirm_first(request: WebRequest, refusal: EmailNotConfirmed) -> Response[Any]:
    """To the page that asks for the code in the letter, and from there back here."""
    return confirm_first(request, refusal, then=request.url.path)


async def _among_the_others(request: WebRequest, refusal: Conflict) -> Response[Any]:
    """The review's page again, with what stood in the way above it."""
    review = await public_review(UUID(str(request.path_params["review_id"])))
    return await _report_page(request, review, ReportForm(), **refused_with(refusal))


async def _to_all_reviews(request: WebRequest, refusal: OwnReview) -> Response[Any]:
    """What doctors' patients say, with the line that one's own is changed and not reported."""
    review = await public_review(UUID(str(request.path_params["review_id"])))
    practice = await practice_of_doctor(review.doctor_id)
    return go(request, "reviews.list", notice=as_notice(refusal), slug=practice.doctor_slug)


REPORTING: ExceptionHandlersMap = {
    OwnReview: answered_by(_to_all_reviews),
    EmailNotConfirmed: answered_by(_confirm_first),
    Conflict: answered_by(_among_the_others),
}


@get(
    "/reviews/{review_id:uuid}/report",
    name="reviews.report",
    guards=[CONFIRMED],
    exception_handlers=REPORTING,
)
async def report(request: WebRequest, review_id: FromPath[UUID]) -> Response[Any]:
    """Say what is wrong with a review."""
    review = await public_review(review_id)
    if review.author_id == account_of(request).id:
        raise OwnReview
    return await _report_page(request, review, ReportForm())


async def _report_page(
    request: WebRequest,
    review: Review,
    f: ReportForm,
    *,
    notice: Notice | None = None,
    status: int = 200,
) -> Response[Any]:
    practice = await practice_of_doctor(review.doctor_id)
    return page(
        request,
        "desks/patient/report_review.html",
        notice=notice,
        status=status,
        review=review,
        practice=practice,
        f=f,
    )


@post(
    "/reviews/{review_id:uuid}/report",
    name="reviews.report_now",
    guards=[CONFIRMED],
    exception_handlers=REPORTING,
)
async def report_now(request: WebRequest, review_id: FromPath[UUID]) -> Response[Any]:
    """Ask the administrator to look at it."""
    review = await public_review(review_id)
    practice = await practice_of_doctor(review.doctor_id)
    f = await ReportForm.read(request)
    if not f.validate():
        return await _report_page(request, review, f, status=422)
    account = account_of(request)
    await services.report(review_id, why=f.why.data or "", by=account.actor)
    return go(request, "reviews.list", notice=_REPORTED, slug=practice.doctor_slug)


router = Router("/", route_handlers=[ask, review_now, reviews, report, report_now])
