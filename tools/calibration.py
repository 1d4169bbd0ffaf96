"""The agreement criterion: a target agrees when it takes a different meaning for a mere rewording.

A pair (a, b) is agreed on when b is at least as close to a as the median of a's own meaning-preserving rewordings. The
bar belongs to a alone: no constant, any encoder, any length of sentence. docs/agreement.md has what it separates.
"""

from collections.abc import Sequence
from random import Random

import numpy as np
import numpy.typing as npt

from faultfinder.memory.errors import CorpusError
from faultfinder.memory.records import ROUNDING, Calibration
from faultfinder.tools.ports import FloatArray, Rewriter, TextEncoder

SAMPLE = 300
"""Texts behind the corpus-wide threshold."""

BoolArray = npt.NDArray[np.bool_]


def agrees(similarities: npt.ArrayLike, bars: npt.ArrayLike) -> BoolArray:
    """Tell, per pair, whether its similarity reaches its bar, rounding aside; bool (n,)."""
    return np.asarray(np.asarray(similarities, np.float64) >= np.asarray(bars, np.float64) - ROUNDING, dtype=np.bool_)


class Agreement:
    """Measures how close an encoder puts a text to its own rewordings."""

    def __init__(self, encoder: TextEncoder, rewriter: Rewriter, fixed: float | None = None, seed: int = 0) -> None:
        """Set up the criterion.

        Args:
            encoder: the target (or the reference, which is held to its own bars).
            rewriter: rewords a text without changing what it means.
            fixed: a similarity to use for every text instead, as the published procedure does.
            seed: draws the sample behind the corpus-wide threshold.
        """
        self.encoder = encoder
        self.rewriter = rewriter
        self.fixed = fixed
        self._seed = seed

    def bars(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n,): per text the median similarity to its own rewordings, or the fixed similarity."""
        if self.fixed is not None:
            return np.full(len(texts), self.fixed, dtype=np.float32)
        return np.array([np.median(row) for row in self._similarities(texts)], dtype=np.float32)

    def calibrate(self, texts: Sequence[str]) -> Calibration:
        """Return the corpus-wide agreement threshold: the median over the bars of a seeded sample of texts.

        Raises:
            CorpusError: there are no texts.
        """
        if self.fixed is not None:
            return Calibration(agreement_threshold=self.fixed, method="fixed by the user", pairs=0)
        if not texts:
            raise CorpusError("the agreement threshold needs texts to reword, and there are none: name another corpus.")
        sample = Random(f"{self._seed}:calibration").sample(list(texts), min(SAMPLE, len(texts)))
        rows = self._similarities(sample)
        return Calibration(
            agreement_threshold=float(np.median([np.median(row) for row in rows])),
            method=f"median similarity of {len(sample)} texts to their own rewordings ({self.rewriter.name})",
            pairs=sum(map(len, rows)),
        )

    def _similarities(self, texts: Sequence[str]) -> list[FloatArray]:
        """Return, per text, the similarities to its rewordings, float32 (rewordings,)."""
        if not texts:
            return []
        reworded = [self.rewriter.rewordings(text) for text in texts]
        flat = [*texts, *(variant for variants in reworded for variant in variants)]
        vectors = self.encoder.embed_texts(flat)
        ends = np.cumsum([len(texts), *map(len, reworded)])
        own = zip(vectors[: len(texts)], ends, ends[1:], strict=False)
        return [vectors[start:end] @ vector for vector, start, end in own]
