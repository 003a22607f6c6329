"""The stream of a doctor's page: says when free times may have changed, and nothing else."""

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Stream

from app.accounts.access import address_of, until_something_happens_to_them
from app.db.notices import Notice
from app.directory.queries import practice_by_slug
from app.events import names
from app.web.doors import anyone
from app.web.live import Hub
from app.web.visitor import WebRequest

MESSAGE = "times"
"""The DOM event the page waits for."""

CHANGES_TIMES = frozenset(
    {
        names.APPOINTMENT_HELD,
        names.APPOINTMENT_EXPIRED,
        names.APPOINTMENT_DECLINED,
        names.APPOINTMENT_CANCELLED,
        names.APPOINTMENT_RESCHEDULED,
        names.SLOTS_ADDED,
        names.SLOT_REMOVED,
        names.CALENDAR_CHANGED,
        names.PRACTICE_CHANGED,
        names.SERVICE_ADDED,
        names.SERVICE_CHANGED,
        names.SERVICE_RETIRED,
    }
)
SEATED = frozenset({names.APPOINTMENT_BOOKED, names.APPROVAL_ASKED})
"""Change nothing for who held the time; money that came late takes it again."""


def changes_times(notice: Notice) -> str | None:
    """The message a notice is worth to a doctor's page."""
    takes_again = notice.name in SEATED and notice.was == "expired"
    return MESSAGE if notice.name in CHANGES_TIMES or takes_again else None


@get(
    "/doctors/{slug:str}/live",
    name="doctors.live",
    guards=[anyone],
    media_type="text/event-stream",
    opt={"no_compression": True},
)
async def live(request: WebRequest, slug: FromPath[str]) -> Stream:
    """Tell the doctor's page to look again, as long as it is open."""
    hub: Hub = request.app.state.live
    practice = await practice_by_slug(slug)
    return hub.stream(
        {practice.id, practice.doctor_id},
        changes_times,
        everything=MESSAGE,
        since=_newest(request.headers.get("last-event-id"), request.query_params.get("since")),
        address=address_of(request),
        account=request.user.id if request.user is not None else None,
        until=until_something_happens_to_them(request),
    )


def _newest(*marks: str | None) -> int | None:
    """The latest of the marks that are any; odd ones are as good as none."""
    read = [int(text) for text in marks if text and text.isascii() and text.isdigit() and len(text) < 16]
    return max(read, default=None)


router = Router("/", route_handlers=[live])
