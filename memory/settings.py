"""What determines an audit, and what it may spend and has spent."""

from typing import Literal

from pydantic import Field

from faultfinder.memory.base import Record

OWN_INPUTS = "lab"
"""The inputs that come with the lab's world, where none are named."""

PeoplePolicy = Literal["auto", "wait", "later", "none"]
"""What an audit does where no machine is sure: wait for people's answers, fold them in when they come, or not ask."""


class Limits(Record):
    """What an audit may spend. None means no limit of that kind."""

    minutes: float | None = Field(default=None, description="wall-clock minutes, over all sittings")
    hypotheses: int | None = Field(default=None, description="hypotheses tested")
    llm_calls: int | None = Field(default=None, description="calls to the chat model")
    tokens: int | None = Field(default=None, description="tokens in and out of the chat model")
    usd: float | None = Field(default=None, description="US dollars paid for the chat model and for pictures")
    images: int | None = Field(default=None, description="pictures painted")


class Spend(Record):
    """What an audit has spent so far, over all sittings."""

    minutes: float = Field(default=0.0, description="wall-clock minutes")
    hypotheses: int = Field(default=0, description="hypotheses tested")
    llm_calls: int = Field(default=0, description="calls to the chat model that were answered")
    tokens: int = Field(default=0, description="tokens in and out of the chat model")
    usd: float = Field(default=0.0, description="US dollars, where the model's price is known")
    images: int = Field(default=0, description="pictures painted, refusals and those a kill cut off included")


class AuditSettings(Record):
    """Everything that determines an audit's course, kept so that it can be resumed."""

    name: str = Field(description="folder name and id of the audit")
    goal: str = Field(description="the user's sentence")
    target: str = Field(description="spec of the model under audit")
    reference: str | None = Field(
        default=None, description="spec of the reference encoder; none: the lexicon alone judges"
    )
    corpus: str = Field(description="corpus spec")
    llm: str = Field(default="offline", description="'offline' or 'openai:MODEL'")
    llm_url: str | None = Field(default=None, description="base URL of a compatible server")
    agreement: float | None = Field(default=None, description="fixed agreement similarity instead of rewordings")
    seed: int = Field(default=0, description="seeds every random choice")
    limits: Limits = Field(default=Limits(), description="what may be spent")
    probes: int = Field(default=40, description="probes per experiment")
    controls: int = Field(default=40, description="controls per experiment")
    memory: str | None = Field(
        default=None, description="folder or URL of the failure memory; none: the user's data folder"
    )
    downstream: str | None = Field(
        default=None, description="spec of the generator that proven failures of an encoder are followed into"
    )
    eyes: str | None = Field(default=None, description="who judges pictures; none: the strongest judge at hand")
    explores: bool = Field(
        default=False, description="keep a map of where it has looked, and go on while another hour may find something"
    )
    inputs: str | None = Field(
        default=None, description="inputs of known truth that are changed: a folder, CSV, JSONL or COCO file, or 'lab'"
    )
    actions: str | None = Field(
        default=None, description="how they are changed: 'rotation,darkness=0.1:1'; none: what the goal names"
    )
    pictures: str | None = Field(
        default=None, description="folder of the pictures that a table or COCO file of inputs names; none: beside it"
    )
    label_map: str | None = Field(
        default=None, description="CSV that says which of the target's labels are right for a label of the inputs"
    )
    metric: str = Field(default="rouge-l", description="how a text model's answers are scored against the truth")
    instruction: str | None = Field(
        default=None, description="what a chat model under audit is told to do with a text; none: summarize it"
    )
    explorer: str = Field(default="ucb", description="who chooses which change to try on which input")
    small_steps: bool = Field(
        default=False,
        description="explore by small steps from the unchanged input, each paid for, in place of whole changes",
    )
    queries: int = Field(default=1000, description="inputs changed and shown to the target in one exploration")
    ratings: int = Field(
        default=100, description="questions 'how bad is this?' that people are asked at most, about changed inputs"
    )
    people: PeoplePolicy = Field(
        default="none",
        description="wait for people's answers, fold them in when they come, do not ask; auto: wait where nobody else "
        "looks, else fold in",
    )

    @property
    def material(self) -> str:
        """Where changed inputs are taken from: as named, or from the target's own world."""
        return self.inputs or OWN_INPUTS
