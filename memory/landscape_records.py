"""What an explorer tried on changed inputs, and where it found that a target fails.

Inputs themselves (pictures, texts) are not kept: records hold the keys by which they are found again, and settings.
"""

from typing import Literal

from pydantic import Field

from faultfinder.memory.base import Record
from faultfinder.memory.records import Outcome
from faultfinder.memory.regions import Level, Region

MINDED = 0.5
"""Importance from which failures are said to matter to people."""


class Visit(Record):
    """One query of an explorer: an input under an action, and what came of it."""

    id: str = Field(description="exploration and number: 'explore-1-00042'")
    exploration: str = Field(description="id of the exploration it belongs to")
    input: str = Field(description="key of the input")
    action: int = Field(description="index of the action in the space")
    outcome: Outcome = Field(description="fail, pass, unscorable, error or invalid")
    severity: float | None = Field(
        default=None, description="how badly it missed, from 0 (sure of the truth) to 1; null where nothing was scored"
    )
    propensity: float | None = Field(
        default=None, description="chance with which the explorer would choose this action for this input; null: fixed"
    )
    said: str = Field(default="", description="what the target answered, in a few words")


class FailingRegion(Record):
    """A region found in an exploration, before any test of it."""

    id: str = Field(description="exploration and number: 'explore-1-r2'")
    region: Region = Field(description="the actions and inputs it holds")
    words: str = Field(description="what is done to the inputs there, in words: 'at 0.1 times the brightness'")
    n: int = Field(description="queries in it that were scored")
    fail: int = Field(description="those of them that failed")
    rate: float = Field(description="its failure rate, each query weighted by how seldom the explorer would choose it")
    outside: float = Field(description="the failure rate of everything outside, weighted likewise")
    share: float = Field(description="share of all actions and inputs that lie in it")
    importance: float | None = Field(
        default=None, description="how much its failures matter to people, 0 to 1, by their ratings; null: not known"
    )


class ActionRate(Record):
    """What was measured of one action."""

    n: int = Field(description="queries that were scored")
    fail: int = Field(description="those of them that failed")
    invalid: int = Field(description="inputs that a person could no longer have read; the target was not asked")
    other: int = Field(description="errors, and answers that could not be scored")
    rate: float = Field(description="failure rate, partially pooled with neighbouring actions")
    interval: tuple[float, float] = Field(description="its 95 % interval")
    severity: float = Field(description="mean severity of the scored answers; 0 where there were none")


class Landscape(Record):
    """The measured failure rate of every action of a space."""

    rates: tuple[ActionRate, ...] = Field(description="by index of the action")
    reach: float = Field(description="how far neighbours lend strength, as a share of a factor's extent; 0: not at all")
    strength: float = Field(description="how many queries the neighbours' word is worth")
    mean: float = Field(description="mean of the rates over all actions")


class Shape(Record):
    """What a landscape looks like, in numbers."""

    entropy: float = Field(description="of the failures over the actions, in bits")
    flat: float = Field(description="entropy of a flat landscape, in bits: the most there can be")
    peaks: tuple[int, ...] = Field(description="actions at whose rate a peak stands out, the highest first")


class Axis(Record):
    """A factor with all its levels."""

    factor: str = Field(description="what is changed: 'darkness'")
    levels: tuple[Level, ...] = Field(description="all its levels, in order")
    say: str = Field(description="how a level is said, with {level} in it")
    told: tuple[str, ...] = Field(default=(), description="how each level is said")
    neutral: Level | None = Field(description="the level that changes nothing; null where there is none")

    @property
    def ordered(self) -> bool:
        """Tell whether the levels are numbers."""
        return all(isinstance(level, int | float) for level in self.levels)


class TopicRate(Record):
    """How often the target failed on inputs of one topic, over all actions."""

    topic: str = Field(description="class or topic")
    n: int = Field(description="queries that were scored")
    fail: int = Field(description="those of them that failed")
    rate: float = Field(description="failure rate if all actions were tried alike, drawn towards that of all topics")
    interval: tuple[float, float] = Field(description="its 95 % interval")


class Greedy(Record):
    """What the explorer has learnt: the actions it takes for the worst, on inputs that it has never seen."""

    inputs: int = Field(description="inputs that could be scored under the chosen action")
    fail: int = Field(description="those of them on which the target failed")
    interval: tuple[float, float] = Field(description="95 % Wilson interval of the failure rate")
    by_chance: float = Field(description="failure rate of the same inputs under actions drawn at random")


class Candidate(Record):
    """A failure that people can be asked about: what they are shown, and where it lies for a model of importance."""

    id: str = Field(description="id of the visit: 'explore-1-00042'")
    exploration: str = Field(description="id of the exploration it belongs to")
    action: int = Field(description="index of the action in the space")
    topic: str = Field(description="the input's class or topic")
    state: tuple[float, ...] = Field(description="what the input is like: its place along the main directions of all")
    right: str = Field(description="what is right")
    said: str = Field(description="what the target answered")
    image: str | None = Field(
        default=None, description="SHA-256 of the PNG in images/ that shows the input as it was beside what was given"
    )
    before: str = Field(default="", description="of a text: the input as it was")
    after: str = Field(default="", description="of a text: the input as the target was given it")


class LevelImportance(Record):
    """How much failures at one level of a factor matter to people."""

    factor: str = Field(description="what is changed: 'darkness'")
    level: Level = Field(description="to what: 0.5")
    mean: float = Field(description="importance, from 0 to 1, averaged over all else")
    sd: float = Field(description="how unsure it is: mean standard deviation")
    queries: float = Field(description="share of the exploration's queries spent at this level")
    before: float = Field(description="the same of the exploration before the ratings")


class ImportanceFound(Record):
    """What people's ratings said when an exploration began, and where it went."""

    ratings: int = Field(description="ratings that the model of importance was made of")
    raters: int = Field(description="people who gave them")
    unreadable: int = Field(description="changed inputs that people could not read or judge; counted as invalid")
    labels: tuple[str, ...] = Field(description="ids of the labels behind it, those of unreadable ones included")
    noise: float = Field(description="standard deviation of a rating around the model, raters' disagreement included")
    means: tuple[float, ...] = Field(description="importance of every action, averaged over inputs; from 0 to 1")
    sds: tuple[float, ...] = Field(description="its standard deviation, likewise")
    levels: tuple[LevelImportance, ...] = Field(description="by level of every factor")
    minded: float = Field(description="share of queries spent where the importance is at least one half")
    minded_before: float = Field(description="the same of the exploration before the ratings")
    minded_actions: float = Field(description="share of all actions whose importance is at least one half")
    regions: tuple[FailingRegion, ...] = Field(
        description="regions of failure, of this exploration and earlier ones, with their importance; each once"
    )

    @property
    def left(self) -> tuple[FailingRegion, ...]:
        """Return the regions that people mind little: they are named, and not tested first."""
        return tuple(each for each in self.regions if each.importance is not None and each.importance < MINDED)


class WeighedBy(Record):
    """The ratings with which an exploration began, so that one that is resumed goes on with the same."""

    id: str = Field(description="id of the exploration")
    labels: tuple[str, ...] = Field(description="ids of the labels")


class Exploration(Record):
    """A finished exploration, with what it found."""

    id: str = Field(description="unique within the audit, such as 'explore-1'")
    explorer: str = Field(description="who chose the actions: 'thompson'")
    task: str = Field(description="what the target was asked, in words")
    noun: str = Field(description="what the inputs are: 'pictures'")
    scoring: str = Field(description="when an answer fails and how badly, with the formula")
    axes: tuple[Axis, ...] = Field(description="what is changed; an action is a level of each, the last fastest")
    neutral: int | None = Field(description="index of the action that changes nothing; null where there is none")
    inputs: int = Field(description="inputs set aside for exploring")
    queries: int = Field(description="queries that the explorer made")
    unchanged: int = Field(default=0, description="inputs asked about as they are, beside")
    landscape: Landscape = Field(description="what was measured of every action")
    shape: Shape = Field(description="its entropy and its peaks")
    topics: tuple[TopicRate, ...] = Field(description="by class or topic, the worst first")
    regions: tuple[FailingRegion, ...] = Field(description="where most of the failures lie, the most worth first")
    greedy: Greedy | None = Field(default=None, description="what the explorer learnt, tried on held-out inputs")
    importance: ImportanceFound | None = Field(
        default=None, description="what people's ratings weighed it by; null where every failure counted alike"
    )


class Specimen(Record):
    """What the target was given in one case, and what it was made from, kept to be shown."""

    case: str = Field(description="id of the case")
    kind: Literal["picture", "text"] = Field(description="what the two are")
    before: str = Field(description="the input as it was: a text, or the SHA-256 of a PNG in images/")
    after: str = Field(description="the input as the target was given it, likewise")
