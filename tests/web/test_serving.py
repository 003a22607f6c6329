"""Web processes as they are started: ready is said by those who are, and by nobody else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from uvicorn.config import STARTUP_FAILURE

START = """
import socket
from app.web.serving import serve

listening = socket.create_server(("127.0.0.1", 0))
serve("app.nowhere:create_app", listening, ready=lambda: print("ready", flush=True))
"""


@pytest.mark.parametrize("processes", ["1", "2"])
def test_processes_that_do_not_come_up_are_never_said_to_be_ready(processes: str, tmp_path: Path) -> None:
    environment = os.environ | {"WEB_WORKERS": processes, "DATA_DIR": str(tmp_path)}

    run = subprocess.run(
        [sys.executable, "-c", START],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "ready" not in run.stdout.split()
    assert run.returncode in (1, STARTUP_FAILURE)
