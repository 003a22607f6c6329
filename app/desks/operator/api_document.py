"""The OpenAPI document, with what the framework cannot know: who may call, what is refused, which headers."""

from typing import Any

from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute

from app.web.doors import anyone, describe, signed_by_gateway

Json = dict[str, Any]

PROBLEM: Json = {
    "title": "Problem",
    "description": "A refusal as of RFC 9457.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/problems/slot-taken"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "a sentence for people"},
        "errors": {
            "type": "array",
            "description": "for 422: what is wrong, field by field",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "free": {
            "type": "array",
            "description": "for a time that is taken: other times close by",
            "items": {"$ref": "#/components/schemas/SlotAnswer"},
        },
    },
}

REFUSALS = {
    401: ("NotSignedIn", "Nobody is signed in, or the token or signature does not hold."),
    403: ("NotAllowed", "Accounts of this role may not do this, or the e-mail address is not confirmed."),
    404: ("NotFound", "There is no such thing, or it belongs to somebody else."),
    408: ("TooSlow", "The body took too long to come in."),
    409: ("Conflict", "It was done before, somebody else was first, or its state does not allow it."),
    413: ("TooLarge", "The body is longer than any of ours."),
    422: ("Invalid", "What was sent cannot be used; `errors` says where and why."),
    429: ("TooMany", "Too many tries; `Retry-After` says in how many seconds to try again."),
    503: (
        "Unavailable",
        "The database or, where there is one to ask, the payment service does not answer; `Retry-After` says "
        "in how many seconds to try again.",
    ),
}

ALSO_REFUSED = {
    "POST /api/auth/signup": (409,),
    "POST /api/auth/login": (401,),
    "POST /api/auth/login/confirm": (401,),
    "POST /api/auth/refresh": (401,),
    "POST /api/me/people": (409,),
    "POST /api/payment/webhook": (408, 413),
    "GET /api/availability": (404,),
    "POST /api/availability/add": (404,),
    "DELETE /api/availability/{slot_id}": (409,),
    "POST /api/appointments/book": (404, 409),
    "PATCH /api/appointments/{appointment_id}/reschedule": (409,),
    "POST /api/appointments/{appointment_id}/reschedule-request": (409,),
    "DELETE /api/appointments/{appointment_id}/cancel": (409,),
    "PATCH /api/appointments/{appointment_id}/approve": (409,),
    "PATCH /api/appointments/{appointment_id}/decline": (409,),
    "PATCH /api/appointments/{appointment_id}/complete": (409,),
    "PATCH /api/appointments/{appointment_id}/no-show": (409,),
    "POST /api/appointments/{appointment_id}/review": (409,),
    "POST /api/admin/users/{user_id}/block": (409,),
    "POST /api/admin/users/{user_id}/unblock": (409,),
    "POST /api/admin/doctors/{doctor_id}/approve": (409,),
    "POST /api/admin/doctors/{doctor_id}/reject": (409,),
    "POST /api/payment/create-order": (404, 409),
    "POST /api/payment/verify": (404,),
    "POST /api/payment/refund": (404, 409),
}
"""What calls refuse beyond what their door, path and body tell, and how they are counted."""

IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "1 to 255 printable ASCII characters, one for each act; the same key and body within 24 "
    "hours get the same answer again, another body gets 409",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
HEADERS: dict[str, list[Json]] = {
    "POST /api/appointments/book": [IDEMPOTENCY_KEY],
    "POST /api/payment/create-order": [IDEMPOTENCY_KEY],
    "POST /api/payment/refund": [IDEMPOTENCY_KEY],
    "POST /api/payment/webhook": [
        {
            "name": "X-Razorpay-Signature",
            "in": "header",
            "required": True,
            "description": "hex HMAC-SHA256 of the body's bytes with the webhook secret",
            "schema": {"type": "string"},
        },
        {"name": "X-Razorpay-Event-Id", "in": "header", "schema": {"type": "string"}},
    ],
}


class ApiDocument(JsonRenderPlugin):
    """The document at openapi.json."""

    def __init__(self) -> None:
        super().__init__()
        self._document: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        """The framework's document, completed once."""
        if self._document is None:
            self._document = self.render_json(request, completed(openapi_schema, request.app))
        return self._document


def completed(schema: Json, app: Litestar) -> Json:
    """The framework's document with summaries, security, refusals and headers of every call."""
    components = schema["components"]
    components["schemas"]["Problem"] = PROBLEM
    components["responses"] = {name: _response(status, text) for status, (name, text) in REFUSALS.items()}
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        operations = schema["paths"].get(route.path_format, {})
        for method, (handler, _fields) in route.route_handler_map.items():
            if method.lower() in operations:
                _complete(operations[method.lower()], f"{method} {route.path_format}", handler)
    return schema


def _response(status: int, text: str) -> Json:
    seconds = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
    return {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        **({"headers": seconds} if status in (429, 503) else {}),
    }


def _complete(operation: Json, call: str, handler: HTTPRouteHandler) -> None:
    text = " ".join((handler.fn.__doc__ or "").split())
    operation.update(summary=text.replace("`", "").partition(".")[0], description=text)
    door = next(guard for guard in handler.resolve_guards() if describe(guard))
    operation["security"] = [] if door in (anyone, signed_by_gateway) else [{"bearer": []}]
    operation["parameters"] = [*operation.get("parameters", ()), *HEADERS.get(call, ())]
    responses = {code: answer for code, answer in operation["responses"].items() if code != "400"}
    for status in sorted(_refused(operation, call, door) | _busy(handler)):
        responses[str(status)] = {"$ref": f"#/components/responses/{REFUSALS[status][0]}"}
    operation["responses"] = responses


def _busy(handler: HTTPRouteHandler) -> set[int]:
    """What any call is told at a bad time: whoever calls too often, where that is counted, and all others."""
    return {503} if handler.opt.get("counted_as", "") is None else {429, 503}


def _refused(operation: Json, call: str, door: Any) -> set[int]:
    """The status codes that follow from a call's door, path and body, and those of the table."""
    refused = set(ALSO_REFUSED.get(call, ()))
    if door is not anyone:
        refused.add(401)
    if "roles" in (describe(door) or ""):
        refused.add(403)
    if "{" in call:
        refused.add(404)
    if "requestBody" in operation:
        refused |= {408, 413, 422}
    if any(one["in"] == "query" for one in operation["parameters"]):
        refused.add(422)
    return refused
