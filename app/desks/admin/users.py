"""The administrator finds accounts, and reads what is known of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of
from app.accounts.log_in_book import TriesAsked, tries
from app.accounts.queries import Account
from app.accounts.roll import Asked, OnTheRoll, names_of, past_sessions, user_on_roll, users
from app.accounts.services import totp
from app.booking.services.viewing import note_listed, note_seen
from app.db.paging import Paged
from app.desks.admin.listed import PAGE_SIZE, address_up_to_page
from app.desks.admin.user_forms import RESULT_WORDS, FindUsersForm
from app.desks.page_number import page_number
from app.directory.queries.staff import applicant_ids, find_workplace
from app.events import audit, names
from app.events.queries import PastEvent, get_event
from app.web.doors import roles
from app.web.render import Notice, page
from app.web.visitor import WebRequest

ADMINS = roles("admin")
SESSIONS_SHOWN = 10
TRIES_SHOWN = 10
EVENTS_A_PAGE = 20


@dataclass(frozen=True)
class Happened:
    """One line of what happened to an account, then without `subject`, or of what its holder did to one."""

    at: datetime
    name: str
    subject: str
    by: str
    by_role: str
    facts: str

    @property
    def words(self) -> str:
        """The name programs know the event by, as a sentence begins."""
        return self.name.replace("_", " ").capitalize()


@get("/admin/users", name="admin.users", guards=[ADMINS])
async def list_users(request: WebRequest) -> Response[Any]:
    """Everybody who has an account, or whom the filters leave."""
    f = FindUsersForm(formdata=request.query_params)
    fits = f.validate()
    found = await _found(f if fits else FindUsersForm(), page_number(request))
    await note_listed([one.person_id for one in found.items if one.person_id], by=account_of(request).actor)
    return page(
        request,
        "desks/admin/users.html",
        part="users",
        also=("filters",),
        status=200 if fits else 422,
        f=f,
        found=found,
        href=address_up_to_page(request),
    )


@get("/admin/users/{user_id:uuid}", name="admin.user", guards=[ADMINS])
async def show_user(request: WebRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """One account: who it is, where it is logged in, what happened."""
    return await user_page(request, user_id)


async def user_page(
    request: WebRequest, user_id: UUID, *, notice: Notice | None = None, status: int = 200
) -> Response[Any]:
    """The page of one account; raises NotFound."""
    one, now = await user_on_roll(user_id), clock.now()
    await note_account(one, by=account_of(request))
    happened = await audit.events(
        audit.Asked(about=user_id), page=page_number(request), page_size=EVENTS_A_PAGE
    )
    return page(
        request,
        "desks/admin/user.html",
        part="happened",
        notice=notice,
        status=status,
        one=one,
        is_self=user_id == account_of(request).id,
        clinic=await find_workplace(user_id),
        why=await _why_blocked(one),
        has_second_step=await totp.is_on(user_id),
        sessions=await past_sessions(user_id, now=now, most=SESSIONS_SHOWN),
        tries=await tries(TriesAsked(user_id=user_id), page=1, page_size=TRIES_SHOWN),
        result_words=RESULT_WORDS,
        happened=happened,
        lines=await _lines(happened.items, user_id),
        now=now,
        zone=clock.HOUSE_ZONE.key,
    )


async def note_account(one: OnTheRoll, *, by: Account) -> None:
    """Write down that an administrator is shown somebody's account."""
    if one.person_id is not None:
        await note_seen(one.person_id, by=by.actor)


async def _found(f: FindUsersForm, number: int) -> Paged[OnTheRoll]:
    state = f.state.data or None
    waiting = await applicant_ids() if state == "waiting" else None
    asked = Asked(
        words=f.q.data or "",
        role=f.role.data or None,
        state=None if waiting is not None else state,
        only=waiting,
    )
    return await users(asked, page=number, page_size=PAGE_SIZE)


async def _why_blocked(one: OnTheRoll) -> str:
    """What the person was told, as long as the log keeps it."""
    event_id = await audit.latest(names.USER_BLOCKED, one.id) if one.is_blocked else None
    return (await get_event(event_id)).private.get("why", "") if event_id else ""


async def _lines(events: Sequence[PastEvent], user_id: UUID) -> list[Happened]:
    """Events with the names of those who acted; the house itself and strangers have none."""
    known = await names_of([event.by_id for event in events if event.by_id])
    return [
        Happened(
            event.at,
            event.name,
            "" if event.subject_id == user_id else str(event.subject_id),
            known.get(event.by_id, "") if event.by_id else "",
            event.by_role,
            ", ".join(f"{key}: {_short(value)}" for key, value in sorted(event.facts.items())),
        )
        for event in events
    ]


def _short(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


router = Router("/", route_handlers=[list_users, show_user])
