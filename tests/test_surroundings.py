"""A run of tests leaves nothing behind, neither its own nor what killed ones left."""

import os
import subprocess
import sys
import time
from pathlib import Path

from app.db.embedded.places import DATA
from tests.surroundings import HOMES, LEFT_ALONE_FOR, ROOT, sweep

A_RUN = """
import os, sys
os.environ["PYTEST_XDIST_TESTRUNUID"] = "of-its-own"
from tests.surroundings import HOME, surround
surround()
assert (HOME / "postgres").exists()
print(HOME)
"""
GONE = 2**22 - 1
"""A process number that no process of a test's life has."""


def _a_run(folder: Path, name: str, *, pid: int | None, age: float) -> Path:
    home = folder / f"{HOMES}{name}"
    data = home / "postgres" / DATA
    data.mkdir(parents=True)
    if pid is not None:
        (data / "postmaster.pid").write_text(f"{pid}\n{data}\n")
    os.utime(home, (time.time() - age,) * 2)
    return home


def test_what_dead_runs_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    old = LEFT_ALONE_FOR + 60
    killed = _a_run(tmp_path, "killed", pid=GONE, age=old)
    ended = _a_run(tmp_path, "ended", pid=None, age=old)
    alive = _a_run(tmp_path, "alive", pid=os.getpid(), age=old)
    young = _a_run(tmp_path, "young", pid=GONE, age=0)
    other = tmp_path / "somebody-elses"
    other.mkdir()

    assert sorted(sweep(tmp_path)) == sorted([killed.name, ended.name])
    assert not killed.exists() and not ended.exists()
    assert alive.exists() and young.exists() and other.exists()


def test_a_run_takes_its_folder_along_when_it_ends() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", A_RUN], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert ran.returncode == 0, ran.stderr
    home = Path(ran.stdout.strip().splitlines()[-1])
    assert home.name.startswith(HOMES)
    assert not home.exists()
