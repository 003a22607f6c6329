"""Static files: read and compressed once, served from memory, under addresses that change with them."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
from litestar import HttpMethod, Request, Response, route
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.web.doors import anyone
from app.web.security import NO_TOKEN_COOKIE

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".webmanifest": "application/manifest+json",
}
"""The kinds we serve, and no other; fixed here, since a machine's own table may differ."""

_COMPRESSIBLE = {".css", ".js", ".json", ".svg", ".webmanifest"}
_SLOW_TO_SQUEEZE = 512 * 1024
"""Bytes from which the best compression would cost whole seconds of every start."""
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, max-age=60, must-revalidate"


@dataclass(frozen=True)
class Asset:
    """One file, in every encoding in which it is worth sending."""

    media_type: str
    digest: str
    bodies: dict[str, bytes]

    @classmethod
    def read(cls, file: Path) -> "Asset":
        """Read and compress a file; an encoding that makes it longer is left out."""
        raw = file.read_bytes()
        bodies = {"identity": raw}
        if file.suffix in _COMPRESSIBLE:
            quality = 11 if len(raw) < _SLOW_TO_SQUEEZE else 5
            packed = {"br": brotli.compress(raw, quality=quality), "gzip": gzip.compress(raw, 9, mtime=0)}
            bodies |= {name: body for name, body in packed.items() if len(body) < len(raw)}
        return cls(TYPES[file.suffix], hashlib.sha256(raw).hexdigest()[:12], bodies)

    def answer(self, *, accepts: str, known: str, is_current: bool) -> Response[bytes]:
        """The file in the best encoding the browser takes, or 304 when it has it already.

        `accepts` and `known` are the headers Accept-Encoding and If-None-Match; `is_current` tells that the
        address names this very content, so that it may be kept without asking again.
        """
        wanted = (name for name in ("br", "gzip") if name in self.bodies and takes(accepts, name))
        encoding = next(wanted, "identity")
        etag = f'"{self.digest}-{encoding}"'
        headers = {
            "ETag": etag,
            "Vary": "Accept-Encoding",
            "Cache-Control": _FOR_A_YEAR if is_current else _ASK_AGAIN,
        }
        if known == "*" or etag in (one.strip().removeprefix("W/") for one in known.split(",")):
            return Response(b"", status_code=304, headers=headers, media_type=self.media_type)
        if encoding != "identity":
            headers["Content-Encoding"] = encoding
        return Response(self.bodies[encoding], headers=headers, media_type=self.media_type)


def takes(accepts: str, encoding: str) -> bool:
    """Whether an Accept-Encoding header allows an encoding by name (RFC 9110 §12.5.3; `q=0` forbids it)."""
    for offer in accepts.lower().split(","):
        name, _, quality = offer.partition(";")
        if name.strip() == encoding:
            return quality.replace(" ", "").rstrip("0").rstrip(".") not in ("q=", "q")
    return False


class Assets:
    """All files under one folder, by their name in it."""

    def __init__(self, root: Path, prefix: str = "/static") -> None:
        """Read every file under `root`; `prefix` is the path they are served under."""
        self.prefix = prefix
        self.files = {
            file.relative_to(root).as_posix(): Asset.read(file)
            for file in sorted(root.rglob("*"))
            if file.is_file() and file.suffix in TYPES
        }

    def url(self, name: str) -> str:
        """The address of a file, with its content's hash; KeyError when there is no such file."""
        return f"{self.prefix}/{name}?v={self.files[name].digest}"

    def handler(self) -> HTTPRouteHandler:
        """The route that serves the files, to anyone."""

        @route(
            f"{self.prefix}/{{name:path}}",
            http_method=[HttpMethod.GET, HttpMethod.HEAD],
            name="static",
            guards=[anyone],
            include_in_schema=False,
            sync_to_thread=False,
            opt={"no_compression": True, **NO_TOKEN_COOKIE},
        )
        def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
            asset = self.files.get(name.lstrip("/"))
            if asset is None:
                raise NotFoundException
            return asset.answer(
                accepts=request.headers.get("accept-encoding", ""),
                known=request.headers.get("if-none-match", ""),
                is_current=request.query_params.get("v") == asset.digest,
            )

        return static
