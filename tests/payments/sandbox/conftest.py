"""The sandbox as a spawned process, the real SDK as its client, a stdlib server as the shop it talks to.

Nothing here needs the app or its database.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import razorpay
import requests

ROOT = Path(__file__).resolve().parents[3]
KEY_ID, KEY_SECRET, WEBHOOK_SECRET = "rzp_test_Twin0000000001", "twin-secret-0001", "twin-webhook-0001"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
Json = dict[str, Any]


@dataclass
class Shop:
    """A small web server: keeps each POST, answers webhooks as told, serves the pages given to it."""

    posts: list[Json] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    policy: str = ""
    answer_webhook: Callable[[Json], int] = lambda _post: 200
    url: str = ""

    def events_of(self, order_id: str) -> list[Json]:
        """The webhooks received about an order, in the order they came."""
        return [post for post in self.posts if post["path"] == "/hook" and order_id in post["raw"].decode()]

    def forms(self) -> list[dict[str, list[str]]]:
        """The forms posted to /return."""
        return [parse_qs(post["raw"].decode()) for post in self.posts if post["path"].startswith("/return")]


class Handler(BaseHTTPRequestHandler):
    shop: Shop

    def do_GET(self) -> None:
        self.shop.visits.append(self.path)
        media_type, page = self.shop.pages.get(self.path.split("?")[0], ("text/html", "<h1>Shop</h1>"))
        self.send_response(200)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        if self.shop.policy:
            self.send_header("Content-Security-Policy", self.shop.policy)
        self.end_headers()
        self.wfile.write(page.encode())

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        post = {"path": self.path, "headers": dict(self.headers), "raw": raw, "at": time.monotonic()}
        if self.path == "/hook":
            post["event"] = json.loads(raw)
        self.shop.posts.append(post)
        self.send_response(self.shop.answer_webhook(post) if self.path == "/hook" else 200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Thank you</h1>")

    def log_message(self, *_args: object) -> None:
        """Keep the test's output quiet."""


@dataclass
class Twin:
    """A running sandbox."""

    process: "subprocess.Popen[str]"
    url: str

    @property
    def origin(self) -> str:
        """How browsers call it."""
        return self.url.replace("127.0.0.1", "localhost")

    @property
    def client(self) -> razorpay.Client:
        """The real SDK, pointed here."""
        client = razorpay.Client(auth=(KEY_ID, KEY_SECRET), base_url=self.url)
        client.session.trust_env = False
        return client

    def call(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """A call without the SDK, with the keys unless others are given."""
        with requests.Session() as session:
            session.trust_env = False
            kwargs.setdefault("auth", (KEY_ID, KEY_SECRET))
            return session.request(method, self.url + path, timeout=10, **kwargs)

    def order(self, amount: int = 75000, **more: Any) -> str:
        """A new order's id."""
        order_id: str = self.client.order.create({"amount": amount, "currency": "INR", **more})["id"]
        return order_id

    def pay(self, order_id: str, outcome: str = "captured", **more: Any) -> Json:
        """Pay by the control path."""
        answer = self.call("POST", "/sandbox/pay", json={"order_id": order_id, "outcome": outcome, **more})
        assert answer.status_code == 200, answer.text
        paid: Json = answer.json()
        return paid

    def fault(self, **faults: Any) -> Json:
        """Order trouble."""
        answer = self.call("POST", "/sandbox/faults", json=faults)
        assert answer.status_code == 200, answer.text
        in_force: Json = answer.json()
        return in_force

    def ledger(self) -> Json:
        """Everything in the book."""
        book: Json = self.call("GET", "/sandbox/ledger").json()
        return book


def eventually(found: Callable[[], Any], within: float = 5.0) -> Any:
    """The first true answer of `found`, asked again until it is one."""
    deadline = time.monotonic() + within
    while not (answer := found()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return answer


def start(book: Path, **environment: str) -> Twin:
    """Spawn the sandbox on a free port with a pipe as its standard input."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app.payments.sandbox"],
        cwd=ROOT,
        env={
            **os.environ,
            "SANDBOX_PORT": "0",
            "SANDBOX_BOOK": str(book),
            "SANDBOX_KEY_ID": KEY_ID,
            "SANDBOX_KEY_SECRET": KEY_SECRET,
            "SANDBOX_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "SANDBOX_WEBHOOK_URL": "",
            "SANDBOX_CLOCK_DSN": "",
            **environment,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("sandbox listening on http://127.0.0.1:"), line
    return Twin(process, line.split()[-1])


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> None:
    """In place of the suite's own: these tests share no database with the app."""
    if "twin" in request.fixturenames:
        request.getfixturevalue("twin").fault(clear=True)


@pytest.fixture(scope="session")
def _shop() -> Iterator[Shop]:
    shop = Shop()
    handler = type("ShopHandler", (Handler,), {"shop": shop})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield shop
    server.shutdown()


@pytest.fixture
def shop(_shop: Shop) -> Shop:
    """The shop with nothing left over from the test before."""
    _shop.posts, _shop.visits, _shop.pages, _shop.policy = [], [], {}, ""
    _shop.answer_webhook = lambda _post: 200
    return _shop


@pytest.fixture(scope="session")
def twin(_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """One sandbox for all tests that do not end it; each uses orders of its own."""
    running = start(tmp_path_factory.mktemp("book"), SANDBOX_WEBHOOK_URL=f"{_shop.url}/hook")
    yield running
    running.process.terminate()
    assert running.process.wait(timeout=5) == 0


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Callable[..., Twin]]:
    """Start further sandboxes, by default all on one book; what still runs at the end is killed."""
    started: list[Twin] = []

    def begin(book: Path = tmp_path / "book", **environment: str) -> Twin:
        started.append(start(book, **environment))
        return started[-1]

    yield begin
    for running in started:
        running.process.kill()
        running.process.wait()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser; it ends with its file, because its event loop must not meet that of async tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, CHROMIUMS)), None),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield browser
        browser.close()
