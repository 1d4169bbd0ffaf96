"""A space of actions: all combinations of levels, each with a place, found again by its settings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import OptionError
from faultfinder.tools.actions.asking_for import factors_of
from faultfinder.tools.actions.conditions import CONDITIONS
from faultfinder.tools.actions.space import MOST_ACTIONS, ActionSpace, Factor

KNOWN = {name: each.factor for name, each in CONDITIONS.items()}


@st.composite
def spaces(draw: st.DrawFn) -> ActionSpace:
    factors = []
    for number in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            levels = tuple(sorted(draw(st.sets(st.integers(-9, 9).map(float), min_size=1, max_size=4))))
        else:
            levels = tuple(draw(st.lists(st.text("abcdef", min_size=1), min_size=1, max_size=4, unique=True)))
        factors.append(Factor(f"f{number}", levels, "set to {level}", neutral=draw(st.sampled_from([None, *levels]))))
    return ActionSpace(factors)


@given(spaces())
def test_every_combination_is_one_action_and_is_found_again(space):
    assert len(space) == np.prod(space.shape)
    assert [space.index(action.settings) for action in space.actions] == list(range(len(space)))
    assert [space.index(action.settings[::-1]) for action in space.actions] == list(range(len(space)))


@given(spaces())
def test_actions_in_order_fill_an_array_row_by_row(space):
    for action in space.actions:
        place = np.unravel_index(action.index, space.shape)
        levels = [factor.levels[i] for factor, i in zip(space.factors, place, strict=True)]
        assert [setting.level for setting in action.settings] == levels


@given(spaces())
def test_no_two_actions_share_a_place_and_a_factor_extends_over_one(space):
    places = space.positions
    apart = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    assert (apart[~np.eye(len(space), dtype=bool)] > 0).all()
    assert apart.max(initial=0.0) <= np.sqrt(len(space.factors)) + 1e-9


@given(spaces())
def test_only_the_action_that_changes_nothing_is_said_to(space):
    unchanged = [action.index for action in space.actions if space.say(action) == "unchanged"]
    assert unchanged == ([] if space.neutral is None else [space.neutral])


@given(spaces(), st.data())
def test_where_keeps_the_actions_at_allowed_levels(space, data):
    factor = data.draw(st.sampled_from(space.factors))
    allowed = data.draw(st.sets(st.sampled_from(factor.levels)))
    kept = space.where({factor.name: allowed})
    assert {space.actions[i].level(factor.name) for i in kept} == allowed
    assert len(kept) == len(space) * len(allowed) // len(factor.levels)


def test_what_is_typed_names_factors_and_levels_of_ones_own():
    factors = factors_of("rotation, darkness=2:0.5:1", KNOWN)
    assert [factor.name for factor in factors] == ["rotation", "darkness"]
    assert factors[0] == KNOWN["rotation"]
    assert factors[1].levels == (0.5, 1.0, 2.0)
    assert factors[1].neutral == 1
    assert factors_of("rotation x darkness", KNOWN)[1] == KNOWN["darkness"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("rotaton", "did you mean rotation?"),
        ("rotation=a:b", "numbers set apart by colons"),
        ("rotation,,blur", "set apart by commas"),
        ("", "names no factors"),
    ],
)
def test_what_cannot_be_understood_is_said_with_what_can(asked, told):
    with pytest.raises(OptionError, match=told.replace("?", "\\?")):
        factors_of(asked, KNOWN)


def test_a_space_too_large_to_be_measured_is_refused():
    with pytest.raises(OptionError, match=f"{MOST_ACTIONS} is the most"):
        ActionSpace([Factor(str(i), tuple(map(float, range(20))), "{level}") for i in range(4)])


def test_levels_out_of_order_or_doubled_are_refused():
    with pytest.raises(OptionError, match="must grow"):
        Factor("rotation", (5.0, 0.0), "{level}")
    with pytest.raises(OptionError, match="each of them once"):
        Factor("rotation", (5.0, 5.0), "{level}")
