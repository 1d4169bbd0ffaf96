"""Everything an audit has tried on its target, in one form: what was mined, surveyed and tested."""

from collections.abc import Sequence

from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Case, Meaning, MinedPair, Observation, Outcome, Source
from faultfinder.tools.edit_diff import describe_edit


def tries(ledger: Ledger) -> list[MinedPair]:
    """Return every pair of changed meaning with what the target made of it, in the order of writing."""
    mined = [pair for pair in ledger.all(MinedPair) if pair.judgement.meaning is Meaning.DIFFERENT]
    return mined + tested(ledger)


def tested(ledger: Ledger) -> list[MinedPair]:
    """Return the scored cases of all experiments as pairs."""
    cases = {case.id: case for case in ledger.all(Case)}
    return [
        _as_pair(cases[seen.case], seen)
        for seen in ledger.all(Observation)
        if seen.outcome in (Outcome.FAIL, Outcome.PASS) and seen.target_similarity is not None
    ]


def as_tries(pairs: Sequence[MinedPair]) -> list[MinedPair]:
    """Mark pairs as tries that fill the map: no examples to propose from one by one."""
    return [pair.model_copy(update={"source": Source.MAP}) for pair in pairs]


def _as_pair(case: Case, seen: Observation) -> MinedPair:
    return MinedPair(
        id=case.id,
        a=case.a,
        b=case.b,
        target_similarity=seen.target_similarity or 0.0,
        reference_similarity=seen.reference_similarity,
        bar=seen.bar or 0.0,
        source=Source.EDITS,
        edit=describe_edit(case.a, case.b),
        judgement=case.judgement,
    )
