"""From a name such as ``thompson`` to an explorer.

Installed packages add their own through the entry point group ``faultfinder.explorers``: an entry's name is the
explorer's, its value a callable without arguments that returns one.
"""

import difflib
import importlib.util
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib.metadata import EntryPoint, entry_points

from pydantic import Field

from faultfinder.memory.errors import ExplorerError
from faultfinder.memory.records import Record
from faultfinder.tools.explorers.explorer import Explorer
from faultfinder.tools.targets.foreign import ForeignCode

GROUP = "faultfinder.explorers"
DEFAULT = "ucb"
"""The explorer that is taken where none is named."""


class ExplorerInfo(Record):
    """An explorer, as it is listed."""

    name: str = Field(description="what to type")
    about: str = Field(description="how it chooses, in a sentence")
    learns: bool = Field(description="whether what it has seen decides where it looks next")
    small_steps: bool = Field(description="whether it can explore by small steps as well")


@dataclass(frozen=True)
class _Kind:
    """Where an explorer is made, and what it is."""

    entry: EntryPoint
    info: ExplorerInfo
    needs: str = ""
    """The optional package that it is made of."""


def _built_in(
    place: str, name: str, about: str, *, learns: bool = True, small_steps: bool = False, needs: str = ""
) -> _Kind:
    info = ExplorerInfo(name=name, about=about, learns=learns, small_steps=small_steps)
    return _Kind(EntryPoint(name, f"faultfinder.tools.explorers.{place}", GROUP), info, needs)


_BUILT_IN = (
    _built_in("bandits:Ucb", "ucb", "the action whose severity could well be highest (LinUCB)"),
    _built_in("bandits:Thompson", "thompson", "the action that is best under a draw from what is believed"),
    _built_in("bandits:EpsilonGreedy", "epsilon-greedy", "the action expected to fail worst, else any"),
    _built_in("bayes:Bayes", "bayes", "a Bayesian optimiser over the levels, blind to inputs (optuna)", needs="optuna"),
    _built_in("deep:Dqn", "dqn", "a deep Q-network (stable-baselines3)", small_steps=True, needs="stable_baselines3"),
    _built_in(
        "deep:Ppo",
        "ppo",
        "proximal policy optimisation (stable-baselines3)",
        small_steps=True,
        needs="stable_baselines3",
    ),
    _built_in("baselines:Random", "random", "any action, all with the same chance", learns=False, small_steps=True),
    _built_in("baselines:Exhaustive", "exhaustive", "every action in turn", learns=False),
)


def open_explorer(name: str) -> Explorer:
    """Open an explorer by name.

    Raises:
        ExplorerError: there is none of that name (the message lists what there is), or its package is broken.
    """
    kinds = _kinds()
    if (wanted := name.strip()) not in kinds:
        near = difflib.get_close_matches(wanted.lower(), kinds, n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]}?" if near else "."
        raise ExplorerError(f"there is no explorer {name!r}{hint} Known: {', '.join(kinds)}")
    needs = kinds[wanted].needs
    if needs and importlib.util.find_spec(needs) is None:
        raise ExplorerError(f"the explorer {wanted} is not installed; pip install 'faultfinder[explorers]'")
    with ForeignCode(ExplorerError, f"the explorer {wanted} cannot be opened", "Update or uninstall its package"):
        opened: Explorer = kinds[wanted].entry.load()()
    if not callable(getattr(opened, "explore", None)):
        raise ExplorerError(f"{kinds[wanted].entry.value} made a {type(opened).__name__}, which cannot explore")
    return opened


def with_floor(explorer: Explorer, floor: float) -> Explorer:
    """Return an explorer that spreads a share of its queries evenly; one without a floor as it is."""
    if is_dataclass(explorer) and any(field.name == "floor" for field in fields(explorer)):
        return replace(explorer, floor=floor)
    return explorer


def explorers() -> list[ExplorerInfo]:
    """List the explorers, built in and plugged in."""
    return [kind.info for kind in _kinds().values()]


def _kinds() -> dict[str, _Kind]:
    """Return the table by name. A plug-in cannot take a built-in name, so that a name means the same everywhere."""
    built_in = {kind.info.name: kind for kind in _BUILT_IN}
    plugged = {
        entry.name: _Kind(
            entry, ExplorerInfo(name=entry.name, about=f"plug-in {entry.value}", learns=True, small_steps=True)
        )
        for entry in entry_points(group=GROUP)
    }
    return built_in | {name: kind for name, kind in plugged.items() if name not in built_in}
