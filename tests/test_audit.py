"""Every change leaves an event: what each unsafe call does, done once by somebody who may."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.events.names import VIEWS
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
    "POST /login/confirm": "tests/accounts/test_log_in_second_step",
    "POST /login/confirm/again": "tests/accounts/test_log_in_second_step",
    "POST /login/trust/{token:str}": "tests/accounts/test_log_in_page",
    "POST /verify": "tests/accounts/test_sign_up",
    "POST /verify/again": "tests/accounts/test_sign_up",
    "POST /verify/{token:str}": "tests/accounts/test_sign_up",
    "POST /login/reset/{token:str}": "tests/accounts/test_passwords",
    "POST /join/invitation": "tests/desks/test_joining",
    "POST /me/email/code": "tests/accounts/test_change_email",
    "POST /me/email/{token:str}": "tests/accounts/test_change_email",
    "POST /me/photo": "tests/accounts/test_photos",
    "POST /me/photo/remove": "tests/accounts/test_photos",
    "POST /me/security/second-step/confirm": "tests/accounts/test_second_step_pages",
    "POST /me/security/second-step/codes": "tests/accounts/test_second_step_pages",
    "POST /me/security/second-step/off": "tests/accounts/test_second_step_pages",
    "POST /me/data/erase": "tests/desks/privacy",
    "POST /checkout/return": "tests/checkout",
    "POST /api/payment/verify": "tests/checkout",
    "POST /api/payment/webhook": "tests/checkout",
    "POST /admin/users/{user_id:uuid}/second-step": "tests/desks/test_admin_users",
    "POST /admin/staff/{user_id:uuid}/remove": "tests/desks/test_admin_staff",
    "POST /admin/doctors/{doctor_id:uuid}/approve": "tests/desks/test_admin_doctors",
    "POST /admin/doctors/{doctor_id:uuid}/reject": "tests/desks/test_admin_doctors",
    "POST /admin/doctors/{doctor_id:uuid}/practice": "tests/desks/test_admin_doctors",
    "POST /api/admin/doctors/{doctor_id:uuid}/approve": "tests/desks/test_admin_doctors_api",
    "POST /api/admin/doctors/{doctor_id:uuid}/reject": "tests/desks/test_admin_doctors_api",
    "POST /api/auth/login/confirm": "tests/accounts/test_log_in_second_step",
    "POST /api/auth/verify-email": "tests/accounts/test_sign_up",
    "POST /api/auth/reset-password": "tests/accounts/test_passwords",
}
"""Calls that want a code, a letter's link, a file, a gateway's signature or an application, which the scene
does not have, so that they are refused in it; with the tests in which they succeed."""

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

BY = {"POST /logout": "the patient"}
"""Who does what others may too, but without effect."""


@pytest.fixture
async def scene(surroundings: Surroundings, owner: asyncpg.Connection) -> AsyncIterator[Scene]:
    async with the_scene(surroundings.base_url, owner) as prepared:
        yield prepared


async def _written(owner: asyncpg.Connection) -> int:
    """How many events there are, but for looks."""
    count: int = await owner.fetchval("SELECT count(*) FROM events WHERE name <> ALL($1)", list(VIEWS))
    return count


async def _changes_of(scene: Scene, owner: asyncpg.Connection, door: Door) -> list[tuple[list[str], int]]:
    """For each thing a call can be about: the tables it changed, and how many events it wrote."""
    found = []
    for state in table.THINGS.get(door.about, ("",)):
        for step in BEFORE.get(door.call, ()):
            if first := CALLS.get(step):
                await scene.call(first, first.insider, state)
            else:
                await owner.execute(step)
        before, events = await scene.shelf.prints(), await _written(owner)
        answer = await scene.call(door, BY.get(door.call, door.insider), state)
        assert answer.status_code < 500, f"{door.call} about {state}: {answer.status_code}"
        after = await scene.shelf.prints()
        changed = [name for name in after if after[name] != before[name] and name != "events"]
        found.append((changed, await _written(owner) - events))
        await scene.shelf.put_back()
    return found


async def test_each_call_that_changes_something_writes_it_down(
    scene: Scene, owner: asyncpg.Connection
) -> None:
    wrong = []
    for door in UNSAFE:
        changes = await _changes_of(scene, owner, door)
        wrong += [
            f"{door.call}: {', '.join(changed)} changed without an event"
            for changed, events in changes
            if changed and not events and door.call not in NO_EVENT
        ]
        if not any(events for _changed, events in changes) and door.call not in NO_EVENT | ELSEWHERE:
            wrong.append(f"{door.call}: no event, whatever it was about")
    assert not wrong, "\n".join(wrong)


def test_what_is_listed_is_there() -> None:
    assert NO_EVENT.keys() | ELSEWHERE.keys() | BEFORE.keys() <= CALLS.keys()
