"""The embedded database through everything a machine can do to it; real servers, real signals."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from app.db.embedded import Addresses, DatabaseDidNotStart, EmbeddedPostgres
from app.settings import ROOT
from tests.direct import query

ANOTHER_PROCESS = """
import sys, time
from pathlib import Path
from app.db.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start().app, flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def clean() -> None:
    """These tests have servers of their own, so the shared one is not cleaned for them."""


def keep_a_row(addresses: Addresses) -> None:
    query(addresses.owner, "CREATE TABLE kept AS SELECT 'still here' AS word")
    query(addresses.owner, "GRANT SELECT ON kept TO parchi_app")


def kept_row(addresses: Addresses) -> object:
    return query(addresses.app, "SELECT word FROM kept")


def server_pid(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n")[0])


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path("/proc/self").exists() and not Path(f"/proc/{pid}/cmdline").read_bytes():
            return  # a zombie nobody reaps
        time.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")


def another_process(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", ANOTHER_PROCESS, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    return process


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "with a space")
    yield server
    server.stop()
    if server.is_elsewhere:
        shutil.rmtree(server.cluster)


def test_the_application_works_as_a_role_without_power_on_a_server_that_is_not_on_the_network(
    server: EmbeddedPostgres,
) -> None:
    addresses = server.start()

    assert query(addresses.owner, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True
    assert query(addresses.app, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert query(addresses.app, "SELECT current_user || ' ' || current_database()") == "parchi_app parchi"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        query(addresses.app, "CREATE TABLE not_allowed (id int)")
    assert query(addresses.owner, "SHOW listen_addresses") == ""
    assert int(str(query(addresses.owner, "SHOW max_connections"))) >= 100
    socket_dir = Path((server.data / "postmaster.pid").read_text().split("\n")[4])
    assert socket_dir.stat().st_mode & 0o077 == 0
    assert "data-18" in str(server.data)


def test_data_is_found_again_after_a_stop(server: EmbeddedPostgres) -> None:
    keep_a_row(server.start())
    pid = server_pid(server)

    assert server.stop()
    wait_until_gone(pid)

    assert kept_row(server.start()) == "still here"


def test_two_starts_at_the_same_moment_share_one_server_and_the_last_one_out_stops_it(tmp_path: Path) -> None:
    first, second = EmbeddedPostgres(tmp_path), EmbeddedPostgres(tmp_path)
    try:
        with ThreadPoolExecutor(2) as threads:
            addresses = list(threads.map(EmbeddedPostgres.start, (first, second)))
        pid = server_pid(first)

        assert addresses[0] == addresses[1]
        assert not first.stop()
        assert query(addresses[1].app, "SELECT 1") == 1
        assert second.stop()
        wait_until_gone(pid)
    finally:
        first.stop()
        second.stop()
        if first.is_elsewhere:
            shutil.rmtree(first.cluster)


def test_a_killed_server_comes_back_with_its_data(server: EmbeddedPostgres) -> None:
    keep_a_row(server.start())
    os.kill(server_pid(server), signal.SIGKILL)

    assert kept_row(server.start()) == "still here"


def test_a_killed_application_leaves_a_server_that_the_next_one_takes_over_and_stops(
    server: EmbeddedPostgres,
) -> None:
    owner = another_process(server.home)
    addresses = server.start()
    keep_a_row(addresses)
    pid = server_pid(server)
    server.stop()
    owner.kill()
    owner.wait()

    assert kept_row(server.start()) == "still here"
    assert server_pid(server) == pid
    assert server.stop()
    wait_until_gone(pid)


def test_a_process_number_that_was_given_to_somebody_else_does_not_look_like_a_server(
    server: EmbeddedPostgres,
) -> None:
    keep_a_row(server.start())
    os.kill(server_pid(server), signal.SIGKILL)
    wait_until_gone(server_pid(server))
    stranger = subprocess.Popen(
        ["sleep", "60"], user=server.data.stat().st_uid if os.geteuid() == 0 else None
    )
    try:
        pid_file = server.data / "postmaster.pid"
        lines = pid_file.read_text().split("\n")
        socket_lock = Path(lines[4]) / ".s.PGSQL.5432.lock"
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        socket_lock.write_text("\n".join([str(stranger.pid), *socket_lock.read_text().split("\n")[1:]]))

        assert kept_row(server.start()) == "still here"
        assert server_pid(server) != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_empty_pid_file_of_a_crash_is_no_obstacle(server: EmbeddedPostgres) -> None:
    keep_a_row(server.start())
    server.stop()
    (server.data / "postmaster.pid").touch()

    assert kept_row(server.start()) == "still here"


def test_a_crash_while_the_cluster_was_being_made_leaves_nothing_half(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    half = server.data.with_suffix(".init")
    server.data.rename(half)
    (half / "PG_VERSION").unlink()

    assert query(server.start().app, "SELECT 1") == 1
    assert not half.exists()


def test_a_socket_directory_of_a_stranger_is_refused(server: EmbeddedPostgres, tmp_path: Path) -> None:
    server.start()
    socket_dir = Path((server.data / "postmaster.pid").read_text().split("\n")[4])
    server.stop()
    socket_dir.symlink_to(tmp_path)
    try:
        with pytest.raises(DatabaseDidNotStart, match="belongs to someone else"):
            server.start()
    finally:
        socket_dir.unlink()
