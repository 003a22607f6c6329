"""Who asks, from where, with what."""

from dataclasses import replace

from app.accounts.queries import Account
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


def address_of(request: WebRequest) -> str:
    """The network address a request came from, as the server vouches for it."""
    return request.client.host if request.client else "unknown"


def device_of(request: WebRequest) -> str:
    """What the browser or program calls itself, cut to one short line."""
    named = " ".join(request.headers.get("user-agent", "").split())
    return "".join(sign for sign in named if sign.isprintable())[:_LONGEST_DEVICE]
