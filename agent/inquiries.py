"""The ledger read back by hypothesis: what was proposed, what was tried, what was concluded.

Outputs are made from inquiries alone. The latest look decides; cases written after it and not judged yet are kept
apart, so that the counts shown always belong to the cases shown.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from faultfinder.agent.judge import count, judge
from faultfinder.agent.settling import Settled, Settlement
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Case, Counts, Decision, Hypothesis, Observation, Outcome, Role, Verdict


@dataclass(frozen=True)
class Attempt:
    """One case and what became of it.

    Attributes:
        case: What was tried.
        seen: How it stands: what the machine observed, unless people said otherwise.
        settled: How it came to stand so; None for a case that was never measured.
    """

    case: Case
    seen: Observation
    settled: Settled | None = None


@dataclass(frozen=True)
class Inquiry:
    """One hypothesis with its experiment.

    Attributes:
        hypothesis: What was proposed.
        verdict: The verdict of the latest look, counted anew where people overturned an outcome; None before the first.
        machine: The same verdict as it was before people answered.
        attempts: The cases behind the verdict; without a verdict, every case that was tried.
        unjudged: How many cases were written after the latest look and wait for a verdict.
        parts: Ids of further proven hypotheses about the same failure, combined with this one.
    """

    hypothesis: Hypothesis
    verdict: Verdict | None
    machine: Verdict | None
    attempts: tuple[Attempt, ...]
    unjudged: int
    parts: tuple[str, ...] = ()

    @property
    def decision(self) -> Decision:
        """What the latest look says; inconclusive before the first."""
        return self.verdict.decision if self.verdict else Decision.INCONCLUSIVE

    @property
    def untested(self) -> bool:
        """Tell whether not a single case was written for it."""
        return not self.attempts and not self.unjudged

    def counts(self, role: Role) -> Counts:
        """Return the outcomes of one arm: the verdict's, or counted from the cases where there is none yet."""
        if self.verdict:
            return self.verdict.probes if role is Role.PROBE else self.verdict.control
        return count(attempt.seen.outcome for attempt in self.attempts if attempt.case.role is role)

    def pick(self, role: Role, outcome: Outcome) -> list[Attempt]:
        """Return the attempts of one arm that ended so, in the order in which they were written."""
        return [tried for tried in self.attempts if (tried.case.role, tried.seen.outcome) == (role, outcome)]


def inquiries(ledger: Ledger) -> list[Inquiry]:
    """Return the audit's own hypotheses with their experiments: confirmed by p first, then refuted, then the rest."""
    return sorted((each for each in _all(ledger) if each.hypothesis.asked is None), key=_rank)


def asked_inquiries(ledger: Ledger) -> list[Inquiry]:
    """Return the hypotheses that people asked for in a chat, with their experiments, in the order of asking."""
    return [each for each in _all(ledger) if each.hypothesis.asked is not None]


def _all(ledger: Ledger) -> list[Inquiry]:
    """Return every hypothesis with its experiment, in the order of writing."""
    verdicts = {verdict.hypothesis: verdict for verdict in sorted(ledger.all(Verdict), key=lambda v: v.look)}
    settlement = Settlement(ledger)
    seen = {observation.case: observation for observation in ledger.all(Observation)}
    cases: defaultdict[str, list[Case]] = defaultdict(list)
    for case in sorted(ledger.all(Case), key=lambda c: natural(c.id)):
        cases[case.hypothesis].append(case)
    return [_inquiry(h, verdicts.get(h.id), cases[h.id], seen, settlement) for h in ledger.all(Hypothesis)]


def lineage(ledger: Ledger, hypothesis: Hypothesis) -> list[Hypothesis]:
    """Return a hypothesis and those that it refines, itself first."""
    known = {each.id: each for each in ledger.all(Hypothesis)}
    line = [hypothesis]
    while (parent := line[-1].parent) is not None:
        line.append(known[parent])
    return line


def natural(key: str) -> tuple[tuple[int, str], ...]:
    """Return a sorting key under which 'h2' comes before 'h10'."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", key))


def _inquiry(
    hypothesis: Hypothesis,
    verdict: Verdict | None,
    cases: list[Case],
    seen: dict[str, Observation],
    settlement: Settlement,
) -> Inquiry:
    judged = [case for case in cases if verdict is None or case.look <= verdict.look]
    known = [_attempt(case, seen.get(case.id) or _refused(case), settlement) for case in judged]
    attempts = tuple(attempt for attempt in known if attempt)
    return Inquiry(hypothesis, _revised(hypothesis, verdict, attempts), verdict, attempts, len(cases) - len(attempts))


def _attempt(case: Case, observation: Observation | None, settlement: Settlement) -> Attempt | None:
    if observation is None:
        return None
    return Attempt(case, settlement.observed(observation), settlement.of(observation))


def _revised(hypothesis: Hypothesis, verdict: Verdict | None, attempts: tuple[Attempt, ...]) -> Verdict | None:
    """Count a verdict anew, with the same share of the error budget, where people overturned one of its outcomes."""
    if verdict is None or not any(attempt.settled and attempt.settled.overturned for attempt in attempts):
        return verdict
    cases, seen = [attempt.case for attempt in attempts], [attempt.seen for attempt in attempts]
    return judge(hypothesis, cases, seen, verdict.test_number, verdict.look)


def _refused(case: Case) -> Observation | None:
    """Return the outcome of a case that was judged invalid and so never measured."""
    if case.valid:
        return None
    return Observation(case=case.id, outcome=Outcome.INVALID, detail=case.judgement.reason)


def _rank(inquiry: Inquiry) -> tuple[int, float, tuple[tuple[int, str], ...]]:
    order = (Decision.SUPPORTED, Decision.REFUTED, Decision.INCONCLUSIVE)
    verdict = inquiry.verdict
    p_value = verdict.p_value if verdict and verdict.decision is Decision.SUPPORTED else 0.0
    return order.index(inquiry.decision), p_value, natural(inquiry.hypothesis.id)
