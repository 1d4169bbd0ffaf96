"""What a fade is told, what it measured, and what it concluded: the whole of `fade.json`."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from faultfinder.agent.fading.text_records import Exported
from faultfinder.agent.suites.fate import RULE, Fate
from faultfinder.memory.landscape_records import Axis, Landscape, Shape
from faultfinder.memory.records import Counts, Decision, Record, Rule
from faultfinder.memory.regions import Level
from faultfinder.tools.fading.recipe import Recipe


class FadeSettings(Record):
    """All that determines a fade, kept so that it can go on after a kill."""

    audit: str = Field(description="name of the audit that proved the failure")
    failure: str = Field(description="id of the hypothesis: 'h3'")
    target: str = Field(description="spec of the model that is changed")
    pictures: str | None = Field(default=None, description="pictures with captions, or with labels, to learn from")
    guard: float = Field(default=0.02, description="how much a guarded score may drop")
    cases: int = Field(default=500, description="cases of each score on the test part, at most; fewer to choose by")
    minutes: float = Field(default=10.0, description="time for training or asking, over all sittings")
    tuned: str | None = Field(default=None, description="spec of a model tuned elsewhere, which is to be proven")
    recipe: Recipe = Field(default=Recipe(), description="how it is trained")


class Verdict(StrEnum):
    """What came of a fade."""

    FADED = "FADED"
    NOT_FADED = "NOT FADED"
    REFUSED = "REFUSED"
    EXPORTED = "EXPORTED"


class Keeping(StrEnum):
    """What became of a guarded score."""

    KEPT = "kept"
    OPEN = "not shown"
    FELL = "fell"


class Estimate(Record):
    """A mean over cases with its 95 % interval."""

    value: float = Field(description="mean over the cases, from 0 to 1")
    low: float = Field(description="lower end")
    high: float = Field(description="upper end")


About = Literal["failure", "two-way", "retrieval", "zero-shot", "clean", "condition", "label", "prompt", "likeness"]
"""Kinds of score: of the failure itself; and guarded: two texts and a picture, finding one another, unseen labels,
unchanged inputs, changed inputs, one label, one kind of prompt, how near outputs stay."""


class Score(Record):
    """One score of the model before and after, the same cases both times."""

    name: str = Field(description="what is measured")
    about: About = Field(description="which kind of score it is")
    said: str = Field(default="", description="what it is called in full; empty where the name says it")
    cases: int = Field(description="how many cases")
    before: Estimate = Field(description="the original")
    after: Estimate = Field(description="the changed model")
    change: Estimate = Field(description="after minus before, paired")
    keeping: Keeping = Field(description="against the guard; the failure's own score is not guarded")


class Candidate(Record):
    """A model on the line from the original (alpha 0) to the trained weights (1), on the validation part."""

    step: int = Field(description="training step of the weights")
    alpha: float = Field(description="place on the line")
    failure: float = Field(description="accuracy where it failed")
    fell: tuple[str, ...] = Field(default=(), description="guarded scores that fell by more than the guard")
    scores: tuple[Score, ...] = Field(default=(), description="every score")


class Amount(Record):
    """How many inputs one part of the data has."""

    part: Literal["train", "validation", "test"] = Field(description="which part")
    lessons: int = Field(description="ordinary inputs: pictures with a true caption")
    contrasts: int = Field(description="inputs of the failure: a caption edited by its rule, a picture in its region")
    guarded: int = Field(default=0, description="inputs of everything else that is guarded")


class Data(Record):
    """What was learned from and measured on; the parts share no picture and no text."""

    source: str = Field(description="where the pictures come from")
    amounts: tuple[Amount, ...] = Field(description="per part")
    left_out: int = Field(
        description="inputs left out because the audit, or another part, has used them or one of their texts"
    )
    notes: tuple[str, ...] = Field(default=(), description="what could not be measured, and why")
    counted: tuple[str, str, str] = Field(
        default=("ordinary pairs", "pairs of the failure's rule", "pairs of other kinds"),
        description="what the numbers of a part count: lessons, contrasts, guarded",
    )


class Experiment(Record):
    """The failure's experiment on fresh held-out inputs, asked of both models."""

    probes_before: Counts = Field(description="probes on the original")
    probes: Counts = Field(description="the same probes on the changed model")
    control_before: Counts = Field(description="controls on the original")
    control: Counts = Field(description="the same controls on the changed model")
    confirmed_before: Decision = Field(description="the verdict an audit would reach on the original")
    confirmed: Decision = Field(description="and on the changed model")
    fate: Fate = Field(description="fixed, still fails or unclear")
    reason: str = Field(description="why, in one line")


class Checked(Record):
    """The suite of the failure on the changed model."""

    fate: Fate = Field(description="fixed, still fails or unclear")
    reason: str = Field(description="why, in one line")
    before: Counts = Field(description="probes on the original, in the audit")
    probes: Counts = Field(description="the same probes now")
    control: Counts = Field(description="controls now")


class Found(Record):
    """A failure that the audit of the changed model confirmed."""

    failure: str = Field(description="audit and hypothesis: 'where-faded-h3/h1'")
    title: str = Field(description="in a few words")
    probes: Counts = Field(description="probes on the changed model")
    before: Counts | None = Field(description="the same probes on the original; null where they could not be asked")
    new: bool = Field(description="whether the original does not fail so: the fade brought it")


class Reaudit(Record):
    """The audit of the changed model, with the same goal and settings, on held-out texts."""

    audit: str = Field(description="its name")
    texts: str = Field(description="on which texts")
    tested: int = Field(description="hypotheses tested")
    again: tuple[str, ...] = Field(description="titles of confirmed failures that are the faded one again")
    found: tuple[Found, ...] = Field(description="every failure that it confirmed")
    ended: str = Field(description="why it ended")

    @property
    def new(self) -> list[Found]:
        """Return the failures that the original does not have."""
        return [each for each in self.found if each.new]


class Worsened(Record):
    """The level of a factor at which failures became most frequent, over all else."""

    factor: str = Field(description="what is changed: 'darkness'")
    level: Level = Field(description="to what")
    said: str = Field(description="what that does to an input, in words")
    before: float = Field(description="failure rate of the original")
    after: float = Field(description="failure rate of the changed model")
    low: float = Field(
        description="lower end of the 95 % interval of the paired rise, widened for the number of levels"
    )
    high: float = Field(description="upper end")


class Shift(Record):
    """What became of the landscape: the same actions on the same held-out inputs, asked of both models."""

    axes: tuple[Axis, ...] = Field(description="what is changed; an action is a level of each, the last fastest")
    inputs: int = Field(description="held-out inputs")
    queries: int = Field(description="inputs under actions asked of each model, the same of both")
    exhaustive: bool = Field(description="whether every input was asked about under every action")
    before: Landscape = Field(description="failure rates of the original, with intervals")
    after: Landscape = Field(description="failure rates of the changed model")
    shape_before: Shape = Field(description="entropy and peaks of the original's failures")
    shape_after: Shape = Field(description="entropy and peaks of the changed model's failures")
    distance: float = Field(
        description="first Wasserstein distance of where failures lie, the actions' places as support; 1 is the extent "
        "of one factor"
    )
    worsened: Worsened | None = Field(default=None, description="the level that got worst; null where none got worse")


class Training(Record):
    """How training went."""

    steps: int = Field(description="steps taken, over all sittings")
    planned: int = Field(description="steps planned")
    seconds: float = Field(description="time spent on it, over all sittings")
    good_step: int = Field(description="step of the weights that were kept; 0 for the original's")
    stopped_by: str = Field(description="why it ended")
    alpha: float | None = Field(default=None, description="place of the chosen model on the line; null where none was")


class FadeFile(Record):
    """The whole of `fade.json`."""

    schema_id: Literal["faultfinder.fade/1"] = Field(
        default="faultfinder.fade/1", alias="schema", description="version"
    )
    settings: FadeSettings = Field(description="what it was told")
    title: str = Field(description="the failure in a few words")
    description: str = Field(description="the sentence that was proven")
    method: str = Field(
        default="contrastive fine-tuning on hard negatives made by the failure's own rule",
        description="what was done to the model, in a sentence",
    )
    rule: Rule | None = Field(default=None, description="the failure's rule; null where it is not about words")
    verdict: Verdict = Field(description="FADED, NOT FADED, REFUSED; or EXPORTED, where nothing was trained")
    reason: str = Field(description="why, in a sentence or two")
    model: str | None = Field(description="spec of the changed model; null where none was kept")
    data: Data = Field(description="what was learned from and measured on")
    training: Training | None = Field(description="how training went; null where nothing was trained here")
    exported: Exported | None = Field(default=None, description="what was written for training elsewhere")
    candidates: tuple[Candidate, ...] = Field(description="what was tried on the validation part")
    scores: tuple[Score, ...] = Field(default=(), description="before and after on the test part")
    experiment: Experiment | None = Field(default=None, description="the failure's experiment on fresh inputs")
    shift: Shift | None = Field(default=None, description="what became of the landscape, where the failure has one")
    suite: Checked | None = Field(default=None, description="the suite of the failure on the changed model")
    reaudit: Reaudit | None = Field(default=None, description="the audit of the changed model")
    guard_rule: str = Field(description="when a guarded score counts as fallen")
    fate_rule: str = Field(default=RULE, description="when a failure is fixed")
    started: str = Field(description="ISO 8601")
    finished: str = Field(description="ISO 8601")

    model_config = Record.model_config | {"populate_by_name": True}

    @property
    def worse(self) -> list[Score]:
        """Return the scores whose paired interval lies below zero: what got worse, within the guard or not."""
        return [score for score in self.scores if score.change.high < 0]
