"""Every text goes to a model at most once, and no answer of a model gets in unchecked."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from faultfinder.memory.errors import TargetError
from faultfinder.tools.ports import FloatArray, TextEncoder
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.vector_store import VectorStore

Progress = Callable[[int, int], None]

_BATCH = 512  # texts a request: what a kill costs at most, and how often progress is told
_UNIT = 1e-4  # a row this close to length one is left as it is
_SHOWN = 60  # characters of an example text in a message


class CachedEncoder:
    """A text encoder behind a cache: checks each answer, asks for each text once, remembers across processes."""

    def __init__(self, encoder: TextEncoder, identity: str, cache: Path | None = None, *, batch: int = _BATCH) -> None:
        """Wrap an encoder.

        Args:
            encoder: the model, ours or foreign.
            identity: changes when the model's answers may change; see `identity_of`.
            cache: the database file; None remembers for this process only.
            batch: texts a request at most.

        Raises:
            AuditError: the cache cannot be opened.
        """
        self.name = encoder.name
        self.identity = identity
        self.texts_asked = 0  # texts that the model itself was asked for
        self._encoder = encoder
        self._batch = batch
        self._store = VectorStore(identity, cache)
        self._dim: int | None = None

    def embed_texts(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per text, in order.

        Unknown texts are asked for in alphabetical order: texts that begin alike then come together, which the causal
        towers profit from, and a call that was killed asks for the same batches again when it is repeated.

        Args:
            texts: any texts; each different one is asked for at most once.
            progress: told after each batch how many of how many distinct texts are there.

        Raises:
            TargetError: the model raised, or answered with the wrong shape, NaN or a zero vector.
            AuditError: the cache cannot be written.
        """
        distinct = sorted(set(texts))
        vectors = self._store.get(distinct)
        missing = [text for text in distinct if text not in vectors]
        for start in range(0, len(missing), self._batch):
            part = missing[start : start + self._batch]
            fresh = dict(zip(part, self._ask(part), strict=True))
            self._store.put(fresh)
            vectors |= fresh
            if progress is not None:
                progress(len(vectors), len(distinct))
        return np.stack([vectors[text] for text in texts]) if texts else np.zeros((0, self._dim or 0), np.float32)

    def close(self) -> None:
        """Close the cache."""
        self._store.close()

    def _ask(self, texts: list[str]) -> FloatArray:
        """Ask for a batch; where the model fails on it, for its halves, so that the message names the text at fault."""
        try:
            with ForeignCode(TargetError, f"{self.name} failed on {_shown(texts[0])}"):
                answer = np.asarray(self._encoder.embed_texts(texts))
        except TargetError:
            if len(texts) == 1:
                raise
            middle = len(texts) // 2
            return np.concatenate([self._ask(texts[:middle]), self._ask(texts[middle:])])
        self.texts_asked += len(texts)
        return self._checked(texts, answer)

    def _checked(self, texts: list[str], answer: np.ndarray) -> FloatArray:
        self._check_form(texts, answer)
        rows = answer.astype(np.float32)
        lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
        if len(broken := np.flatnonzero(~np.isfinite(lengths))):
            raise TargetError(f"{self.name} answered with NaN or infinity for {_shown(texts[broken[0]])}")
        if len(broken := np.flatnonzero(lengths == 0)):
            raise TargetError(f"{self.name} answered with a vector of zeros for {_shown(texts[broken[0]])}")
        if np.abs(lengths - 1).max() > _UNIT:
            rows = (rows / lengths[:, None]).astype(np.float32)
        return rows

    def _check_form(self, texts: list[str], answer: np.ndarray) -> None:
        asked = f"for {len(texts)} texts such as {_shown(texts[0])}"
        if answer.dtype.kind not in "fiu":
            raise TargetError(f"{self.name} answered with {answer.dtype} instead of numbers {asked}")
        if answer.ndim != 2 or len(answer) != len(texts) or answer.shape[1] == 0:
            raise TargetError(
                f"{self.name} answered with shape {answer.shape} instead of ({len(texts)}, dimensions) {asked}"
            )
        if self._dim not in (None, answer.shape[1]):
            raise TargetError(f"{self.name} answered with {answer.shape[1]} dimensions after {self._dim} {asked}")
        self._dim = answer.shape[1]


def identity_of(encoder: object, spec: str) -> str | None:
    """Return what to key the cache of an encoder by, or None if its answers must not outlive the audit.

    Adapters that know their weights have an ``identity``, a digest of them; so may an object behind ``python:``.
    """
    identity = getattr(encoder, "identity", None)
    return f"{spec} {identity}" if isinstance(identity, str) and identity else None


def cached(encoder: TextEncoder, spec: str, *, shared: Path, audit: Path) -> CachedEncoder:
    """Wrap an encoder with the cache that fits it.

    Args:
        encoder: as opened from the spec.
        spec: what the user called it.
        shared: database file used by all audits, for encoders whose weights identify them.
        audit: database file in the audit's own folder, for the others: within one audit a model does not change.

    Raises:
        AuditError: the cache cannot be opened.
    """
    identity = identity_of(encoder, spec)
    return CachedEncoder(encoder, identity or spec, shared if identity else audit)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
