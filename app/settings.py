"""Settings come from the environment only, are read once, and a bad value refuses to start."""

import os
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32
"""Characters; HS256 wants a key of at least 256 bits (RFC 7518, 3.2)."""

USUAL_PORTS = {"http": 80, "https": 443}
WIDEST_NETWORK = {4: 8, 6: 16}
"""The shortest prefix of a network of proxies, by version: 10.0.0.0/8 is the widest private one."""


class BadSetting(Exception):
    """A setting that cannot be used; the text says which one and why."""


@dataclass(frozen=True)
class Bucket:
    """A bucket of a store that speaks Amazon's S3 protocol, and the key pair that may write to it."""

    endpoint: str
    name: str
    region: str
    key_id: str = field(repr=False)
    secret: str = field(repr=False)


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


def _choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    value = os.environ.get(name) or default
    if value not in allowed:
        raise BadSetting(f"{name} must be one of {', '.join(allowed)}; it is {value!r}.")
    return value


def _whole(name: str, default: int, *, least: int, most: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadSetting(f"{name} must be a whole number from {least} to {most}; it is {text!r}.")
    return int(text)


def _web_address(name: str, default: str) -> str:
    text = (os.environ.get(name) or default).rstrip("/")
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise BadSetting(f"{name} must be an http or https address; it is {text!r}.")
    return text


def _listed(name: str) -> list[str]:
    return [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]


_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")


def _hosts(name: str) -> tuple[str, ...]:
    hosts = tuple(one.lower().strip("[]") for one in _listed(name))
    for one in hosts:
        if not _HOST.fullmatch(one):
            raise BadSetting(
                f"{name} takes names such as www.example.com, without port or *; one is {one!r}."
            )
    return hosts


def _networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        networks = tuple(ip_network(one) for one in _listed(name))
    except ValueError as problem:
        raise BadSetting(f"{name} takes addresses and networks such as 10.0.0.0/8: {problem}.") from None
    for network in networks:
        if network.prefixlen < WIDEST_NETWORK[network.version]:
            raise BadSetting(
                f"{name} must not trust half the world: {network} is wider than a /8 (IPv4) or a /16 (IPv6); "
                "name the proxies in front of this site."
            )
    return networks


def _origins(name: str) -> tuple[str, ...]:
    """The origins as browsers write them, without the usual port of their scheme."""
    origins = []
    for one in map(str.lower, _listed(name)):
        try:
            parts = urlsplit(one)
            is_origin = bool(parts.hostname) and one == f"{parts.scheme}://{parts.netloc}" and "@" not in one
            is_origin = is_origin and parts.scheme in ("http", "https") and "*" not in one and parts.port != 0
        except ValueError:
            is_origin = False
        if not is_origin:
            raise BadSetting(
                f"{name} takes origins such as https://app.example.com, nothing more; not {one!r}."
            )
        usual = parts.port == USUAL_PORTS[parts.scheme]
        origins.append(one.removesuffix(f":{parts.port}") if usual else one)
    return tuple(origins)


_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""Names of buckets: 3 to 63 letters, digits, dots and hyphens (Amazon S3 user guide, bucket naming rules)."""


def _storage_url() -> Bucket | None:
    """Where files go; None means our own directory. The value holds a secret, so no message repeats it."""
    text = os.environ.get("STORAGE_URL", "").strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadSetting("STORAGE_URL is no address, or its port is no number.") from None
    name, more = parts.path.strip("/"), dict(parse_qsl(parts.query, keep_blank_values=True))
    scheme = more.pop("scheme", "https")
    region = more.pop("region", "us-east-1")
    wrong = {
        "must start with s3://": parts.scheme != "s3",
        "needs the host of the store": not host,
        "needs KEY:SECRET@ before the host, special characters written as %XX": not (
            parts.username and parts.password
        ),
        "needs one bucket after the host, such as /parchi": not _BUCKET.fullmatch(name),
        "takes scheme=https or scheme=http": scheme not in ("https", "http"),
        "takes a region such as ap-south-1": not re.fullmatch(r"[a-z0-9-]{1,40}", region),
        "takes nothing after ? but region and scheme": bool(more or parts.fragment),
    }
    if found := [what for what, is_so in wrong.items() if is_so]:
        raise BadSetting(
            f"STORAGE_URL {found[0]}: s3://KEY:SECRET@host/bucket?region=ap-south-1 is its form."
        )
    address = f"[{host}]" if host and ":" in host else host
    endpoint = f"{scheme}://{address}{f':{port}' if port else ''}"
    return Bucket(endpoint, name, region, unquote(parts.username or ""), unquote(parts.password or ""))


def _check_secret_key(given: str) -> None:
    """Strangers' sessions hang on this key; in development a short one does no harm."""
    if not given:
        raise BadSetting("SECRET_KEY is required when APP_ENV=production.")
    if len(given) < SHORTEST_SECRET or len(set(given)) < SHORTEST_SECRET // 4:
        raise BadSetting(
            f"SECRET_KEY is too weak: give at least {SHORTEST_SECRET} random characters, "
            "for example from `python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )


def keep_once(place: Path, fresh_secret: str) -> str:
    """A secret made at the first start and kept; of several processes starting at once the first wins.

    The file is for our own user alone. Gives back what stands in it.
    """
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(f"{place.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(fresh_secret)
        try:
            os.link(fresh, place)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return place.read_text().strip()


def _check_gateway(app_env: str, key_id: str, key_secret: str, webhook_secret: str) -> None:
    if app_env == "development" and key_id.startswith("rzp_live_"):
        raise BadSetting(
            "RAZORPAY_KEY_ID is a live key; with APP_ENV=development only test keys may be used."
        )
    if bool(key_id) != bool(key_secret):
        raise BadSetting("RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET go together; one of them is missing.")
    if key_id and not webhook_secret:
        raise BadSetting("RAZORPAY_WEBHOOK_SECRET is required beside the gateway's keys.")


def read_settings() -> Settings:
    """Read the environment into one frozen object.

    Raises BadSetting with a sentence that names the variable when a value cannot be used.
    """
    app_env = _choice("APP_ENV", ("development", "production"), "development")
    host = os.environ.get("HOST") or "127.0.0.1"
    port = _whole("PORT", 8000, least=1, most=65535)
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / ".data").expanduser().resolve()
    database_url = os.environ.get("DATABASE_URL", "")
    embedded = not database_url or os.environ.get("PARCHI_EMBEDDED") == "1"
    demo = _choice("DEMO", ("0", "1"), "1" if embedded and app_env == "development" else "0") == "1"
    if app_env == "production" and demo:
        raise BadSetting("DEMO=1 is refused when APP_ENV=production: its people have a public password.")
    secret_key = os.environ.get("SECRET_KEY", "")
    if app_env == "production":
        _check_secret_key(secret_key)
    key_id = os.environ.get("RAZORPAY_KEY_ID", "").strip()
    key_secret = os.environ.get("RAZORPAY_KEY_SECRET", "").strip()
    webhook_secret = os.environ.get("RAZORPAY_WEBHOOK_SECRET", "").strip()
    _check_gateway(app_env, key_id, key_secret, webhook_secret)
    smtp_url = os.environ.get("SMTP_URL", "")
    if smtp_url and urlsplit(smtp_url).scheme not in ("smtp", "smtps"):
        raise BadSetting("SMTP_URL must start with smtp:// or smtps://.")
    mail_from = os.environ.get("MAIL_FROM") or "Parchi <no-reply@parchi.example>"
    if "@" not in parseaddr(mail_from)[1]:
        raise BadSetting(f"MAIL_FROM must hold an e-mail address; it is {mail_from!r}.")
    return Settings(
        app_env=app_env,
        host=host,
        port=port,
        data_dir=data_dir,
        database_url=database_url,
        owner_database_url=os.environ.get("OWNER_DATABASE_URL", "") or database_url,
        secret_key=secret_key or keep_once(data_dir / "secret_key", secrets.token_urlsafe(48)),
        razorpay_key_id=key_id,
        razorpay_key_secret=key_secret,
        razorpay_webhook_secret=webhook_secret,
        razorpay_base_url=_web_address("RAZORPAY_BASE_URL", "https://api.razorpay.com"),
        sandbox_origin=_web_address("PARCHI_SANDBOX_ORIGIN", ""),
        smtp_url=smtp_url,
        mail_from=mail_from,
        storage=_storage_url(),
        redis_url=os.environ.get("REDIS_URL", ""),
        base_url=_web_address("BASE_URL", f"http://{f'[{host}]' if ':' in host else host}:{port}"),
        allowed_hosts=_hosts("ALLOWED_HOSTS"),
        trusted_proxies=_networks("TRUSTED_PROXIES"),
        cors_origins=_origins("CORS_ORIGINS"),
        demo=demo,
        web_workers=_whole("WEB_WORKERS", 1 if embedded else os.cpu_count() or 1, least=1, most=64),
        worker_in_web=_choice("PARCHI_WORKER_IN_WEB", ("0", "1"), "0") == "1",
        hold_for=timedelta(seconds=_whole("HOLD_SECONDS", 900, least=1, most=86_400)),
        reconcile_every=timedelta(seconds=_whole("RECONCILE_SECONDS", 60, least=1, most=86_400)),
    )


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
