"""Who asks, from where, with what, and what ends what they have open."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

from app.accounts.codes import device_of_token
from app.accounts.cookies import find_device
from app.accounts.queries import Account
from app.accounts.where import Where
from app.db.notices import Notice
from app.errors import NotSignedIn
from app.web.visitor import WebRequest

_LONGEST_DEVICE = 200


def account_of(request: WebRequest) -> Account:
    """The signed-in account; raises NotSignedIn."""
    if not isinstance(request.user, Account):
        raise NotSignedIn
    return request.user


def patient_of(request: WebRequest) -> Account:
    """The signed-in account in its own affairs: a patient, whatever it does for others; raises NotSignedIn.

    Whoever became a doctor still has the visits booked before, and no right of the clinic over them.
    """
    return replace(account_of(request), role="patient")


def where_of(request: WebRequest) -> Where:
    """Where a browser asks from; one never told which one it is has a fresh id, the same for this request."""
    fresh: UUID = request.scope["state"].setdefault("fresh_device", uuid4())
    return Where(address_of(request), device_of(request), find_device(request.cookies) or fresh)


def where_of_program(request: WebRequest, device_token: str | None) -> Where:
    """Where a program asks from, and which one it is if it shows the token it was given."""
    return Where(address_of(request), device_of(request), device_of_token(device_token or ""))


def address_of(request: WebRequest) -> str:
    """The network address a request came from, as the server vouches for it."""
    return request.client.host if request.client else "unknown"


def device_of(request: WebRequest) -> str:
    """What the browser or program calls itself, cut to one short line."""
    named = " ".join(request.headers.get("user-agent", "").split())
    return "".join(sign for sign in named if sign.isprintable())[:_LONGEST_DEVICE]


def until_something_happens_to_them(request: WebRequest) -> Callable[[Notice], bool] | None:
    """Which notice ends an open stream of whoever asks: any about their account, None for strangers.

    Most of these end no session, but one may, and a stream costs little to open anew, at the door, which
    knows who may come in.
    """
    return _is_about(request.user.id) if request.user is not None else None


def _is_about(user_id: UUID) -> Callable[[Notice], bool]:
    return lambda notice: notice.subject_id == user_id
