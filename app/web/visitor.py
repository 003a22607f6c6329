"""What the web needs to know of whoever is signed in; `accounts` fills it."""

from typing import Any, Protocol, TypeAlias
from uuid import UUID

from litestar import Request
from litestar.datastructures import State


class Visitor(Protocol):
    """The signed-in account, as far as pages and doors look at it."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def is_verified(self) -> bool: ...


WebRequest: TypeAlias = Request[Visitor | None, Any, State]
