"""Exploring what matters: an explorer's rewards, and the regions it finds, weighed by what people's ratings say.

A reward is severity times importance. Importance is taken one standard deviation above its mean, so that what nobody
has rated is not forgotten; and as a share of the most that any action has, so that an explorer learns as fast where
people mind everything a little as where they mind it much. Regions are weighed by the mean, which hopes for nothing.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from faultfinder.agent.context import AuditContext
from faultfinder.agent.landscape.candidates import Inputs
from faultfinder.agent.landscape.rating import Ratings
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.landscape_records import (
    MINDED,
    Exploration,
    FailingRegion,
    ImportanceFound,
    LevelImportance,
    Visit,
    WeighedBy,
)
from faultfinder.tools.actions.space import ActionSpace
from faultfinder.tools.landscape.ground import Places
from faultfinder.tools.landscape.regions import actions_in
from faultfinder.tools.tasks.task import Example

Floats = npt.NDArray[np.float64]


class Weigher(Protocol):
    """Weighs visits by how much their failures matter."""

    def matters(self, visits: Sequence[Visit]) -> Floats:
        """Return the importance of visits, float64 (n,), from 0 to 1."""
        ...


class Weighing:
    """What people's ratings say, for one exploration."""

    def __init__(self, context: AuditContext, terrain: Terrain, labels: Sequence[str]) -> None:
        """Learn from the ratings of certain labels."""
        self._ledger, self._space = context.ledger, terrain.task.space
        self._ratings, self._inputs = Ratings(context.ledger, frozenset(labels)), Inputs(terrain)
        keys = self._inputs.keys
        explorations = context.ledger.all(Exploration)
        self._model = self._ratings.importance(explorations[0], extra=self._inputs.topics(keys))
        everywhere = self._places(keys, [0] * len(keys))
        actions = range(len(self._space))
        self._by_action = self._model.at(self._model.ground.over_inputs(actions, everywhere))
        self._everywhere = everywhere
        self._most = float(self._by_action.upper.max())
        self._weights: dict[tuple[str, int], float] = {}

    def weight(self, example: Example, action: int) -> float:
        """Return what a failure of an example under an action counts, from 0 to 1; the same whenever it is asked."""
        place = (example.key, action)
        if place not in self._weights:
            upper = float(self._model.at(self._places([example.key], [action])).upper[0])
            self._weights[place] = min(1.0, upper / self._most)
        return self._weights[place]

    def matters(self, visits: Sequence[Visit]) -> Floats:
        """Return the mean importance of visits, float64 (n,)."""
        return self._model.at(self._places([v.input for v in visits], [v.action for v in visits])).mean

    def told(self, found: Exploration, made: Sequence[Visit]) -> Exploration:
        """Add what is known of importance to an exploration that ran under it.

        Args:
            found: the exploration as it was summed up.
            made: what its explorer asked.
        """
        before = self._before()
        regions = tuple(self._weighed(each) for each in found.regions)
        minded = self._by_action.mean >= MINDED
        now, then = (_spent(self._space, visits) for visits in (made, before))
        told = ImportanceFound(
            ratings=len(self._ratings.given),
            raters=len({rating.rater for rating in self._ratings.given}),
            unreadable=len(self._ratings.unreadable),
            labels=self._ratings.labels,
            noise=_rounded(self._model.noise),
            means=tuple(_rounded(each) for each in self._by_action.mean),
            sds=tuple(_rounded(each) for each in self._by_action.sd),
            levels=tuple(self._levels(now, then)),
            minded=_rounded(now[minded].sum()),
            minded_before=_rounded(then[minded].sum()),
            minded_actions=_rounded(minded.mean()),
            regions=tuple(self._every_region(regions)),
        )
        return found.model_copy(update={"regions": regions, "importance": told})

    def _places(self, keys: Sequence[str], actions: Sequence[int]) -> Places:
        return self._model.ground.places(actions, self._inputs.topics(keys), self._inputs.states(keys))

    def _before(self) -> list[Visit]:
        """Return what the last exploration asked that knew of no ratings."""
        unweighed = [each.id for each in self._ledger.all(Exploration) if each.importance is None]
        return [visit for visit in self._ledger.all(Visit) if visit.exploration == unweighed[-1]]

    def _levels(self, now: Floats, then: Floats) -> list[LevelImportance]:
        return [
            LevelImportance(
                factor=factor.name,
                level=level,
                mean=_rounded(self._by_action.mean[own].mean()),
                sd=_rounded(self._by_action.sd[own].mean()),
                queries=_rounded(now[own].sum()),
                before=_rounded(then[own].sum()),
            )
            for factor in self._space.factors
            for level in factor.levels
            if (own := self._space.where({factor.name: [level]}))
        ]

    def _every_region(self, own: Sequence[FailingRegion]) -> list[FailingRegion]:
        """Return an exploration's regions and those of all before it, each once."""
        earlier = [self._weighed(region) for each in self._ledger.all(Exploration) for region in each.regions]
        once = {(each.region.bounds, each.region.topics): each for each in [*reversed(earlier), *reversed(own)]}
        return list(reversed(once.values()))

    def _weighed(self, found: FailingRegion) -> FailingRegion:
        """Say how much a region's failures matter: the mean over its actions and inputs."""
        topics = found.region.topics
        rows = [key for key in self._inputs.keys if not topics or self._inputs.topics([key])[0] in topics]
        inputs = self._places(rows, [0] * len(rows)) if rows else self._everywhere
        actions = actions_in(self._space, found.region, topics[0] if topics else None)
        if not actions:
            return found
        mean = self._model.at(self._model.ground.over_inputs(actions, inputs)).mean.mean()
        return found.model_copy(update={"importance": _rounded(mean)})


def weigh(context: AuditContext, terrain: Terrain, exploration: str) -> Weighing | None:
    """Weigh an exploration by the ratings there are when it begins; one that is resumed keeps to those; None: no one.

    Args:
        context: the audit.
        terrain: what is explored.
        exploration: id of the exploration that begins.
    """
    begun = context.ledger.get(WeighedBy, exploration)
    if begun is None:
        ratings = Ratings(context.ledger)
        begun = WeighedBy(id=exploration, labels=ratings.labels if ratings.given else ())
        context.ledger.save([begun])
    return Weighing(context, terrain, begun.labels) if begun.labels else None


def _spent(space: ActionSpace, visits: Sequence[Visit]) -> Floats:
    """Return the share of queries spent on every action, float64 (actions,)."""
    counted = np.bincount([visit.action for visit in visits], minlength=len(space))
    shares: Floats = counted / max(1, len(visits))
    return shares


def _rounded(value: float) -> float:
    return round(float(value), 4)
