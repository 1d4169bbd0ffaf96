"""What holds for every explorer, whatever it is made of."""

import random
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from faultfinder.memory.errors import ExplorerError, Interrupted, OptionError
from faultfinder.memory.landscape_records import Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.explorers.bandits import Thompson, Ucb
from faultfinder.tools.explorers.deep import Dqn, Ppo
from faultfinder.tools.explorers.environment import Macroscopic, Microscopic
from faultfinder.tools.explorers.explorer import Policy
from faultfinder.tools.explorers.queries import Queries
from faultfinder.tools.explorers.registry import explorers, open_explorer
from tests.support.planted import PlantedTask

NAMES = [info.name for info in explorers()]
LEARNERS = [info.name for info in explorers() if info.learns]
SMALL_STEPS = [info.name for info in explorers() if info.small_steps]
EXPLORED, HELD_OUT = range(32), range(32, 48)
BUDGET = 160


class Run:
    """An explorer let loose on the planted task."""

    def __init__(self, name: str, budget: int = BUDGET, seed: int = 1, memo: list[Visit] | None = None, kill: int = 0):
        self.task, self.new = PlantedTask(), list[Visit]()
        self.kill = kill
        queries = Queries(self.task, budget, memo=memo or [], on_visits=self._note)
        self.policy: Policy | None = None
        try:
            self.policy = open_explorer(name).explore(Macroscopic(queries, EXPLORED), seed)
        except Interrupted:
            assert kill
        self.visits = [*(memo or []), *self.new]

    def _note(self, visits: Sequence[Visit]) -> None:
        self.new += visits
        if 0 < self.kill <= len(self.new):
            raise Interrupted("killed")

    @property
    def failures(self) -> int:
        return len({(v.input, v.action) for v in self.visits if v.outcome is Outcome.FAIL})


@cache
def long_run(name: str, seed: int) -> Run:
    return Run(name, 320, seed)


@pytest.fixture(scope="module")
def runs():
    return {name: Run(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_budget_is_spent_and_is_a_wall(name, runs):
    assert len(runs[name].visits) == BUDGET
    assert len(runs[name].task.asked) <= BUDGET


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_asked_twice_and_held_out_inputs_never(name, runs):
    asked = runs[name].task.asked
    assert len(set(asked)) == len(asked)
    assert {query.example for query in asked} <= set(EXPLORED)


@pytest.mark.parametrize("name", NAMES)
def test_chances_are_probabilities(name, runs):
    chances = [visit.propensity for visit in runs[name].visits]
    if name == "exhaustive":
        assert set(chances) == {None}  # chance has no part in it
    elif name in LEARNERS:
        assert all(0.1 / 20 - 1e-6 <= chance <= 0.905 + 1e-6 for chance in chances)
    else:
        assert set(chances) == {1 / 20}


@pytest.mark.parametrize("name", [n for n in NAMES if n != "exhaustive"])
def test_chances_are_those_with_which_actions_are_taken(name):
    """An inverse chance is the number of actions on average (Horvitz and Thompson 1952), if it is the true chance."""
    weights = [1 / visit.propensity for seed in (1, 2) for visit in long_run(name, seed).visits]
    assert np.mean(weights) == pytest.approx(20, abs=9)  # its standard error is 2.5: those of the floor weigh 200


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_makes_the_same_choices_and_another_seed_others(name, runs):
    assert Run(name).visits == runs[name].visits
    other = [(visit.input, visit.action) for visit in Run(name, seed=2).visits]
    assert other != [(visit.input, visit.action) for visit in runs[name].visits]


@pytest.mark.parametrize("name", NAMES)
def test_killed_and_resumed_it_is_as_if_nothing_had_happened(name, runs):
    killed = Run(name, kill=101)
    resumed = Run(name, memo=killed.visits)
    assert resumed.visits == runs[name].visits
    assert len(resumed.new) == BUDGET - len(killed.visits)
    assert set(resumed.task.asked).isdisjoint(set(killed.task.asked))
    held = PlantedTask().states(HELD_OUT)
    np.testing.assert_array_equal(resumed.policy.choose(held), runs[name].policy.choose(held))


@pytest.mark.parametrize("name", LEARNERS)
def test_learners_find_more_than_chance_does(name):
    found = [np.mean([long_run(each, seed).failures for seed in (1, 2)]) for each in (name, "random")]
    assert found[0] > 1.25 * found[1]


@pytest.mark.parametrize("name", ["ucb", "thompson", "epsilon-greedy", "dqn"])
def test_policies_of_contextual_learners_fit_the_action_to_the_input(name):
    policy, task = long_run(name, 1).policy, PlantedTask()
    chosen = task.truth(HELD_OUT)[np.arange(len(HELD_OUT)), policy.choose(task.states(HELD_OUT))]
    assert (chosen == 0.9).mean() >= 0.9  # the best action for all alike fails on one half


@pytest.mark.parametrize("name", NAMES)
def test_the_global_dice_stay_as_they_were(name):
    import torch

    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    Run(name, 80)
    assert before == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())


def test_exhaustive_tries_every_action_equally_often(runs):
    counts = np.bincount([visit.action for visit in runs["exhaustive"].visits], minlength=20)
    assert counts.tolist() == [BUDGET // 20] * 20


@pytest.mark.parametrize("explorer", [Dqn(warm_up=1_000), Ppo(rollout=1_000), Dqn(rate=0.0), Ppo(rate=0.0)])
def test_training_without_an_update_is_an_error(explorer):
    world = Macroscopic(Queries(PlantedTask(), 64), EXPLORED)
    with pytest.raises(ExplorerError, match="learned nothing"):
        explorer.explore(world, 1)


@pytest.mark.parametrize("name", SMALL_STEPS)
def test_small_steps_are_explored_within_the_budget(name):
    task = PlantedTask()
    world = Microscopic(Queries(task, 200), EXPLORED)
    policy = open_explorer(name).explore(world, 1)
    assert (world.left, len(set(task.asked)) <= 200) == (0, True)
    chosen = policy.choose(task.states(HELD_OUT))
    assert chosen.shape == (len(HELD_OUT),)
    assert set(chosen.tolist()) <= set(range(20))


def test_dqn_finds_more_by_small_steps_than_a_random_walk():
    found = {}
    for name in ("dqn", "random"):
        visits: list[Visit] = []
        for seed in (1, 2):
            queries = Queries(PlantedTask(200), 300, exploration=f"{seed}", on_visits=visits.extend)
            world = Microscopic(queries, range(180))
            open_explorer(name).explore(world, seed)
        found[name] = len({(v.exploration, v.input, v.action) for v in visits if v.outcome is Outcome.FAIL})
    assert found["dqn"] > 1.5 * found["random"]


@pytest.mark.parametrize("name", [n for n in NAMES if n not in SMALL_STEPS])
def test_explorers_of_whole_actions_say_so(name):
    with pytest.raises(OptionError, match="whole actions"):
        open_explorer(name).explore(Microscopic(Queries(PlantedTask(), 20), EXPLORED), 1)


@pytest.mark.parametrize("explorer", [Ucb(), Thompson()])
def test_a_budget_beyond_all_there_is_to_ask_ends(explorer):
    task = PlantedTask(inputs=2)
    explorer.explore(Macroscopic(Queries(task, 100), range(2)), 1)
    assert len(task.asked) == 40
