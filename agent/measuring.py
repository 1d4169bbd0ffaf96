"""Asking the target: similarities and bars of an encoder, pictures of a generator. No strategist decides here."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from faultfinder.agent.context import Encoded
from faultfinder.agent.events import EventKind
from faultfinder.agent.pictures.showing import outcome_of
from faultfinder.agent.pictures.studio import Exhibit, Studio
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.errors import TargetError
from faultfinder.memory.records import Case, MinedPair, Observation, Outcome, TextPair
from faultfinder.tools.calibration import agrees
from faultfinder.tools.ports import FloatArray, TextEncoder


class Asker(Protocol):
    """What asking a target takes: the target itself, a reference where there is one, and somebody to tell."""

    @property
    def subject(self) -> Encoded | Studio | Terrain:
        """The model that is asked."""
        ...

    @property
    def terrain(self) -> Terrain | None:
        """The model at work on changed inputs, where cases change any."""
        ...

    @property
    def reference(self) -> TextEncoder | None:
        """An encoder whose similarities are noted beside the target's."""
        ...

    def tell(self, kind: EventKind, text: str, done: int | None = None, total: int | None = None) -> None:
        """Tell whoever listens what happened."""
        ...


def pair_similarities(encoder: TextEncoder, pairs: Sequence[TextPair | Case | MinedPair]) -> FloatArray:
    """Return float32 (n,), the cosine of each pair."""
    if not pairs:
        return np.zeros(0, dtype=np.float32)
    vectors = encoder.embed_texts([text for pair in pairs for text in (pair.a, pair.b)])
    return np.asarray(np.einsum("nd,nd->n", vectors[0::2], vectors[1::2]), dtype=np.float32)


_NO_PAIRS = "this audit asks its target about changed inputs, not about pairs of texts"


def measure_cases(context: Asker, cases: Sequence[Case]) -> list[Observation]:
    """Return one observation per case, all cases together in one batch.

    An encoder that fails on the batch is asked case by case, so that one poisonous input costs one ERROR, not the
    audit; a generator's studio does the same by itself.
    """
    changed = [case for case in cases if case.change is not None]
    if changed and context.terrain is not None:
        others = [case for case in cases if case.change is None]
        return [*context.terrain.observe(changed), *measure_cases(context, others)]
    subject = context.subject
    if isinstance(subject, Studio):
        return painted_outcomes(subject, cases)
    if not isinstance(subject, Encoded):
        return [
            _error(case, "this audit asks its target about changed inputs, not about pairs of texts") for case in cases
        ]
    try:
        return _measure(context, subject, cases)
    except TargetError as error:
        if len(cases) <= 1:
            return [_error(case, str(error)) for case in cases]
        context.tell(EventKind.WARNING, f"the target failed on a batch, asking case by case: {error}")
    return [observation for case in cases for observation in measure_cases(context, [case])]


def painted_outcomes(studio: Studio, cases: Sequence[Case]) -> list[Observation]:
    """Have every case painted and looked at; return one observation per case.

    Raises:
        BudgetSpent: a limit is reached; what was painted before stays.
        Waiting: the pictures must be made elsewhere first.
    """
    exhibits = studio.exhibit(cases)
    return [_painted(case, exhibits.get(case.id)) for case in cases]


def _painted(case: Case, exhibit: Exhibit | None) -> Observation:
    if exhibit is None:
        return _error(case, "the generator painted no picture of one of the prompts")
    verdict = outcome_of(exhibit.sights, exhibit.refusal)
    return Observation(case=case.id, outcome=verdict.outcome, detail=verdict.reason)


def _measure(context: Asker, subject: Encoded, cases: Sequence[Case]) -> list[Observation]:
    similarities = pair_similarities(subject.encoder, cases)
    bars = subject.agreement.bars([case.a for case in cases])
    failed = agrees(similarities, bars)
    references = pair_similarities(context.reference, cases) if context.reference else None
    return [
        Observation(
            case=case.id,
            outcome=Outcome.FAIL if failed[i] else Outcome.PASS,
            target_similarity=round(float(similarities[i]), 6),
            reference_similarity=None if references is None else round(float(references[i]), 6),
            bar=round(float(bars[i]), 6),
        )
        for i, case in enumerate(cases)
    ]


def _error(case: Case, why: str) -> Observation:
    return Observation(case=case.id, outcome=Outcome.ERROR, detail=why[:500])
