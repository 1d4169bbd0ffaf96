import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import BudgetSpent, OptionError
from faultfinder.tools.explorers.environment import Macroscopic, Microscopic, moved
from faultfinder.tools.explorers.queries import Choice, Queries
from tests.support.planted import SPACE, PlantedTask

UP, STOP = 1, 4


def _macroscopic(budget: int = 100, inputs: int = 10) -> Macroscopic:
    return Macroscopic(Queries(PlantedTask(), budget), range(inputs))


def _microscopic(budget: int = 100, **settings: float) -> Microscopic:
    return Microscopic(Queries(PlantedTask(), budget), range(10), **settings)


@pytest.mark.parametrize("world", [_macroscopic(), _microscopic()], ids=["macroscopic", "microscopic"])
def test_gymnasium_finds_nothing_wrong(world):
    check_env(world, skip_render_check=True)


def test_a_whole_action_is_an_episode_paid_by_severity():
    world = _macroscopic()
    observed, info = world.reset(seed=3)
    np.testing.assert_array_equal(observed, world.states([world.example])[0])
    assert info == {"input": f"input-{world.example}"}
    _, reward, ended, cut, info = world.step(np.int64(0))
    assert (reward, info["outcome"]) == ((0.9, "fail") if world.example % 2 == 0 else (0.1, "pass"))
    assert (ended, cut) == (True, False)


def test_an_input_nobody_could_read_is_flagged_and_pays_nothing():
    world = Macroscopic(Queries(PlantedTask(invalid=[0]), 5), range(4))
    world.reset(seed=0)
    _, reward, _, _, info = world.step(np.int64(0))
    assert (reward, info["outcome"]) == (0.0, "invalid")


def test_inputs_come_in_rounds_in_an_order_the_seed_decides():
    world, other = _macroscopic(), _macroscopic()
    world.reset(seed=1)
    other.reset(seed=1)
    rest, round_two = world.draw(100), world.draw(100)
    assert (len(rest), sorted(round_two)) == (9, list(range(10)))
    assert rest != round_two[1:]
    assert other.draw(100) == rest


def test_no_more_inputs_are_drawn_than_queries_are_left():
    world = _macroscopic(budget=3)
    world.reset(seed=0)
    assert len(world.draw(8)) == 3


def test_a_batch_is_asked_at_once_and_remembered():
    world = _macroscopic()
    rewards = world.visit_many([Choice(0, 0), Choice(1, 0), Choice(1, 19)])
    np.testing.assert_allclose(rewards, [0.9, 0.1, 0.9], rtol=1e-6)
    assert world.tried([0, 1, 2]).sum(axis=1).tolist() == [1, 2, 0]
    assert world.tried([1])[0].nonzero()[0].tolist() == [0, 19]


def test_a_step_after_the_last_query_is_refused():
    world = _macroscopic(budget=1)
    world.reset(seed=0)
    world.step(np.int64(0))
    world.reset()
    with pytest.raises(BudgetSpent):
        world.step(np.int64(0))


def test_small_steps_are_paid_by_what_they_gain_less_their_cost():
    world = _microscopic(cost=0.05)
    while world.reset()[1]["input"] != "input-1":
        pass
    spent = world.queries.spent
    _, first, _, _, _ = world.step(np.int64(UP))
    observed, second, _, _, _ = world.step(np.int64(UP))
    assert (first, second) == (pytest.approx(-0.05), pytest.approx(0.8 - 0.05))
    np.testing.assert_allclose(observed[-2:], [1.0, 2 / 3], rtol=1e-6)
    _, third, ended, _, _ = world.step(np.int64(UP))  # at its end already: nothing to ask
    assert (third, ended, world.queries.spent - spent) == (pytest.approx(-0.05), False, 2)
    assert world.step(np.int64(STOP))[1:4] == (0.0, True, False)


def test_small_steps_end_at_the_horizon():
    world = _microscopic(horizon=2)
    world.reset(seed=0)
    assert world.step(np.int64(UP))[3] is False
    assert world.step(np.int64(0))[3] is True


@pytest.mark.parametrize("settings", [{"cost": -1.0}, {"horizon": 0}])
def test_small_steps_out_of_range_are_refused(settings):
    with pytest.raises(OptionError, match="cost"):
        _microscopic(**settings)


@pytest.mark.parametrize("examples", [[], [1, 1]])
def test_a_world_needs_inputs_each_of_them_once(examples):
    with pytest.raises(OptionError, match="each of them once"):
        Macroscopic(Queries(PlantedTask(), 5), examples)


@given(place=st.integers(0, len(SPACE) - 1), step=st.integers(0, 4))
def test_a_small_step_moves_one_factor_to_a_neighbour(place, step):
    there = moved(SPACE, place, step)
    apart = np.abs(np.subtract(np.unravel_index(place, SPACE.shape), np.unravel_index(there, SPACE.shape)))
    assert apart.sum() <= 1
    assert there == place or moved(SPACE, there, step ^ 1) == place
