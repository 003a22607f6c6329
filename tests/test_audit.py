"""Every change leaves one event: what each unsafe call does, done once by somebody who may.

And no change happens without: where the event cannot be written, nothing else is.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest

from app.events import names
from app.events.names import VIEWS
from app.settings import ROOT
from tests import doors_table as table
from tests.doors_scene import Scene, the_scene
from tests.doors_table import DOORS, Door
from tests.surroundings import Surroundings

CALLS = {door.call: door for door in DOORS}
UNSAFE = [door for door in DOORS if not door.is_safe]

NO_EVENT = {
    "POST /doctor/closings/count": "says the button's words for what is chosen",
    "POST /me/people/claim": "says whose slip it is, before anything is joined",
    "POST /login/confirm/over": "forgets in the browser a log-in that waits",
    "PUT /dev/clock": "moves the clock of tests; there is none in production",
    "POST /me/security/second-step": "begins to set up an app, which is told once it showed a code",
    "POST /api/auth/refresh": "hands out what an opened session goes on with, every quarter of an hour",
    "POST /checkout/{code:str}/order": "asks the gateway for the order of a payment that was told of",
    "POST /api/payment/create-order": "asks the gateway for the order of a payment that was told of",
    "POST /doctor/services/{service_id:uuid}/move": "needs another service; tests/desks/test_doctor_services",
}
"""Unsafe calls that no event tells of, with why."""

ELSEWHERE = {
    "POST /login/confirm": ("USER_LOGGED_IN", "tests/accounts/test_log_in_second_step_pages"),
    "POST /login/confirm/again": ("LOG_IN_CODE_ASKED", "tests/accounts/test_log_in_second_step_pages"),
    "POST /login/trust/{token:str}": ("DEVICE_TRUSTED", "tests/accounts/test_log_in_page"),
    "POST /verify": ("EMAIL_CONFIRMED", "tests/accounts/test_codes_and_links"),
    "POST /verify/again": ("EMAIL_CONFIRMATION_ASKED", "tests/accounts/test_codes_and_links"),
    "POST /verify/{token:str}": ("EMAIL_CONFIRMED", "tests/accounts/test_codes_and_links"),
    "POST /login/reset/{token:str}": ("PASSWORD_CHANGED", "tests/accounts/test_passwords"),
    "POST /join/invitation": ("INVITATION_USED", "tests/directory/test_invitations"),
    "POST /me/email/code": ("EMAIL_CHANGED", "tests/accounts/test_change_email"),
    "POST /me/email/{token:str}": ("EMAIL_CHANGED", "tests/accounts/test_change_email"),
    "POST /me/photo": ("PHOTO_CHANGED", "tests/accounts/test_photos"),
    "POST /me/photo/remove": ("PHOTO_REMOVED", "tests/accounts/test_photos"),
    "POST /me/security/second-step/confirm": (
        "SECOND_STEP_TURNED_ON",
        "tests/accounts/test_second_step_pages",
    ),
    "POST /me/security/second-step/codes": (
        "RECOVERY_CODES_RENEWED",
        "tests/accounts/test_second_step_pages",
    ),
    "POST /me/security/second-step/off": ("SECOND_STEP_TURNED_OFF", "tests/accounts/test_second_step_pages"),
    "POST /me/data/erase": ("ACCOUNT_ERASED", "tests/desks/privacy"),
    "POST /checkout/return": ("PAYMENT_SUCCEEDED", "tests/checkout"),
    "POST /api/payment/verify": ("PAYMENT_SUCCEEDED", "tests/checkout"),
    "POST /api/payment/webhook": ("PAYMENT_SUCCEEDED", "tests/checkout"),
    "POST /admin/users/{user_id:uuid}/second-step": (
        "SECOND_STEP_TURNED_OFF",
        "tests/desks/test_admin_users",
    ),
    "POST /admin/staff/{user_id:uuid}/remove": ("STAFF_LEFT", "tests/desks/test_admin_staff"),
    "POST /admin/doctors/{doctor_id:uuid}/approve": ("DOCTOR_APPROVED", "tests/desks/test_admin_doctors"),
    "POST /admin/doctors/{doctor_id:uuid}/reject": ("DOCTOR_REJECTED", "tests/desks/test_admin_doctors"),
    "POST /admin/doctors/{doctor_id:uuid}/practice": ("PRACTICE_ADDED", "tests/desks/test_admin_doctors"),
    "POST /api/admin/doctors/{doctor_id:uuid}/approve": (
        "DOCTOR_APPROVED",
        "tests/desks/test_admin_doctors_api",
    ),
    "POST /api/admin/doctors/{doctor_id:uuid}/reject": (
        "DOCTOR_REJECTED",
        "tests/desks/test_admin_doctors_api",
    ),
    "POST /api/auth/login/confirm": ("USER_LOGGED_IN", "tests/accounts/test_log_in_second_step_pages"),
    "POST /api/auth/verify-email": ("EMAIL_CONFIRMED", "tests/accounts/test_codes_and_links"),
    "POST /api/auth/reset-password": ("PASSWORD_CHANGED", "tests/accounts/test_passwords"),
}
"""Calls that want a code, a letter's link, a file, a gateway's signature or an application, which the scene
does not have, so that they are refused in it; with the event they write, and the tests that look for it."""

REPORT = "POST /doctor/reviews/{review_id:uuid}/report"
BEFORE = {
    "POST /admin/users/{user_id:uuid}/unblock": ("POST /admin/users/{user_id:uuid}/block",),
    "POST /api/admin/users/{user_id:uuid}/unblock": ("POST /admin/users/{user_id:uuid}/block",),
    "POST /me/people/{person_id:uuid}/back": ("POST /me/people/{person_id:uuid}/remove",),
    "POST /doctors/{slug:str}/unfollow": ("POST /doctors/{slug:str}/follow",),
    "DELETE /api/doctors/{doctor_id:uuid}/follow": ("POST /doctors/{slug:str}/follow",),
    "POST /reviews/{review_id:uuid}/report": (
        "UPDATE reviews SET author_id = (SELECT id FROM users WHERE role = 'admin' LIMIT 1)",
    ),
    "POST /doctor/reviews/{review_id:uuid}/answer/take-back": (
        "POST /doctor/reviews/{review_id:uuid}/answer",
    ),
    "POST /admin/reviews/{review_id:uuid}/keep": (REPORT,),
    "POST /admin/reviews/{review_id:uuid}/hide": (REPORT,),
    "POST /admin/reviews/{review_id:uuid}/show-again": (
        REPORT,
        "POST /admin/reviews/{review_id:uuid}/hide",
    ),
    "POST /api/appointments/{appointment_id:uuid}/review": (
        "PATCH /api/appointments/{appointment_id:uuid}/complete",
    ),
}
LONG_AGO = (
    "UPDATE appointments SET starts_at = starts_at - interval '9 days', ends_at = ends_at - interval '9 days'"
)
BEFORE |= {
    "POST /appointments/{code:str}/no-show": (LONG_AGO,),
    "PATCH /api/appointments/{appointment_id:uuid}/no-show": (LONG_AGO,),
}
"""What must have happened, by other calls or in the database, before a call has something to do."""

_ENTERED = "USER_LOGGED_IN NEW_DEVICE_USED"
_SIGNED_UP = "USER_SIGNED_UP NOTICE_ACCEPTED EMAIL_CONFIRMATION_ASKED"
_HELD = "APPOINTMENT_HELD PAYMENT_OPENED"
_CANCELLED = "APPOINTMENT_CANCELLED REFUND_ASKED"
SEVERAL = {
    "POST /login": _ENTERED,  # a letter tells of the device, whoever came in by it
    "POST /api/auth/login": _ENTERED,
    "POST /me/password": f"{_ENTERED} PASSWORD_CHANGED",  # this browser's session begins anew
    "POST /signup": _SIGNED_UP,  # an account, a consent with its own law, and a letter
    "POST /join/doctor": f"{_SIGNED_UP} DOCTOR_APPLIED",
    "POST /api/auth/signup": "USER_SIGNED_UP EMAIL_CONFIRMATION_ASKED USER_LOGGED_IN",
    "POST /checkout": _HELD,  # a visit and a payment, each with a story of its own
    "POST /api/appointments/book": _HELD,
    "POST /visits/{code:str}/cancel": _CANCELLED,  # the visit, and the money
    "POST /appointments/{code:str}/cancel": _CANCELLED,
    "DELETE /api/appointments/{appointment_id:uuid}/cancel": _CANCELLED,
    "POST /appointments/{code:str}/decline": "APPOINTMENT_DECLINED REFUND_ASKED",
    "PATCH /api/appointments/{appointment_id:uuid}/decline": "APPOINTMENT_DECLINED REFUND_ASKED",
    "POST /admin/staff/add": "USER_SIGNED_UP STAFF_JOINED PASSWORD_CHOICE_ASKED",  # an account and a place
    "POST /admin/staff/{user_id:uuid}": "STAFF_JOINED ROLE_CHANGED",  # a place, and what it allows
    "POST /admin/doctors/add": "USER_SIGNED_UP DOCTOR_APPLIED DOCTOR_APPROVED PRACTICE_ADDED "
    "PASSWORD_CHOICE_ASKED",  # all that a doctor goes through who comes by herself
    "POST /doctor/profile": "DOCTOR_PROFILE_CHANGED PRACTICE_CHANGED",  # one form, two subjects
    "POST /doctor/week": "CALENDAR_CHANGED DAYS_OPENED",  # the rule, and the days followers hear of
}
"""Calls that do several things at once, each told of by an event that others listen to by its own name."""

APART = {"POST /me/data/erase": {"log_in_tries"}}
"""Tables a call writes in a transaction of their own, which are a log themselves: tries of a password."""

BY = {"POST /logout": "the patient"}
"""Who does what others may too, but without effect."""


@pytest.fixture
async def scene(surroundings: Surroundings, owner: asyncpg.Connection) -> AsyncIterator[Scene]:
    async with the_scene(surroundings.base_url, owner) as prepared:
        yield prepared


async def _last_event(owner: asyncpg.Connection) -> int:
    last: int = await owner.fetchval("SELECT coalesce(max(seq), 0) FROM events")
    return last


async def _events_since(owner: asyncpg.Connection, last: int) -> list[str]:
    """What was written down, but for looks."""
    rows = await owner.fetch(
        "SELECT name FROM events WHERE seq > $1 AND name <> ALL($2) ORDER BY seq", last, list(VIEWS)
    )
    return [row["name"] for row in rows]


async def _prepare(scene: Scene, owner: asyncpg.Connection, door: Door, state: str) -> None:
    for step in BEFORE.get(door.call, ()):
        if first := CALLS.get(step):
            await scene.call(first, first.insider, state)
        else:
            await owner.execute(step)


@dataclass(frozen=True)
class Done:
    """What one call did: how it was answered, the tables it changed, the events it wrote."""

    status: int
    changed: list[str]
    events: list[str]


async def _done(scene: Scene, owner: asyncpg.Connection, door: Door, state: str) -> Done:
    before, last = await scene.shelf.prints(), await _last_event(owner)
    answer = await scene.call(door, BY.get(door.call, door.insider), state)
    after = await scene.shelf.prints()
    changed = [name for name in after if after[name] != before[name] and name != "events"]
    return Done(answer.status_code, changed, await _events_since(owner, last))


async def test_each_call_that_changes_something_writes_it_down_once(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    wrong, several = [], set()
    for door in UNSAFE:
        events: list[str] = []
        for state in table.THINGS.get(door.about, ("",)):
            await _prepare(scene, owner, door, state)
            done = await _done(scene, owner, door, state)
            await scene.shelf.put_back()
            events += done.events
            name = f"{door.call} about {state}"
            if done.status >= 500:
                wrong.append(f"{name}: {done.status}")
            changed = set(done.changed) - APART.get(door.call, set())
            if changed and not done.events and door.call not in NO_EVENT:
                wrong.append(f"{name}: {', '.join(sorted(changed))} changed without an event")
            several |= {door.call} if len(done.events) > 1 else set()
            if len(done.events) > 1 and done.events != SEVERAL.get(door.call, "").split():
                wrong.append(f"{name}: {' '.join(done.events)} for one change")
        if not events and door.call not in NO_EVENT | ELSEWHERE:
            wrong.append(f"{door.call}: no event, whatever it was about")
    wrong += [f"{call} writes one event, and is listed for several" for call in SEVERAL.keys() - several]
    assert not wrong, "\n".join(wrong)


NO_LOG = """
CREATE FUNCTION refuse_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no event can be written'; END $$;
CREATE TRIGGER no_log BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse_events();
"""
LOG_AGAIN = "DROP TRIGGER no_log ON events; DROP FUNCTION refuse_events();"


@asynccontextmanager
async def _without_a_log(owner: asyncpg.Connection) -> AsyncIterator[None]:
    """Whatever is done meanwhile cannot be written down."""
    await owner.execute(NO_LOG)
    try:
        yield
    finally:
        await owner.execute(LOG_AGAIN)


async def test_what_cannot_be_written_down_is_not_done(scene: Scene, owner: asyncpg.Connection) -> None:
    wrong, refused = [], 0
    for door in UNSAFE:
        for state in table.THINGS.get(door.about, ("",)):
            await _prepare(scene, owner, door, state)
            async with _without_a_log(owner):
                done = await _done(scene, owner, door, state)
            await scene.shelf.put_back()
            refused += done.status >= 500
            changed = set(done.changed) - APART.get(door.call, set())
            if changed and door.call not in NO_EVENT:
                wrong.append(f"{door.call} about {state}: {', '.join(sorted(changed))} changed all the same")
    assert not wrong, "\n".join(wrong)
    assert refused > len(UNSAFE) // 2, "most calls write an event, without which they fail"


def test_what_is_listed_is_there() -> None:
    listed = NO_EVENT.keys() | ELSEWHERE.keys() | BEFORE.keys() | SEVERAL.keys() | APART.keys()
    assert listed <= CALLS.keys()


@pytest.mark.parametrize("call", ELSEWHERE)
def test_a_call_that_succeeds_elsewhere_is_tested_there_with_its_event(call: str) -> None:
    event, place = ELSEWHERE[call]
    files = sorted((ROOT / place).glob("*.py")) or [(ROOT / place).with_suffix(".py")]
    assert event in vars(names).values()
    assert any(event in file.read_text() for file in files), f"{event} stands nowhere in {place}"
