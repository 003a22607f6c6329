"""The sandbox's own pages and the policy they are served under."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response

from app.payments.sandbox.errors import Refusal, invalid
from app.payments.sandbox.shapes import FAILURES, Entity
from app.payments.sandbox.visit import Visit

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "sandbox"
LOOPBACK_SITES = "http://127.0.0.1:* http://localhost:* https://127.0.0.1:* https://localhost:*"

environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def choose(visit: Visit, order: Entity, *, framed: bool, failed: Entity | None = None) -> Response[str]:
    """The test bank: how to pay and what the bank answers; ``failed`` is the error of the try before."""
    rupees = f"₹{order['amount'] // 100}.{order['amount'] % 100:02d}"
    return _page(
        "choose.html",
        visit,
        framed=framed,
        order=order,
        rupees=rupees,
        attempt=secrets.token_hex(8),
        failed=failed,
        tell="failed" if failed is not None else "",
        detail={"error": failed},
    )


def paid_in_frame(visit: Visit, proof: dict[str, str]) -> Response[str]:
    """The frame's last page, which tells the shop's page of the payment."""
    return _page("paid.html", visit, framed=True, tell="success", detail=proof)


def problem(visit: Visit, refusal: Refusal, *, framed: bool) -> Response[str]:
    """What does not fit, in words; from the hosted page the payer can go back to the shop with the error."""
    error = refusal.body()["error"]
    back = error_fields(error) if not framed and visit.origin("callback_url") else {}
    return _page(
        "problem.html", visit, framed=framed, status=refusal.status, sentence=refusal.description, back=back
    )


def back_to_shop(visit: Visit, title: str, fields: dict[str, str]) -> Response[str]:
    """The form that carries the outcome across sites to the shop's callback_url."""
    if not visit.origin("callback_url"):
        return problem(visit, invalid("The callback_url field is required."), framed=False)
    return _page("return.html", visit, framed=False, title=title, back=fields)


def cancelled(visit: Visit) -> Response[str]:
    """Cancel leads to cancel_url by GET; a shop that named none gets the failure by POST instead."""
    if visit.origin("cancel_url"):
        return Response(
            "", status_code=303, headers={"Location": visit.get("cancel_url")}, media_type=MediaType.HTML
        )
    code, description, source, step = FAILURES["payment_cancelled"]
    error = {
        "code": code,
        "description": description,
        "source": source,
        "step": step,
        "reason": "payment_cancelled",
    }
    fields = error_fields({**error, "metadata": {"order_id": visit.get("order_id")}})
    return back_to_shop(visit, "Payment cancelled", fields)


def error_fields(error: Entity) -> dict[str, str]:
    """An error object as the form fields ``error[code]`` …; its metadata is one field of JSON."""
    fields = {f"error[{name}]": value or "" for name, value in error.items() if name != "metadata"}
    return {**fields, "error[metadata]": json.dumps(error.get("metadata") or {})}


def _page(template: str, visit: Visit, *, framed: bool, status: int = 200, **context: Any) -> Response[str]:
    shown = {
        "visit": visit,
        "framed": framed,
        "parent": visit.origin("parent"),
        "tell": "",
        "detail": {},
        **context,
    }
    return Response(
        environment.get_template(template).render(shown),
        status_code=status,
        media_type=MediaType.HTML,
        headers={
            "Content-Security-Policy": _policy(visit, framed=framed),
            "Cache-Control": "no-store",
            "Referrer-Policy": "strict-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _policy(visit: Visit, *, framed: bool) -> str:
    """Forms may lead to the shop's own addresses; browsers check that for a redirect after a form, too."""
    targets = sorted({visit.origin("callback_url"), visit.origin("cancel_url")} - {""})
    ancestors = LOOPBACK_SITES if framed else "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "base-uri 'none'",
            " ".join(("form-action 'self'", *targets)),
            f"frame-ancestors {ancestors}",
        )
    )
