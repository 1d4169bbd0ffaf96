"""Embeddings kept on disk by encoder and text, in SQLite: a kill at any instant and other processes do no harm."""

import hashlib
import sqlite3
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

import numpy as np

from faultfinder.memory.errors import AuditError
from faultfinder.tools.ports import FloatArray

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB NOT NULL PRIMARY KEY, vector BLOB NOT NULL)"
_READ = 500  # keys a query; SQLite's oldest limit on variables is 999
_PATIENCE_S = 60.0  # how long to wait for another process to finish writing


class VectorStore:
    """Vectors of one encoder. Safe to use from several threads and processes."""

    def __init__(self, identity: str, path: Path | None) -> None:
        """Open the store.

        Args:
            identity: names the encoder and its weights; other identities in the same file are not seen.
            path: the database file, made with its folder if need be; None keeps the vectors in this process only.

        Raises:
            AuditError: the file cannot be opened, written or is no such store.
        """
        self._identity = identity.encode(errors="surrogatepass")
        self._path = path
        self._lock = Lock()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path or ":memory:", timeout=_PATIENCE_S, check_same_thread=False)
            self._close = weakref.finalize(self, self._db.close)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            with self._db:
                self._db.execute(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error

    def get(self, texts: Iterable[str]) -> dict[str, FloatArray]:
        """Return the vectors, float32 (d,), of those of the texts that are known; read-only arrays."""
        by_key = {self._key(text): text for text in texts}
        keys = list(by_key)
        found: dict[str, FloatArray] = {}
        with self._lock:
            for start in range(0, len(keys), _READ):
                for key, vector in self._select(keys[start : start + _READ]):
                    found[by_key[key]] = np.frombuffer(vector, dtype="<f4")
        return found

    def put(self, vectors: Mapping[str, FloatArray]) -> None:
        """Keep vectors, all or none of them; a text already known keeps its first vector.

        Raises:
            AuditError: the file cannot be written.
        """
        rows = [(self._key(text), vector.astype("<f4").tobytes()) for text, vector in vectors.items()]
        try:
            with self._lock, self._db:
                self._db.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Close the database."""
        self._close()

    def _select(self, keys: list[bytes]) -> list[tuple[bytes, bytes]]:
        marks = ",".join("?" * len(keys))
        try:
            return self._db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", keys).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _key(self, text: str) -> bytes:
        digest = hashlib.blake2b(key=hashlib.sha256(self._identity).digest(), digest_size=16)
        digest.update(text.encode(errors="surrogatepass"))
        return digest.digest()

    def _unusable(self, error: Exception) -> AuditError:
        return AuditError(
            f"the embedding cache {self._path} cannot be used ({error}); is the disk full, the folder writable? "
            "Nothing in it is lost for good: it may be deleted"
        )
