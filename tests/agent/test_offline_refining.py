"""Refining a hypothesis without a language model: what is kept of it, from which words failed with which."""

from itertools import combinations

import pytest

from faultfinder.agent.offline.blame import Exchanged, all_but, centre_of, failure_rate, to_blame
from faultfinder.agent.offline.refining import is_within, refine, say_the_same
from faultfinder.agent.strategist import Refinement, Step, Trial, Tried
from faultfinder.memory.records import Counts, Decision, EditKind, Hypothesis, Observation, Outcome, Rule, Verdict
from faultfinder.tools.lexicon import Lexicon


def refined(of: Trial) -> Refinement:
    return refine(of, Lexicon.load())


def trial(failed: dict[str, bool], look: int = 1, parent: str | None = None) -> Trial:
    """Return a trial in which the word pairs 'cat-dog', ... failed or passed, ten times each."""
    probes = []
    for pair, fails in failed.items():
        first, second = pair.split("-")
        seen = Observation(case=pair, outcome=Outcome.FAIL if fails else Outcome.PASS)
        probes += [Tried(a=f"the {first} sleeps", b=f"the {second} sleeps", observation=seen)] * 10
    rate = sum(failed.values()) / len(failed)
    arm = Counts(
        n=10,
        fail=int(10 * rate),
        passed=10 - int(10 * rate),
        unscorable=0,
        error=0,
        invalid=0,
        rate=rate,
        interval=(0, 1),
    )
    words = tuple(sorted({word for pair in failed for word in pair.split("-")}))
    verdict = Verdict(
        id="h1-1",
        hypothesis="h1",
        decision=Decision.INCONCLUSIVE,
        probes=arm,
        control=arm,
        p_value=0.5,
        alpha=0.01,
        test_number=1,
        look=look,
        reason="",
    )
    idea = Hypothesis(
        id="h1", title="t", description="d", rule=Rule(kind=EditKind.EXCHANGE, words=words), parent=parent
    )
    return Trial(hypothesis=idea, verdict=verdict, probes=tuple(probes), controls=())


def test_a_mixed_outcome_is_narrowed_to_what_failed():
    step = refined(trial({"cat-dog": True, "red-blue": False}))
    assert step.step is Step.CHILDREN
    assert [child.rule.words for child in step.children] == [("cat", "dog")]


def test_two_words_that_fail_with_each_other_only_are_kept_alone():
    step = refined(trial({"cat-dog": False, "dog-cow": False, "cow-cat": True}))
    assert [child.rule.words for child in step.children] == [("cat", "cow")]


def test_words_that_fail_in_pairs_are_one_group_without_the_pairs_that_passed():
    failing = {"cat-dog": True, "dog-cow": True, "cow-pig": True, "cat-pig": False}
    others = {f"{word}-{other}": False for word in ("fox", "hen", "owl") for other in ("cat", "dog", "cow", "pig")}
    [child] = refined(trial(failing | others)).children
    assert child.rule.words == ("cat", "cow", "dog", "pig")
    assert child.rule.excluded == (("cat", "pig"),)


def test_a_word_that_fails_with_any_other_is_kept_with_all_of_them_and_others_are_not_exchanged():
    others = ("cat", "dog", "cow", "pig")
    outcomes = {f"{a}-{b}": False for a, b in combinations(others, 2)} | {f"fox-{other}": True for other in others}
    step = refined(trial(outcomes))
    [child] = step.children
    assert child.rule.words == ("cat", "cow", "dog", "fox", "pig")
    assert set(child.rule.excluded) == {tuple(sorted(pair)) for pair in combinations(others, 2)}
    assert child.title.startswith("fox ")
    assert "'the fox sleeps' and 'the cat sleeps'" in child.description


def test_rules_about_one_word_among_others_differ_by_that_word():
    colours = ("blue", "green", "red", "white")
    whole, green, red = (
        Rule(kind=EditKind.EXCHANGE, words=colours, excluded=all_but(centre, colours) if centre else ())
        for centre in ((), ("green",), ("red",))
    )
    assert [centre_of(rule) for rule in (whole, green, red)] == [(), ("green",), ("red",)]
    assert is_within(green, whole)
    assert not is_within(whole, green)
    assert not is_within(red, green)
    assert not say_the_same(green, "", red, "")
    assert say_the_same(green, "", green, "")


def test_a_nearly_decided_hypothesis_gets_more_cases():
    assert refined(trial({"cat-dog": True, "dog-cow": True, "cow-cat": False})).step is Step.MORE


def test_what_cannot_be_narrowed_is_dropped():
    assert refined(trial({"cat-dog": False, "dog-cow": False})).step is Step.DROP
    assert refined(trial({"cat-dog": True, "dog-cow": True, "cow-cat": True}, look=3)).step is Step.DROP
    assert refined(trial({"cat-dog": True, "red-blue": False}, parent="h0")).step is Step.DROP


def test_a_word_that_fails_beside_the_worst_only_is_cleared_by_it():
    colours = ("blue", "green", "red", "white")
    tries = [Exchanged(frozenset(pair), failed="blue" in pair) for pair in combinations(colours, 2) for _ in range(2)]
    assert to_blame(tries, 0.5) == ["blue"]
    assert to_blame([each for each in tries if not each.failed], 0.5) == []


def test_a_rate_does_not_rise_by_trying_the_worst_words_more_often():
    others = [Exchanged(frozenset(pair), failed=False) for pair in combinations("abcdef", 2)]
    few, many = ([Exchanged(frozenset("xy"), failed=True)] * n for n in (1, 100))
    assert failure_rate([*others, *many]) < failure_rate([*others, *few]) < 0.2
    assert failure_rate(few) == pytest.approx(2 / 3), "(failed + 1) / (tried + 2)"
    assert failure_rate([]) == 0.5
