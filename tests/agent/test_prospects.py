"""What a test is worth, said before it is spent."""

from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.explore.prospects import (
    PILOT_PROBES,
    Outset,
    Pilot,
    chance_of_support,
    failures_needed,
    weigh,
)
from faultfinder.agent.judge import HALF, wilson
from faultfinder.agent.strategist import Proposal
from faultfinder.memory.records import EditKind, Hypothesis, Judgement, Meaning, MinedPair, Rule, Source
from faultfinder.tools.edit_diff import describe_edit

SIDES = Rule(kind=EditKind.EXCHANGE, words=("left", "right"))


def proposal(rule: Rule = SIDES, within: tuple[tuple[str, ...], ...] = ()) -> Proposal:
    return Proposal(title="sides", description="sides are confused", rule=rule, within=within)


def pilot(failed: int, probes: int = PILOT_PROBES, failed_controls: int = 0, controls: int = 6) -> Pilot:
    return Pilot(id="p", probes=probes, failed=failed, controls=controls, failed_controls=failed_controls)


def pair(a: str, b: str, *, agreed: bool) -> MinedPair:
    return MinedPair(
        id=f"{a} {b}",
        a=a,
        b=b,
        target_similarity=1.0 if agreed else 0.5,
        bar=0.9,
        source=Source.MAP,
        edit=describe_edit(a, b),
        judgement=Judgement(meaning=Meaning.DIFFERENT, reason="", judge="test"),
    )


@given(st.integers(1, 60))
def test_the_failures_needed_are_the_fewest_whose_interval_reaches_one_half(probes: int) -> None:
    needed = failures_needed(probes)
    assert needed > probes or wilson(needed, probes)[0] >= HALF
    assert wilson(needed - 1, probes)[0] < HALF


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_pilot_that_fails_more_promises_more(fewer: int, more: int) -> None:
    low, high = sorted((fewer, more))
    assert chance_of_support(low, 12, 40) <= chance_of_support(high, 12, 40)


def test_controls_that_fail_as_well_promise_nothing() -> None:
    assert pilot(12, failed_controls=6).chance(40) < 0.1 < pilot(12).chance(40)


def test_what_the_corpus_has_too_few_texts_for_is_not_worth_a_test() -> None:
    assert pilot(2, probes=2).chance(40) == 0.0
    assert pilot(0, probes=0).chance(40) == 0.0


def test_what_is_explained_already_is_nothing_new() -> None:
    unnoticed = [pair(f"the cup {n} on the left", f"the cup {n} on the right", agreed=True) for n in "abcd"]
    proven = Hypothesis(id="h1", title="sides", description="", rule=SIDES)
    before = weigh(proposal(), pilot(12), Outset(unnoticed, (), 40), reach=0.25)
    after = weigh(proposal(), pilot(12), Outset(unnoticed, (proven,), 40), reach=0.25)
    assert before.worth > 0
    assert after.worth == 0


def test_what_the_goal_asks_for_weighs_more_and_so_does_what_many_texts_hold() -> None:
    plain = weigh(proposal(), pilot(12), Outset((), (), 40), reach=0.25)
    asked = weigh(proposal(), pilot(12), Outset((), (), 40, frozenset({"left"})), reach=0.25)
    rare = weigh(proposal(), pilot(12), Outset((), (), 40), reach=0.01)
    assert asked.worth > plain.worth > rare.worth
