"""What is a test worth? The chance that it proves something new and important, per unit of cost.

chance    that as many of the probes fail as a verdict needs, when each fails with the rate that a pilot showed
          (beta-binomial, under a Beta(1, 2) prior), and that the controls do not fail as well
novelty   the share of the unnoticed tries that a proposal speaks of which nothing proven explains
weight    the square root of the share of the corpus the proposal speaks of; more where the goal asks for it
cost      texts a test takes: the same for every test of an audit, so it does not change their order

Only what is tested next depends on it. Whether it holds is for the test to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

from pydantic import Field

from faultfinder.agent.explore.covering import covered
from faultfinder.agent.judge import HALF, wilson
from faultfinder.agent.strategist import Proposal
from faultfinder.memory.records import Hypothesis, MinedPair, Record

PRIOR = (1.0, 2.0)
"""Failures and passes added to a pilot: a third of what looks suspicious holds."""

UNTRIED = PRIOR[0] / sum(PRIOR)
"""Chance of a proposal that no pilot was run for."""

PILOT_PROBES, PILOT_CONTROLS = 12, 6
"""Pairs of a pilot."""

_LEAST_WEIGHT = 0.05
_ASKED_FOR = 3.0


class Pilot(Record):
    """What a pilot showed of one proposal."""

    id: str = Field(description="of what the proposal says")
    round: str = Field(default="", description="looks and hypotheses when it was run: one round runs a few")
    probes: int = Field(description="pairs that the proposal says are confused")
    failed: int = Field(description="those of them that the target takes for rewordings")
    controls: int = Field(description="matched pairs that it says are not")
    failed_controls: int = Field(description="those of them that the target takes for rewordings")

    def chance(self, probes: int) -> float:
        """Return the chance that a test with so many probes proves the proposal."""
        noticed = 1 - (self.failed_controls + 0.5) / (self.controls + 1) if self.controls else 1.0
        # A pilot that found fewer pairs than it wanted says that a test will find no more either.
        room = probes if self.probes >= PILOT_PROBES else self.probes
        return chance_of_support(self.failed, self.probes, room) * noticed


@dataclass(frozen=True)
class Prospect:
    """A proposal with what its test may bring."""

    proposal: Proposal
    pilot: Pilot | None
    chance: float
    novelty: float
    weight: float

    @property
    def worth(self) -> float:
        """Return the expected worth of the test."""
        return self.chance * self.novelty * self.weight


@dataclass(frozen=True)
class Outset:
    """What prospects are weighed by.

    Attributes:
        pairs: Everything tried so far.
        proven: Hypotheses proven so far.
        probes: Probes of a test.
        asked: Words of the kinds of difference and subjects that the goal asks for.
    """

    pairs: Sequence[MinedPair]
    proven: Sequence[Hypothesis]
    probes: int
    asked: frozenset[str] = frozenset()


def weigh(proposal: Proposal, pilot: Pilot | None, outset: Outset, reach: float) -> Prospect:
    """Weigh one proposal.

    Args:
        proposal: what may be tested.
        pilot: what its pilot showed; None where there was none.
        outset: what is known.
        reach: share of the corpus the proposal speaks of.
    """
    unnoticed = [pair for pair in covered(as_hypothesis(proposal), outset.pairs) if pair.agreed]
    explained = {pair.id for proven in outset.proven for pair in covered(proven, unnoticed)}
    words = set(proposal.rule.words) if proposal.rule else set()
    words |= {word for group in proposal.within for phrase in group for word in phrase.split()}
    return Prospect(
        proposal=proposal,
        pilot=pilot,
        chance=pilot.chance(outset.probes) if pilot else UNTRIED,
        novelty=1 - len(explained) / len(unnoticed) if unnoticed else 1.0,
        weight=max(_LEAST_WEIGHT, sqrt(reach)) * (1 if words.isdisjoint(outset.asked) else _ASKED_FOR),
    )


def as_hypothesis(proposal: Proposal) -> Hypothesis:
    """Return a proposal as the hypothesis it would be."""
    return Hypothesis(
        id="proposed",
        title=proposal.title,
        description=proposal.description,
        rule=proposal.rule,
        within=proposal.within,
    )


@cache
def chance_of_support(failed: int, tried: int, probes: int) -> float:
    """Return the chance that the interval of a test lies at or above one half.

    Args:
        failed: tries that failed so far.
        tried: tries so far; each probe fails at the rate that they show.
        probes: probes of the test.
    """
    from scipy.stats import betabinom

    needed = failures_needed(probes)
    return float(betabinom.sf(needed - 1, probes, PRIOR[0] + failed, PRIOR[1] + tried - failed))


@cache
def failures_needed(probes: int) -> int:
    """Return the fewest failures whose interval's lower end reaches one half; one more than there are, if none do."""
    return next((fail for fail in range(probes + 1) if wilson(fail, probes)[0] >= HALF), probes + 1)
