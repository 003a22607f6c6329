"""The book on disk: one SQLite file that a kill at any moment leaves whole.

Everything runs on the event loop's one thread, so a transaction is never interleaved with another.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.payments.sandbox.shapes import Entity

SCHEMA = """
CREATE TABLE IF NOT EXISTS entities (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    created_at INTEGER NOT NULL, status TEXT NOT NULL, order_id TEXT, payment_id TEXT, receipt TEXT,
    body TEXT NOT NULL, private TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entities_of_order ON entities (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS entities_of_payment ON entities (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS entities_by_receipt ON entities (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX IF NOT EXISTS entities_by_status ON entities (kind, status);
CREATE TABLE IF NOT EXISTS answered (key TEXT PRIMARY KEY, request TEXT NOT NULL, entity_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, event TEXT NOT NULL,
    body TEXT NOT NULL, signature TEXT NOT NULL, state TEXT NOT NULL,
    created_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_ms) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS tries (
    event_id TEXT NOT NULL, at_ms INTEGER NOT NULL, status INTEGER, error TEXT);
CREATE INDEX IF NOT EXISTS tries_of_event ON tries (event_id);
"""
COLUMNS = ("status", "order_id", "payment_id", "receipt")


class BookInUse(RuntimeError):
    """Another sandbox process has this book open."""


@dataclass(slots=True)
class Record:
    """One order, payment or refund: what Razorpay shows of it and what only the sandbox knows."""

    body: Entity
    private: dict[str, Any] = field(default_factory=dict)


class Store:
    """Reads and writes of the book; statements outside ``transaction()`` commit one by one."""

    def __init__(self, folder: Path) -> None:
        """Open or make the book in ``folder``; raises BookInUse when another process holds it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "book.sqlite3", isolation_level=None, timeout=2)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(SCHEMA)
        except sqlite3.OperationalError as error:
            self._db.close()
            raise BookInUse(f"The sandbox's book in {folder} cannot be opened: {error}.") from error

    def close(self) -> None:
        """Put the write-ahead log away and release the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner transaction joins the outer one."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def put(self, record: Record) -> None:
        """Write a record, new or changed."""
        body = record.body
        self._db.execute(
            "INSERT INTO entities"
            " (id, kind, created_at, status, order_id, payment_id, receipt, body, private)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " status = excluded.status, body = excluded.body, private = excluded.private",
            (
                body["id"],
                body["entity"],
                body["created_at"],
                body["status"],
                body.get("order_id"),
                body.get("payment_id"),
                body.get("receipt"),
                json.dumps(body),
                json.dumps(record.private),
            ),
        )

    def find(self, entity_id: str) -> Record | None:
        """The record with this id, if there is one."""
        row = self._db.execute("SELECT body, private FROM entities WHERE id = ?", (entity_id,)).fetchone()
        return None if row is None else _record(row)

    def records(
        self,
        kind: str,
        *,
        since: int = 0,
        until: int = 2**53,
        limit: int = -1,
        skip: int = 0,
        newest_first: bool = False,
        **equal: str | None,
    ) -> list[Record]:
        """Records of a kind (order, payment, refund) made between two moments in seconds.

        ``equal`` filters by status, order_id, payment_id or receipt where the value is not None.
        """
        wanted = {name: value for name, value in equal.items() if value is not None}
        assert wanted.keys() <= set(COLUMNS), wanted
        where = "".join(f" AND {name} = ?" for name in wanted)
        order = "DESC" if newest_first else "ASC"
        rows = self._db.execute(
            "SELECT body, private FROM entities WHERE kind = ? AND created_at BETWEEN ? AND ?"
            f"{where} ORDER BY seq {order} LIMIT ? OFFSET ?",
            (kind, since, until, *wanted.values(), limit, skip),
        )
        return [_record(row) for row in rows]

    def answered(self, key: str) -> tuple[str, str] | None:
        """The request once sent under this key, and the id of what it made."""
        row = self._db.execute("SELECT request, entity_id FROM answered WHERE key = ?", (key,)).fetchone()
        return None if row is None else (row["request"], row["entity_id"])

    def remember(self, key: str, request: str, entity_id: str) -> None:
        """Keep what a request under this key has made, so that a repetition makes nothing more."""
        self._db.execute("INSERT INTO answered VALUES (?, ?, ?)", (key, request, entity_id))

    def add_delivery(
        self,
        *,
        event_id: str,
        event: str,
        body: str,
        signature: str,
        state: str,
        at: tuple[int, int],
        copies: int,
    ) -> None:
        """Queue a webhook; ``at`` is when it was made and when it is to be sent, in real milliseconds."""
        self._db.execute(
            "INSERT INTO deliveries (event_id, event, body, signature, state, created_ms, next_ms, copies)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (event_id, event, body, signature, state, *at, copies),
        )

    def due_deliveries(self, now_ms: int) -> list[sqlite3.Row]:
        """Pending webhooks whose time has come, earliest first."""
        return self._db.execute(
            "SELECT * FROM deliveries WHERE state = 'pending' AND next_ms <= ? ORDER BY next_ms, seq",
            (now_ms,),
        ).fetchall()

    def next_delivery_ms(self, *, after_ms: int) -> int | None:
        """When the next webhook that is not due yet is to be sent."""
        row = self._db.execute(
            "SELECT min(next_ms) AS at FROM deliveries WHERE state = 'pending' AND next_ms > ?", (after_ms,)
        ).fetchone()
        return None if row["at"] is None else int(row["at"])

    def move_delivery(self, event_id: str, *, state: str, next_ms: int, failures: int, copies: int) -> None:
        """Write down where a webhook stands after a try."""
        self._db.execute(
            "UPDATE deliveries SET state = ?, next_ms = ?, failures = ?, copies = ? WHERE event_id = ?",
            (state, next_ms, failures, copies, event_id),
        )

    def add_try(self, event_id: str, *, at_ms: int, status: int | None, error: str | None) -> None:
        """Write down one try of sending: the HTTP status, or why there was none."""
        self._db.execute("INSERT INTO tries VALUES (?, ?, ?, ?)", (event_id, at_ms, status, error))

    def deliveries(self) -> list[dict[str, Any]]:
        """Every webhook with its tries, oldest first."""
        tries: dict[str, list[dict[str, Any]]] = {}
        for row in self._db.execute("SELECT * FROM tries ORDER BY rowid"):
            tries.setdefault(row["event_id"], []).append(
                {"at_ms": row["at_ms"], "status": row["status"], "error": row["error"]}
            )
        return [
            {
                "event_id": row["event_id"],
                "event": row["event"],
                "state": row["state"],
                "created_ms": row["created_ms"],
                "next_ms": row["next_ms"] if row["state"] == "pending" else None,
                "body": json.loads(row["body"]),
                "tries": tries.get(row["event_id"], []),
            }
            for row in self._db.execute("SELECT * FROM deliveries ORDER BY seq")
        ]


def _record(row: sqlite3.Row) -> Record:
    return Record(json.loads(row["body"]), json.loads(row["private"]))
