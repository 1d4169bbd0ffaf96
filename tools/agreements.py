"""Agreements: corpus pairs that the target places together and the reference keeps apart.

The erroneous agreements of MultiMon (arXiv 2306.12105), over all pairs exactly. What cannot be news is left out while
searching, so that it crowds out nothing: pairs of one group (captions of one picture), texts that differ only in case,
punctuation or white space. Whether the two of a pair mean different things is for a judge to say.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
from pydantic import Field

from faultfinder.memory.records import Record
from faultfinder.tools.corpora import Corpus
from faultfinder.tools.join import IndexArray, join
from faultfinder.tools.ports import FloatArray

GAP = 0.2
"""How much less similar the reference finds a pair than the target does, as published."""

_CHUNK = 4096
_NO_WORD = re.compile(r"[\W_]+")
_ENDING = re.compile(r"(?<=...)(ing|ies|ed|es|s|e|y)$")

Mask = npt.NDArray[np.bool_]


class AgreedPair(Record):
    """Two corpus texts that the target places together."""

    a: str = Field(description="the text that comes first in the corpus")
    b: str = Field(description="the other text")
    target_similarity: float = Field(description="cosine between the target's embeddings")
    reference_similarity: float | None = Field(default=None, description="cosine of the reference, when there is one")


def find_agreements(
    corpus: Corpus,
    target: FloatArray,
    reference: FloatArray | None,
    threshold: float,
    *,
    gap: float = GAP,
    most: int = 1000,
    domain: Sequence[str] = (),
) -> list[AgreedPair]:
    """Return the pairs on which the target agrees and the reference does not, the most similar first.

    Args:
        corpus: The texts.
        target: float32 (n, d), the target's embeddings of the texts.
        reference: float32 (n, e), the reference's; without them no pair is kept apart.
        threshold: Lowest similarity to the target.
        gap: A pair is kept when `similarity_target - similarity_reference` exceeds it.
        most: Pairs returned.
        domain: Subject words. One of the two texts must have one of them, whatever its ending; all texts for none.
    """
    spelled = _numbered(map(_spelling, corpus.texts))
    groups = _numbered(place if group is None else group for place, group in enumerate(corpus.groups))
    wanted = _mentioning(corpus.texts, domain)

    def is_news(rows: IndexArray, columns: IndexArray, similarities: FloatArray) -> Mask:
        news = (
            (spelled[rows] != spelled[columns]) & (groups[rows] != groups[columns]) & (wanted[rows] | wanted[columns])
        )
        if reference is not None:
            news[news] = similarities[news] - _cosines(reference, rows[news], columns[news]) > gap
        return np.asarray(news, np.bool_)

    found = join(target, threshold, most, is_news)
    apart = _cosines(reference, found.rows, found.columns).tolist() if reference is not None else [None] * len(found)
    pairs = zip(found.rows.tolist(), found.columns.tolist(), found.similarities.tolist(), apart, strict=True)
    return [
        AgreedPair(a=corpus.texts[row], b=corpus.texts[column], target_similarity=near, reference_similarity=far)
        for row, column, near, far in pairs
    ]


def _cosines(vectors: FloatArray, rows: IndexArray, columns: IndexArray) -> FloatArray:
    """Return the products of pairs of unit rows, float32 (p,), some at a time: there may be very many."""
    cosines = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _CHUNK):
        part = slice(start, start + _CHUNK)
        np.einsum("nd,nd->n", vectors[rows[part]], vectors[columns[part]], out=cosines[part])
    return cosines


def _numbered(keys: Iterable[Hashable]) -> npt.NDArray[np.int64]:
    """Number equal keys alike."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _spelling(text: str) -> str:
    """Return what is left of a text without case, punctuation and white space; the text itself if that is nothing."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text).casefold()) or text


def _mentioning(texts: Sequence[str], domain: Sequence[str]) -> Mask:
    """Tell per text whether it has one of the words, in any inflection."""
    wanted = _stems(" ".join(domain))
    if not wanted:
        return np.ones(len(texts), np.bool_)
    return np.array([not wanted.isdisjoint(_stems(text)) for text in texts], np.bool_)


def _stems(text: str) -> set[str]:
    return {_ENDING.sub("", word) for word in _NO_WORD.split(text.casefold()) if word}
