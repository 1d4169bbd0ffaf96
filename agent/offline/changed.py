"""What the offline strategist says of changed inputs: regions as hypotheses, narrowed where only a part fails."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from faultfinder.agent.strategist import Kinship, Proposal, Refinement, Relation, Step, Trial
from faultfinder.memory.landscape_records import FailingRegion
from faultfinder.memory.records import Failure, Hypothesis, Outcome
from faultfinder.memory.regions import Bound, Level, Region, say_levels

NEARLY = 0.6
"""Failure rate from which further cases are bought rather than the region narrowed."""

MOST_LOOKS = 3
_KEPT = 0.5  # a level at the end of a bound is dropped where fewer of its probes fail
_MOST_TOPICS = 3
_PROMPTS = "prompts"


def region_proposal(found: FailingRegion) -> Proposal:
    """Put a region into words that can be proved wrong."""
    return propose(found.region, (found.id,))


def refine_region(trial: Trial) -> Refinement:
    """Buy more cases when the rate is near enough to be decided, else keep the levels that fail, else give up."""
    rate, region = trial.verdict.probes.rate, trial.hypothesis.region
    if region is None or rate is None or trial.verdict.look >= MOST_LOOKS:
        return Refinement(step=Step.DROP)
    if rate >= NEARLY:
        return Refinement(step=Step.MORE)
    narrower = narrowed(region, trial)
    if narrower == region:
        return Refinement(step=Step.DROP)
    return Refinement(step=Step.CHILDREN, children=(propose(narrower, (trial.hypothesis.id,)),))


def narrowed(region: Region, trial: Trial) -> Region:
    """Return a region without the levels at the ends of its bounds at which most probes pass."""
    rates = _rates(trial)
    bounds = tuple(
        bound.model_copy(update={"levels": _trimmed(bound.levels, rates[bound.factor])}) for bound in region.bounds
    )
    return region.model_copy(update={"bounds": bounds})


def relate_regions(hypothesis: Hypothesis, known: Sequence[Failure]) -> Relation:
    """Find the known failure of the same region, else one of a region that holds it."""
    region = hypothesis.region or Region()
    for failure in known:
        if failure.region is not None and _same(region, failure.region):
            return Relation(kinship=Kinship.SAME, failure=failure.id)
    for failure in known:
        if failure.region is not None and lies_within(region, failure.region):
            return Relation(kinship=Kinship.NARROWER, failure=failure.id)
    return Relation(kinship=Kinship.NEW)


def _same(region: Region, other: Region) -> bool:
    return (region.bounds, region.topics) == (other.bounds, other.topics)


def lies_within(region: Region, other: Region) -> bool:
    """Tell whether a region is a part of another."""
    own = {bound.factor: set(bound.levels) for bound in region.bounds}
    held = all(own.get(bound.factor) and own[bound.factor] <= set(bound.levels) for bound in other.bounds)
    return held and (not other.topics or (bool(region.topics) and set(region.topics) <= set(other.topics)))


def propose(region: Region, evidence: tuple[str, ...] = ()) -> Proposal:
    """Put any region into words that can be proved wrong; what it rests on is evidence."""
    inputs, changed = _inputs(region), ", ".join(_say(bound) for bound in region.bounds)
    where = " ".join(filter(None, (inputs, changed)))
    return Proposal(
        title=f"{where} are {_done(region)} wrongly",
        description=(
            f"Of {where}, at least every other one is {_done(region)} wrongly, and more often than where one of these "
            f"conditions does not hold{_aside(region)}."
        ),
        evidence=evidence,
        region=region,
    )


def _aside(region: Region) -> str:
    """Say which regions are left aside."""
    said = [" ".join(filter(None, (_inputs(other), ", ".join(map(_say, other.bounds))))) for other in region.apart]
    return f" (leaving aside {'; '.join(said)})" if said else ""


def _inputs(region: Region) -> str:
    if not region.topics:
        return region.noun
    named = [f"'{topic}'" for topic in region.topics[:_MOST_TOPICS]]
    more = f" and {len(region.topics) - len(named)} more" if len(region.topics) > len(named) else ""
    return f"{region.noun} of {', '.join(named)}{more}"


def _done(region: Region) -> str:
    return "painted" if region.noun == _PROMPTS else "answered"


def _say(bound: Bound) -> str:
    return say_levels(bound.say, bound.levels)


def _rates(trial: Trial) -> Mapping[str, Mapping[Level, float]]:
    """Return how often the scored probes failed, by factor and level."""
    seen: dict[str, dict[Level, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for case in trial.probes:
        for setting in case.change.settings if case.change else ():
            seen[setting.factor][setting.level].append(case.observation.outcome is Outcome.FAIL)
    return defaultdict(dict, {f: {v: sum(hits) / len(hits) for v, hits in by.items()} for f, by in seen.items()})


def _trimmed(levels: tuple[Level, ...], rates: Mapping[Level, float]) -> tuple[Level, ...]:
    kept = list(levels)
    while len(kept) > 1 and rates.get(kept[0], 1.0) < _KEPT:
        kept.pop(0)
    while len(kept) > 1 and rates.get(kept[-1], 1.0) < _KEPT:
        kept.pop()
    return tuple(kept)
