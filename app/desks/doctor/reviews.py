"""A doctor reads what patients say, answers, and reports what should not be shown."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.accounts.access import account_of
from app.desks.page_number import page_number
from app.desks.patient.reviews import ReportForm, tidied
from app.desks.refusals import answered_by, as_notice, refused_with
from app.directory.queries import find_practice_of_user, practice_of_user
from app.errors import Conflict, _
from app.reviews import services
from app.reviews.access import review_about
from app.reviews.queries import Review, reported_by, reviews_for_doctor, stars_of
from app.reviews.rules import LONGEST_REVIEW
from app.web.doors import roles
from app.web.forms import Form
from app.web.render import Notice, go, page, wants_part
from app.web.visitor import WebRequest

DOCTORS = roles("doctor")
REVIEWS_A_PAGE = 20

_ANSWERED = Notice(_("Your answer stands below the review, and the patient is told."))
_TAKEN_BACK = Notice(_("Your answer is gone. The review is unanswered again."))
_REPORTED = Notice(_("The administrator will look at the review. It stays shown until then."))


class AnswerForm(Form):
    """What the doctor says to a review."""

    answer = TextAreaField(
        _("Your answer, for everybody to read"),
        filters=[tidied],
        validators=[
            DataRequired(_("Please write your answer.")),
            Length(max=LONGEST_REVIEW, message=_("Please use at most 2,000 characters.")),
        ],
    )


@dataclass(frozen=True)
class Card:
    """One review with its forms, whose ids are its own; `done` is what has just happened to it."""

    review: Review
    is_reported: bool
    answering: AnswerForm
    reporting: ReportForm
    done: Notice | None = None

    @classmethod
    def of(
        cls,
        review: Review,
        *,
        is_reported: bool,
        answering: AnswerForm | None = None,
        reporting: ReportForm | None = None,
        done: Notice | None = None,
    ) -> "Card":
        """With the forms as they were sent, or as they begin."""
        card = cls(
            review,
            is_reported,
            answering or AnswerForm(answer=review.answer),
            reporting or ReportForm(),
            done,
        )
        for field in (card.answering.answer, card.reporting.why):
            field.id = f"{field.name}-{review.id}"
        return card


@get("/doctor/reviews", name="doctor.reviews", guards=[DOCTORS])
async def show(request: WebRequest) -> Response[Any]:
    """Everything that was said of me, or what waits for an answer."""
    account, unanswered = account_of(request), request.query_params.get("show") == "unanswered"
    practice = await find_practice_of_user(account.id)
    if practice is None:
        return page(request, "desks/doctor/reviews.html", practice=None)
    found = await reviews_for_doctor(
        practice.doctor_id, unanswered=unanswered, page=page_number(request), page_size=REVIEWS_A_PAGE
    )
    reported = await reported_by(account.id, [one.id for one in found.items])
    return page(
        request,
        "desks/doctor/reviews.html",
        part="reviews",
        practice=practice,
        stars=await stars_of(practice.doctor_id),
        unanswered=unanswered,
        found=found,
        cards=[Card.of(one, is_reported=one.id in reported) for one in found.items],
    )


async def _one(request: WebRequest, review_id: UUID, *, status: int = 200, **typed: Any) -> Response[Any]:
    """One review on a page of its own, or its part of the list; `typed` is what differs from the start."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    review = await review_about(review_id, account)
    reported = await reported_by(account.id, [review_id])
    card = Card.of(review, is_reported=bool(reported), **typed)
    f = card.reporting if card.reporting.errors else card.answering
    return page(
        request,
        "desks/doctor/review.html",
        part="review",
        status=status,
        practice=practice,
        card=card,
        f=f,
    )


async def _as_it_stands(request: WebRequest, refusal: Conflict) -> Response[Any]:
    """The review as it is now, with what stood in the way above it."""
    status = refused_with(refusal)["status"]
    review_id = UUID(str(request.path_params["review_id"]))
    return await _one(request, review_id, status=status, done=as_notice(refusal))


STAYS: ExceptionHandlersMap = {Conflict: answered_by(_as_it_stands)}


async def _done(request: WebRequest, review_id: UUID, notice: Notice) -> Response[Any]:
    """The review's part says what happened; without htmx the list does."""
    if wants_part(request):
        return await _one(request, review_id, done=notice)
    return go(request, "doctor.reviews", notice=notice)


@post(
    "/doctor/reviews/{review_id:uuid}/answer",
    name="doctor.reviews.answer",
    guards=[DOCTORS],
    exception_handlers=STAYS,
)
async def answer(request: WebRequest, review_id: FromPath[UUID]) -> Response[Any]:
    """Answer, or say the answer otherwise."""
    account = account_of(request)
    await review_about(review_id, account)
    f = await AnswerForm.read(request)
    if not f.validate():
        return await _one(request, review_id, status=422, answering=f)
    await services.answer(review_id, text=f.answer.data or "", by=account.actor)
    return await _done(request, review_id, _ANSWERED)


@post(
    "/doctor/reviews/{review_id:uuid}/answer/take-back",
    name="doctor.reviews.take_back",
    guards=[DOCTORS],
    exception_handlers=STAYS,
)
async def take_back(request: WebRequest, review_id: FromPath[UUID]) -> Response[Any]:
    """Leave the review unanswered again."""
    account = account_of(request)
    await review_about(review_id, account)
    await services.take_back_answer(review_id, by=account.actor)
    return await _done(request, review_id, _TAKEN_BACK)


@post(
    "/doctor/reviews/{review_id:uuid}/report",
    name="doctor.reviews.report",
    guards=[DOCTORS],
    exception_handlers=STAYS,
)
async def report(request: WebRequest, review_id: FromPath[UUID]) -> Response[Any]:
    """Ask the administrator to look at it."""
    account = account_of(request)
    await review_about(review_id, account)
    f = await ReportForm.read(request)
    if not f.validate():
        return await _one(request, review_id, status=422, reporting=f)
    await services.report(review_id, why=f.why.data or "", by=account.actor)
    return await _done(request, review_id, _REPORTED)


router = Router("/", route_handlers=[show, answer, take_back, report])
