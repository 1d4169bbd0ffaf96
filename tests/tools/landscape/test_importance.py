"""What is believed of importance: from 0 to 1, surer with every rating, the same in whatever order they come."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.landscape.ground import Ground, Places, Scales
from faultfinder.tools.landscape.importance import UNKNOWN, Importance
from faultfinder.tools.landscape.ratings import Rating, on_one_scale
from faultfinder.tools.landscape.teaching import taught_most

SPACE = ActionSpace(
    [
        Factor("light", (0.1, 0.5, 1.0, 2.0), "at {level} times the light", 1.0),
        Factor("weather", ("sun", "rain", "snow"), "in {level}"),
    ]
)
TOPICS = ("cat", "dog")
GROUND = Ground(SPACE, TOPICS)

places = st.tuples(
    st.integers(0, len(SPACE) - 1),
    st.sampled_from(TOPICS),
    st.tuples(*[st.floats(-1, 1).map(lambda x: round(x, 3))] * 2),
)
values = st.integers(0, 9).map(lambda step: step / 9)
rated = st.lists(st.tuples(places, values, st.sampled_from(("Ada", "Bo"))), min_size=1, max_size=25)


def ratings(made: list[tuple[tuple[int, str, tuple[float, ...]], float, str]]) -> list[Rating]:
    return [Rating(f"q{n:02d}", rater, value, *place) for n, (place, value, rater) in enumerate(made)]


def everywhere() -> Places:
    spots = [(action, topic) for action in range(len(SPACE)) for topic in TOPICS]
    return GROUND.places([a for a, _ in spots], [t for _, t in spots], np.zeros((len(spots), 2)))


def test_before_any_rating_nothing_is_known():
    belief = Importance(GROUND, []).at(everywhere())
    assert (belief.mean == UNKNOWN).all()
    assert (belief.sd > 0.4).all()
    assert (belief.upper > 0.9).all(), "what nobody has rated is not forgotten"


@settings(max_examples=25, deadline=None)
@given(rated)
def test_importance_and_its_doubt_stay_in_range(made):
    belief = Importance(GROUND, ratings(made)).at(everywhere())
    assert ((belief.mean >= 0) & (belief.mean <= 1)).all()
    assert ((belief.sd >= 0) & (belief.sd <= UNKNOWN)).all()
    assert ((belief.upper >= belief.mean) & (belief.upper <= 1)).all()


@settings(max_examples=25, deadline=None)
@given(rated, places, values)
def test_a_further_rating_never_makes_anything_less_sure(made, place, value):
    scales, known = Scales.usual(2), ratings(made)
    more = [*known, Rating("q99", "Ada", value, *place)]
    before, after = (Importance(GROUND, each, scales).at(everywhere()).sd for each in (known, more))
    assert (after <= before + 1e-9).all()
    own = GROUND.places([place[0]], [place[1]], np.array([place[2]]))
    assert Importance(GROUND, more, scales).at(own).sd[0] < Importance(GROUND, known, scales).at(own).sd[0]


@settings(max_examples=20, deadline=None)
@given(rated, st.randoms(use_true_random=False))
def test_the_order_of_ratings_does_not_matter(made, dice):
    second = [
        Rating(each.question, "Cy", 1 - each.value, each.action, each.topic, each.state) for each in ratings(made)
    ]
    known = [*ratings(made), *second[::2]]
    shuffled = dice.sample(known, len(known))
    one, other = (Importance(GROUND, each).at(everywhere()) for each in (known, shuffled))
    np.testing.assert_array_equal(one.mean, other.mean)
    np.testing.assert_array_equal(one.sd, other.sd)


def test_a_place_counts_for_the_average_of_those_it_stands_for():
    model = Importance(GROUND, ratings([((0, "cat", (0.2, 0.1)), 1.0, "Ada"), ((5, "dog", (0.0, -0.3)), 0.1, "Ada")]))
    named = ["cat", "dog", "dog"]
    inputs = GROUND.places([0, 0, 0], named, np.array([[0.5, 0.1], [0.2, -0.2], [-0.9, 0.3]]))
    each = [model.at(GROUND.places([3], [t], s[None])).mean[0] for t, s in zip(named, inputs.states, strict=True)]
    assert model.at(GROUND.over_inputs([3], inputs)).mean[0] == pytest.approx(np.mean(each))


def minds_low_light(action: int) -> float:
    return 1.0 if SPACE.actions[action].level("light") < 1 else 0.1


def test_what_matters_is_learnt_from_few_ratings_and_what_does_not_has_no_effect():
    dice = np.random.default_rng(0)
    asked = [
        (int(dice.integers(len(SPACE))), TOPICS[dice.integers(2)], tuple(dice.normal(0, 0.3, 2))) for _ in range(24)
    ]
    model = Importance(GROUND, ratings([(place, minds_low_light(place[0]), "Ada") for place in asked]))
    mean = model.at(everywhere()).mean.reshape(4, 3, 2)
    assert (mean[:2] > 0.75).all()
    assert (mean[2:] < 0.35).all()
    _, light, weather, *_ = model.scales.variances
    assert light > 10 * weather


def test_neighbouring_levels_speak_for_one_another():
    dark = SPACE.where({"light": [0.1], "weather": ["sun"]})[0]
    model = Importance(GROUND, ratings([((dark, "cat", (0.0, 0.0)), 1.0, "Ada")] * 1), Scales.usual(2))
    by_light = model.at(everywhere()).mean.reshape(4, 3, 2)[:, 0, 0]
    assert (np.diff(by_light) < 0).all()
    assert by_light[-1] > UNKNOWN, "and all failures have something in common"


def test_disagreement_is_noise_and_raters_scales_are_not():
    spots = [(n % len(SPACE), "cat", (0.0, 0.0)) for n in range(12)]
    truth = [minds_low_light(action) for action, _, _ in spots]

    def model(second: list[float]) -> Importance:
        given_ = [Rating(f"q{n:02d}", "Ada", value, *spots[n]) for n, value in enumerate(truth)]
        return Importance(GROUND, [*given_, *(Rating(f"q{n:02d}", "Bo", v, *spots[n]) for n, v in enumerate(second))])

    agreeing, mild = model(truth), model([0.3 + 0.4 * value for value in truth])
    random = model([float(value) for value in np.random.default_rng(1).permutation(truth)])
    assert random.noise > 2 * agreeing.noise
    assert mild.noise < random.noise
    assert random.at(everywhere()).sd.mean() > agreeing.at(everywhere()).sd.mean()


def test_a_rater_who_answers_alone_is_taken_at_their_word():
    alone = [Rating("q1", "Ada", 0.9, 0, "cat", (0.0,)), Rating("q2", "Bo", 0.1, 1, "cat", (0.0,))]
    assert on_one_scale(alone) == alone


@settings(max_examples=20, deadline=None)
@given(rated, st.integers(1, 12))
def test_what_is_asked_next_is_new_and_spread_over_actions(made, count):
    model, pool = Importance(GROUND, ratings(made)), everywhere()
    asked = [0, 3]
    chosen = taught_most(model, pool, asked, count)
    assert len(chosen) == len(set(chosen)) == count
    assert not set(chosen) & set(asked)
    assert len({int(pool.actions[row]) for row in chosen}) == count


def test_what_teaches_most_lowers_doubt_more_than_asking_at_random():
    pool, scales, dice = everywhere(), Scales.usual(2), np.random.default_rng(0)

    def doubt(rows: list[int]) -> float:
        known = [Rating(f"q{row:02d}", "Ada", 0.5, int(pool.actions[row]), TOPICS[row % 2], (0.0, 0.0)) for row in rows]
        return float((Importance(GROUND, known, scales).at(pool).sd ** 2).sum())

    chosen = doubt(taught_most(Importance(GROUND, [], scales), pool, [], 5))
    assert all(chosen < doubt(list(dice.choice(len(pool), 5, replace=False))) for _ in range(20))
