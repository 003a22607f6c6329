"""Pages of accounts: in and out, confirming an address, photos, one's own security."""

from litestar import Router

from app.accounts.pages.authenticator import AUTHENTICATOR
from app.accounts.pages.changing_email import CHANGING_EMAIL
from app.accounts.pages.entering import ENTERING
from app.accounts.pages.passwords import PASSWORDS
from app.accounts.pages.photos import PHOTOS
from app.accounts.pages.second_step import SECOND_STEP
from app.accounts.pages.security import SECURITY
from app.accounts.pages.signing_up import SIGNING_UP
from app.accounts.pages.trusting import TRUSTING
from app.accounts.pages.verifying import VERIFYING

router = Router(
    path="/",
    route_handlers=[
        *ENTERING,
        *SECOND_STEP,
        *TRUSTING,
        *SIGNING_UP,
        *VERIFYING,
        *PASSWORDS,
        *CHANGING_EMAIL,
        *PHOTOS,
        *SECURITY,
        *AUTHENTICATOR,
    ],
)
