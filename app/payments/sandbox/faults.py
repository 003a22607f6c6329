"""Trouble on order: what a test asks the sandbox to do wrongly next. Kept in memory; a restart forgets it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

from app.payments.sandbox.errors import invalid
from app.payments.sandbox.shapes import Entity

CHECKOUT = "/v1/checkout"
REORDER_WINDOW_MS = 1_500
REORDER_GAP_MS = 250


@dataclass(slots=True)
class WebhookFaults:
    """For the next ``next`` webhooks (of ``events`` only, when given).

    ``drop``: never send them. ``delay_ms``: send them that much later. ``duplicate``: that many further
    copies with the same event id, even after a 2xx. ``reorder``: the last made is sent first.
    """

    next: int = 1
    drop: bool = False
    delay_ms: int = 0
    duplicate: int = 0
    reorder: bool = False
    events: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ApiFaults:
    """For the next ``next`` calls whose path starts with ``path`` (and of ``method``, when given).

    ``status``: 429 or 500..599 to answer with. ``hang_ms``: how long to keep silent before that. ``after``:
    do the work first, so that only the answer is lost. The payer's checkout pages are spared unless ``path``
    names them.
    """

    next: int = 1
    status: int = 500
    hang_ms: int = 0
    path: str = ""
    method: str = ""
    after: bool = False


@dataclass(slots=True)
class RefundFaults:
    """For the next ``next`` refunds asked for: ``end`` is ``failed`` (accepted, then fails) or
    ``low_balance``."""

    next: int = 1
    end: str = "failed"


Fault = TypeVar("Fault", WebhookFaults, ApiFaults, RefundFaults)


@dataclass(slots=True)
class WebhookFate:
    """What becomes of one webhook."""

    drop: bool = False
    delay_ms: int = 0
    copies: int = 1


class Faults:
    """The trouble in force; each ``take_*`` uses one up."""

    def __init__(self) -> None:
        self._webhooks: WebhookFaults | None = None
        self._api: ApiFaults | None = None
        self._refunds: RefundFaults | None = None
        self._reorder_until_ms = 0

    def order(self, body: Entity) -> None:
        """Set or clear faults from a control call; raises Refusal, and changes nothing, for what is not
        known.

        ``body``: ``webhooks``, ``api``, ``refunds`` objects with the fields of the classes above, each
        replacing what was in force (null ends it), and ``clear`` true to end all first.
        """
        unknown = body.keys() - {"webhooks", "api", "refunds", "clear"}
        if unknown:
            raise invalid(f"faults: {', '.join(sorted(unknown))} is not known.")
        webhooks = _read("webhooks", body.get("webhooks"), WebhookFaults)
        api = _read("api", body.get("api"), ApiFaults)
        refunds = _read("refunds", body.get("refunds"), RefundFaults)
        if api is not None and api.status != 429 and not 500 <= api.status <= 599:
            raise invalid("api.status must be 429 or from 500 to 599.")
        if refunds is not None and refunds.end not in {"failed", "low_balance"}:
            raise invalid("refunds.end must be failed or low_balance.")
        if body.get("clear"):
            self._webhooks = self._api = self._refunds = None
        if "webhooks" in body:
            self._webhooks, self._reorder_until_ms = webhooks, 0
        if "api" in body:
            self._api = api
        if "refunds" in body:
            self._refunds = refunds

    def in_force(self) -> Entity:
        """The faults still to come, in the form they are ordered in."""
        named = {"webhooks": self._webhooks, "api": self._api, "refunds": self._refunds}
        return {name: asdict(fault) for name, fault in named.items() if fault is not None}

    def take_webhook(self, event: str, *, now_ms: int) -> WebhookFate:
        """The fate of the webhook about to be queued at ``now_ms`` (real milliseconds).

        Reordered webhooks wait for a common moment and then go out a little apart, the latest made first.
        """
        fault = self._webhooks
        if fault is None or (fault.events and event not in fault.events):
            return WebhookFate()
        fate = WebhookFate(drop=fault.drop, delay_ms=fault.delay_ms, copies=1 + fault.duplicate)
        if fault.reorder:
            self._reorder_until_ms = self._reorder_until_ms or now_ms + REORDER_WINDOW_MS
            fate.delay_ms += max(0, self._reorder_until_ms - now_ms) + (fault.next - 1) * REORDER_GAP_MS
        fault.next -= 1
        if fault.next == 0:
            self._webhooks, self._reorder_until_ms = None, 0
        return fate

    def take_api(self, method: str, path: str) -> ApiFaults | None:
        """The fault for this call, if one is due."""
        fault = self._api
        if fault is None or not path.startswith(fault.path) or fault.method not in ("", method):
            return None
        if path.startswith(CHECKOUT) and not fault.path.startswith(CHECKOUT):
            return None
        fault.next -= 1
        if fault.next == 0:
            self._api = None
        return fault

    def take_refund(self) -> str | None:
        """How the refund now asked for is to end badly: ``failed``, ``low_balance`` or not at all."""
        fault = self._refunds
        if fault is None:
            return None
        fault.next -= 1
        if fault.next == 0:
            self._refunds = None
        return fault.end


def _read(name: str, value: Any, make: type[Fault]) -> Fault | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise invalid(f"{name} must be an object.")
    defaults = {known.name: getattr(make(), known.name) for known in fields(make)}
    for key, given in value.items():
        if key not in defaults:
            raise invalid(f"{name}.{key} is not known; known are {', '.join(defaults)}.")
        if type(given) is not type(defaults[key]):
            raise invalid(f"{name}.{key} must be of type {type(defaults[key]).__name__}.")
        if isinstance(given, int) and given < 0:
            raise invalid(f"{name}.{key} must not be negative.")
    fault = make(**value)
    if fault.next < 1:
        raise invalid(f"{name}.next must be at least 1.")
    return fault
