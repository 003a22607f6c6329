"""A page, or the part of it that htmx asked for, from one template."""

import hmac
import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Response
from litestar.enums import MediaType
from litestar.response.redirect import Redirect
from litestar.template.base import csrf_token as token_of
from markupsafe import Markup

from app.settings import ROOT, settings
from app.web import i18n
from app.web.assets import Assets
from app.web.filters import FILTERS
from app.web.security import cookie_name, document_policy, own_cookie
from app.web.visitor import WebRequest

NOTICE_COOKIE = "notice"
VARY = "HX-Request, HX-Request-Type, Cookie"
_PLAIN = "/#%[]=:;$&()+,!?*@'~"
"""What an address holds as it is (RFC 3986, 2.2), escapes included; a plain redirect keeps the same."""

_request: ContextVar[WebRequest] = ContextVar("request")


@dataclass(frozen=True)
class Notice:
    """One line above the page: what was done (`done`), what was refused (`refused`), or news (`news`)."""

    message: str
    kind: str = "done"
    params: Mapping[str, object] | None = None

    @property
    def text(self) -> str:
        """The line in the reader's language."""
        return i18n.sentence(self.message, dict(self.params or {}))


@cache
def assets() -> Assets:
    """The static files, read and compressed once a process."""
    return Assets(ROOT / "static")


@cache
def environment() -> Environment:
    """The one Jinja environment: escaped, strict, with our macros, filters and sentences."""
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=not settings().is_production,
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.filters.update(FILTERS)
    env.globals.update(asset=assets().url, csrf_token=_csrf_token, url_for=_url_for)
    env.globals["ui"] = env.get_template("macros/ui.html").module
    env.globals["form"] = env.get_template("macros/form.html").module
    return env


def _csrf_token() -> str:
    return token_of({"request": _request.get()})


def _url_for(name: str, **params: object) -> str:
    return address(_request.get(), name, **params)


def address(request: WebRequest, name: str, **params: object) -> str:
    """The path of a named route."""
    return request.app.route_reverse(name, **params)


def wants_part(request: WebRequest) -> bool:
    """Whether htmx asked for a part; a boosted, restored or plain request wants the whole page."""
    return request.headers.get("HX-Request-Type") == "partial"


def page(
    request: WebRequest,
    template: str,
    *,
    part: str = "main",
    also: Sequence[str] = (),
    notice: Notice | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """Answer with the whole page, or with one block of it (and the blocks `also`) when htmx asked for a part.

    `title` among `also` is that of the document. `notice` is a line above the page; without one, a line left
    by `go` is shown once.
    """
    left = _left_notice(request) if notice is None else None
    user = request.scope.get("user")  # unset where the path is unknown or CSRF refused before anybody looked
    i18n.speak(user.language if user else None)
    token = _request.set(request)
    try:
        everything = {
            "user": user,
            "path": request.url.path,
            "language": i18n.language.get(),
            "notice": notice or left,
            **context,
        }
        body = (
            _part(template, part, also, everything) if wants_part(request) else _whole(template, everything)
        )
    finally:
        _request.reset(token)
    answer = Response(body, media_type=MediaType.HTML, status_code=status)
    answer.headers["Vary"] = VARY
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = document_policy(request, template)
    answer.headers.update(headers or {})
    if left is not None:
        answer.set_cookie(own_cookie(NOTICE_COOKIE, "", seconds=0))
    return answer


def _whole(template: str, context: dict[str, Any]) -> str:
    return environment().get_template(template).render(context)


def _part(template: str, part: str, also: Sequence[str], context: dict[str, Any]) -> str:
    """The inside of one block, other blocks beside it, and always the notice region."""
    source = environment().get_template(template)

    def inside(block: str) -> str:
        return "".join(source.blocks[block](source.new_context(context)))

    titled = f"<title>{inside('title')} · {i18n.gettext('Parchi')}</title>" if "title" in also else ""
    beside = titled + "".join(_partial(block, inside(block)) for block in also if block != "title")
    return inside(part) + beside + notice_part(context["notice"])


def _partial(block: str, inner: str) -> str:
    target = block.replace("_", "-")
    return f'<hx-partial hx-target="#{target}" hx-swap="innerHTML">{inner}</hx-partial>'


def notice_part(notice: Notice | None) -> str:
    """The notice region as a part that rides along; empty when there is nothing to say."""
    ui: Any = environment().globals["ui"]
    inner = ui.notice(notice.text, notice.kind) if notice else Markup("")
    return _partial("notice", str(inner))


def _left_notice(request: WebRequest) -> Notice | None:
    seal, _, left = request.cookies.get(cookie_name(NOTICE_COOKIE), "").partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(left).encode()):
        return None
    message, kind, params = json.loads(left)
    return Notice(message, kind, params)


def _seal(left: str) -> str:
    """Shows that a line was left by us: its places are filled in, which must not be done for strangers."""
    return hmac.digest(settings().secret_key.encode(), f"notice {left}".encode(), "sha256").hex()


def go(
    request: WebRequest, name: str, *, notice: Notice | None = None, query: str = "", **params: object
) -> Response[Any]:
    """Send the browser on to a named route after an act, with a line to show there.

    303 so that a reload never repeats the act; htmx follows a full navigation by `HX-Redirect`.
    """
    return go_to(request, address(request, name, **params) + query, notice=notice)


def go_to(request: WebRequest, path: str, *, notice: Notice | None = None) -> Response[Any]:
    """As `go`, to an own path that is already known, with letters of any script in it."""
    answer: Response[Any]
    if request.headers.get("HX-Request") == "true":
        answer = Response(None, status_code=204, headers={"HX-Redirect": quote(path, safe=_PLAIN)})
    else:
        answer = Redirect(path, status_code=303)
    if notice is not None:
        left = json.dumps([notice.message, notice.kind, dict(notice.params or {})], default=str)
        answer.set_cookie(own_cookie(NOTICE_COOKIE, quote(f"{_seal(left)}.{left}"), seconds=60))
    return answer
