"""The verdict: from counts alone, never from a model.

Failure rates carry Wilson score intervals (Wilson, 1927). Probes are compared with controls by Fisher's one-sided exact
test. Every test spends a share of the audit's error budget before its result is known: the k-th test of an audit gets
`TOTAL_ALPHA / (k (k + 1))`. The shares add up to `TOTAL_ALPHA` however many hypotheses, children and further looks
there are, so by the union bound the chance of any false confirmation in an audit is at most `TOTAL_ALPHA`
(alpha-spending, as in Foster & Stine, 2008).
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from faultfinder.memory.records import Case, Counts, Decision, Hypothesis, Observation, Outcome, Role, Verdict

TOTAL_ALPHA = 0.05
"""Chance of one or more false confirmations in a whole audit."""

CONFIDENCE = 0.95
"""Of the intervals shown."""

HALF = 0.5
"""A systematic failure is one that happens at least every other time: the interval's lower end must reach this."""


def alpha_share(test_number: int) -> float:
    """Return the share of the error budget of the k-th test, k from 1.

    Raises:
        ValueError: `test_number` is below 1.
    """
    if test_number < 1:
        raise ValueError(f"tests are numbered from 1, not {test_number}")
    return TOTAL_ALPHA / (test_number * (test_number + 1))


def wilson(fail: int, scored: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a rate; (0, 1) when nothing was scored."""
    from scipy.stats import binomtest

    if scored == 0:
        return (0.0, 1.0)
    interval = binomtest(fail, scored).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return (float(interval.low), float(interval.high))


def exact_p(probes: Counts, control: Counts) -> float:
    """Return Fisher's one-sided exact p: the probes fail no more often than the controls. 1 when an arm is empty."""
    from scipy.stats import fisher_exact

    table = [[probes.fail, probes.passed], [control.fail, control.passed]]
    if not all(sum(row) for row in table):
        return 1.0
    return min(1.0, float(fisher_exact(table, alternative="greater").pvalue))


def count(outcomes: Iterable[Outcome]) -> Counts:
    """Count outcomes; the five always add up to n."""
    tally = Counter(outcomes)
    scored = tally[Outcome.FAIL] + tally[Outcome.PASS]
    return Counts(
        n=tally.total(),
        fail=tally[Outcome.FAIL],
        passed=tally[Outcome.PASS],
        unscorable=tally[Outcome.UNSCORABLE],
        error=tally[Outcome.ERROR],
        invalid=tally[Outcome.INVALID],
        rate=tally[Outcome.FAIL] / scored if scored else None,
        interval=wilson(tally[Outcome.FAIL], scored),
    )


def judge(
    hypothesis: Hypothesis, cases: Sequence[Case], observations: Sequence[Observation], test_number: int, look: int
) -> Verdict:
    """Decide about one hypothesis from all its cases so far.

    Args:
        hypothesis: what was tested.
        cases: its probes and controls, invalid ones included.
        observations: what became of them; a case without one is not counted.
        test_number: position of this test in the audit's alpha-spending sequence, from 1.
        look: how many batches of fresh cases these are.
    """
    outcome = {seen.case: seen.outcome for seen in observations}
    arms = {
        role: count(outcome[c.id] for c in cases if c.role is role and c.id in outcome)
        for role in (Role.PROBE, Role.CONTROL)
    }
    probes, control = arms[Role.PROBE], arms[Role.CONTROL]
    p_value, alpha = exact_p(probes, control), alpha_share(test_number)
    decision, reason = _decide(probes, control, p_value, alpha)
    return Verdict(
        id=f"{hypothesis.id}-{look}",
        hypothesis=hypothesis.id,
        decision=decision,
        probes=probes,
        control=control,
        p_value=p_value,
        alpha=alpha,
        test_number=test_number,
        look=look,
        reason=reason,
    )


def _decide(probes: Counts, control: Counts, p_value: float, alpha: float) -> tuple[Decision, str]:
    if probes.rate is None or control.rate is None:
        return Decision.INCONCLUSIVE, "too few cases could be scored to compare probes with controls"
    if probes.interval[0] >= HALF and p_value < alpha:
        return Decision.SUPPORTED, (
            f"{probes.fail} of {probes.fail + probes.passed} probes fail against {control.fail} of "
            f"{control.fail + control.passed} controls"
        )
    if probes.interval[1] < HALF:
        return Decision.REFUTED, "fewer than half of the probes fail, even at the upper end of the interval"
    if control.rate >= probes.rate:
        return Decision.REFUTED, "the controls fail as often as the probes: the difference named is not what matters"
    return Decision.INCONCLUSIVE, "more than chance, but neither the rate nor the test is clear enough"
