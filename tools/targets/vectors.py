"""Vectors somebody else computed: ``vectors:FILE.npz`` with ``names`` (n,) and ``vectors`` (n, d)."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from faultfinder.memory.errors import SpecError, TargetError
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.targets.foreign import ForeignCode


class KnownVectors:
    """Looks texts up; it cannot embed a text that is not in the file."""

    def __init__(self, name: str, names: Sequence[str], vectors: FloatArray) -> None:
        """Keep the names and their vectors, float32 (n, d), as rows of unit length."""
        self.name = name
        self.identity = hashlib.sha256("\0".join(names).encode() + vectors.tobytes()).hexdigest()
        self._rows = {text: row for row, text in enumerate(names)}
        self._vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per text, in order.

        Raises:
            TargetError: a text is not in the file.
        """
        unknown = [text for text in texts if text not in self._rows]
        if unknown:
            raise TargetError(
                f"{self.name} holds vectors of {len(self._rows)} known texts and cannot embed others: "
                f"{len(unknown)} of {len(texts)} are unknown, such as {unknown[0][:80]!r}; "
                "name a model instead, or add the texts to the file"
            )
        rows = np.array([self._rows[text] for text in texts], dtype=np.intp)
        return np.asarray(self._vectors[rows], dtype=np.float32)


def open_target(rest: str) -> KnownVectors:
    """Read the file.

    Raises:
        SpecError: the file is missing, is no such archive, or its arrays do not fit together.
    """
    spec, path = f"vectors:{rest}", Path(rest).expanduser()
    if not path.is_file():
        raise SpecError(f"{spec}: there is no file {path}; make it with numpy.savez(FILE, names=..., vectors=...)")
    advice = "It must be made with numpy.savez(FILE, names=..., vectors=...), names as strings, vectors as numbers"
    with (
        ForeignCode(SpecError, f"{spec} cannot be read", advice),
        path.open("rb") as file,
        np.load(file, allow_pickle=False) as archive,
    ):
        names, vectors = archive["names"], archive["vectors"]
    _check(spec, names, vectors)
    return KnownVectors(spec, names.tolist(), vectors.astype(np.float32))


def _check(spec: str, names: np.ndarray, vectors: np.ndarray) -> None:
    if names.ndim != 1 or names.dtype.kind != "U" or vectors.ndim != 2 or vectors.dtype.kind not in "fiu":
        raise SpecError(
            f"{spec} must hold names (n,) of strings and vectors (n, d) of numbers, not "
            f"{names.dtype} {names.shape} and {vectors.dtype} {vectors.shape}"
        )
    if len(names) != len(vectors) or not len(names):
        raise SpecError(f"{spec} holds {len(names)} names for {len(vectors)} vectors; there must be one each")
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    if len(broken := np.flatnonzero(~np.isfinite(lengths) | (lengths == 0))):
        raise SpecError(f"{spec}: the vector of {str(names[broken[0]])[:80]!r} is zero, NaN or infinite")
