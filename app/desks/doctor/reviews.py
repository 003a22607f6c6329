"""A doctor reads what patients say, answers, and reports what should not be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.accounts.access import account_of
from app.accounts.queries import Account
from app.desks.refusals import answered_by, as_notice, refused_with
from app.desks.review_forms import ReportForm, tidied
from app.directory.queries import Practice, find_practice_of_user, practice_of_user
from app.errors import Conflict, _
from app.reviews import services
from app.reviews.access import review_about
from app.reviews.queries import Review, answers_to, kept_for, reported_by, reviews_for_doctor, stars_of
from app.reviews.rules import LONGEST_REVIEW
from app.web.doors import roles
from app.web.forms import Form
from app.web.page_number import page_number
from app.web.render import Notice, go, page, wants_part
from app.web.visitor import WebRequest

DOCTORS = roles("doctor")
REVIEWS_A_PAGE = 20

_ANSWERED = Notice(_("Your answer stands below the review, and the patient is told."))
_CHANGED = Notice(_("Your answer is changed. The patient gets no second e-mail about it."))
_ANSWERED_AGAIN = Notice(
    _("Your answer stands below the review. Only the first answer to a review is told to the patient.")
)
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
    """One review with its forms, whose ids are its own; `done` is what has just happened to it.

    `is_reported` says that the doctor's report of it waits, `is_kept` that it was decided against.
    """

    review: Review
    is_reported: bool
    is_kept: bool
    answering: AnswerForm
    reporting: ReportForm
    done: Notice | None = None

    @classmethod
    def of(
        cls,
        review: Review,
        *,
        is_reported: bool,
        is_kept: bool,
        answering: AnswerForm | None = None,
        reporting: ReportForm | None = None,
        done: Notice | None = None,
    ) -> "Card":
        """With the forms as they were sent, or as they begin."""
        card = cls(
            review,
            is_reported,
            is_kept,
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
    practice = await find_practice_of_user(account_of(request).id)
    if practice is None:
        return page(request, "desks/doctor/reviews.html", practice=None)
    return await _list(request, practice)


async def _list(request: WebRequest, practice: Practice) -> Response[Any]:
    unanswered = request.query_params.get("show") == "unanswered"
    found = await reviews_for_doctor(
        practice.doctor_id, unanswered=unanswered, page=page_number(request), page_size=REVIEWS_A_PAGE
    )
    return page(
        request,
        "desks/doctor/reviews.html",
        part="reviews",
        practice=practice,
        stars=await stars_of(practice.doctor_id),
        unanswered=unanswered,
        found=found,
        cards=await _cards(found.items, account_of(request)),
    )


async def _cards(reviews: Sequence[Review], account: Account, **typed: Any) -> list[Card]:
    ids = [one.id for one in reviews]
    reported, kept = await reported_by(account.id, ids), await kept_for(account.id, ids)
    return [Card.of(one, is_reported=one.id in reported, is_kept=one.id in kept, **typed) for one in reviews]


async def _one(request: WebRequest, review_id: UUID, *, status: int = 200, **typed: Any) -> Response[Any]:
    """One review on a page of its own, or its part of the list; `typed` is what differs from the start."""
    account = account_of(request)
    practice = await practice_of_user(account.id)
    (card,) = await _cards([await review_about(review_id, account)], account, **typed)
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
    review = await review_about(review_id, account)
    f = await AnswerForm.read(request)
    if not f.validate():
        return await _one(request, review_id, status=422, answering=f)
    notice = await _notice_of_answer(review)
    await services.answer(review_id, text=f.answer.data or "", by=account.actor)
    return await _done(request, review_id, notice)


async def _notice_of_answer(review: Review) -> Notice:
    """What becomes of an answer that is about to be given: only the first one is told to the patient."""
    if review.answered_at:
        return _CHANGED
    return _ANSWERED_AGAIN if await answers_to(review.id) else _ANSWERED


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
