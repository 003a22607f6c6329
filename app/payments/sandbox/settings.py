"""The sandbox's environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class BadSetting(ValueError):
    """A value in the environment with which the sandbox must not start."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the process is told from outside.

    ``port`` 0 takes any free port; ``webhook_url`` None keeps events in the book without sending them;
    ``clock_dsn`` names a PostgreSQL database whose ``clock_shift`` row moves the sandbox's clock.
    """

    port: int
    book: Path
    key_id: str
    key_secret: str
    webhook_secret: str
    webhook_url: str | None
    clock_dsn: str | None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from the ``SANDBOX_*`` variables, so that a wrong start fails before it listens.

    Raises BadSetting with a sentence that names the variable.
    """
    return Settings(
        port=_port(environment.get("SANDBOX_PORT", "0")),
        book=Path(_required(environment, "SANDBOX_BOOK")),
        key_id=_required(environment, "SANDBOX_KEY_ID"),
        key_secret=_required(environment, "SANDBOX_KEY_SECRET"),
        webhook_secret=_required(environment, "SANDBOX_WEBHOOK_SECRET"),
        webhook_url=_url(environment.get("SANDBOX_WEBHOOK_URL", "")),
        clock_dsn=environment.get("SANDBOX_CLOCK_DSN") or None,
    )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise BadSetting(f"{name} is not set.")
    return value


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise BadSetting(f"SANDBOX_PORT must be a number from 0 to 65535, not {text!r}.")
    return int(text)


def _url(text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadSetting(f"SANDBOX_WEBHOOK_URL must be an http address, not {text!r}.")
    return text
