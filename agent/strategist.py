"""The strategist port: who proposes. It never decides; `judge` does, from counts.

Two strategists satisfy it, the offline one and the chat model's. What passes between the loop and a strategist is typed
here; neither side sees the other's insides.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.tools import BaseTool
from pydantic import Field

from faultfinder.memory.landscape_records import FailingRegion
from faultfinder.memory.map_records import MapCell
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import (
    Brief,
    Failure,
    Hypothesis,
    MinedPair,
    Observation,
    Record,
    Rule,
    TextPair,
    Verdict,
)
from faultfinder.memory.regions import Change, Region

MAX_EVIDENCE = 150
"""Pairs shown to a strategist at once, as in the published procedure."""


class Evidence(Record):
    """What a strategist may look at when it proposes hypotheses."""

    agreed: tuple[MinedPair, ...] = Field(
        description="pairs of different meaning the target treats as the same, at most 150"
    )
    noticed: tuple[MinedPair, ...] = Field(default=(), description="pairs of different meaning the target keeps apart")
    painted: tuple[PaintedPair, ...] = Field(
        default=(), description="where the target paints: pairs of prompts with what came of them, right and wrong"
    )
    known: tuple[Failure, ...] = Field(default=(), description="failures the memory holds of this target or of others")
    tried: tuple[Hypothesis, ...] = Field(default=(), description="hypotheses of this audit already tested or waiting")
    proven: tuple[str, ...] = Field(default=(), description="ids of those that were proven")
    cells: tuple[MapCell, ...] = Field(
        default=(), description="where the audit keeps a map: the cells with the most that nothing proven explains"
    )
    looks: int = Field(default=0, description="looks at the map so far, where the audit keeps one")
    regions: tuple[FailingRegion, ...] = Field(
        default=(), description="where an explorer saw changed inputs fail, and no hypothesis was proposed from yet"
    )
    surveyed: tuple[MinedPair, ...] = Field(
        default=(), description="where the audit keeps a map: all pairs tried so far, unnoticed and noticed"
    )


class Proposal(Record):
    """A hypothesis without an id yet."""

    title: str = Field(description="three to eight words, plain: 'left and right are confused'")
    description: str = Field(
        description="a falsifiable sentence: which inputs the model treats as the same although they differ"
    )
    rule: Rule | None = Field(default=None, description="the edit rule, when there is one")
    evidence: tuple[str, ...] = Field(default=(), description="ids of the pairs it rests on")
    known: str | None = Field(default=None, description="id of the known failure it repeats")
    within: tuple[tuple[str, ...], ...] = Field(
        default=(), description="what every case must speak of: of each group, one of its phrases; empty for all cases"
    )
    region: Region | None = Field(default=None, description="the changed inputs it is about, where it is about such")


class Design(Record):
    """Cases for an experiment, not yet judged valid."""

    probes: tuple[TextPair, ...] = Field(
        description="pairs that differ in meaning and that the hypothesis says are confused"
    )
    controls: tuple[TextPair, ...] = Field(
        description="as small an edit of the same kind of sentence, said to be noticed"
    )


class DesignRequest(Record):
    """How many cases are wanted, and which texts are spent."""

    hypothesis: Hypothesis
    probes: int = Field(description="probes still wanted")
    controls: int = Field(description="controls still wanted")
    batch: int = Field(description="0 for the first request of a hypothesis, counted up with each further one")
    confused: frozenset[str] = Field(
        default=frozenset(), description="words whose exchange the scout saw go unnoticed; no control may rest on them"
    )
    spent: frozenset[str] = Field(
        description="texts seen by the scout or an earlier experiment; none may be used again"
    )


class Tried(Record):
    """A case with its outcome, as shown to the strategist when it refines."""

    a: str
    b: str
    observation: Observation
    change: Change | None = None


class Trial(Record):
    """A hypothesis with everything its experiment has shown."""

    hypothesis: Hypothesis
    verdict: Verdict
    probes: tuple[Tried, ...]
    controls: tuple[Tried, ...]


class Step(StrEnum):
    """What to do with an inconclusive hypothesis."""

    MORE = "more"
    CHILDREN = "children"
    DROP = "drop"


class Refinement(Record):
    """The next step after an inconclusive verdict."""

    step: Step = Field(
        description="more: buy fresh cases; children: narrow, widen or split; drop: leave it inconclusive"
    )
    children: tuple[Proposal, ...] = Field(default=(), description="the refined hypotheses, for 'children'")


class Kinship(StrEnum):
    """How a confirmed failure relates to a known one."""

    SAME = "same"
    NARROWER = "narrower"
    NEW = "new"


class Relation(Record):
    """A confirmed failure placed beside what the memory knows."""

    kinship: Kinship = Field(description="same as, narrower than, or unlike every known failure")
    failure: str | None = Field(default=None, description="id of the known failure, for same and narrower")


class Strategist(Protocol):
    """Proposes where to look, what to test and with which inputs."""

    name: str

    def brief(self, goal: str) -> Brief:
        """Read the user's sentence into a brief."""
        ...

    def explore(self, brief: Brief, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> AIMessage:
        """Choose the next tool calls; a message without tool calls says that enough has been seen."""
        ...

    def hypothesize(self, brief: Brief, evidence: Evidence, most: int) -> list[Proposal]:
        """Propose at most `most` hypotheses that the evidence suggests and that were not tried yet.

        An audit that explores chooses among proposals itself: there they may be more.
        """
        ...

    def design(self, request: DesignRequest) -> Design:
        """Write fresh probes and controls; fewer than asked (or none) when it has no more."""
        ...

    def refine(self, trial: Trial) -> Refinement:
        """Say what to do with an inconclusive hypothesis."""
        ...

    def relate(self, hypothesis: Hypothesis, known: Sequence[Failure]) -> Relation:
        """Say whether a confirmed failure is the same as, narrower than, or new beside the known ones."""
        ...
