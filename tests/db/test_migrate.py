"""Migrations as a release runs them: as processes, several at once, on a database of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.db.embedded import Addresses, EmbeddedPostgres
from app.settings import ROOT
from tests.direct import query


@pytest.fixture(autouse=True)
def clean() -> None:
    """These tests have a server of their own, so the shared one is not cleaned for them."""


@pytest.fixture
def addresses(tmp_path: Path) -> Iterator[Addresses]:
    server = EmbeddedPostgres(tmp_path)
    yield server.start()
    server.stop()
    if server.is_elsewhere:
        shutil.rmtree(server.cluster)


def start_migrate(addresses: Addresses, data_dir: Path) -> subprocess.Popen[str]:
    settings = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": addresses.app,
        "OWNER_DATABASE_URL": addresses.owner,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "app", "migrate"],
        cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_two_releases_at_once_make_one_schema_that_the_application_may_fill_but_not_change(
    addresses: Addresses, tmp_path: Path
) -> None:
    releases = [start_migrate(addresses, tmp_path) for _ in range(2)]
    said = [release.communicate(timeout=60)[0] for release in releases]

    assert [release.returncode for release in releases] == [0, 0], said
    files = len(list((ROOT / "migrations").glob("m*.py")))
    assert query(addresses.app, "SELECT count(*) FROM migration") == files
    assert sorted("applied=0" in text for text in said) == [False, True]
    assert "Traceback" not in "".join(said)
    query(addresses.owner, "CREATE TABLE made_later (id bigint GENERATED ALWAYS AS IDENTITY, word text)")
    assert query(addresses.app, "INSERT INTO made_later (word) VALUES ('x') RETURNING id") == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        query(addresses.app, "DROP TABLE made_later")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        query(addresses.app, "TRUNCATE made_later")


def test_a_migration_that_fails_says_which_and_leaves_nothing_half(
    addresses: Addresses, tmp_path: Path
) -> None:
    query(addresses.owner, "CREATE TABLE event_private (in_the_way int)")

    release = start_migrate(addresses, tmp_path)
    said = release.communicate(timeout=60)[0]

    assert release.returncode == 1
    assert "Parchi does not start. The schema could not be brought up to date: " in said
    assert '"event_private" already exists' in said
    assert "Traceback" not in said
    assert query(addresses.owner, "SELECT to_regclass('events')") is None
    query(addresses.owner, "DROP TABLE event_private")
    again = start_migrate(addresses, tmp_path)
    assert again.wait(60) == 0
    again.communicate()
