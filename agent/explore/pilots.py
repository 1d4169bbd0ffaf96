"""Pilots: a few pairs, written as a test would write them, tried before a test is spent on a proposal.

What the scout mined is chosen for going unnoticed, so it says too much good of a proposal. A pilot's pairs are not
chosen: they say how a test would probably end, for a tenth of its cost and none of the error budget. They come from the
exploring half of the corpus; no test uses them.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property

from faultfinder.agent.context import AuditContext, Encoded
from faultfinder.agent.explore.prospects import PILOT_CONTROLS, PILOT_PROBES, Pilot, as_hypothesis
from faultfinder.agent.measuring import pair_similarities
from faultfinder.agent.strategist import DesignRequest, Proposal
from faultfinder.memory.map_records import Looked
from faultfinder.memory.records import Hypothesis, Meaning, MinedPair, Source, TextPair
from faultfinder.tools.edit_diff import describe_edit
from faultfinder.tools.edit_trials import pair_id
from faultfinder.tools.survey import is_for_exploring

AT_ONCE = 24
"""Pilots run in one round at most: the map is looked at further between them."""


class Pilots:
    """Runs pilots, each once."""

    def __init__(self, context: AuditContext, subject: Encoded) -> None:
        """Bind to an audit of an encoder."""
        self._context = context
        self._subject = subject

    def of(self, proposals: Sequence[Proposal]) -> list[tuple[Proposal, Pilot | None]]:
        """Return the proposals with what a pilot shows of each.

        One without a rule has none, for only a model writes its pairs. Of those without a pilot yet, at most `AT_ONCE`
        get one; the others are left out, to be proposed again.
        """
        piloted: list[tuple[Proposal, Pilot | None]] = []
        ledger, begun = self._context.ledger, self._round()
        room = AT_ONCE - sum(pilot.round == begun for pilot in ledger.all(Pilot))
        for proposal in proposals:
            known = ledger.get(Pilot, _key(proposal))
            if proposal.rule and known is None:
                if room <= 0:
                    continue
                known, room = self._run(proposal, begun), room - 1
            piloted.append((proposal, known))
        return piloted

    def _round(self) -> str:
        """Name the round: after a kill it is the same one, and the pilots it ran are known."""
        return f"{len(self._context.ledger.all(Looked))} {len(self._context.ledger.all(Hypothesis))}"

    def _run(self, proposal: Proposal, begun: str) -> Pilot:
        self._context.budget.check()
        key = _key(proposal)
        request = DesignRequest(
            hypothesis=as_hypothesis(proposal).model_copy(update={"id": f"pilot {key}"}),
            probes=PILOT_PROBES,
            controls=PILOT_CONTROLS,
            batch=0,
            spent=self._kept_for_tests,
        )
        design = self._context.strategist.design(request)
        probes, controls = (
            self._measured(design.probes)[:PILOT_PROBES],
            self._measured(design.controls)[:PILOT_CONTROLS],
        )
        pilot = Pilot(
            id=key,
            round=begun,
            probes=len(probes),
            failed=sum(pair.agreed for pair in probes),
            controls=len(controls),
            failed_controls=sum(pair.agreed for pair in controls),
        )
        pairs = [*probes, *controls]
        self._context.ledger.save([pilot, *pairs], spent={text for pair in pairs for text in (pair.a, pair.b)})
        return pilot

    def _measured(self, pairs: Sequence[TextPair]) -> list[MinedPair]:
        """Measure the pairs that mean different things."""
        judged = zip(pairs, self._context.mining_judge.judge(pairs), strict=True)
        different = [(pair, said) for pair, said in judged if said.meaning is Meaning.DIFFERENT]
        if not different:
            return []
        similar = pair_similarities(self._subject.encoder, [pair for pair, _ in different])
        bars = self._subject.agreement.bars([pair.a for pair, _ in different])
        return [
            MinedPair(
                id=pair_id(pair.a, pair.b),
                a=pair.a,
                b=pair.b,
                target_similarity=float(similarity),
                bar=float(bar),
                source=Source.MAP,
                edit=describe_edit(pair.a, pair.b),
                judgement=said,
            )
            for (pair, said), similarity, bar in zip(different, similar, bars, strict=True)
        ]

    @cached_property
    def _kept_for_tests(self) -> frozenset[str]:
        return frozenset(text for text in self._context.corpus.texts if not is_for_exploring(text))


def _key(proposal: Proposal) -> str:
    said = f"{proposal.rule}\n{proposal.within}"
    return hashlib.sha256(said.encode()).hexdigest()[:12]
