"""The verdict: what counts can and cannot confirm."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.judge import TOTAL_ALPHA, alpha_share, count, exact_p, judge, wilson
from faultfinder.memory.records import Case, Decision, Hypothesis, Judgement, Meaning, Observation, Outcome, Role

HYPOTHESIS = Hypothesis(id="h1", title="t", description="d")
DIFFERENT = Judgement(meaning=Meaning.DIFFERENT, reason="said so", judge="test")


def experiment(probes: list[Outcome], controls: list[Outcome]) -> tuple[list[Case], list[Observation]]:
    cases, seen = [], []
    for role, outcomes in ((Role.PROBE, probes), (Role.CONTROL, controls)):
        for number, outcome in enumerate(outcomes):
            case = Case(id=f"h1-{role[0]}{number}", hypothesis="h1", role=role, a="a", b="b", judgement=DIFFERENT)
            cases.append(case)
            seen.append(Observation(case=case.id, outcome=outcome))
    return cases, seen


def decide(fail: int, probes: int, control_fail: int, controls: int, test_number: int = 1) -> Decision:
    cases, seen = experiment(outcomes(fail, probes), outcomes(control_fail, controls))
    return judge(HYPOTHESIS, cases, seen, test_number, 1).decision


def outcomes(fail: int, scored: int) -> list[Outcome]:
    return [Outcome.FAIL] * fail + [Outcome.PASS] * (scored - fail)


@pytest.mark.parametrize(
    ("fail", "control_fail", "decision"),
    [
        (40, 0, Decision.SUPPORTED),
        (33, 4, Decision.SUPPORTED),
        (40, 40, Decision.REFUTED),
        (0, 0, Decision.REFUTED),
        (10, 0, Decision.REFUTED),
        (24, 2, Decision.INCONCLUSIVE),
        (36, 30, Decision.INCONCLUSIVE),
    ],
)
def test_forty_probes_against_forty_controls(fail: int, control_fail: int, decision: Decision) -> None:
    assert decide(fail, 40, control_fail, 40) is decision


def test_a_late_test_needs_more_than_an_early_one() -> None:
    assert decide(32, 40, 18, 40, test_number=1) is Decision.SUPPORTED
    assert decide(32, 40, 18, 40, test_number=60) is Decision.INCONCLUSIVE


def test_nothing_scored_decides_nothing() -> None:
    cases, seen = experiment([Outcome.INVALID] * 40, [Outcome.ERROR] * 40)
    verdict = judge(HYPOTHESIS, cases, seen, 1, 1)
    assert verdict.decision is Decision.INCONCLUSIVE
    assert verdict.probes.rate is None
    assert verdict.probes.interval == (0.0, 1.0)


@given(st.lists(st.sampled_from(Outcome), max_size=60))
def test_the_five_outcomes_add_up(seen: list[Outcome]) -> None:
    counts = count(seen)
    assert counts.fail + counts.passed + counts.unscorable + counts.error + counts.invalid == counts.n == len(seen)
    scored = counts.fail + counts.passed
    assert counts.rate == (counts.fail / scored if scored else None)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_hold_the_rate_and_are_never_empty(case: tuple[int, int]) -> None:
    fail, scored = case
    low, high = wilson(fail, scored)
    assert 0 <= low <= fail / scored <= high <= 1
    assert high - low > 0


def test_the_wilson_interval_agrees_with_the_published_figure() -> None:
    low, high = wilson(1, 10)  # Agresti & Coull (1998), Wilson score interval for 1 of 10
    assert (round(low, 4), round(high, 4)) == (0.0179, 0.4042)


def test_the_exact_p_value_agrees_with_the_tea_tasting() -> None:
    probes, control = count(outcomes(3, 4)), count(outcomes(1, 4))
    assert exact_p(probes, control) == pytest.approx(17 / 70)  # Fisher (1935)


@given(st.integers(1, 5000))
def test_the_error_budget_is_never_overspent(tests: int) -> None:
    assert sum(alpha_share(k) for k in range(1, tests + 1)) <= TOTAL_ALPHA


@pytest.mark.parametrize("number", [0, -1])
def test_tests_are_numbered_from_one(number: int) -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        alpha_share(number)


def test_false_confirmations_stay_within_the_budget_where_nothing_is_wrong() -> None:
    """Thirty hypotheses an audit, probes no worse than controls, rates from harmless to hopeless."""
    draw = np.random.default_rng(7)
    false_alarms = 0
    for _ in range(150):
        rates = draw.uniform(0, 1, size=30)
        found = (
            decide(int(draw.binomial(40, r)), 40, int(draw.binomial(40, r)), 40, k) for k, r in enumerate(rates, 1)
        )
        false_alarms += any(decision is Decision.SUPPORTED for decision in found)
    assert wilson(false_alarms, 150)[0] <= TOTAL_ALPHA
