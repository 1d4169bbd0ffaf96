"""Which model is taken, and which verdict what was measured leads to."""

import pytest

from faultfinder.agent.fading.choosing import choose, improves
from faultfinder.agent.fading.records import (
    Candidate,
    Checked,
    Estimate,
    Experiment,
    Found,
    Keeping,
    Reaudit,
    Score,
    Verdict,
)
from faultfinder.agent.fading.verdict import conclude, nothing_left
from faultfinder.agent.judge import count
from faultfinder.agent.suites.fate import Fate
from faultfinder.memory.records import Counts, Decision, Outcome


def around(value: float, reach: float = 0.05) -> Estimate:
    return Estimate(value=value, low=value - reach, high=value + reach)


def score(name: str, before: float, after: float, about: str = "two-way", keeping: Keeping = Keeping.OPEN) -> Score:
    return Score(
        name=name,
        about=about,
        cases=100,
        before=around(before),
        after=around(after),
        change=around(after - before),
        keeping=keeping,
    )


def candidate(alpha: float, failure: float, *scores: Score, fell: tuple[str, ...] = ()) -> Candidate:
    own = score("the failure", 0.5, failure, "failure")
    return Candidate(step=1, alpha=alpha, failure=failure, fell=fell, scores=(own, *scores))


def test_the_best_within_the_guard_is_taken() -> None:
    found = [
        candidate(0.4, 0.7, score("size", 0.9, 0.9)),
        candidate(0.8, 0.9, score("size", 0.9, 0.89)),
        candidate(1.0, 0.99, score("size", 0.9, 0.8, keeping=Keeping.FELL), fell=("size",)),
    ]
    chosen = choose(found, 0.02)
    assert chosen is not None
    assert chosen.alpha == 0.8


def test_what_only_seems_to_drop_is_taken_where_nothing_else_is_left() -> None:
    seems = candidate(1.0, 0.95, score("size", 0.9, 0.87))
    assert choose([candidate(0.6, 0.8, score("size", 0.9, 0.9)), seems], 0.02).alpha == 0.6
    assert choose([seems], 0.02) is seems
    assert choose([candidate(1.0, 0.9, fell=("size",))], 0.02) is None


def test_a_score_at_chance_cannot_stand_in_the_way() -> None:
    found = [candidate(0.6, 0.8, score("number", 0.5, 0.5)), candidate(1.0, 0.95, score("number", 0.52, 0.45))]
    assert choose(found, 0.02).alpha == 1.0


def test_a_label_of_few_cases_stands_in_the_way_only_where_it_dropped_beyond_chance() -> None:
    near = candidate(0.4, 0.6)
    assert choose([near, candidate(1.0, 0.9, score("label cat", 0.9, 0.86, "label"))], 0.02).alpha == 1.0
    assert choose([near, candidate(1.0, 0.9, score("label cat", 0.9, 0.7, "label"))], 0.02).alpha == 0.4


def test_of_two_as_good_the_nearer_to_the_original_is_taken() -> None:
    assert choose([candidate(1.0, 0.955), candidate(0.7, 0.95), candidate(0.6, 0.9)], 0.02).alpha == 0.7


def test_better_than_the_original_means_beyond_chance() -> None:
    assert improves(candidate(1.0, 0.6))
    assert not improves(candidate(1.0, 0.54))


def counts(fail: int, passed: int) -> Counts:
    return count([Outcome.FAIL] * fail + [Outcome.PASS] * passed)


def experiment(fail: int = 1, fate: Fate = Fate.FIXED, confirmed: Decision = Decision.REFUTED) -> Experiment:
    return Experiment(
        probes_before=counts(40, 0),
        probes=counts(fail, 40 - fail),
        control_before=counts(0, 40),
        control=counts(0, 40),
        confirmed_before=Decision.SUPPORTED,
        confirmed=confirmed,
        fate=fate,
        reason="",
    )


def suite(fate: Fate = Fate.FIXED) -> Checked:
    return Checked(fate=fate, reason="", before=counts(40, 0), probes=counts(2, 38), control=counts(0, 40))


def again(*titles: str, new: int = 0) -> Reaudit:
    found = tuple(
        Found(failure=f"x/h{n}", title=f"new {n}", probes=counts(9, 1), before=None, new=True) for n in range(new)
    )
    return Reaudit(audit="x", texts="", tested=3, again=titles, found=found, ended="nothing new to test")


def test_all_of_the_proof_has_to_agree() -> None:
    assert conclude(experiment(), suite(), again()).verdict is Verdict.FADED


@pytest.mark.parametrize(
    ("tested", "checked", "audited", "said"),
    [
        (experiment(30, Fate.FAILS), suite(), again(), "on fresh inputs 30 of 40 probes fail"),
        (experiment(15, Fate.UNCLEAR), suite(), again(), "unclear"),
        (experiment(confirmed=Decision.SUPPORTED), suite(), again(), "confirms the failure again"),
        (experiment(), suite(Fate.FAILS), again(), "in its suite"),
        (experiment(), suite(), again("left and right are confused"), "left and right are confused"),
    ],
)
def test_whatever_disagrees_is_said(tested: Experiment, checked: Checked, audited: Reaudit, said: str) -> None:
    found = conclude(tested, checked, audited)
    assert found.verdict is Verdict.NOT_FADED
    assert said in found.reason


def test_a_new_failure_is_said_with_the_verdict() -> None:
    assert "2 new failures came with it" in conclude(experiment(), suite(), again(new=2)).reason


def test_a_refusal_names_the_deepest_fall() -> None:
    deep = score("size", 0.9, 0.6, keeping=Keeping.FELL)
    found = nothing_left([candidate(0.5, 0.7, deep, score("shape", 0.9, 0.85), fell=("size", "shape"))])
    assert found.verdict is Verdict.REFUSED
    assert found.reason == "training cost size 0.300 (0.900 to 0.600); nothing is left within the guard"
