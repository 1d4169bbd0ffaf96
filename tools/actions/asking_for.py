"""From what a user types to a space of actions: ``rotation,darkness=0.1:0.5:1,saturation``.

Names are those of a table of factors, each with levels of its own that can be replaced after an equals sign, set apart
by colons.
"""

import difflib
from collections.abc import Mapping
from dataclasses import replace

from faultfinder.memory.errors import OptionError
from faultfinder.tools.actions.space import Factor


def factors_of(asked: str, known: Mapping[str, Factor]) -> list[Factor]:
    """Return the factors that a text asks for.

    Args:
        asked: names set apart by commas (or ' x '), each with levels after an equals sign where they are to be others.
        known: the factors there are.

    Raises:
        OptionError: a name is not known, or a level is no number where the factor's levels are numbers.
    """
    parts = [part.strip() for part in asked.replace(" x ", ",").split(",")]
    if not all(parts):
        raise OptionError(f"{asked!r} names no factors; write some of {', '.join(known)}, set apart by commas")
    return [_factor(part, known) for part in parts]


def _factor(part: str, known: Mapping[str, Factor]) -> Factor:
    name, given, levels = (piece.strip() for piece in part.partition("="))
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise OptionError(f"there is nothing called {name!r} to change{meant} There are {', '.join(known)}")
    factor = known[name]
    if not given:
        return factor
    said = [piece.strip() for piece in levels.split(":")]
    chosen = sorted({_number(piece, name) for piece in said}) if factor.ordered else list(dict.fromkeys(said))
    if not factor.ordered and (unknown := [level for level in said if level not in factor.levels]):
        raise OptionError(f"{name} has no {unknown[0]!r}; it has {', '.join(map(str, factor.levels))}")
    neutral = factor.neutral if factor.neutral in chosen else None
    return replace(factor, levels=tuple(chosen), neutral=neutral)


def _number(said: str, name: str) -> float:
    try:
        return float(said)
    except ValueError:
        raise OptionError(
            f"the levels of {name} are numbers set apart by colons, such as {name}=0.5:1:2, not {said!r}"
        ) from None
