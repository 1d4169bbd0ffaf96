"""The measured landscape: rates, intervals, shape, distance, regions; on landscapes whose truth is known."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faultfinder.memory.landscape_records import ActionRate, Landscape, Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.landscape.measured import measure, weighted_counts
from faultfinder.tools.landscape.pooling import pool_groups
from faultfinder.tools.landscape.regions import Queries, RegionSearch, actions_in, ranges
from faultfinder.tools.landscape.shape import distance, neighbours, peaks, shape

SPACE = ActionSpace(
    [
        Factor("turn", (-2.0, -1.0, 0.0, 1.0, 2.0), "turned by {level}", neutral=0.0),
        Factor("dark", (0.1, 0.5, 1.0), "{level} dark"),
    ]
)
EDITS = ActionSpace([Factor("edit", ("none", "typos", "upper", "shuffled"), "with {level}", neutral="none")])


def visits(space, rate, each, seed=0, propensity=None):
    rng = Random(seed)
    return [
        Visit(
            id=f"v{action.index}-{n}",
            exploration="explore-1",
            input=f"i{n}",
            action=action.index,
            outcome=Outcome.FAIL if rng.random() < rate(action) else Outcome.PASS,
            propensity=propensity,
        )
        for action in space.actions
        for n in range(each)
    ]


def flat_landscape(rates):
    return Landscape(
        rates=tuple(
            ActionRate(n=9, fail=1, invalid=0, other=0, rate=r, interval=(max(0, r - 0.1), min(1, r + 0.1)), severity=r)
            for r in rates
        ),
        reach=0.0,
        strength=1.0,
        mean=float(np.mean(rates)),
    )


def dark_fails(action):
    return 0.9 if action.level("dark") == 0.1 else 0.1


def test_rates_come_near_the_truth_and_intervals_hold_it():
    truth = np.array([dark_fails(action) for action in SPACE.actions])
    held, error, raw = [], [], []
    for seed in range(20):
        tried = visits(SPACE, dark_fails, 6, seed)
        found = measure(SPACE, tried)
        rates = np.array([each.rate for each in found.rates])
        held += [low <= t <= high for (low, high), t in zip((e.interval for e in found.rates), truth, strict=True)]
        error.append(np.abs(rates - truth).mean())
        raw.append(np.abs([e.fail / e.n for e in found.rates] - truth).mean())
    assert np.mean(error) < np.mean(raw)
    assert np.mean(held) >= 0.9


def test_a_landscape_without_order_is_left_alone():
    truth = {"none": 0.0, "typos": 1.0, "upper": 0.0, "shuffled": 1.0}
    found = measure(EDITS, visits(EDITS, lambda action: truth[action.level("edit")], 50))
    for action, each in zip(EDITS.actions, found.rates, strict=True):
        assert each.rate == pytest.approx(truth[action.level("edit")], abs=0.05)


def test_what_was_never_tried_has_a_wide_interval():
    tried = [visit for visit in visits(SPACE, dark_fails, 3) if visit.action != 4]
    found = measure(SPACE, tried)
    assert found.rates[4].n == 0
    low, high = found.rates[4].interval
    assert high - low > 0.3
    assert measure(SPACE, []).rates[0].interval[1] - measure(SPACE, []).rates[0].interval[0] > 0.5


def test_inverse_propensities_undo_what_the_explorer_preferred():
    """Half of the inputs always fail under the second action, and the explorer picks it mostly for those."""
    space = ActionSpace([Factor("edit", ("a", "b"), "{level}")])
    rng, tried = Random(3), []
    for n in range(4000):
        bad = rng.random() < 0.5
        chance = 0.95 if bad else 0.05
        chosen = rng.random() < chance
        tried.append(
            Visit(
                id=str(n),
                exploration="e",
                input=str(n),
                action=int(chosen),
                outcome=Outcome.FAIL if chosen and bad else Outcome.PASS,
                propensity=chance if chosen else 1 - chance,
            )
        )
    plain = [visit.model_copy(update={"propensity": None}) for visit in tried]
    assert measure(space, plain).rates[1].rate > 0.9
    assert measure(space, tried).rates[1].rate == pytest.approx(0.5, abs=0.1)


def test_inputs_asked_about_as_they_are_decide_how_often_unchanged_ones_fail():
    """Two queries of the explorer's, seldom made and both failed, stand beside eighty of which half failed."""
    asked = [v for v in visits(SPACE, lambda action: 0.5, 80, seed=2) if v.action == 12]
    astray = [v.model_copy(update={"propensity": 0.001, "outcome": Outcome.FAIL}) for v in asked[:2]]
    counts = weighted_counts(SPACE, [*asked, *astray])
    share = sum(v.outcome is Outcome.FAIL for v in asked) / 80
    assert counts.n[12] == pytest.approx(82)
    assert counts.fail[12] == pytest.approx(80 * share + 2)


@given(st.lists(st.tuples(st.integers(0, 14), st.booleans(), st.floats(0.01, 1.0)), max_size=60))
def test_effective_counts_never_exceed_the_queries(rows):
    tried = [
        Visit(
            id=str(i), exploration="e", input="x", action=a, outcome=Outcome.FAIL if f else Outcome.PASS, propensity=p
        )
        for i, (a, f, p) in enumerate(rows)
    ]
    counts = weighted_counts(SPACE, tried)
    plain = np.bincount([a for a, _, _ in rows], minlength=15) if rows else np.zeros(15)
    assert (counts.n <= plain + 1e-9).all()
    assert (counts.fail <= counts.n + 1e-9).all()


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1)), min_size=1, max_size=12))
@settings(max_examples=60)
def test_pooled_rates_are_rates_within_their_intervals(groups):
    n = np.array([float(tries) for tries, _ in groups])
    fail = np.array([np.floor(tries * share) for tries, share in groups])
    pooled = pool_groups(n, fail)
    assert ((pooled.low <= pooled.rate) & (pooled.rate <= pooled.high)).all()
    assert ((pooled.low >= 0) & (pooled.high <= 1)).all()


def test_entropy_is_that_of_a_flat_landscape_only_where_it_is_flat():
    level = shape(SPACE, flat_landscape([0.4] * 15))
    assert level.entropy == pytest.approx(level.flat)
    assert level.peaks == ()
    steep = shape(SPACE, flat_landscape([0.9] + [0.0] * 14))
    assert steep.entropy == 0
    assert steep.peaks == (0,)


def test_two_summits_are_two_peaks_and_a_bump_within_the_noise_is_none():
    line = ActionSpace([Factor("x", tuple(map(float, range(7))), "{level}")])
    assert peaks(line, flat_landscape([0.9, 0.5, 0.1, 0.1, 0.2, 0.8, 0.3])) == (0, 5)
    assert peaks(line, flat_landscape([0.9, 0.8, 0.85, 0.7, 0.5, 0.3, 0.1])) == (0,)


def test_neighbours_differ_by_one_level_and_names_are_all_neighbours():
    assert sorted(neighbours(SPACE, 0)) == [1, 3]
    assert sorted(neighbours(EDITS, 2)) == [0, 1, 3]


def test_the_distance_knows_where_failures_lie():
    line = ActionSpace([Factor("x", tuple(map(float, range(5))), "{level}")])
    here, near, far = (flat_landscape([1.0 if i == at else 0.0 for i in range(5)]) for at in (0, 1, 4))
    assert distance(line, here, here) == pytest.approx(0)
    assert distance(line, here, near) == pytest.approx(0.25)
    assert distance(line, here, far) == pytest.approx(1.0)


@given(st.permutations(range(15)))
@settings(max_examples=15, deadline=None)
def test_a_permuted_landscape_is_at_a_distance_unless_it_is_the_same(order):
    rates = [(i + 1) / 16 for i in range(15)]
    moved = [rates[i] for i in order]
    apart = distance(SPACE, flat_landscape(rates), flat_landscape(moved))
    assert (apart > 1e-9) == (moved != rates)
    assert apart == pytest.approx(distance(SPACE, flat_landscape(moved), flat_landscape(rates)), abs=1e-6)


def test_the_region_that_fails_is_found_with_no_bound_too_many():
    tried = visits(SPACE, dark_fails, 20)
    (found, *_) = RegionSearch(SPACE).find("explore-1", Queries.of(SPACE, tried, ["all"] * len(tried)), 5)
    assert [(bound.factor, bound.levels) for bound in found.region.bounds] == [("dark", (0.1,))]
    assert found.words == "0.1 dark"
    assert found.rate > 0.8 > 0.2 > found.outside
    assert found.share == pytest.approx(1 / 3, abs=1e-4)


def test_a_region_leaves_out_a_part_that_clearly_passes_though_it_would_be_larger_with_it():
    space = ActionSpace(
        [
            Factor("noise", (0.0, 1.0, 2.0, 3.0, 4.0), "noise {level}", neutral=0.0),
            Factor("dark", (0.1, 0.2, 0.3, 0.4), "{level} dark"),
        ]
    )

    def rate(action):
        light = action.level("dark") >= 0.3
        return 0.03 if action.level("noise") == 0 else 0.98 if light else 0.3

    for seed in range(5):
        tried = visits(space, rate, 40, seed)
        (found, *_) = RegionSearch(space).find("e", Queries.of(space, tried, ["all"] * len(tried)), 5)
        assert {bound.factor: bound.levels for bound in found.region.bounds} == {
            "noise": (1.0, 2.0, 3.0, 4.0),
            "dark": (0.3, 0.4),
        }


def test_a_region_can_hold_a_topic_and_two_of_them_are_told_apart():
    def rate(action):
        return 0.05

    tried = visits(SPACE, rate, 40, seed=5)
    topics = [("dogs" if int(visit.input[1:]) % 2 else "cats") for visit in tried]
    failing = [
        visit.model_copy(update={"outcome": Outcome.FAIL})
        if (topic == "dogs" and SPACE.actions[visit.action].level("turn") >= 1)
        or (topic == "cats" and SPACE.actions[visit.action].level("dark") == 0.1)
        else visit
        for visit, topic in zip(tried, topics, strict=True)
    ]
    found = RegionSearch(SPACE).find("e", Queries.of(SPACE, failing, topics), 5)
    said = {(r.region.topics, tuple((b.factor, b.levels) for b in r.region.bounds)) for r in found[:2]}
    assert said == {(("dogs",), (("turn", (1.0, 2.0)),)), (("cats",), (("dark", (0.1,)),))}


def test_nothing_is_suspected_where_little_fails_or_everything_does():
    for level in (0.05, 0.3, 0.97):
        tried = visits(SPACE, lambda action, level=level: level, 20, seed=9)
        found = RegionSearch(SPACE).find("e", Queries.of(SPACE, tried, ["all"] * len(tried)), 5)
        assert not [each for each in found if each.rate - each.outside > 0.25]
    assert RegionSearch(SPACE).find("e", Queries.of(SPACE, [], []), 5) == []


def test_where_all_fails_alike_hardly_ever_a_region_is_suspected_however_uneven_the_queries_weigh():
    """Few queries with great weights, among many with small ones, look like anything."""
    suspected = 0
    for seed in range(40):
        rng = Random(f"weights {seed}")
        tried = [
            visit.model_copy(update={"propensity": 0.9 if rng.random() < 0.9 else 0.1 / len(SPACE)})
            for visit in visits(SPACE, lambda action: 0.65, 20, seed=seed)
        ]
        topics = [f"kind {int(visit.input[1:]) % 9}" for visit in tried]
        suspected += bool(RegionSearch(SPACE).find("e", Queries.of(SPACE, tried, topics), 5))
    assert suspected <= 4


def test_regions_cover_what_they_say():
    tried = visits(SPACE, dark_fails, 20)
    (found, *_) = RegionSearch(SPACE).find("e", Queries.of(SPACE, tried, ["all"] * len(tried)), 5)
    inside = [visit for visit in tried if visit.action in actions_in(SPACE, found.region)]
    assert found.n == len(inside)
    assert found.fail == sum(visit.outcome is Outcome.FAIL for visit in inside)


def test_a_bound_is_a_run_of_neighbouring_levels_or_one_name():
    assert (-2.0, -1.0) in ranges(SPACE.factors[0])
    assert (-2.0, 0.0) not in ranges(SPACE.factors[0])
    assert SPACE.factors[0].levels not in ranges(SPACE.factors[0])
    assert ranges(EDITS.factors[0]) == [("typos",), ("upper",), ("shuffled",)]
