"""Settings come from the environment only, are read once, and a bad value refuses to start."""

import os
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from functools import cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

from app.settings.keys import check_gateway, check_secret_key, keep_once
from app.settings.storage import Bucket, storage_url
from app.settings.values import USUAL_PORTS, BadSetting, choice, hosts, networks, origins, web_address, whole

__all__ = [
    "ROOT",
    "USUAL_PORTS",
    "BadSetting",
    "Bucket",
    "Settings",
    "keep_once",
    "read_settings",
    "require_services",
    "settings",
]

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides; secrets are kept out of repr so that logs never show them."""

    app_env: str
    host: str
    port: int
    data_dir: Path
    database_url: str = field(repr=False)
    owner_database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    razorpay_key_id: str
    razorpay_key_secret: str = field(repr=False)
    razorpay_webhook_secret: str = field(repr=False)
    razorpay_base_url: str
    sandbox_origin: str
    smtp_url: str = field(repr=False)
    mail_from: str
    storage: Bucket | None
    redis_url: str = field(repr=False)
    base_url: str
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    cors_origins: tuple[str, ...]
    demo: bool
    web_workers: int
    worker_in_web: bool
    hold_for: timedelta
    reconcile_every: timedelta

    @property
    def is_production(self) -> bool:
        """Whether strangers use this installation."""
        return self.app_env == "production"

    @property
    def is_https(self) -> bool:
        """Whether people reach the site over TLS, so that cookies may be bound to it."""
        return self.base_url.startswith("https://")

    @property
    def uses_sandbox(self) -> bool:
        """Whether money is play money of the local sandbox."""
        return bool(self.sandbox_origin)


def read_settings() -> Settings:
    """Read the environment into one frozen object.

    Raises BadSetting with a sentence that names the variable when a value cannot be used.
    """
    app_env = choice("APP_ENV", ("development", "production"), "development")
    host = os.environ.get("HOST") or "127.0.0.1"
    port = whole("PORT", 8000, least=1, most=65535)
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / ".data").expanduser().resolve()
    database_url = os.environ.get("DATABASE_URL", "")
    embedded = not database_url or os.environ.get("PARCHI_EMBEDDED") == "1"
    return Settings(
        app_env=app_env,
        host=host,
        port=port,
        data_dir=data_dir,
        database_url=database_url,
        owner_database_url=os.environ.get("OWNER_DATABASE_URL", "") or database_url,
        demo=_wants_demo(app_env, embedded=embedded),
        secret_key=_secret_key(app_env, data_dir),
        **_gateway(app_env),
        **_mail(),
        storage=storage_url(),
        redis_url=os.environ.get("REDIS_URL", ""),
        base_url=web_address("BASE_URL", f"http://{f'[{host}]' if ':' in host else host}:{port}"),
        allowed_hosts=hosts("ALLOWED_HOSTS"),
        trusted_proxies=networks("TRUSTED_PROXIES"),
        cors_origins=origins("CORS_ORIGINS"),
        web_workers=whole("WEB_WORKERS", 1 if embedded else os.cpu_count() or 1, least=1, most=64),
        worker_in_web=choice("PARCHI_WORKER_IN_WEB", ("0", "1"), "0") == "1",
        hold_for=timedelta(seconds=whole("HOLD_SECONDS", 900, least=1, most=86_400)),
        reconcile_every=timedelta(seconds=whole("RECONCILE_SECONDS", 60, least=1, most=86_400)),
    )


def _wants_demo(app_env: str, *, embedded: bool) -> bool:
    demo = choice("DEMO", ("0", "1"), "1" if embedded and app_env == "development" else "0") == "1"
    if app_env == "production" and demo:
        raise BadSetting("DEMO=1 is refused when APP_ENV=production: its people have a public password.")
    return demo


def _secret_key(app_env: str, data_dir: Path) -> str:
    given = os.environ.get("SECRET_KEY", "")
    if app_env == "production":
        check_secret_key(given)
    return given or keep_once(data_dir / "secret_key", secrets.token_urlsafe(48))


def _gateway(app_env: str) -> dict[str, str]:
    """The gateway's keys and address, by the names of their settings."""
    names = ("key_id", "key_secret", "webhook_secret")
    given = {name: os.environ.get(f"RAZORPAY_{name.upper()}", "").strip() for name in names}
    check_gateway(app_env, **given)
    return {
        **{f"razorpay_{name}": value for name, value in given.items()},
        "razorpay_base_url": web_address("RAZORPAY_BASE_URL", "https://api.razorpay.com"),
        "sandbox_origin": web_address("PARCHI_SANDBOX_ORIGIN", ""),
    }


def _mail() -> dict[str, str]:
    """Who carries our letters, and whose name they bear."""
    smtp_url = os.environ.get("SMTP_URL", "")
    if smtp_url and urlsplit(smtp_url).scheme not in ("smtp", "smtps"):
        raise BadSetting("SMTP_URL must start with smtp:// or smtps://.")
    mail_from = os.environ.get("MAIL_FROM") or "Parchi <no-reply@parchi.example>"
    if "@" not in parseaddr(mail_from)[1]:
        raise BadSetting(f"MAIL_FROM must hold an e-mail address; it is {mail_from!r}.")
    return {"smtp_url": smtp_url, "mail_from": mail_from}


def require_services(read: Settings) -> None:
    """Refuse a process that has neither a gateway nor a mail server, where nobody starts local ones for it.

    Raises BadSetting.
    """
    missing = [
        name
        for name, value in (("RAZORPAY_KEY_ID", read.razorpay_key_id), ("SMTP_URL", read.smtp_url))
        if not value
    ]
    if missing:
        raise BadSetting(
            f"{' and '.join(missing)} must be set: only `python -m app` without a command brings "
            "its own gateway and mailbox."
        )


@cache
def settings() -> Settings:
    """The one settings object of this process."""
    return read_settings()
