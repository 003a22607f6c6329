"""Pages of accounts: in and out, confirming an address, photos."""

from litestar import Router

from app.accounts.pages.entering import ENTERING
from app.accounts.pages.photos import PHOTOS
from app.accounts.pages.signing_up import SIGNING_UP
from app.accounts.pages.verifying import VERIFYING

router = Router(path="/", route_handlers=[*ENTERING, *SIGNING_UP, *VERIFYING, *PHOTOS])
