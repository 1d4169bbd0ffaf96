"""How inputs are changed, and which of all changes are meant: settings, bounds, regions."""

from pydantic import Field

from faultfinder.memory.base import Record

Level = float | str
"""What a factor can be set to."""


class Setting(Record):
    """A factor and the level it is set to."""

    factor: str = Field(description="what is changed: 'rotation'")
    level: Level = Field(description="to what: 10.0")


class Change(Record):
    """One input under one action: what a case about changed inputs tries."""

    input: str = Field(description="key of the input")
    settings: tuple[Setting, ...] = Field(description="a level of every factor")


class Bound(Record):
    """A factor held to some of its levels."""

    factor: str = Field(description="what is changed: 'darkness'")
    levels: tuple[Level, ...] = Field(description="the levels it is held to, in the factor's order")
    say: str = Field(description="how a level is said, with {level} in it: 'rotated by {level} degrees'")


class Region(Record):
    """Some of the actions, and some of the inputs: where a target is said to fail."""

    bounds: tuple[Bound, ...] = Field(default=(), description="all must hold; a factor not named may have any level")
    topics: tuple[str, ...] = Field(default=(), description="classes or topics of the inputs; empty for all")
    noun: str = Field(default="inputs", description="what the inputs are: 'pictures'")
    apart: tuple["Region", ...] = Field(
        default=(), description="regions left aside: what lies in one of them belongs neither inside nor outside"
    )


def say_levels(say: str, levels: tuple[Level, ...]) -> str:
    """Say some levels of a factor: 'rotated by 5 to 10 degrees', 'with typos or in capitals'.

    Args:
        say: how a level is said, with {level} in it.
        levels: numbers that lie next to each other, or names.
    """
    if len(levels) > 1 and all(isinstance(level, int | float) for level in levels):
        return say.format(level=f"{levels[0]:g} to {levels[-1]:g}")
    return " or ".join(say.format(level=f"{level:g}" if isinstance(level, float) else level) for level in levels)
