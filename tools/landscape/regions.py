"""Regions of failure: subgroup discovery over what an explorer tried.

A region holds some factors to ranges of their levels, and perhaps the inputs to one topic. Candidates grow by one bound
at a time, the best of each size going on (beam search). A region is worth more the more of the space it covers and the
further its failure rate lies above that of everything outside: q = sqrt(share) (rate - outside), a standard quality of
subgroup discovery (Kloesgen, 1996, with a = 1/2). Only regions count whose rate is probably at least one half, since
no other could be proven; that stand out by more than the best of the m that can be made of so many bounds does by
chance (the lower end of Newcombe's interval of the difference, 1998, at sqrt(2 ln m) standard errors, by Donoho &
Johnstone, 1994); and only bounds that earn their place: of two regions of about one quality the simpler counts. The
best is then bounded further while that cuts off a part which clearly fails in fewer than half of its queries.

Where people have said how much failures matter, a failure counts by its importance in that quality, and in nothing
else: whether a region can be proven is a matter of failures alone.

One region found, what it explains is set aside and the search goes on with the rest (sequential covering): the next one
is a region of what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faultfinder.memory.landscape_records import FailingRegion, Visit
from faultfinder.memory.records import Outcome
from faultfinder.memory.regions import Bound, Level, Region, say_levels
from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.intervals import wilson
from faultfinder.tools.landscape.measured import weights

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

WIDTH = 24
"""Candidates of each size that go on."""

DEEPEST = 4
"""Bounds of a region, its topic included."""

FEWEST = 8
"""Scored queries, and failures elsewhere unexplained (each by its importance), below which no region is told."""

_HALF = 0.5
_EARNS = 1.05  # a further bound must raise the quality by this factor
_Z = 1.0  # standard errors below the rate at which it must still reach one half: a region to be tested, not proven


@dataclass(frozen=True)
class Queries:
    """Scored queries as columns, all of length n. `felt` is the importance of a failure, 0 where there was none."""

    action: npt.NDArray[np.int64]
    topic: npt.NDArray[np.str_]
    failed: Mask
    weight: Floats
    felt: Floats

    @classmethod
    def of(
        cls, space: ActionSpace, visits: Sequence[Visit], topics: Sequence[str], matters: Floats | None = None
    ) -> "Queries":
        """Lay out the scored visits.

        Args:
            space: the actions.
            visits: what was tried.
            topics: the topic of each visit's input.
            matters: how much a failure of each visit matters, float64 (visits,), from 0 to 1; fully if not given.
        """
        scored = [(v, topic) for v, topic in zip(visits, topics, strict=True) if v.outcome in _SCORED]
        failed = np.array([visit.outcome is Outcome.FAIL for visit, _ in scored], dtype=np.bool_)
        rows = [row for row, visit in enumerate(visits) if visit.outcome in _SCORED]
        return cls(
            np.array([visit.action for visit, _ in scored], dtype=np.int64),
            np.array([topic for _, topic in scored], dtype=np.str_),
            failed,
            weights(len(space), [visit for visit, _ in scored]),
            failed.astype(np.float64) if matters is None else np.where(failed, matters[rows], 0.0),
        )


_SCORED = (Outcome.FAIL, Outcome.PASS)


@dataclass(frozen=True)
class _Candidate:
    """A region with what is known of it."""

    bounds: tuple[Bound, ...]
    topics: tuple[str, ...]
    inside: Mask
    share: float
    n: int
    fail: int
    rate: float
    error: float
    outside: float
    felt: float
    felt_outside: float
    stands_out: bool

    @property
    def quality(self) -> float:
        """How much it is worth; nothing where it cannot be proven, or may stand out by chance, or holds everything."""
        provable = self.n >= FEWEST and self.rate - _Z * self.error >= _HALF
        return self.standing_out if provable and self.stands_out else 0.0

    @property
    def standing_out(self) -> float:
        """How far it stands out, by its share of the space."""
        return float(np.sqrt(self.share)) * (self.felt - self.felt_outside)

    @property
    def size(self) -> int:
        """Return the number of its bounds."""
        return len(self.bounds) + bool(self.topics)

    @property
    def name(self) -> tuple[object, ...]:
        """Tell it from others, whatever order its bounds were found in."""
        return (tuple(sorted((b.factor, b.levels) for b in self.bounds)), self.topics)


class RegionSearch:
    """Looks for regions of failure in one space."""

    def __init__(self, space: ActionSpace, noun: str = "inputs") -> None:
        """Take the actions, and what the inputs are called."""
        self._space, self._noun = space, noun
        self._ranges = [
            (Bound(factor=factor.name, levels=levels, say=_said(factor, levels)), self._mask(factor.name, levels))
            for factor in space.factors
            for levels in ranges(factor)
        ]

    def find(self, exploration: str, queries: Queries, most: int) -> list[FailingRegion]:
        """Return the regions in which most of the failures lie, the most worth first.

        Args:
            exploration: id of the exploration they come from.
            queries: what was tried.
            most: how many at most.
        """
        left = np.ones(len(queries.action), dtype=np.bool_)
        found: list[FailingRegion] = []
        while len(found) < most and queries.felt[left].sum() >= FEWEST:
            best = self._best(queries, left)
            if best is None:
                break
            found.append(self._told(f"{exploration}-r{len(found) + 1}", best, [each.region for each in found]))
            left &= ~best.inside
        return found

    def _best(self, queries: Queries, left: Mask) -> _Candidate | None:
        everything = self._candidate(queries, left, (), ())
        beam = [everything] if everything else []
        best: _Candidate | None = None
        for _ in range(DEEPEST):
            grown = {c.name: c for parent in beam for c in self._grown(queries, left, parent)}
            beam = sorted(grown.values(), key=lambda c: (-_promise(c), c.size, str(c.name)))[:WIDTH]
            for each in sorted(beam, key=lambda c: (-c.quality, str(c.name))):
                if each.quality > (best.quality * _EARNS if best else 0.0):
                    best = each
        return self._without_what_passes(queries, left, best) if best else None

    def _without_what_passes(self, queries: Queries, left: Mask, found: _Candidate) -> _Candidate:
        """Bound a region further while a bound cuts off a part that clearly fails in fewer than half of its queries.

        A wide region may be worth more than its failing part, and yet be wrong of the rest of it.
        """
        while found.size < DEEPEST:
            children = [each for each in self._grown(queries, left, found) if each.quality > 0.0]
            purer = [each for each in children if self._mostly_passes(queries, found.inside & ~each.inside & left)]
            if not purer:
                break
            found = max(purer, key=lambda each: (each.quality, str(each.name)))
        return found

    def _mostly_passes(self, queries: Queries, part: Mask) -> bool:
        """Tell whether fewer than half of some queries failed, by more than the luckiest of all single bounds would."""
        if part.sum() < FEWEST:
            return False
        rate, count = _mean(queries, queries.failed, part), _count(queries.weight[part])
        return wilson(rate, count, self._largest(queries, 1))[1] < _HALF

    def _grown(self, queries: Queries, left: Mask, parent: _Candidate) -> Iterable[_Candidate]:
        named = {bound.factor for bound in parent.bounds}
        for bound, _ in self._ranges:
            if bound.factor not in named and (
                child := self._candidate(queries, left, (*parent.bounds, bound), parent.topics)
            ):
                yield child
        if not parent.topics:
            for topic in np.unique(queries.topic):
                if child := self._candidate(queries, left, parent.bounds, (str(topic),)):
                    yield child

    def _candidate(
        self, queries: Queries, left: Mask, bounds: tuple[Bound, ...], topics: tuple[str, ...]
    ) -> _Candidate | None:
        actions = np.ones(len(self._space), dtype=np.bool_)
        for bound in bounds:
            actions &= self._mask(bound.factor, bound.levels)
        inside = actions[queries.action]
        share = float(actions.mean())
        if topics:
            inside &= np.isin(queries.topic, topics)
            share *= len(topics) / len(np.unique(queries.topic))
        seen, elsewhere = inside & left, ~inside & left
        if seen.sum() < FEWEST:
            return None
        weight, failed = queries.weight[seen], queries.failed[seen]
        rate, felt = _mean(queries, queries.failed, seen), _mean(queries, queries.felt, seen)
        outside = _mean(queries, queries.failed, elsewhere) if elsewhere.any() else rate
        size = len(bounds) + bool(topics)
        return _Candidate(
            bounds=bounds,
            topics=topics,
            inside=inside,
            share=share,
            n=int(seen.sum()),
            fail=int(failed.sum()),
            rate=rate,
            error=_standard_error(weight, rate),
            outside=outside,
            felt=felt,
            felt_outside=_mean(queries, queries.felt, elsewhere) if elsewhere.any() else felt,
            stands_out=_difference(
                (rate, _count(weight)), (outside, _count(queries.weight[elsewhere])), self._largest(queries, size)
            )
            > 0,
        )

    def _largest(self, queries: Queries, bounds: int) -> float:
        """Return of how many standard errors the largest difference is of all regions of so many bounds."""
        single = len(self._ranges) + len(np.unique(queries.topic))
        return float(np.sqrt(2 * bounds * np.log(single)))

    def _mask(self, factor: str, levels: Iterable[Level]) -> Mask:
        mask = np.zeros(len(self._space), dtype=np.bool_)
        mask[self._space.where({factor: levels})] = True
        return mask

    def _told(self, name: str, found: _Candidate, before: Sequence[Region]) -> FailingRegion:
        order = [factor.name for factor in self._space.factors]
        bounds = tuple(sorted(found.bounds, key=lambda bound: order.index(bound.factor)))
        apart = tuple(region.model_copy(update={"apart": ()}) for region in before)
        region = Region(bounds=bounds, topics=found.topics, noun=self._noun, apart=apart)
        return FailingRegion(
            id=name,
            region=region,
            words=say_region(region),
            n=found.n,
            fail=found.fail,
            rate=round(found.rate, 4),
            outside=round(found.outside, 4),
            share=round(found.share, 4),
        )


def ranges(factor: Factor) -> list[tuple[Level, ...]]:
    """Return the runs of neighbouring levels that a bound may hold a factor to; of one without order, single levels.

    The whole of a factor is no bound, and nothing is changed where only the neutral level is left.
    """
    levels = factor.levels
    if not factor.ordered:
        return [(level,) for level in levels if level != factor.neutral and len(levels) > 1]
    runs = [levels[i:j] for i in range(len(levels)) for j in range(i + 1, len(levels) + 1)]
    return [run for run in runs if run != levels]


def _said(factor: Factor, levels: tuple[Level, ...]) -> str:
    """Return how the levels of a bound are said: those of a factor without order in their own words."""
    return factor.say if factor.ordered else factor.told(levels[0]).replace("{", "{{").replace("}", "}}")


def say_region(region: Region) -> str:
    """Say what is done to the inputs in a region: 'at 0.1 to 0.5 times the brightness, rotated by 10 degrees'."""
    return ", ".join(say_levels(bound.say, bound.levels) for bound in region.bounds)


def actions_in(space: ActionSpace, region: Region, topic: str | None = None) -> list[int]:
    """Return the actions of a region for inputs of a topic (any, if none is given), without those left aside."""
    inside = space.where({bound.factor: bound.levels for bound in region.bounds})
    aside = {
        action
        for other in region.apart
        if not other.topics or topic in other.topics
        for action in actions_in(space, other)
    }
    return [action for action in inside if action not in aside]


def _promise(candidate: _Candidate) -> float:
    """Rate a candidate for going on: its quality, or where it cannot be proven yet, half of how far it stands out."""
    return candidate.quality or candidate.standing_out / 2


def _mean(queries: Queries, values: Floats | Mask, seen: Mask) -> float:
    weight = queries.weight[seen]
    return float((weight * values[seen]).sum() / weight.sum())


def _standard_error(weight: Floats, rate: float) -> float:
    """Return the standard error of a weighted rate, drawn towards one half so that it is never 0 (Agresti & Coull)."""
    n = _count(weight)
    drawn = (rate * n + 1) / (n + 2)
    return float(np.sqrt(drawn * (1 - drawn) / (n + 2)))


def _count(weight: Floats) -> float:
    """Return as how many queries of equal weight some weighted ones count (Kish, 1965)."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0


def _difference(inside: tuple[float, float], outside: tuple[float, float], z: float) -> float:
    """Return the lower end of an interval of z standard errors of the difference of two rates, each with its count.

    Newcombe's hybrid of two Wilson intervals (1998, method 10): it stays honest where counts are few and rates extreme.
    """
    low, high = wilson(*inside, z)[0], wilson(*outside, z)[1]
    return inside[0] - outside[0] - float(np.hypot(inside[0] - low, high - outside[0]))
