"""The evidence ledger: everything an audit has seen and paid for, in its `audit.db`.

Append-only: a record is written once under its id, and writing it again changes nothing, so a step that was killed
half-way can simply be run again. Every write is its own committed transaction in WAL mode. A call to a paid model is
announced before it is made: one that a kill cut off has left its announcement, and is counted, for the server may have
charged for it. The ledger knows nothing of what the records mean, except how to add up what they cost.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from faultfinder.memory.closing import Closing
from faultfinder.memory.errors import AuditError
from faultfinder.memory.records import Record, Spend

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (kind, id));
CREATE TABLE IF NOT EXISTS calls (
    key TEXT PRIMARY KEY, purpose TEXT NOT NULL, reply TEXT NOT NULL, tokens INTEGER NOT NULL, usd REAL NOT NULL);
CREATE TABLE IF NOT EXISTS calls_under_way (
    key TEXT PRIMARY KEY, purpose TEXT NOT NULL, tokens INTEGER NOT NULL, usd REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sittings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS spent_texts (text TEXT PRIMARY KEY);
"""

PAINTED = "pictures"
"""Purpose of a call to a generator, one a picture: cut off, it counts as a picture and not as a chat model's call."""

_LOSE = """
INSERT INTO calls (key, purpose, reply, tokens, usd)
SELECT key || '-lost-' || (SELECT COUNT(*) + 1 FROM calls WHERE calls.key GLOB calls_under_way.key || '-lost-*'),
       purpose, '', tokens, usd FROM calls_under_way"""
"""Moves announcements to the calls paid for, each under a key of its own."""

R = TypeVar("R", bound=Record)


class CallRecord(Record):
    """A chat model's answer as it was paid for."""

    key: str = Field(description="hash of everything that determines the call")
    purpose: str = Field(description="what it was asked for: 'brief', 'hypothesize', ...")
    reply: str = Field(description="the message, as JSON")
    tokens: int = Field(description="tokens in and out")
    usd: float = Field(description="US dollars; 0 where the price is unknown")


class Ledger(Closing):
    """One audit's evidence. Safe to use from several threads of one process."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Take over an open connection; use `open` instead."""
        self._connection = connection
        self._path = path
        self._lock = threading.RLock()
        self._sitting: int | None = None
        self._parsed: dict[type[Record], tuple[int, list[Any]]] = {}

    @classmethod
    def open(cls, path: Path) -> "Ledger":
        """Open or create the ledger at `path`.

        Raises:
            AuditError: the file cannot be created, is not a database, or is locked by something else.
        """
        try:
            connection = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise unusable(path, error) from error
        return cls(connection, path)

    def save(self, records: Iterable[Record], spent: Iterable[str] = (), arrived: Iterable[str] = ()) -> None:
        """Append records under their `id` (or `case`, for observations), all or none; known ids are left as they are.

        Args:
            records: what to keep.
            spent: texts that no later experiment may use, marked in the same transaction.
            arrived: keys of announced calls whose answers the records are; their announcements end with them.
        """
        rows = [(type(r).__name__, record_id(r), r.model_dump_json(by_alias=True)) for r in records]
        with self._transaction() as cursor:
            cursor.executemany("INSERT OR IGNORE INTO records (kind, id, body) VALUES (?, ?, ?)", rows)
            cursor.executemany("INSERT OR IGNORE INTO spent_texts VALUES (?)", [(text,) for text in spent])
            cursor.executemany("DELETE FROM calls_under_way WHERE key = ?", [(key,) for key in arrived])

    def all(self, kind: type[R]) -> list[R]:
        """Return every record of a kind, in the order of writing.

        Records never change, so each is read and parsed once; what others have written since is read as well.
        """
        with self._lock:
            seen, known = self._parsed.get(kind, (0, []))
            query = "SELECT seq, body FROM records WHERE kind = ? AND seq > ? ORDER BY seq"
            rows = self._read(query, (kind.__name__, seen))
            known += [_parse(kind, body) for _, body in rows]
            self._parsed[kind] = (rows[-1][0] if rows else seen, known)
            return list(known)

    def get(self, kind: type[R], key: str) -> R | None:
        """Return one record by its id, or None."""
        rows = self._read("SELECT body FROM records WHERE kind = ? AND id = ?", (kind.__name__, key))
        return _parse(kind, rows[0][0]) if rows else None

    def spent_texts(self) -> frozenset[str]:
        """Return every text the scout or an experiment has used."""
        return frozenset(text for (text,) in self._read("SELECT text FROM spent_texts", ()))

    def reply(self, key: str) -> str | None:
        """Return the stored reply of a call already paid for, or None."""
        rows = self._read("SELECT reply FROM calls WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def announce_call(self, *calls: CallRecord) -> None:
        """Note that calls are about to be made, at the least they can cost. Each ends as saved, lost or withdrawn."""
        with self._transaction() as cursor:
            cursor.executemany(
                "INSERT OR REPLACE INTO calls_under_way VALUES (?, ?, ?, ?)",
                [(call.key, call.purpose, call.tokens, call.usd) for call in calls],
            )

    def save_call(self, call: CallRecord) -> None:
        """Append a paid call before its reply is used; on the disk itself when this returns, whatever happens next."""
        with self._transaction(outlasting=True) as cursor:
            cursor.execute("DELETE FROM calls_under_way WHERE key = ?", (call.key,))
            cursor.execute(
                "INSERT OR IGNORE INTO calls VALUES (?, ?, ?, ?, ?)",
                (call.key, call.purpose, call.reply, call.tokens, call.usd),
            )

    def lose_call(self, key: str) -> None:
        """Count an announced call whose answer did not arrive: the server may have charged for it."""
        with self._transaction(outlasting=True) as cursor:
            cursor.execute(f"{_LOSE} WHERE key = ?", (key,))
            cursor.execute("DELETE FROM calls_under_way WHERE key = ?", (key,))

    def withdraw_call(self, *keys: str) -> None:
        """Take back the announcement of calls that the server refused."""
        with self._transaction() as cursor:
            cursor.executemany("DELETE FROM calls_under_way WHERE key = ?", [(key,) for key in keys])

    def begin_sitting(self, started: str) -> None:
        """Start counting the time of this process; `started` is an ISO 8601 moment.

        Calls that an earlier process had under way when it was killed are counted as lost answers.
        """
        with self._transaction() as cursor:
            cursor.execute("INSERT INTO sittings (started, seconds) VALUES (?, 0)", (started,))
            self._sitting = cursor.lastrowid
            cursor.execute(_LOSE)
            cursor.execute("DELETE FROM calls_under_way")

    def tick(self, seconds: float) -> None:
        """Set how long this sitting has lasted."""
        with self._transaction() as cursor:
            cursor.execute("UPDATE sittings SET seconds = MAX(seconds, ?) WHERE id = ?", (seconds, self._sitting))

    def started(self) -> str | None:
        """Return when the first sitting began, or None."""
        rows = self._read("SELECT started FROM sittings ORDER BY id LIMIT 1", ())
        return rows[0][0] if rows else None

    def spend(self) -> Spend:
        """Add up what the audit has spent over all sittings."""
        ((seconds,),) = self._read("SELECT COALESCE(SUM(seconds), 0) FROM sittings", ())
        ((calls, lost, tokens, usd),) = self._read(
            "SELECT COUNT(*) FILTER (WHERE purpose <> ?1), COUNT(*) FILTER (WHERE purpose = ?1), "
            "COALESCE(SUM(tokens), 0), COALESCE(SUM(usd), 0) FROM calls",
            (PAINTED,),
        )
        ((tested,),) = self._read("SELECT COUNT(*) FROM records WHERE kind = 'Hypothesis'", ())
        ((images, paid),) = self._read(
            "SELECT COUNT(*), COALESCE(SUM(json_extract(body, '$.usd')), 0) FROM records WHERE kind = 'Picture'", ()
        )
        return Spend(
            minutes=seconds / 60,
            hypotheses=tested,
            llm_calls=calls,
            tokens=tokens,
            usd=usd + paid,
            images=images + lost,
        )

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self, *, outlasting: bool = False) -> Iterator[sqlite3.Cursor]:
        """Run statements all or none; `outlasting` waits until they are on the disk itself, not just handed to it."""
        with self._lock, self._told():
            cursor = self._connection.cursor()
            if outlasting:
                cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk rolls back by itself
                    cursor.execute("ROLLBACK")
                raise
            finally:
                cursor.execute("PRAGMA synchronous=NORMAL")

    def _read(self, query: str, values: tuple[object, ...]) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock, self._told():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell every fault of the database in words."""
        try:
            yield
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error


def unusable(path: Path, error: sqlite3.Error) -> AuditError:
    """Say that an audit's database cannot be used, why, and what to do."""
    return AuditError(
        f"cannot use {path} as an audit's database ({error}); is the disk full, the folder writable, the file whole? "
        "What was written before is safe: mend it, and `faultfinder resume` goes on"
    )


def record_id(record: Record) -> str:
    """Return the id a record is kept under."""
    key = getattr(record, "id", None) or getattr(record, "case", None) or type(record).__name__
    return str(key)


def _parse(kind: type[R], body: str) -> R:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise AuditError(f"the audit's database holds a {kind.__name__} this version cannot read: {error}") from error
