"""Mining the corpus for the scout: agreements, minimal edits, neighbours. Each pair comes back judged, with its bar."""

from functools import cached_property

from faultfinder.agent.context import AuditContext, Encoded
from faultfinder.agent.events import EventKind
from faultfinder.agent.explore.tries import as_tries
from faultfinder.agent.measuring import pair_similarities
from faultfinder.memory.records import Meaning, MinedPair, Source, TextPair
from faultfinder.tools.agreements import find_agreements
from faultfinder.tools.edit_diff import describe_edit
from faultfinder.tools.edit_scan import EditScan
from faultfinder.tools.edit_trials import pair_id
from faultfinder.tools.embedding import Progress
from faultfinder.tools.neighbours import Neighbours
from faultfinder.tools.ports import FloatArray

CANDIDATES = 20
"""Candidate pairs looked at for each one to be kept: most agreements of real corpora are paraphrases."""


class Mining:
    """What the scout's tools do to the corpus of one audit."""

    def __init__(self, context: AuditContext, subject: Encoded) -> None:
        """Bind to an audit of an encoder; nothing is embedded before it is asked for."""
        self._context = context
        self._subject = subject

    def edits(self, focus: tuple[str, ...], number: int) -> list[MinedPair]:
        """Scan the corpus' minimal edits, one round."""
        result = self._scan.run(number, focus, self._watch)
        self._context.ledger.save([], spent=result.spent)
        return [*result.agreed, *result.noticed, *(as_tries(result.measured) if self._context.explores else ())]

    def agreements(self, domain: tuple[str, ...], most: int) -> list[MinedPair]:
        """Join the corpus with itself and judge the pairs that the target places together."""
        context = self._context
        candidates = find_agreements(
            context.corpus,
            self._vectors,
            self._reference_vectors,
            context.calibration().agreement_threshold,
            domain=domain,
            most=most * CANDIDATES,
        )
        texts = [TextPair(a=found.a, b=found.b) for found in candidates]
        judged = zip(candidates, context.mining_judge.judge(texts), strict=True)
        kept = [(found, j) for found, j in judged if j.meaning is Meaning.DIFFERENT][:most]
        bars = self._subject.agreement.bars([found.a for found, _ in kept])
        return [
            MinedPair(
                id=pair_id(found.a, found.b),
                a=found.a,
                b=found.b,
                target_similarity=found.target_similarity,
                reference_similarity=found.reference_similarity,
                bar=float(bar),
                source=Source.AGREEMENTS,
                edit=describe_edit(found.a, found.b),
                judgement=judgement,
            )
            for (found, judgement), bar in zip(kept, bars, strict=True)
        ]

    def compare(self, a: str, b: str) -> MinedPair:
        """Measure and judge one pair."""
        pair = TextPair(a=a, b=b)
        return MinedPair(
            id=pair_id(a, b),
            a=a,
            b=b,
            target_similarity=float(pair_similarities(self._subject.encoder, [pair])[0]),
            bar=float(self._subject.agreement.bars([a])[0]),
            source=Source.EDITS,
            edit=describe_edit(a, b),
            judgement=self._context.mining_judge.judge([pair])[0],
        )

    @cached_property
    def neighbours(self) -> Neighbours:
        """The corpus in the target's eyes."""
        return Neighbours(self._context.corpus.texts, self._vectors)

    @cached_property
    def _scan(self) -> EditScan:
        context = self._context
        return EditScan(
            context.corpus.texts,
            self._subject.encoder,
            self._subject.agreement,
            context.mining_judge,
            context.settings.seed,
        )

    @cached_property
    def _vectors(self) -> FloatArray:
        return self._subject.encoder.embed_texts(self._context.corpus.texts, self._embedding("the target's vectors"))

    @cached_property
    def _reference_vectors(self) -> FloatArray | None:
        reference = self._context.reference
        return (
            reference.embed_texts(self._context.corpus.texts, self._embedding("the reference's vectors"))
            if reference
            else None
        )

    def _embedding(self, what: str) -> Progress:
        return lambda done, total: self._watch(what, done, total)

    def _watch(self, what: str, done: int, total: int) -> None:
        """Tell progress, and stop where the budget says so."""
        self._context.budget.check()
        self._context.tell(EventKind.PROGRESS, what, done, total)
