import numpy as np
import pytest

from faultfinder.memory.errors import OptionError
from faultfinder.tools.explorers.environment import Macroscopic
from faultfinder.tools.explorers.evaluate import Estimate, held_out, regret, score
from faultfinder.tools.explorers.explorer import Ints
from faultfinder.tools.explorers.queries import OnVisits, Queries
from faultfinder.tools.explorers.registry import open_explorer
from faultfinder.tools.ports import FloatArray
from tests.support.planted import PlantedTask

EXPLORED, HELD_OUT = range(32), range(32, 48)


class Always:
    """A policy that knows one action."""

    def __init__(self, action: int) -> None:
        self._action = action

    def choose(self, states: FloatArray) -> Ints:
        return np.full(len(states), self._action, dtype=np.int64)


def _world(budget: int):
    return lambda on_visits: Macroscopic(Queries(PlantedTask(), budget, on_visits=on_visits), EXPLORED)


def test_a_policy_is_worth_what_its_choices_bring_on_held_out_inputs():
    task = PlantedTask()
    held = held_out(Always(0), task, HELD_OUT)
    assert (held.failure_rate, held.severity) == (0.5, pytest.approx(0.5))
    assert [query.example for query in task.asked] == list(HELD_OUT)
    assert regret(held, task.truth(HELD_OUT)) == pytest.approx(0.4)


def test_what_cannot_be_read_counts_as_nothing_found():
    task = PlantedTask(invalid=[0])
    held = held_out(Always(0), task, HELD_OUT)
    assert (held.failure_rate, held.severity, regret(held, task.truth(HELD_OUT))) == (0.0, 0.0, pytest.approx(0.9))


def test_an_explorer_is_scored_over_seeds_at_one_budget():
    truth = PlantedTask().truth(HELD_OUT)
    learner = score(open_explorer("ucb"), _world(160), HELD_OUT, [1, 2, 3], truth)
    chance = score(open_explorer("random"), _world(160), HELD_OUT, [1, 2, 3], truth)
    assert (learner.explorer, learner.queries, learner.seeds) == ("ucb", 160, (1, 2, 3))
    assert learner.found.mean > chance.found.mean + 3 * (learner.found.error + chance.found.error)
    assert learner.regret.mean < chance.regret.mean
    assert learner.failure_rate.mean == pytest.approx(1 - learner.regret.mean / 0.8)


def test_means_come_with_their_standard_error():
    assert Estimate.of([1.0, 2.0, 3.0]) == Estimate(2.0, pytest.approx(1 / np.sqrt(3)))
    assert Estimate.of([1.0]) == Estimate(1.0, None)


def test_a_failure_found_again_is_not_found_twice():
    def tiny(on_visits: OnVisits) -> Macroscopic:
        return Macroscopic(Queries(PlantedTask(3), 200, on_visits=on_visits), [0])

    assert score(open_explorer("ucb"), tiny, [1, 2], [1]).found.mean == pytest.approx(4 / 200)


@pytest.mark.parametrize(("examples", "seeds"), [([], [1]), ([40], []), ([3, 40], [1])])
def test_scores_of_nothing_or_of_inputs_seen_are_refused(examples, seeds):
    with pytest.raises(OptionError):
        score(open_explorer("random"), _world(20), examples, seeds)


def test_a_table_of_other_inputs_is_refused():
    with pytest.raises(OptionError, match="3 inputs"):
        regret(held_out(Always(0), PlantedTask(), HELD_OUT), np.zeros((3, 20)))
