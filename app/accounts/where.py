"""Where a request comes from, as far as accounts look at it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Where:
    """A network address, what the browser or program calls itself, and which one it is, if we know.

    `device_id` comes from our own seal in its cookie or token, so nobody can make one up.
    """

    address: str
    device: str
    device_id: UUID | None = None
