"""Refusals in the envelope Razorpay answers with."""

from __future__ import annotations

from typing import Any

NOT_APPLICABLE = {"source": "NA", "step": "NA", "reason": "NA"}
URL_NOT_FOUND = "The requested URL was not found on the server."
TROUBLE = "We are facing some trouble completing your request at the moment. Please try again shortly."
ID_UNKNOWN = "The id provided does not exist"
ALREADY_PAID = (
    "Your payment has been declined as the order is already paid. "
    "Please initiate the payment with a new order."
)
AMOUNT_DIFFERS = (
    "Your payment amount is different from your order amount. "
    "To pay successfully, please try using right amount."
)


class Refusal(Exception):
    """A request the gateway answers with an error object.

    ``status`` is the HTTP status, ``code`` one of BAD_REQUEST_ERROR, GATEWAY_ERROR, SERVER_ERROR; ``fields``
    holds what else stands in the object (source, step, reason, field, metadata).
    """

    def __init__(
        self, description: str, *, status: int = 400, code: str = "BAD_REQUEST_ERROR", **fields: Any
    ) -> None:
        super().__init__(description)
        self.description = description
        self.status = status
        self.code = code
        self.fields = fields

    def body(self) -> dict[str, Any]:
        """The JSON object of the answer."""
        return {"error": {"code": self.code, "description": self.description, **self.fields}}


def invalid(
    description: str,
    *,
    field: str | None = None,
    step: str = "payment_initiation",
    reason: str = "input_validation_failed",
) -> Refusal:
    """A request whose content is wrong: HTTP 400, to be corrected and not repeated."""
    fields: dict[str, Any] = {"source": "business", "step": step, "reason": reason, "metadata": {}}
    if field is not None:
        fields["field"] = field
    return Refusal(description, **fields)


def not_applicable(description: str, *, status: int = 400) -> Refusal:
    """A refusal whose source, step and reason Razorpay leaves as "NA"."""
    return Refusal(description, status=status, **NOT_APPLICABLE, metadata={})


def no_such_id() -> Refusal:
    """The id is well formed, and nothing has it."""
    return invalid(ID_UNKNOWN)
