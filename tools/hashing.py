"""An encoder without weights: feature hashing. It embeds the failure memory where there is no reference, and tests."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from faultfinder.tools.ports import FloatArray

_WORD = re.compile(r"\w+")


def _unchanged(text: str) -> str:
    return text


class HashEncoder:
    """Embeds a text as the sum of random directions, one for each of its word n-grams (feature hashing).

    Texts that share words are close, texts that share none are nearly orthogonal, and a change of word order changes
    only the longer n-grams. A blindness is planted by rewriting the text before it is hashed: what the rewriting
    removes, the encoder cannot see.
    """

    def __init__(
        self, blind: Callable[[str], str] = _unchanged, *, name: str = "hash", dim: int = 256, longest: int = 2
    ) -> None:
        """Set up the encoder.

        Args:
            blind: rewrites a text before it is hashed; ``str.lower`` makes the encoder blind to case.
            name: the encoder's name.
            dim: length of a vector.
            longest: longest n-gram in words; 1 makes a bag of words, blind to word order.
        """
        self.name = name
        self._blind = blind
        self._dim = dim
        self._longest = longest
        self._directions: dict[str, FloatArray] = {}

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, dim), rows of unit length, one per text, in order."""
        rows = np.zeros((len(texts), self._dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for gram in self._grams(self._blind(text)):
                row += self._direction(gram)
            row /= np.linalg.norm(row)
        return rows

    def _grams(self, text: str) -> Iterator[str]:
        words = ["<s>", *_WORD.findall(text)]
        for length in range(1, self._longest + 1):
            for start in range(len(words) - length + 1):
                yield " ".join(words[start : start + length])

    def _direction(self, gram: str) -> FloatArray:
        """Return the gram's own direction, float32 (dim,), the same in every process."""
        if gram not in self._directions:
            seed = int.from_bytes(hashlib.sha256(gram.encode()).digest()[:8], "big")
            self._directions[gram] = np.random.default_rng(seed).standard_normal(self._dim, dtype=np.float32)
        return self._directions[gram]
