"""The scout's tool over changed inputs: explore how often, and where, the target fails on them."""

from pydantic import Field

from faultfinder.agent.context import AuditContext
from faultfinder.agent.landscape.mapping import explore
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.errors import ToolError
from faultfinder.memory.landscape_records import Exploration
from faultfinder.memory.records import Record
from faultfinder.tools.explorers.registry import explorers

MOST_QUERIES = 100_000


class FoundRegion(Record):
    """A region of failure as the scout sees it."""

    id: str
    words: str = Field(description="what is done to the inputs there; empty where any change fails")
    topics: tuple[str, ...] = Field(description="the inputs it is about; empty for all")
    rate: float = Field(description="failure rate in it")
    outside: float = Field(description="failure rate outside")


class Explored(Record):
    """The result of an exploration."""

    id: str
    actions: int = Field(description="ways to change an input that were compared")
    queries: int = Field(description="changed inputs that were tried")
    mean: float = Field(description="mean failure rate over all actions")
    entropy: float = Field(description="of the failures over the actions, in bits")
    flat: float = Field(description="what it would be if failures were spread evenly")
    peaks: tuple[str, ...] = Field(description="changes at which the failure rate has a peak, the highest first")
    regions: tuple[FoundRegion, ...]


class LandscapeTools:
    """Tools over the changed inputs of one audit."""

    def __init__(self, context: AuditContext, terrain: Terrain) -> None:
        """Bind the tools to an audit."""
        self._context = context
        self._terrain = terrain

    def explore_landscape(self, explorer: str = "", queries: int = 0) -> str:
        """Change inputs in many ways (rotated, darker, ...) and find where the target fails most.

        Use it when the goal is about conditions, changes or robustness. `explorer`: who chooses the changes (empty for
        the audit's own: see the status). `queries`: changed inputs to try (0 for the audit's own). Inputs it tries are
        never used to prove anything. One call is usually enough.
        """
        if not 0 <= queries <= MOST_QUERIES:
            raise ToolError(f"queries must be from 0 (the audit's own) to {MOST_QUERIES}, not {queries}")
        settings = self._context.settings
        if explorer and explorer not in (known := [each.name for each in explorers()]):
            raise ToolError(f"there is no explorer {explorer!r}; there are {', '.join(known)}")
        found = explore(self._context, self._terrain, explorer or settings.explorer, queries or settings.queries)
        return self._summed_up(found).model_dump_json()

    def _summed_up(self, found: Exploration) -> Explored:
        space = self._terrain.task.space
        return Explored(
            id=found.id,
            actions=len(space),
            queries=found.queries,
            mean=found.landscape.mean,
            entropy=found.shape.entropy,
            flat=found.shape.flat,
            peaks=tuple(space.say(space.actions[peak]) for peak in found.shape.peaks),
            regions=tuple(
                FoundRegion(
                    id=each.id, words=each.words, topics=each.region.topics, rate=each.rate, outside=each.outside
                )
                for each in found.regions
            ),
        )
