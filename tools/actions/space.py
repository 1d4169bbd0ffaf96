"""The space of actions: factors with levels, and every combination of them.

An action is one way to change an input: a level of every factor. Positions give actions a geometry, so that a landscape
over them can be smoothed, drawn and compared: neighbouring levels lie next to each other, names all equally far apart.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from faultfinder.memory.errors import OptionError
from faultfinder.memory.regions import Level, Setting, say_levels

MOST_ACTIONS = 20_000
"""Actions of a space; more cannot be mapped by measuring."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Factor:
    """One thing that can be changed, and the levels it can be set to.

    Attributes:
        name: One word: 'rotation'.
        levels: In order of size where they are numbers; at least one.
        say: How a level is said, with {level} in it: 'rotated by {level} degrees'.
        neutral: The level that changes nothing; None where there is none.
        step: Size of a small step, where the factor can be moved by small steps.
    """

    name: str
    levels: tuple[Level, ...]
    say: str
    neutral: Level | None = None
    step: float | None = None

    def __post_init__(self) -> None:
        """Refuse levels that are missing, doubled or out of order."""
        if not self.levels or len(set(self.levels)) != len(self.levels):
            raise OptionError(f"the factor {self.name!r} needs levels, each of them once, not {self.levels}")
        if self.ordered and list(self.levels) != sorted(self.levels, key=float):
            raise OptionError(f"the levels of {self.name!r} must grow: {self.levels}")

    @property
    def ordered(self) -> bool:
        """Tell whether the levels are numbers, so that neighbours mean something."""
        return all(isinstance(level, int | float) for level in self.levels)

    def told(self, level: Level) -> str:
        """Say a level: 'rotated by 10 degrees'."""
        return say_levels(self.say, (level,))


@dataclass(frozen=True)
class Action:
    """A level of every factor.

    Attributes:
        index: Its number within the space.
        settings: Factor and level, in the order of the factors.
    """

    index: int
    settings: tuple[Setting, ...]

    def level(self, factor: str) -> Level:
        """Return the level of a factor.

        Raises:
            KeyError: the action has no such factor.
        """
        for setting in self.settings:
            if setting.factor == factor:
                return setting.level
        raise KeyError(factor)


class ActionSpace:
    """All combinations of the levels of some factors, in a fixed order: the last factor changes fastest."""

    def __init__(self, factors: Sequence[Factor]) -> None:
        """Combine factors.

        Raises:
            OptionError: there are none, two of one name, or more combinations than can be mapped.
        """
        names = [factor.name for factor in factors]
        if not factors or len(set(names)) != len(names):
            raise OptionError(f"a space of actions needs factors of different names, not {names}")
        if (size := math.prod(len(factor.levels) for factor in factors)) > MOST_ACTIONS:
            raise OptionError(f"{' x '.join(names)} has {size} actions, {MOST_ACTIONS} is the most; leave levels out")
        self.factors = tuple(factors)

    def __len__(self) -> int:
        """Return how many actions there are."""
        return len(self.actions)

    @property
    def shape(self) -> tuple[int, ...]:
        """Levels per factor; actions in order fill an array of this shape row by row."""
        return tuple(len(factor.levels) for factor in self.factors)

    @property
    def name(self) -> str:
        """The factors in a line: 'rotation x darkness'."""
        return " x ".join(factor.name for factor in self.factors)

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """Every action, by index."""
        names = [factor.name for factor in self.factors]
        combined = product(*(factor.levels for factor in self.factors))
        return tuple(
            Action(i, tuple(Setting(factor=n, level=v) for n, v in zip(names, levels, strict=True)))
            for i, levels in enumerate(combined)
        )

    @cached_property
    def neutral(self) -> int | None:
        """Index of the action that changes nothing; None where there is none."""
        levels = [factor.neutral for factor in self.factors]
        if any(level is None for level in levels):
            return None
        return next((a.index for a in self.actions if [s.level for s in a.settings] == levels), None)

    @cached_property
    def positions(self) -> Floats:
        """Where the actions lie, float64 (actions, dimensions), every factor of extent 1.

        An ordered factor is one axis, its levels at equal steps from 0 to 1. An unordered one has an axis a level, of
        which all pairs lie at distance 1.
        """
        return np.array([self._place(action) for action in self.actions], dtype=np.float64)

    def say(self, action: Action) -> str:
        """Say what an action does, leaving out what it does not change: 'rotated by 10 degrees, darkened to 0.5'."""
        told = [
            factor.told(setting.level)
            for factor, setting in zip(self.factors, action.settings, strict=True)
            if setting.level != factor.neutral
        ]
        return ", ".join(told) or "unchanged"

    def factor(self, name: str) -> Factor:
        """Return a factor by name.

        Raises:
            KeyError: the space has no such factor.
        """
        for factor in self.factors:
            if factor.name == name:
                return factor
        raise KeyError(name)

    def where(self, allowed: Mapping[str, Iterable[Level]]) -> list[int]:
        """Return the actions whose levels are all among those allowed; a factor not named allows every level."""
        sets = {name: set(levels) for name, levels in allowed.items()}
        return [
            action.index
            for action in self.actions
            if all(action.level(name) in levels for name, levels in sets.items())
        ]

    def index(self, settings: Sequence[Setting]) -> int:
        """Return the number of the action with these settings, in whatever order they are given.

        Raises:
            KeyError: the space has no such action.
        """
        return self._index[frozenset((setting.factor, setting.level) for setting in settings)]

    @cached_property
    def _index(self) -> dict[frozenset[tuple[str, Level]], int]:
        return {frozenset((s.factor, s.level) for s in action.settings): action.index for action in self.actions}

    def _place(self, action: Action) -> list[float]:
        place: list[float] = []
        for factor, setting in zip(self.factors, action.settings, strict=True):
            number = factor.levels.index(setting.level)
            if factor.ordered:
                place.append(number / max(1, len(factor.levels) - 1))
            else:
                place += [math.sqrt(0.5) * (number == other) for other in range(len(factor.levels))]
        return place
