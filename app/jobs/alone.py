"""One installation at a time on a data directory: two would share a sandbox's book and a mailbox."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRuns(Exception):
    """Another process has the data directory; the text says which directory."""


@contextmanager
def alone_in(data_dir: Path) -> Iterator[None]:
    """Keep a data directory to this process; the lock goes with the process, however that ends.

    Raises AlreadyRuns.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / ".running").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRuns(
                f"Parchi already runs on the data in {data_dir}. End that one, or give this one a DATA_DIR "
                "of its own."
            ) from None
        yield
