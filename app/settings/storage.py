"""Where files go that people send: our own directory, or a bucket."""

import os
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from app.settings.values import BadSetting


@dataclass(frozen=True)
class Bucket:
    """A bucket of a store that speaks Amazon's S3 protocol, and the key pair that may write to it."""

    endpoint: str
    name: str
    region: str
    key_id: str = field(repr=False)
    secret: str = field(repr=False)


_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""Names of buckets: 3 to 63 letters, digits, dots and hyphens (Amazon S3 user guide, bucket naming rules)."""


def storage_url() -> Bucket | None:
    """Where files go; None means our own directory. The value holds a secret, so no message repeats it.

    Raises BadSetting.
    """
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
