"""Who asks, from where, with what."""

from app.accounts.queries import Account
from app.errors import NotSignedIn
from app.web.visitor import WebRequest

_LONGEST_DEVICE = 200


def account_of(request: WebRequest) -> Account:
    """The signed-in account; raises NotSignedIn."""
    if not isinstance(request.user, Account):
        raise NotSignedIn
    return request.user


def address_of(request: WebRequest) -> str:
    """The network address a request came from, as the server vouches for it."""
    return request.client.host if request.client else "unknown"


def device_of(request: WebRequest) -> str:
    """What the browser or program calls itself, cut to one short line."""
    named = " ".join(request.headers.get("user-agent", "").split())
    return "".join(sign for sign in named if sign.isprintable())[:_LONGEST_DEVICE]
