"""How a refusal is answered: the one table from kinds to status codes, as page, part or problem+json."""

import logging
import secrets
from typing import Any

from litestar import Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, ValidationException

from app.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooMany,
    Unavailable,
    _,
)
from app.web.forms import fields_of
from app.web.hosts import Misdirected
from app.web.i18n import sentence
from app.web.mistakes import BODY, mistakes_of
from app.web.render import Notice, go_to, notice_part, page, wants_part
from app.web.visitor import WebRequest

log = logging.getLogger(__name__)

STATUS: dict[type[DomainError], int] = {
    NotSignedIn: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}

_HTTP_SENTENCES = {
    400: _("We could not read that request."),
    403: _("This page was open for too long. Please go back, reload it and try again."),
    404: NotFound.message,
    405: _("That cannot be done here."),
    408: _("What you sent took too long to reach us. Please try again."),
    413: _("That is too large to send."),
    415: _("We could not read that kind of data."),
    500: _("Something went wrong on our side. It has been written down; please try again."),
}
_HTTP_SLUGS = {
    403: NotAllowed.slug,
    404: NotFound.slug,
    405: "method-not-allowed",
    408: "too-slow",
    413: "too-large",
    415: "unknown-kind",
    422: Invalid.slug,
}


def status_of(refusal: DomainError) -> int:
    """The status code of a refusal, by its kind."""
    return next(code for kind, code in STATUS.items() if isinstance(refusal, kind))


def is_api(request: WebRequest) -> bool:
    """Whether a program asks, who is answered in JSON."""
    path = request.url.path
    return path == "/api" or path.startswith(("/api/", "/health/", "/dev/c"))


def on_refusal(request: WebRequest, refusal: DomainError) -> Response[Any]:
    """Answer a refusal of ours."""
    status = status_of(refusal)
    _note(request, status, refusal.slug)
    text = sentence(refusal.message, refusal.params)
    headers = {"Retry-After": str(refusal.retry_after)} if isinstance(refusal, TooMany) else {}
    if status == 503:
        headers["Retry-After"] = "30"
    if is_api(request):
        fields = (fields_of(refusal) or {BODY: text}) if isinstance(refusal, Invalid) else None
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return problem(status, refusal.slug, text, headers=headers, fields=fields, extra=refusal.extra)
    if isinstance(refusal, NotSignedIn):
        return _to_log_in(request)
    return refused_page(request, status, text, headers=headers)


def on_http_error(request: WebRequest, error: HTTPException) -> Response[Any]:
    """Answer what the framework refused: unknown paths, wrong methods, missing CSRF token, bad bodies."""
    if error.status_code >= 500:
        return on_bug(request, error)
    status = 422 if isinstance(error, ValidationException) and is_api(request) else error.status_code
    _note(request, status, _HTTP_SLUGS.get(status, "refused"))
    text = sentence(_HTTP_SENTENCES.get(status) or Invalid.message)
    headers = dict(error.headers or {})
    if not is_api(request):
        return refused_page(request, status, text, headers=headers)
    fields = None
    if status in (400, 422):
        fields, status = mistakes_of(request, error), 422
    return problem(status, _HTTP_SLUGS.get(status, "refused"), text, headers=headers, fields=fields)


def on_misdirected(request: WebRequest, _error: Misdirected) -> Response[Any]:
    """Whoever names another site is told so, and what they named is not repeated."""
    text = sentence(_("This address does not belong to this site. Please check the link you followed."))
    return problem(400, "misdirected", text) if is_api(request) else refused_page(request, 400, text)


def on_unstorable_text(request: WebRequest, _error: Exception) -> Response[Any]:
    """Text PostgreSQL cannot hold (a NUL, in an address or a body) names nothing we have and says nothing."""
    return on_refusal(request, NotFound() if request.method == "GET" else Invalid())


def on_bug(request: WebRequest, error: Exception) -> Response[Any]:
    """A bug: a page or problem with a short reference, which the log has too, and nothing else."""
    reference = secrets.token_hex(4)
    log.error(
        "bug reference=%s method=%s route=%s", reference, request.method, _route(request), exc_info=error
    )
    text = sentence(_HTTP_SENTENCES[500])
    if is_api(request):
        return problem(500, "bug", text, extra={"reference": reference})
    return refused_page(request, 500, text, reference=reference)


def _note(request: WebRequest, status: int, slug: str) -> None:
    """Log who was refused what (ASVS 16.3.2): doors that stay shut, and what is not there for an account."""
    account = request.scope.get("user")
    if status in (403, 429) or (status == 404 and account is not None):
        who = account.id if account else "nobody"
        log.info(
            "refused status=%s slug=%s method=%s route=%s account=%s",
            *(status, slug, request.method, _route(request), who),
        )


def _route(request: WebRequest) -> str:
    return str(request.scope.get("path_template") or "unknown")


def problem(
    status: int,
    slug: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    fields: Any = None,
    extra: dict[str, Any] | None = None,
) -> Response[dict[str, Any]]:
    """An RFC 9457 answer; `fields` becomes `errors: [{field, message}]`."""
    body: dict[str, Any] = {
        "type": f"/problems/{slug}",
        "title": slug.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        **(extra or {}),
    }
    if fields:
        body["errors"] = [{"field": name, "message": text} for name, text in fields.items()]
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers or {})


def refused_page(
    request: WebRequest,
    status: int,
    text: str,
    *,
    headers: dict[str, str] | None = None,
    reference: str | None = None,
) -> Response[Any]:
    """The refusal as a notice beside an unchanged page for htmx, else as a page of its own."""
    if wants_part(request):
        answer: Response[Any] = Response(
            notice_part(Notice(text, "refused")), status_code=status, media_type=MediaType.HTML
        )
        answer.headers.update(headers or {})
        return answer
    return page(
        request,
        "error.html",
        status=status,
        headers=headers,
        error_status=status,
        text=text,
        reference=reference,
    )


def _to_log_in(request: WebRequest) -> Response[Any]:
    from urllib.parse import urlencode

    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = urlencode({"next": path}) if request.method == "GET" else ""
    return go_to(
        request,
        "/login" + (f"?{query}" if query else ""),
        notice=Notice(NotSignedIn.message, "news"),
    )
