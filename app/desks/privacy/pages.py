"""The pages of privacy."""

from litestar import Router

from app.desks.privacy.data import DATA
from app.desks.privacy.erasing import ERASING
from app.desks.privacy.notice import NOTICE

router = Router(path="/", route_handlers=[*NOTICE, *DATA, *ERASING])
