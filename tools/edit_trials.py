"""Try edits on the target: judge first whether the meaning changed, then measure what is worth measuring."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from faultfinder.memory.records import Judgement, Meaning, MinedPair, Source
from faultfinder.tools.edits import EditedText
from faultfinder.tools.ports import Judge, TextEncoder
from faultfinder.tools.word_screen import Bars


@dataclass(frozen=True)
class JudgedEdit:
    """An edit that changes the meaning, with who says so."""

    edit: EditedText
    judgement: Judgement


class EditTrials:
    """Measures edited sentences and keeps account of what was read."""

    def __init__(self, encoder: TextEncoder, agreement: Bars, judge: Judge) -> None:
        """Keep the target, its agreement criterion and the judge of meaning."""
        self._encoder = encoder
        self._agreement = agreement
        self._judge = judge

    def judge(self, edits: Sequence[EditedText]) -> list["JudgedEdit"]:
        """Return the edits that change the meaning, in order; the others are left out."""
        judgements = self._judge.judge([edit.pair for edit in edits])
        judged = zip(edits, judgements, strict=True)
        return [JudgedEdit(edit, said) for edit, said in judged if said.meaning is Meaning.DIFFERENT]

    def measure(self, edits: Sequence["JudgedEdit"]) -> list[MinedPair]:
        """Ask the target for both sides of each edit and for the bar of its original."""
        if not edits:
            return []
        originals = list(dict.fromkeys(each.edit.a for each in edits))
        bars = dict(zip(originals, self._agreement.bars(originals), strict=True))
        before = self._encoder.embed_texts([each.edit.a for each in edits])
        after = self._encoder.embed_texts([each.edit.b for each in edits])
        similar = np.einsum("nd,nd->n", before, after)
        return [
            _mined(each.edit, each.judgement, float(similarity), float(bars[each.edit.a]))
            for each, similarity in zip(edits, similar, strict=True)
        ]


def pair_id(a: str, b: str) -> str:
    """Return the id of a mined pair: the same for the same texts, however they were found."""
    return "m" + hashlib.sha256(f"{a}\n{b}".encode()).hexdigest()[:10]


def _mined(edit: EditedText, judgement: Judgement, similarity: float, bar: float) -> MinedPair:
    return MinedPair(
        id=pair_id(edit.a, edit.b),
        a=edit.a,
        b=edit.b,
        target_similarity=similarity,
        bar=bar,
        source=Source.EDITS,
        edit=edit.edit,
        judgement=judgement,
    )
