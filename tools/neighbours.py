"""Exact nearest neighbours of a vector in a corpus."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from faultfinder.memory.records import Record
from faultfinder.tools.ports import FloatArray


class Neighbour(Record):
    """A text of the corpus and how near it is."""

    text: str = Field(description="the text")
    similarity: float = Field(description="cosine to what was asked about")


class Neighbours:
    """A corpus in the eyes of one encoder."""

    def __init__(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Take the texts and their vectors, float32 (n, d), rows of unit length.

        Raises:
            ValueError: there are not as many vectors as texts.
        """
        if len(texts) != len(vectors):
            raise ValueError(f"{len(texts)} texts, {len(vectors)} vectors")
        self._texts = texts
        self._vectors = vectors

    def of(self, vector: FloatArray, k: int) -> list[Neighbour]:
        """Return the k nearest texts to a unit vector (d,), nearest first; of equals the earlier first."""
        similarities = self._vectors @ vector  # (n,)
        nearest = np.argsort(-similarities, kind="stable")[:k]
        return [Neighbour(text=self._texts[i], similarity=float(similarities[i])) for i in nearest]
