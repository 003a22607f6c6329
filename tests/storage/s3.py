"""A store that speaks the three S3 calls we use over real HTTP, and checks who asks (AWS Signature 4)."""

import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

KEY, SECRET, REGION, BUCKET = "AKIDTESTS", "a/secret+with=signs", "ap-south-1", "parchi-photos"


class Store(ThreadingHTTPServer):
    """The objects by their path, and a way to be out of order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.objects: dict[str, bytes] = {}
        self.calls: list[str] = []
        self.fails_with: int | None = None
        self.fails_after: int | None = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_port}"

    def shut(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Store

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        store, path = self.server, urlsplit(self.path).path
        store.calls.append(f"{self.command} {path}")
        if refused := self._refused(path, content):
            self._say(refused[0], f"<Error><Code>{refused[1]}</Code></Error>".encode())
        elif self.command == "PUT":
            store.objects[path] = content
            self._say(200)
        elif self.command == "DELETE":
            store.objects.pop(path, None)
            self._say(204)
        else:
            self._say(200, store.objects[path])

    def _refused(self, path: str, content: bytes) -> tuple[int, str] | None:
        """Status and code of a refusal, or None."""
        store = self.server
        if store.fails_with is not None:
            return store.fails_with, "InternalError"
        if store.fails_after is not None and len(store.calls) > store.fails_after:
            return 503, "SlowDown"
        if not self._is_signed(content):
            return 403, "SignatureDoesNotMatch"
        if not path.startswith(f"/{BUCKET}/"):
            return 404, "NoSuchBucket"
        return (404, "NoSuchKey") if self.command == "GET" and path not in store.objects else None

    do_GET = do_PUT = do_DELETE = _answer  # noqa: N815

    def _say(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Thu, 15 Jan 2026 09:30:00 GMT")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _is_signed(self, content: bytes) -> bool:
        """Whether the call carries the signature of our key (AWS: Create a signed AWS API request)."""
        scheme, _, rest = self.headers.get("Authorization", "").partition(" ")
        if scheme != "AWS4-HMAC-SHA256":
            return False
        given = dict(part.strip().split("=", 1) for part in rest.split(","))
        day = self.headers["x-amz-date"][:8]
        scope = f"{day}/{REGION}/s3/aws4_request"
        signed = given["SignedHeaders"].split(";")
        canonical = "\n".join(
            [
                self.command,
                urlsplit(self.path).path,
                urlsplit(self.path).query,
                *(f"{name}:{self.headers[name].strip()}" for name in signed),
                "",
                given["SignedHeaders"],
                hashlib.sha256(content).hexdigest(),
            ]
        )
        to_sign = "\n".join(
            [
                "AWS4-HMAC-SHA256",
                self.headers["x-amz-date"],
                scope,
                hashlib.sha256(canonical.encode()).hexdigest(),
            ]
        )
        key = f"AWS4{SECRET}".encode()
        for step in (day, REGION, "s3", "aws4_request"):
            key = hmac.digest(key, step.encode(), "sha256")
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        return given["Credential"] == f"{KEY}/{scope}" and given["Signature"] == signature

    def log_message(self, *_: Any) -> None:
        """The tests read `calls` instead."""
