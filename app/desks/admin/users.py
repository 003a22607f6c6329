"""The administrator finds accounts, and reads what is known of one."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath

from app import clock
from app.accounts.access import account_of
from app.accounts.log_in_book import TriesAsked, tries
from app.accounts.queries import Account
from app.accounts.roll import Asked, OnTheRoll, past_sessions, user_on_roll, users
from app.accounts.services import totp
from app.booking.services.viewing import note_listed, note_seen
from app.db.paging import Paged
from app.desks.admin.happened import lines_of
from app.desks.admin.listed import ADMINS, PAGE_SIZE, filtered_page
from app.desks.admin.user_forms import RESULT_WORDS, FindUsersForm
from app.directory.queries.staff import applicant_ids, find_workplace
from app.events import audit, names
from app.events.queries import get_event
from app.web.page_number import page_number
from app.web.render import Notice, page
from app.web.visitor import WebRequest

SESSIONS_SHOWN = 10
TRIES_SHOWN = 10


@get("/admin/users", name="admin.users", guards=[ADMINS])
async def list_users(request: WebRequest) -> Response[Any]:
    """Everybody who has an account, or whom the filters leave."""
    f = FindUsersForm(formdata=request.query_params)
    found = await _found(f if f.validate() else FindUsersForm(), page_number(request))
    await note_listed([one.person_id for one in found.items], by=account_of(request).actor)
    return filtered_page(request, "desks/admin/users.html", part="users", f=f, found=found)


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
    happened = await audit.events(audit.Asked(about=user_id), page=page_number(request), page_size=PAGE_SIZE)
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
        lines=await lines_of(happened.items),
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


router = Router("/", route_handlers=[list_users, show_user])
