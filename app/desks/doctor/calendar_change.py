"""A change of the calendar: at once where nobody minds, else after asking what becomes of whom."""

from collections.abc import Sequence
from typing import Any

from litestar import Response

from app import clock
from app.checkout.services import Change, preview_closing
from app.desks.doctor.closing import carry_out
from app.directory.queries import Practice
from app.errors import _
from app.web.render import Notice, address, go
from app.web.visitor import WebRequest


async def change_calendar(
    request: WebRequest, practice: Practice, change: Change, *, back: str, fields: Sequence[tuple[str, str]]
) -> Response[Any]:
    """Change the calendar and go to the route `back`, saying what became of the times.

    Where visits lose theirs the answer is the page that asks about them; `fields` are what it sends again, so
    that the same change comes back with the answers. Raises what the calendar refuses.
    """
    effect = await preview_closing(practice, change, now=clock.now())
    asked = await carry_out(request, practice, change, back=address(request, back), fields=fields)
    saved = Notice(
        _("Saved. Times added: %(added)s, taken back: %(withdrawn)s."),
        params={"added": effect.added, "withdrawn": effect.withdrawn},
    )
    return asked or go(request, back, notice=saved)
