"""What a program sent wrongly: the framework finds the mistakes, here each gets its field and a sentence."""

import re
from typing import Any

from litestar.exceptions import HTTPException
from litestar.params import ParameterKwarg

from app.errors import _
from app.web.i18n import sentence
from app.web.visitor import WebRequest

BODY = "body"
"""The field of a mistake that is the whole body's."""

_LACKS = re.compile(r"Object missing required field `([^`]+)`")
_LACKS_PARAMETER = re.compile(r"Missing required \w+ parameter '([^']+)'")

_SENTENCES = [
    (re.compile(r"Expected `int` >= (?P<least>-?\d+)"), _("Send a whole number, at least %(least)s.")),
    (re.compile(r"Expected `int` <= (?P<most>-?\d+)"), _("Send a whole number, at most %(most)s.")),
    (re.compile(r"Expected `int\b"), _("Send a whole number.")),
    (re.compile(r"Expected `str\b"), _("Send a text.")),
    (re.compile(r"Expected `array\b"), _("Send a list.")),
    (re.compile(r"Expected `object\b"), _("Send a JSON object.")),
    (re.compile(r"Expected `datetime\b|Invalid RFC3339 encoded datetime"), _("Send a time with its offset.")),
    (re.compile(r"Expected `date\b|Invalid RFC3339 encoded date"), _("Send a date such as 2026-12-31.")),
    (re.compile(r"Expected `uuid\b|Invalid UUID"), _("Send an id as you got it from us.")),
    (re.compile(r"Invalid enum value"), _("This is none of the possible values.")),
]
"""How the reader of bodies and queries says what it wants, and how we say it."""


def mistakes_of(request: WebRequest, error: HTTPException) -> dict[str, str]:
    """A translated sentence for each field that the framework refused, never empty.

    Fields are named as they were sent; what is wrong with the body as a whole stands at `body`.
    """
    if error.status_code == 400 and not isinstance(error.extra, list):
        lacking = _LACKS_PARAMETER.match(error.detail)
        if lacking is None:
            return {BODY: sentence(_("Send a JSON object."))}
        return {lacking[1]: sentence(_("Please fill this in."))}
    found = error.extra if isinstance(error.extra, list) else []
    return dict(_mistake(request, one) for one in found) or {BODY: sentence(_("Send a JSON object."))}


def _mistake(request: WebRequest, one: dict[str, Any]) -> tuple[str, str]:
    message, place = str(one.get("message", "")), _as_sent(request, one)
    lacking = _LACKS.match(message)
    if lacking is not None:
        return f"{place}.{lacking[1]}" if place else lacking[1], sentence(_("Please fill this in."))
    for pattern, words in _SENTENCES:
        wanted = pattern.match(message)
        if wanted is not None:
            return place or BODY, sentence(words, wanted.groupdict())
    return place or BODY, sentence(
        _("This is not what is expected here.") if place else _("Send a JSON object.")
    )


def _as_sent(request: WebRequest, one: dict[str, Any]) -> str:
    """The field by the caller's name, which our handlers may call otherwise; "" for the whole body."""
    key = str(one.get("key", ""))
    if one.get("source") == BODY:
        return "" if key == "data" else key
    parameter = request.route_handler.parsed_fn_signature.parameters.get(key)
    told = parameter.kwarg_definition if parameter else None
    return told.name or key if isinstance(told, ParameterKwarg) else key
