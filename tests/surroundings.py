"""The real parts a test process stands on: one PostgreSQL for all workers with a database for each,
a sandbox process, a mail server, and free ports. Set up before anything of the app reads its settings.
"""

import asyncio
import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from pathlib import Path
from typing import Any

import asyncpg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
HOMES = "parchi-tests-"
HOME = Path(tempfile.gettempdir()).resolve() / f"{HOMES}{RUN}"
"""What all workers of this run keep on disk: the database they share, and a directory of each."""
LEFT_ALONE_FOR = 3600
"""Seconds since a folder was made or a worker joined it, before it may count as one of a dead run."""

SECRETS = {
    "SECRET_KEY": "tests-sign-with-this-key-0123456789abcdef",
    "RAZORPAY_KEY_ID": "rzp_test_Tests000000001",
    "RAZORPAY_KEY_SECRET": "tests-gateway-secret-0001",
    "RAZORPAY_WEBHOOK_SECRET": "tests-webhook-secret-0001",
}


def free_port() -> int:
    """A TCP port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PostOffice:
    """A real SMTP server that keeps what it is given; it can be told to refuse, or be shut."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuse_with: str | None = None
    _controller: Controller | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse_with:
            return self.refuse_with
        letter = BytesParser(policy=modern).parsebytes(envelope.content or b"")
        self.letters.append(letter)  # type: ignore[arg-type]
        return "250 kept"

    def open(self) -> None:
        """Listen, on the same port as before where there was one."""
        self.port = self.port or free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def shut(self) -> None:
        """Stop listening, as a mail server that is down."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, address: str) -> list[EmailMessage]:
        """What was delivered to one address, oldest first."""
        return [letter for letter in self.letters if address in str(letter["To"])]


@dataclass
class Sandbox:
    """The gateway's twin as a process of its own."""

    process: subprocess.Popen[str]
    base_url: str

    @property
    def origin(self) -> str:
        """How browsers call it: another site than ours."""
        return self.base_url.replace("127.0.0.1", "localhost")


def start_database() -> tuple[str, str]:
    """A fresh database of this worker: (owner's address, app role's address)."""
    from app.db.embedded.server import EmbeddedPostgres

    server = EmbeddedPostgres(HOME)
    addresses = server.start()

    def leave() -> None:
        if server.stop():
            _forget(HOME)

    atexit.register(leave)
    name = f"test_{WORKER}"
    asyncio.run(_create_database(addresses.owner, name))
    return tuple(url.replace("/parchi?", f"/{name}?") for url in (addresses.owner, addresses.app))  # type: ignore[return-value]


def _forget(home: Path) -> None:
    """Remove what a run kept on disk; whatever cannot be removed does no harm."""
    from app.db.embedded.places import outside_of

    for place in (outside_of(home), home):
        shutil.rmtree(place, ignore_errors=True)


def sweep(folder: Path = HOME.parent) -> list[str]:
    """Remove what runs left that were killed: old folders in which no database runs. Says their names."""
    dead = [home for home in folder.glob(f"{HOMES}*") if home != HOME and not _is_in_use(home)]
    for home in dead:
        _forget(home)
    return [home.name for home in dead]


def _is_in_use(home: Path) -> bool:
    """Whether a run is young, or its database still lives."""
    from app.db.embedded.places import DATA, outside_of

    try:
        if time.time() - home.stat().st_mtime < LEFT_ALONE_FOR:
            return True
        for cluster in (home / "postgres", outside_of(home)):
            pid_file = cluster / DATA / "postmaster.pid"
            if pid_file.exists():
                os.kill(int(pid_file.read_text().split()[0]), 0)
                return True
    except PermissionError:
        return True
    except (OSError, ValueError, IndexError):
        return False
    return False


async def _create_database(owner_url: str, name: str) -> None:
    con = await asyncpg.connect(owner_url)
    try:
        await con.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await con.execute(f"CREATE DATABASE {name}")
        await con.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    finally:
        await con.close()


def start_sandbox(webhook_url: str, clock_dsn: str, book: Path) -> Sandbox:
    """The sandbox on a free port, sending its webhooks to `webhook_url`."""
    environment = {
        **os.environ,
        "SANDBOX_PORT": "0",
        "SANDBOX_BOOK": str(book),
        "SANDBOX_KEY_ID": SECRETS["RAZORPAY_KEY_ID"],
        "SANDBOX_KEY_SECRET": SECRETS["RAZORPAY_KEY_SECRET"],
        "SANDBOX_WEBHOOK_SECRET": SECRETS["RAZORPAY_WEBHOOK_SECRET"],
        "SANDBOX_WEBHOOK_URL": webhook_url,
        "SANDBOX_CLOCK_DSN": clock_dsn,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "app.payments.sandbox"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "listening on" in line, line
    return Sandbox(process, line.split()[-1].strip())


@dataclass
class Surroundings:
    """Everything outside the app that this test process uses."""

    port: int
    owner_url: str
    sandbox: Sandbox
    post_office: PostOffice

    @property
    def base_url(self) -> str:
        """Where the app under test listens."""
        return f"http://127.0.0.1:{self.port}"


def surround() -> Surroundings:
    """Start it all and point the environment at it."""
    sweep()
    HOME.mkdir(exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f"{WORKER}-", dir=HOME))
    os.environ.update(SECRETS, DATA_DIR=str(work), APP_ENV="development", DEMO="0", HOLD_SECONDS="900")
    owner, app = start_database()
    port = free_port()
    post_office = PostOffice()
    post_office.open()
    atexit.register(post_office.shut)
    sandbox = start_sandbox(f"http://127.0.0.1:{port}/api/payment/webhook", app, work / "sandbox")
    os.environ.update(
        DATABASE_URL=app,
        OWNER_DATABASE_URL=owner,
        PORT=str(port),
        BASE_URL=f"http://127.0.0.1:{port}",
        RAZORPAY_BASE_URL=sandbox.base_url,
        PARCHI_SANDBOX_ORIGIN=sandbox.origin,
        SMTP_URL=f"smtp://127.0.0.1:{post_office.port}",
        PARCHI_WORKER_IN_WEB="0",
    )
    return Surroundings(port, owner, sandbox, post_office)


Json = dict[str, Any]
