"""The subject areas of a corpus: which things are spoken of together, learnt from the corpus alone.

An area is a set of nouns that keep company; a text belongs to every area one of whose nouns it holds. So an area can be
said in words, and whether any text belongs to it can be told without the corpus.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log2

import numpy as np
import numpy.typing as npt

from faultfinder.tools.edits import Sentence
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.lexicon_words import WordList
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.slots import Slots

EVERYWHERE = "everywhere"
"""Name of the area that is no area: all texts."""

MOST_NOUNS = 500
_MOST_AREAS = 20
_NOUNS_EACH = 6
_DIMENSIONS = 30
_LEAST_SHARE = 0.0008
_LEAST_TEXTS = 5
_TOO_COMMON = 0.5
_IN_NAME = 3

_ATTRIBUTES = """left and right|places|directions|quantifiers|numbers|negation|ages|sizes|colours|brightness words|
    materials|time words|ordinal words|moods|states|actions"""
_NO_SUBJECTS = frozenset(" ".join(_ATTRIBUTES.split()).replace("| ", "|").split("|"))
"""Classes whose words say something of a thing and are none."""

_FRAMES = frozenset(
    [
        "picture",
        "pictures",
        "image",
        "images",
        "photo",
        "photos",
        "photograph",
        "view",
        "scene",
        "top",
        "front",
        "back",
        "side",
    ]
)
"""Words for the picture itself and for places in it: they say nothing of what it shows."""


@dataclass(frozen=True)
class Area:
    """A subject area: its name and its nouns, most frequent first."""

    name: str
    words: tuple[str, ...]

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.words)

    def holds(self, sentence: Sentence) -> bool:
        """Tell whether a sentence speaks of the area."""
        return not self._set.isdisjoint(sentence.words)


def find_areas(slots: Slots, lexicon: Lexicon) -> tuple[Area, ...]:
    """Return the subject areas of a corpus, the largest first; none where it has too few nouns to tell.

    Nouns are placed by the company they keep in one text (positive pointwise mutual information, its leading singular
    vectors: Levy & Goldberg, 2014) and joined by Ward's method. The number of areas follows the number of nouns.
    """
    nouns = _nouns(slots, lexicon)
    if len(nouns) < 2 * _NOUNS_EACH:
        return tuple(Area(forms[0], forms) for forms in _forms(nouns, lexicon))
    wanted = max(2, min(_MOST_AREAS, round(len(nouns) / _NOUNS_EACH), round(2 * log2(len(slots.sentences)))))
    labels = _joined(_placed(_company(slots, nouns)), wanted)
    groups = [tuple(noun for noun, label in zip(nouns, labels, strict=True) if label == k) for k in np.unique(labels)]
    areas = [Area(", ".join(group[:_IN_NAME]), group) for group in groups]
    return tuple(sorted(areas, key=lambda area: -sum(slots.counts[word] for word in area.words)))


def areas_of(areas: Sequence[Area], sentence: Sentence) -> tuple[str, ...]:
    """Return the names of the areas that a sentence speaks of; `EVERYWHERE` where it speaks of none."""
    return tuple(area.name for area in areas if area.holds(sentence)) or (EVERYWHERE,)


def _nouns(slots: Slots, lexicon: Lexicon) -> list[str]:
    """Return the nouns that name subjects, most frequent first."""
    size = len(slots.sentences)
    grammar = WordList.load().function
    least = max(_LEAST_TEXTS, _LEAST_SHARE * size)
    return [
        word
        for word in slots.vocabulary
        if least <= slots.counts[word] <= _TOO_COMMON * size
        and word not in _FRAMES | grammar
        and lexicon.part_of_speech(word) == "noun"
        and _NO_SUBJECTS.isdisjoint(lexicon.classes(word))
    ][:MOST_NOUNS]


def _forms(nouns: Sequence[str], lexicon: Lexicon) -> list[tuple[str, ...]]:
    """Put the singular and plural of a noun together."""
    groups: list[list[str]] = []
    for noun in nouns:
        own = next((group for group in groups if lexicon.differ_in_number(group[0], noun)), None)
        if own is None:
            groups.append([noun])
        else:
            own.append(noun)
    return [tuple(group) for group in groups]


def _company(slots: Slots, nouns: Sequence[str]) -> FloatArray:
    """Return float32 (nouns, nouns): positive pointwise mutual information of standing in one text."""
    index = {noun: number for number, noun in enumerate(nouns)}
    together = np.zeros((len(nouns), len(nouns)), dtype=np.float32)
    for sentence in slots.sentences:
        own = sorted({index[word] for word in sentence.words if word in index})
        together[np.ix_(own, own)] += 1
    alone = np.diag(together).copy()
    with np.errstate(divide="ignore"):
        information = np.log(together * len(slots.sentences) / np.outer(alone, alone))
    positive: FloatArray = np.maximum(information, 0, dtype=np.float32)
    np.fill_diagonal(positive, 0)
    return positive


def _placed(company: FloatArray) -> npt.NDArray[np.float64]:
    """Return float64 (nouns, k), unit rows."""
    vectors, values, _ = np.linalg.svd(company.astype(np.float64))
    k = min(_DIMENSIONS, len(values))
    rows = vectors[:, :k] * np.sqrt(values[:k])
    unit: npt.NDArray[np.float64] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit


def _joined(rows: npt.NDArray[np.float64], wanted: int) -> npt.NDArray[np.int32]:
    """Return int32 (nouns,): the number of each noun's area."""
    from scipy.cluster.hierarchy import fcluster, linkage

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        labels: npt.NDArray[np.int32] = fcluster(linkage(rows, method="ward"), wanted, criterion="maxclust")
    return labels
