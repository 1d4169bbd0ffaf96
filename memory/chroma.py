"""The failure memory: what audits have confirmed, searched by meaning, in a Chroma store that outlives them.

One collection per encoder, because vectors of different encoders have nothing to say to each other. A folder is opened
anew for every operation, under a lock file: a local Chroma store is not safe among processes, and one that stays open
does not see what the others write. The memory knows nothing of how texts become vectors; it is given a function.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, cast
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import platformdirs
from filelock import FileLock, Timeout
from pydantic import Field, ValidationError

from faultfinder.memory.errors import MemoryStoreError
from faultfinder.memory.records import Failure, Record, TextPair

if TYPE_CHECKING:
    from chromadb import Collection
    from chromadb.api.client import Client
    from chromadb.config import Settings

Encoder = Callable[[Sequence[str]], npt.NDArray[np.float32]]
"""Turns texts into float32 (n, d), rows of unit length."""

PATIENCE_S = 30.0
"""How long to wait for another process that is using the same folder. An operation takes a fraction of a second."""

_EXAMPLES = 10
_PREFIX = "failures-"


class Known(Record):
    """A failure in the memory and how near it is to what was searched for."""

    failure: Failure = Field(description="as it is kept")
    similarity: float = Field(description="cosine of the question to the failure's title and description")


class FailureMemory:
    """The confirmed failures that one encoder makes searchable."""

    def __init__(self, store: "_Store", encoder: Encoder, encoder_identity: str) -> None:
        """Bind a store to an encoder; see `open`."""
        self._store = store
        self._encoder = encoder
        self._identity = encoder_identity

    @classmethod
    def open(
        cls,
        location: str | Path | None,
        encoder: Encoder,
        encoder_identity: str,
        patience: float = PATIENCE_S,
    ) -> Self:
        """Open the memory, making it if it is new.

        Args:
            location: A folder, the URL of a Chroma server, or None for the folder in the user's data.
            encoder: Gives the vectors of failures and questions; not called before they are needed.
            encoder_identity: Names the encoder and its weights. Another identity sees other failures.
            patience: Seconds to wait for other processes.

        Raises:
            MemoryStoreError: The store cannot be opened, read or written.
        """
        memory = cls(_store(location, patience), encoder, encoder_identity)
        with memory._collection() as collection:
            collection.count()
        return memory

    def search(self, text: str, k: int) -> list[Known]:
        """Return the k failures nearest in meaning to a text, nearest first.

        Raises:
            MemoryStoreError: The store cannot be read.
        """
        vectors = self._encoder([text])
        with self._collection() as collection:
            found = collection.query(query_embeddings=vectors, n_results=k, include=["metadatas", "distances"])
        entries, distances = (found["metadatas"] or [[]])[0], (found["distances"] or [[]])[0]
        known = [
            Known(failure=self._read(entry), similarity=1 - distance)
            for entry, distance in zip(entries, distances, strict=True)
        ]
        return sorted(known, key=lambda one: (-one.similarity, one.failure.id))

    def add(self, failure: Failure) -> None:
        """Keep a failure under its id. Adding it again changes nothing.

        Raises:
            MemoryStoreError: The store cannot be written.
        """
        text = f"{failure.title}: {failure.description}"
        vectors = self._encoder([text])
        with self._collection() as collection:
            collection.upsert(failure.id, embeddings=vectors, documents=text, metadatas=_entry(failure))

    def merge(self, failure_id: str, other: Failure) -> Failure:
        """Add what another audit found to a known failure and return what is kept now. Merging again changes nothing.

        The failure keeps its name and gains the audits and examples. Rate, interval, control and p-value stay together:
        they are taken from whichever proves the higher failure rate, that is, has the higher lower end.

        Raises:
            MemoryStoreError: There is no such failure of this target, or the store cannot be written.
        """
        with self._collection() as collection:
            known = self._find(collection, failure_id)
            if known is None or known.target != other.target:
                raise MemoryStoreError(
                    f"{self._store.name}: no failure {failure_id!r} of {other.target} to merge with. Add it instead."
                )
            merged = _merged(known, other)
            collection.update(failure_id, metadatas=_entry(merged))
        return merged

    def heed(self, failure_id: str, audit: str, *, overturned: bool) -> Failure | None:
        """Note whether people have overturned an audit's verdict on a failure, or no longer do. Nothing is deleted.

        Returns:
            What is kept now, or None where there is no such failure of that audit.

        Raises:
            MemoryStoreError: The store cannot be read or written.
        """
        with self._collection() as collection:
            known = self._find(collection, failure_id)
            if known is None or audit not in known.audits:
                return None
            others = [each for each in known.overturned if each != audit]
            heeded = known.model_copy(update={"overturned": (*others, audit) if overturned else tuple(others)})
            if heeded != known:
                collection.update(failure_id, metadatas=_entry(heeded))
        return heeded

    def get(self, failure_id: str) -> Failure | None:
        """Return a failure by id, or None.

        Raises:
            MemoryStoreError: The store cannot be read.
        """
        with self._collection() as collection:
            return self._find(collection, failure_id)

    def all(self, target: str | None = None) -> list[Failure]:
        """Return every failure, or those of one target, by target, title and id.

        Raises:
            MemoryStoreError: The store cannot be read.
        """
        with self._collection() as collection:
            entries = collection.get(where=None if target is None else {"target": target}, include=["metadatas"])
        failures = [self._read(entry) for entry in entries["metadatas"] or []]
        return sorted(failures, key=lambda failure: (failure.target, failure.title, failure.id))

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def _find(self, collection: "Collection", failure_id: str) -> Failure | None:
        entries = collection.get(ids=failure_id, include=["metadatas"])["metadatas"]
        return self._read(entries[0]) if entries else None

    def _read(self, entry: Mapping[str, object]) -> Failure:
        try:
            return Failure.model_validate_json(str(entry.get("failure")))
        except ValidationError as error:
            fault = error.errors()[0]["msg"]
            raise MemoryStoreError(
                f"{self._store.name}: holds a failure that this version cannot read ({fault}). Update Faultfinder, or "
                "name another memory with --memory."
            ) from error

    @contextmanager
    def _collection(self) -> Iterator["Collection"]:
        """Give the encoder's collection, every fault of the store told as `MemoryStoreError`."""
        with _told(self._store.name), self._store.client() as client:
            yield client.get_or_create_collection(
                _PREFIX + hashlib.sha256(self._identity.encode()).hexdigest()[:24],
                metadata={"encoder": self._identity},
                configuration={"hnsw": {"space": "cosine"}},
                embedding_function=None,
            )


class _Store(Protocol):
    name: str

    def client(self) -> AbstractContextManager["Client"]:
        """Give a client that may be used within the block."""
        ...

    def close(self) -> None:
        """Let go of what is held between operations."""
        ...


class _Folder:
    """A store on disk, used by one process at a time."""

    def __init__(self, folder: Path, patience: float) -> None:
        self.name = f"failure memory {folder}"
        self._folder = folder
        self._patience = patience

    @contextmanager
    def client(self) -> Iterator["Client"]:
        import chromadb

        self._folder.mkdir(parents=True, exist_ok=True)
        with (
            FileLock(self._folder / "lock", timeout=self._patience),
            cast("Client", chromadb.PersistentClient(self._folder, _settings())) as client,
        ):
            yield client

    def close(self) -> None:
        """Do nothing: a folder is only held during an operation."""


class _Server:
    """A Chroma server, which sees to concurrency itself."""

    def __init__(self, url: str) -> None:
        import chromadb

        self.name = f"failure memory {url}"
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        with _told(self.name):
            port = parts.port or (443 if secure else 8000)
            client = chromadb.HttpClient(parts.hostname or "", port, ssl=secure, settings=_settings())
        self._client = cast("Client", client)

    @contextmanager
    def client(self) -> Iterator["Client"]:
        yield self._client

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _store(location: str | Path | None, patience: float) -> _Store:
    if isinstance(location, str) and location.startswith(("http://", "https://")):
        return _Server(location)
    folder = Path(location) if location else Path(platformdirs.user_data_dir("faultfinder")) / "memory"
    return _Folder(folder.expanduser(), patience)


def _settings() -> "Settings":
    """Return settings that report to nobody and heed no ``.env`` of the folder they are made in."""
    from chromadb.config import Settings

    return Settings(_env_file=None, anonymized_telemetry=False)


def _entry(failure: Failure) -> dict[str, str]:
    return {"target": failure.target, "failure": failure.model_dump_json()}


def _merged(known: Failure, other: Failure) -> Failure:
    better, lesser = (other, known) if other.interval[0] > known.interval[0] else (known, other)
    examples: dict[TextPair, None] = dict.fromkeys([*better.examples, *lesser.examples])
    return known.model_copy(
        update={
            "rate": better.rate,
            "interval": better.interval,
            "control_rate": better.control_rate,
            "p_value": better.p_value,
            "rule": known.rule or other.rule,
            "audits": tuple(dict.fromkeys([*known.audits, *other.audits])),
            "examples": tuple(examples)[:_EXAMPLES],
        }
    )


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Tell every fault of a store with its name and what to do."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except Timeout as error:
        raise MemoryStoreError(f"{name}: in use by another process. Wait for it to end, and run this again.") from error
    except OSError as error:
        reason = error.strerror or error
        raise MemoryStoreError(
            f"{name}: cannot be used ({reason}). Name a folder you may write with --memory."
        ) from error
    except httpx.HTTPError as error:
        raise MemoryStoreError(f"{name}: no answer ({error}). Check that the server runs, and its URL.") from error
    except (
        ChromaError,
        ValueError,
        AttributeError,
    ) as error:  # the last: chromadb keeps what failed to open, half-made
        raise MemoryStoreError(
            f"{name}: cannot be used ({error}). If it is damaged, move it away or name another with --memory."
        ) from error
