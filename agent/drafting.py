"""Writing experiments down: fresh probes and controls, judged valid before the target sees any of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from langchain_core.runnables.config import ContextThreadPoolExecutor

from faultfinder.agent.context import AuditContext
from faultfinder.agent.events import EventKind
from faultfinder.agent.inquiries import lineage
from faultfinder.agent.landscape.changed_cases import Order, inputs_of, write_changed_cases
from faultfinder.agent.offline.painted import words_painted_wrong
from faultfinder.agent.restricting import is_within_bounds
from faultfinder.agent.settling import settled_pairs
from faultfinder.agent.strategist import Design, DesignRequest
from faultfinder.memory.records import (
    Case,
    Hypothesis,
    Judgement,
    MinedPair,
    Observation,
    Outcome,
    Record,
    Role,
    TextPair,
)

MAX_REQUESTS = 6
"""How often a strategist is asked for cases of one experiment before it goes ahead with what there is."""

_AT_ONCE = 4
"""Strategist calls under way at the same time."""


@dataclass
class Draft:
    """One hypothesis' experiment while it is being written."""

    hypothesis: Hypothesis
    look: int
    wanted: Mapping[Role, int]
    written: Mapping[Role, int]
    cases: list[Case] = field(default_factory=list)
    dry: bool = False

    def missing(self, role: Role) -> int:
        """Return how many valid cases of a role are still wanted."""
        return self.wanted[role] - sum(c.role is role and c.valid for c in self.cases)

    @property
    def complete(self) -> bool:
        """Tell whether nothing more is wanted or to be had."""
        return self.dry or all(self.missing(role) <= 0 for role in Role)

    def add(self, role: Role, pair: TextPair, judgement: Judgement) -> None:
        """Write a case down under the next number of its role."""
        number = self.written[role] + sum(c.role is role for c in self.cases) + 1
        self.cases.append(
            Case(
                id=f"{self.hypothesis.id}-{role[0]}{number:02d}",
                hypothesis=self.hypothesis.id,
                role=role,
                a=pair.a,
                b=pair.b,
                judgement=judgement,
                look=self.look,
            )
        )


def draft_cases(context: AuditContext, hypotheses: Sequence[Hypothesis], looks: Mapping[str, int]) -> None:
    """Write the experiments of several hypotheses, all or none, into the ledger.

    Invalid cases (the two texts do not clearly mean different things) are kept, counted and replaced. No text is used
    twice within an audit.
    """
    past = context.ledger.all(Case)
    spent = set(context.ledger.spent_texts())
    changed = [h for h in hypotheses if h.region is not None]
    drafts = [_draft(context, h, looks[h.id], past) for h in hypotheses if h.region is None]
    for request in range(MAX_REQUESTS):
        open_drafts = [draft for draft in drafts if not draft.complete]
        if not open_drafts:
            break
        context.budget.check()
        batch = request + MAX_REQUESTS * (min(draft.look for draft in open_drafts) - 1)
        for draft, design in zip(open_drafts, _designs(context, open_drafts, batch, frozenset(spent)), strict=True):
            draft.dry = not _take(context, draft, design, spent)
        context.tell(EventKind.PROGRESS, "experiments written", sum(d.complete for d in drafts), len(drafts))
    texts = [case for draft in drafts for case in draft.cases]
    cases = [*texts, *_changed_inputs(context, changed, looks, past)]
    records: list[Record] = [*cases, *(_invalid(case) for case in cases if not case.valid)]
    context.ledger.save(records, spent={text for case in texts for text in (case.a, case.b)})


def _changed_inputs(
    context: AuditContext, hypotheses: Sequence[Hypothesis], looks: Mapping[str, int], past: Sequence[Case]
) -> list[Case]:
    """Write the experiments about changed inputs, one after the other."""
    written: list[Case] = []
    for hypothesis in hypotheses:
        context.budget.check()
        draft = _draft(context, hypothesis, looks[hypothesis.id], past)
        order = Order(hypothesis, draft.look, dict(draft.wanted), dict(draft.written), context.settings.seed)
        ancestors = {each.id for each in lineage(context.ledger, hypothesis)}
        own = inputs_of([case for case in past if case.hypothesis in ancestors])
        used = inputs_of([*past, *written])
        written += write_changed_cases(context.the_terrain, order, used, frozenset(own))
    return written


def _draft(context: AuditContext, hypothesis: Hypothesis, look: int, past: Iterable[Case]) -> Draft:
    own = [case for case in past if case.hypothesis == hypothesis.id]
    return Draft(
        hypothesis,
        look,
        wanted={Role.PROBE: context.settings.probes, Role.CONTROL: context.settings.controls},
        written={role: sum(case.role is role for case in own) for role in Role},
    )


def _designs(context: AuditContext, drafts: Sequence[Draft], batch: int, spent: frozenset[str]) -> list[Design]:
    confused = _confused_words(context)
    requests = [
        DesignRequest(
            hypothesis=draft.hypothesis,
            probes=max(0, draft.missing(Role.PROBE)),
            controls=max(0, draft.missing(Role.CONTROL)),
            batch=batch,
            confused=confused,
            spent=spent,
        )
        for draft in drafts
    ]
    with ContextThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(context.strategist.design, requests))


def _confused_words(context: AuditContext) -> frozenset[str]:
    pairs = (pair.exchanged for pair in context.ledger.all(MinedPair) if pair.agreed and pair.exchanged)
    painted = words_painted_wrong(settled_pairs(context.ledger))
    return painted.union(word for words in pairs for word in words)


def _take(context: AuditContext, draft: Draft, design: Design, spent: set[str]) -> int:
    """Judge and write down what a design brings, as far as it is fresh and wanted; return how many cases that was."""
    before = len(draft.cases)
    for role, pairs in ((Role.PROBE, design.probes), (Role.CONTROL, design.controls)):
        fresh = [pair for pair in _fresh(pairs, spent) if is_within_bounds(draft.hypothesis, pair.a, pair.b)]
        for pair, judgement in zip(fresh, context.judge.judge(fresh), strict=True):
            if draft.missing(role) > 0:
                draft.add(role, pair, judgement)
                spent.update((pair.a, pair.b))
    return len(draft.cases) - before


def _fresh(pairs: Iterable[TextPair], spent: set[str]) -> list[TextPair]:
    taken = set(spent)
    fresh: list[TextPair] = []
    for pair in pairs:
        if pair.a.strip() and pair.b.strip() and pair.a != pair.b and not taken & {pair.a, pair.b}:
            taken.update((pair.a, pair.b))
            fresh.append(pair)
    return fresh


def _invalid(case: Case) -> Observation:
    return Observation(
        case=case.id, outcome=Outcome.INVALID, detail=f"{case.judgement.meaning}: {case.judgement.reason}"
    )
