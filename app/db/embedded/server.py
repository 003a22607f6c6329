"""The life of the embedded server: started by the first process that needs it, stopped by the last."""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from app.db.embedded.places import (
    DATA,
    DatabaseDidNotStart,
    RunAs,
    choose_cluster,
    find_programs,
    new_socket_dir,
)

DATABASE = "parchi"
OWNER_ROLE = "postgres"
APP_ROLE = "parchi_app"
START_SECONDS = 120
"""Long, because the first start after a crash replays the log before it answers."""
NOBODY_HAS_THIS_PID = 2**31 - 2
"""Above the highest process number of Linux (2^22) and of macOS (99999)."""

CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = '"{socket_dir}"'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
jit = off
log_checkpoints = off
log_error_verbosity = terse
log_min_error_statement = panic
"""
"""No TCP; and what is logged about a failed statement never holds a row's values."""

ROLE_AND_DATABASE = f"""
SELECT 'CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') \\gexec
SELECT 'CREATE DATABASE {DATABASE}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
"""


@dataclass(frozen=True)
class Addresses:
    """How to connect: as the owner of the schema, and as the role the application works with."""

    owner: str
    app: str


class EmbeddedPostgres:
    """One PostgreSQL per data directory, shared by every process that has started it."""

    def __init__(self, home: Path) -> None:
        """Remember the data directory; nothing is touched before `start`."""
        self.home = home.expanduser().resolve()
        self.cluster = self.home / "postgres"
        self._run_as = RunAs.ourselves()
        self._programs = Path()
        self._users: IO[str] | None = None

    @property
    def data(self) -> Path:
        """PostgreSQL's own directory."""
        return self.cluster / DATA

    @property
    def is_elsewhere(self) -> bool:
        """After `start`: whether the cluster could not live inside the data directory."""
        return not self.cluster.is_relative_to(self.home)

    def start(self) -> Addresses:
        """Start the server or join the running one, and say how to connect.

        Takes as long as crash recovery does. Raises DatabaseDidNotStart.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self.cluster, self._run_as = choose_cluster(self.home)
            if set('"$`\\\n') & set(str(self.data)):
                raise DatabaseDidNotStart(f"DATA_DIR must not contain quotes, $ or backslashes: {self.home}")
            self._programs = find_programs(self._run_as)
            with self._alone():
                socket_dir = self._join()
        except OSError as problem:
            raise DatabaseDidNotStart(f"The embedded database cannot be started: {problem}") from problem
        host = quote(str(socket_dir))
        return Addresses(
            owner=f"postgresql://{OWNER_ROLE}@/{DATABASE}?host={host}",
            app=f"postgresql://{APP_ROLE}@/{DATABASE}?host={host}",
        )

    def stop(self) -> bool:
        """Leave the server; the last one out stops it. Says whether it was stopped."""
        if self._users is None:
            return False
        with self._alone():
            return self._leave()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time start or stop; the lock goes with the process, however that ends."""
        with (self.cluster / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _join(self) -> Path:
        """Count ourselves in, by a shared lock that the kernel takes back even after kill -9."""
        if self._users is None:
            self._users = (self.cluster / ".users").open("a")
        fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            socket_dir = self._running_socket_dir() or self._start_server()
            arguments = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", socket_dir, "-U", OWNER_ROLE)
            self._run("psql", *arguments, "-d", "postgres", given=ROLE_AND_DATABASE)
        except BaseException:
            self._leave()
            raise
        return socket_dir

    def _leave(self) -> bool:
        assert self._users is not None
        users, self._users = self._users, None
        with users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            socket_dir = _socket_dir_in(self._pid_file())
            if self._server_process():
                self._run_as.run(self._programs / "pg_ctl", "-w", "-D", self.data, "-m", "fast", "stop")
            if socket_dir is not None:
                shutil.rmtree(socket_dir, ignore_errors=True)
            return True

    def _run(self, program: str, *arguments: str | Path, given: str | None = None) -> None:
        code, text = self._run_as.run(self._programs / program, *arguments, given=given)
        if code != 0:
            raise DatabaseDidNotStart(f"{program} failed: {text.strip()}")

    def _pid_file(self) -> list[str]:
        """The lines of postmaster.pid: process, data directory, start, port, socket directory …"""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _server_process(self) -> int | None:
        """The server's process; a number that meanwhile belongs to something else does not count."""
        lines = self._pid_file()
        if not lines or not lines[0].isdecimal():
            return None
        pid = int(lines[0])
        return pid if str(self.data) in _command_line(pid) else None

    def _running_socket_dir(self) -> Path | None:
        """Where the running server listens, None when none runs; one that starts or ends is waited for."""
        deadline = time.monotonic() + START_SECONDS
        while self._server_process():
            socket_dir = _socket_dir_in(self._pid_file())
            if socket_dir and self._answers(socket_dir):
                return socket_dir
            if time.monotonic() > deadline:
                raise DatabaseDidNotStart(f"The database in {self.data} runs but does not answer.")
            time.sleep(0.05)
        return None

    def _answers(self, socket_dir: Path) -> bool:
        return self._run_as.run(self._programs / "pg_isready", "-q", "-t", "5", "-h", socket_dir)[0] == 0

    def _start_server(self) -> Path:
        socket_dir = new_socket_dir(self.cluster, self._run_as)
        if not (self.data / "PG_VERSION").exists():
            self._create()
        configuration = self.data / "parchi.conf"
        configuration.write_text(CONFIGURATION.format(socket_dir=socket_dir))
        configuration.chmod(0o644)
        self._disarm_what_a_crash_left(socket_dir)
        log = self.data / "server.log"
        if log.exists():
            log.replace(log.with_suffix(".log.old"))
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._run("pg_ctl", "-w", "-t", str(START_SECONDS), "-D", self.data, "-l", log, "start")
                return socket_dir
            except DatabaseDidNotStart as problem:
                said = log.read_text() if log.exists() else ""
                # After kill -9 of the server its children need a moment to notice and end.
                if "still in use" not in said or time.monotonic() > deadline:
                    raise DatabaseDidNotStart(f"{problem}\n{said[-2000:]}") from problem
                log.unlink()
                time.sleep(0.1)

    def _create(self) -> None:
        """Make the cluster beside its place and move it there whole: a crash leaves all of it or none."""
        fresh = self.data.with_suffix(".init")
        shutil.rmtree(fresh, ignore_errors=True)
        self._run_as.own_directory(fresh)
        self._run(
            "initdb",
            *("-D", fresh, "-U", OWNER_ROLE, "--auth=trust", "--encoding=UTF8", "--no-instructions"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
        with (fresh / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude 'parchi.conf'\n")
        fresh.rename(self.data)

    def _disarm_what_a_crash_left(self, socket_dir: Path) -> None:
        """Make lock files harmless whose process number now belongs to something else.

        In postmaster.pid only the number is replaced: PostgreSQL then still finds the shared memory named
        there, and refuses to start while children of the dead server are using it.
        """
        lines = self._pid_file()
        file = self.data / "postmaster.pid"
        if len(lines) >= 7 and lines[0].isdecimal():
            file.write_text("\n".join([str(NOBODY_HAS_THIS_PID), *lines[1:]]) + "\n")
        else:
            file.unlink(missing_ok=True)
        for left in socket_dir.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)


def _socket_dir_in(pid_file: list[str]) -> Path | None:
    return Path(pid_file[4]) if len(pid_file) > 4 and pid_file[4] else None


def _command_line(pid: int) -> str:
    """What a process was started with; empty when it is gone or a zombie."""
    if Path("/proc/self").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            return ""
    ps = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout
