"""How alike two texts are, in numbers from 0 to 1: kept metrics behind one port.

Each score is of one answer against one truth; 1 is reached by the truth itself. ROUGE-L is computed here over
rapidfuzz's longest common subsequence: the package of that name has had no release since 2022, brings four more for a
stemmer that this leaves out, and throws away all but a to z and digits, so that a text in another script has no words.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from faultfinder.memory.errors import OptionError
from faultfinder.tools.ports import TextEncoder

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

Floats = npt.NDArray[np.float64]

_WORD = re.compile(r"\w+")


class TextMetric(Protocol):
    """Scores answers against truths."""

    @property
    def name(self) -> str:
        """What it is called: 'ROUGE-L'."""
        ...

    @property
    def formula(self) -> str:
        """How a score is computed, in a sentence."""
        ...

    def scores(self, answers: Sequence[str], truths: Sequence[str]) -> Floats:
        """Return float64 (n,), from 0 to 1: how much of each truth its answer says."""
        ...


class Bleu:
    """Sentence BLEU (Papineni et al., 2002) as sacrebleu computes it."""

    name = "BLEU"
    formula = (
        "sacrebleu's sentence BLEU / 100: geometric mean of the precisions of word 1- to 4-grams, as far as the answer "
        "has them, smoothed exponentially, times the brevity penalty exp(1 - r/c)"
    )

    def scores(self, answers: Sequence[str], truths: Sequence[str]) -> Floats:
        """Return float64 (n,), from 0 to 1."""
        return _each(lambda answer, truth: _bleu().sentence_score(answer, [truth]).score / 100, answers, truths)


class ChrF:
    """The character F-score chrF2 (Popović, 2015) as sacrebleu computes it: any script, mild on inflection."""

    name = "chrF"
    formula = "sacrebleu's chrF2 / 100: F-score of character 1- to 6-grams without blanks, recall weighed twice"

    def scores(self, answers: Sequence[str], truths: Sequence[str]) -> Floats:
        """Return float64 (n,), from 0 to 1."""
        return _each(lambda answer, truth: _chrf().sentence_score(answer, [truth]).score / 100, answers, truths)


class RougeL:
    """ROUGE-L (Lin, 2004): the longest common subsequence of words."""

    name = "ROUGE-L"
    formula = (
        "2PR / (P + R), P and R the longest common subsequence of lower-case words by the answer's and truth's words"
    )

    def scores(self, answers: Sequence[str], truths: Sequence[str]) -> Floats:
        """Return float64 (n,), from 0 to 1."""
        return _each(_rouge_l, answers, truths)


class EmbeddingSimilarity:
    """How close an encoder puts two texts."""

    def __init__(self, encoder: TextEncoder) -> None:
        """Compare by this encoder."""
        self.name = f"similarity by {encoder.name}"
        self.formula = f"cosine of the two texts' vectors by {encoder.name}, nothing below 0"
        self._encoder = encoder

    def scores(self, answers: Sequence[str], truths: Sequence[str]) -> Floats:
        """Return float64 (n,), from 0 to 1."""
        unique = list(dict.fromkeys([*answers, *truths]))
        row = {text: number for number, text in enumerate(unique)}
        vectors = self._encoder.embed_texts(unique).astype(np.float64)
        ours, theirs = ([row[text] for text in texts] for texts in (answers, truths))
        cosines = (vectors[ours] * vectors[theirs]).sum(axis=1)
        return np.clip(np.asarray(cosines, dtype=np.float64), 0.0, 1.0)


METRICS: Mapping[str, type[Bleu] | type[ChrF] | type[RougeL]] = {"bleu": Bleu, "chrf": ChrF, "rouge-l": RougeL}
"""Those that need nothing else; `similarity` needs an encoder."""


def metric_named(name: str, encoder: TextEncoder | None = None) -> TextMetric:
    """Return a metric by the name that a command gives.

    Args:
        name: bleu, chrf, rouge-l or similarity.
        encoder: of the similarity.

    Raises:
        OptionError: there is no such metric, or no encoder to compare by.
    """
    if name == "similarity" and encoder is not None:
        return EmbeddingSimilarity(encoder)
    if name not in METRICS:
        lacks = "needs an encoder to compare by" if name == "similarity" else "is no metric"
        raise OptionError(f"{name!r} {lacks}; there are {', '.join(METRICS)}, and similarity with an encoder")
    return METRICS[name]()


def _each(score: Callable[[str, str], float], answers: Sequence[str], truths: Sequence[str]) -> Floats:
    """Score pair by pair; two texts without a word in them are alike only if they are one."""
    found = [score(a, t) if a.strip() and t.strip() else a == t for a, t in zip(answers, truths, strict=True)]
    return np.clip(np.array(found, dtype=np.float64), 0.0, 1.0)


def _rouge_l(answer: str, truth: str) -> float:
    from rapidfuzz.distance import LCSseq

    ours, theirs = (_WORD.findall(text.lower()) for text in (answer, truth))
    common = LCSseq.similarity(ours, theirs)
    return 2 * common / (len(ours) + len(theirs)) if ours or theirs else float(answer == truth)


@cache
def _bleu() -> "BLEU":
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(effective_order=True)


@cache
def _chrf() -> "CHRF":
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()
