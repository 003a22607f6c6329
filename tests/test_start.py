"""`python -m app` as a person runs it: a process of its own on a data directory of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from app.db.embedded import EmbeddedPostgres
from app.db.embedded.places import DATA, choose_cluster
from app.settings import ROOT, read_settings

SLOW_MACHINE = 30
"""Seconds; on an idle machine the first answer comes within five."""
NEWCOMER = {
    "name": "Leela Rao",
    "email": "leela@example.com",
    "password": "a long enough one 7",
    "role": "patient",
}

SERVICES = {
    "RAZORPAY_KEY_ID": "rzp_test_1",
    "RAZORPAY_KEY_SECRET": "s",
    "RAZORPAY_WEBHOOK_SECRET": "w",
    "SMTP_URL": "smtp://127.0.0.1:25",
}


@pytest.fixture(autouse=True)
def clean() -> None:
    """These tests have servers of their own, so the shared one is not cleaned for them."""


class Installation:
    """One data directory and the processes started on it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.log = data_dir / "said.txt"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.started: list[psutil.Process] = []

    def run(self, *command: str, **settings: str) -> psutil.Popen:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        environment = kept | {"DATA_DIR": str(self.data_dir), "PORT": str(self.port)} | settings
        with self.log.open("w") as log:
            process = psutil.Popen(
                [sys.executable, "-m", "app", *command],
                cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.started.append(process)
        return process

    def start(self, **settings: str) -> psutil.Popen:
        process = self.run(**settings)
        deadline = time.monotonic() + SLOW_MACHINE
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health/ready", timeout=SLOW_MACHINE).status_code == 200:
                    return process
            time.sleep(0.05)
        raise AssertionError(f"no answer in {SLOW_MACHINE} s: {self.said}")

    @property
    def said(self) -> str:
        return self.log.read_text()

    def refuses(self, *command: str, **settings: str) -> str:
        assert self.run(*command, **settings).wait(SLOW_MACHINE) == 1, self.said
        assert "Traceback" not in self.said
        return self.said


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def everything_below(process: psutil.Process) -> list[psutil.Process]:
    below: list[psutil.Process] = process.children(recursive=True)
    assert any("app.payments.sandbox" in child.cmdline() for child in below)
    return below


def assert_all_gone(processes: list[psutil.Process]) -> None:
    """Gone, or a zombie that only waits for a parent who reaps."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        left = [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError(f"still running: {[p.cmdline() for p in left]}")


def log_in(installation: Installation) -> int:
    credentials = {"identifier": NEWCOMER["email"], "password": NEWCOMER["password"]}
    return httpx.post(f"{installation.url}/api/auth/login", json=credentials, timeout=20).status_code


def wait_for_a_letter(mailbox: Path) -> str:
    deadline = time.monotonic() + SLOW_MACHINE
    while time.monotonic() < deadline:
        for letter in (mailbox / "new").iterdir():
            return letter.read_text()
        time.sleep(0.1)
    raise AssertionError("no letter came")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    yield installation
    for process in installation.started:
        if process.is_running():
            process.terminate()
            with suppress(psutil.TimeoutExpired):
                process.wait(15)
    cluster, _ = choose_cluster(tmp_path)
    if (cluster / DATA / "postmaster.pid").exists():
        server = EmbeddedPostgres(tmp_path)
        server.start()  # takes over what kill -9 has left running, so that stop ends it
        server.stop()
    if not cluster.is_relative_to(tmp_path):
        shutil.rmtree(cluster)


def test_one_command_starts_everything_says_where_it_is_and_ctrl_c_ends_all_of_it(
    installation: Installation,
) -> None:
    process = installation.start()

    said = installation.said
    keys = json.loads((installation.data_dir / "sandbox_keys").read_text())
    for word in (
        installation.url,
        "asha@example.com",
        "demo-pass-2026",
        "/dev/mail",
        "sandbox at http://localhost:",
    ):
        assert word in said
    assert str(installation.data_dir) in said
    below = everything_below(process)
    secret_words = [*keys.values(), (installation.data_dir / "secret_key").read_text()]
    for shown in (" ".join(child.cmdline()) for child in (process, *below)):
        assert not [word for word in secret_words if word in shown]
    assert httpx.post(f"{installation.url}/api/auth/signup", json=NEWCOMER, timeout=20).status_code == 201
    assert NEWCOMER["email"] in wait_for_a_letter(installation.data_dir / "mailbox")
    assert NEWCOMER["email"] not in installation.said

    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 0
    assert_all_gone(below)
    assert "Traceback" not in installation.said


def test_a_second_start_and_one_after_kill_9_find_the_data_again(installation: Installation) -> None:
    first = installation.start(DEMO="0")
    assert httpx.post(f"{installation.url}/api/auth/signup", json=NEWCOMER, timeout=20).status_code == 201
    first.send_signal(signal.SIGTERM)
    assert first.wait(15) == 0

    second = installation.start(DEMO="0")
    assert log_in(installation) == 200
    helpers = [child for child in everything_below(second) if "postgres" not in child.name()]
    second.kill()
    second.wait(15)
    assert_all_gone(helpers)

    installation.start(DEMO="0")
    assert log_in(installation) == 200


def test_several_web_processes_share_one_worker_and_none_outlives_the_first(
    installation: Installation,
) -> None:
    process = installation.start(WEB_WORKERS="2")
    below = everything_below(process)
    assert sum("spawn_main" in " ".join(child.cmdline()) for child in below) == 2
    worker = next(child for child in below if "worker" in child.cmdline())
    worker.kill()
    assert httpx.post(f"{installation.url}/api/auth/signup", json=NEWCOMER, timeout=20).status_code == 201
    assert NEWCOMER["email"] in wait_for_a_letter(installation.data_dir / "mailbox")  # a new worker came

    below = [child for child in everything_below(process) if "postgres" not in child.name()]
    process.kill()
    process.wait(15)
    assert_all_gone(below)

    again = installation.start(WEB_WORKERS="2")
    below = everything_below(again)
    again.send_signal(signal.SIGTERM)
    assert again.wait(15) == 0
    assert_all_gone(below)
    assert "Traceback" not in installation.said
    assert "Fatal" not in installation.said


def test_a_port_in_use_is_said_and_nothing_is_started(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        said = installation.refuses()

    assert f"Port {installation.port} on 127.0.0.1 is in use" in said
    assert not (installation.data_dir / "postgres").exists()
    assert not (installation.data_dir / "sandbox").exists()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "http"}, "PORT must be a whole number"),
        ({"STORAGE_URL": "https://k:s@host/photos"}, "STORAGE_URL must start with s3://"),
        ({"TRUSTED_PROXIES": "nginx"}, "TRUSTED_PROXIES takes addresses"),
        ({"DATABASE_URL": "postgresql://u@127.0.0.1:1/x"}, "The database cannot be reached"),
        ({"RAZORPAY_KEY_ID": "rzp_live_1", "RAZORPAY_KEY_SECRET": "s"}, "RAZORPAY_KEY_ID is a live key"),
        ({"APP_ENV": "production", "DEMO": "1"}, "DEMO=1 is refused"),
        ({"APP_ENV": "production"}, "SECRET_KEY is required"),
        ({"APP_ENV": "production", "SECRET_KEY": "short"} | SERVICES, "SECRET_KEY is too weak"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    installation: Installation, settings: dict[str, str], sentence: str
) -> None:
    assert sentence in installation.refuses(**settings)


def test_development_takes_a_weak_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "dev")
    assert read_settings().secret_key == "dev"


@pytest.mark.parametrize("command", ["web", "worker", "check"])
def test_a_part_alone_asks_for_a_gateway_and_a_mail_server(installation: Installation, command: str) -> None:
    assert "RAZORPAY_KEY_ID and SMTP_URL must be set" in installation.refuses(command)


def test_check_passes_only_when_the_schema_is_up_to_date(installation: Installation) -> None:
    assert "run `python -m app migrate`" in installation.refuses("check", **SERVICES)
    assert installation.run("migrate").wait(SLOW_MACHINE) == 0
    assert installation.run("check", **SERVICES).wait(SLOW_MACHINE) == 0, installation.said


def test_erasing_again_reaches_the_database_and_wants_a_list(installation: Installation) -> None:
    assert installation.run("migrate").wait(SLOW_MACHINE) == 0
    assert "has to name the columns user_id, asked_at, kept_until" in installation.refuses("erase-again")


def test_production_starts_on_local_parts_and_answers_nothing_under_dev(installation: Installation) -> None:
    installation.start(APP_ENV="production", SECRET_KEY="a-long-secret-of-many-signs-0123456789-abcdef")

    for path in ("/dev/mail", "/dev/config", "/dev/clock"):
        assert httpx.get(installation.url + path).status_code == 404, path
    moved = httpx.put(f"{installation.url}/dev/clock", json={"at": "2030-01-01T00:00:00Z"})
    assert moved.status_code == 404
    assert "play money" in installation.said


def test_a_second_start_on_the_same_data_says_so_at_once(installation: Installation) -> None:
    installation.start()

    first = installation.log
    installation.log = installation.data_dir / "second.txt"
    said = installation.refuses(PORT=str(free_port()))

    installation.log = first
    assert "already runs on the data in" in said
    assert httpx.get(f"{installation.url}/health/ready", timeout=SLOW_MACHINE).status_code == 200


def test_the_large_demo_joins_a_running_installation(installation: Installation) -> None:
    installation.start()

    large = installation.run("demo", "--doctors", "2", "--days", "3", "--visits", "3")

    assert large.wait(SLOW_MACHINE) == 0, installation.said
    assert "2 doctors" in installation.said
    doctors = httpx.get(f"{installation.url}/api/doctors", timeout=SLOW_MACHINE).json()["items"]
    assert len(doctors) == 4
    assert sum("Meera" in doctor["name"] or "Arjun" in doctor["name"] for doctor in doctors) == 2
