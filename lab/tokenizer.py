"""A word-level tokenizer with open_clip's call interface."""

import re
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from faultfinder.lab.words import vocabulary

if TYPE_CHECKING:
    from torch import Tensor

CONTEXT_LENGTH = 22
_PAD = 0
_SPARE_IDS = 8


class WordTokenizer:
    """Maps texts to ids: 0 pads, words follow, then spare ids that unknown words hash into, then start and end.

    The end has the highest id, because open_clip reads the embedding off the position of the highest id.
    """

    def __init__(self) -> None:
        """Number the lab's vocabulary."""
        self.context_length = CONTEXT_LENGTH
        self.ids = {word: index for index, word in enumerate(vocabulary(), start=1)}
        self._first_spare = len(self.ids) + 1
        self.start_id = self._first_spare + _SPARE_IDS
        self.end_id = self.start_id + 1
        self.vocab_size = self.end_id + 1

    def __call__(self, texts: str | Sequence[str], context_length: int | None = None) -> "Tensor":
        """Encode texts as int64 (n, context_length); longer texts lose their tail, never the end id."""
        import torch

        length = context_length or self.context_length
        rows = np.full((1 if isinstance(texts, str) else len(texts), length), _PAD, dtype=np.int64)
        for row, text in zip(rows, [texts] if isinstance(texts, str) else texts, strict=True):
            inner = [self.word_id(word) for word in re.findall(r"\w+", text.lower())][: length - 2]
            row[: len(inner) + 2] = [self.start_id, *inner, self.end_id]
        return torch.from_numpy(rows)

    def word_id(self, word: str) -> int:
        """The id of a word; unknown words share a few spare ids."""
        return self.ids.get(word) or self._first_spare + zlib.crc32(word.encode()) % _SPARE_IDS
