"""The domain: what is proposed, tried, seen and concluded.

Every record is frozen and refuses unknown fields. Records know nothing of models, files, graphs or databases; the
vocabulary is DESIGN section 2.
"""

from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field

from faultfinder.memory.base import Record as Record
from faultfinder.memory.regions import Change, Region
from faultfinder.memory.settings import AuditSettings as AuditSettings
from faultfinder.memory.settings import Limits as Limits
from faultfinder.memory.settings import PeoplePolicy as PeoplePolicy
from faultfinder.memory.settings import Spend as Spend

ROUNDING = 1e-6
"""Slack when similarities are compared: the same vector computed in two batches differs by about this much."""


class Meaning(StrEnum):
    """Whether two texts mean the same."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


class Role(StrEnum):
    """What a case is for: the hypothesis says a probe fails and a control does not."""

    PROBE = "probe"
    CONTROL = "control"


class Outcome(StrEnum):
    """How a case ended. Exactly one of five, all of them counted."""

    FAIL = "fail"
    PASS = "pass"
    UNSCORABLE = "unscorable"
    ERROR = "error"
    INVALID = "invalid"


class Decision(StrEnum):
    """What the counts say of a hypothesis."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"


class Source(StrEnum):
    """How a mined pair was found."""

    AGREEMENTS = "agreements"
    EDITS = "edits"
    MAP = "map"


class EditKind(StrEnum):
    """The smallest ways to change a sentence."""

    EXCHANGE = "exchange"
    ADD = "add"
    DROP = "drop"
    SWAP = "swap"


class TextPair(Record):
    """Two texts, in the order they were written."""

    a: str = Field(description="the original text")
    b: str = Field(description="the other text")


class Edit(Record):
    """How b was made from a (or how the two differ, when they were found)."""

    kind: EditKind = Field(description="exchange, add, drop or swap")
    removed: tuple[str, ...] = Field(
        default=(), description="words of a that are not in b; for a swap, the first phrase"
    )
    added: tuple[str, ...] = Field(
        default=(), description="words of b that are not in a; for a swap, the second phrase"
    )
    between: tuple[str, ...] = Field(default=(), description="for a swap: the words between the two phrases")


class Judgement(Record):
    """Whether a pair's difference changes the meaning, said before the target is asked."""

    meaning: Meaning = Field(description="same, different or undecided")
    reason: str = Field(description="why, in a few words: 'antonyms: left, right'")
    judge: str = Field(description="who judged: 'lab truth', 'lexicon', 'reference', 'chat model', 'people'")


class MinedPair(Record):
    """A pair found by the scout, with what the target makes of it."""

    id: str = Field(description="unique within the audit, such as 'm12'")
    a: str = Field(description="first text")
    b: str = Field(description="second text")
    target_similarity: float = Field(description="cosine between the target's embeddings")
    reference_similarity: float | None = Field(default=None, description="cosine of the reference, when there is one")
    bar: float = Field(description="similarity from which the target agrees on this pair")
    source: Source = Field(description="join over the corpus, edit scan, or a try that fills the map")
    edit: Edit | None = Field(default=None, description="how the two differ, when the difference is a single edit")
    judgement: Judgement = Field(description="whether the difference changes the meaning")

    @property
    def agreed(self) -> bool:
        """Tell whether the target treats the two as the same."""
        return self.target_similarity >= self.bar - ROUNDING

    @property
    def exchanged(self) -> tuple[str, str] | None:
        """Return the two words that the pair exchanges, in alphabetical order; None for any other difference."""
        edit = self.edit
        if edit is None or edit.kind is not EditKind.EXCHANGE or len(edit.removed) != 1 or len(edit.added) != 1:
            return None
        first, second = sorted((*edit.removed, *edit.added))
        return first, second


class Rule(Record):
    """A hypothesis in the form the offline strategist can act on: a kind of edit and the words it works on."""

    kind: EditKind = Field(description="the kind of edit that goes unnoticed")
    words: tuple[str, ...] = Field(
        description="the words exchanged for one another, added or dropped; for a swap the relation words"
    )
    excluded: tuple[tuple[str, str], ...] = Field(
        default=(), description="word pairs found to be noticed, left out when refining"
    )


class Brief(Record):
    """The typed form of the user's goal."""

    goal: str = Field(description="the user's sentence, unchanged")
    focus: tuple[str, ...] = Field(default=(), description="kinds of difference to look at first; empty for all")
    domain: tuple[str, ...] = Field(default=(), description="subject words to stay near; empty for all")
    modality: Literal["text", "image"] = Field(default="text", description="what the target is given")


class Hypothesis(Record):
    """A falsifiable sentence about inputs. Refining makes a child, never an edit."""

    id: str = Field(description="unique within the audit, such as 'h3'")
    title: str = Field(description="three to eight words: 'left and right are confused'")
    description: str = Field(description="which inputs the target treats as the same although they differ, testable")
    parent: str | None = Field(default=None, description="the hypothesis this one refines")
    rule: Rule | None = Field(default=None, description="the edit rule, when the offline strategist can act on it")
    evidence: tuple[str, ...] = Field(default=(), description="ids of the mined pairs it came from")
    known: str | None = Field(default=None, description="id of the failure in memory that suggested it")
    within: tuple[tuple[str, ...], ...] = Field(
        default=(), description="what every case must speak of: of each group, one of its phrases; empty for all cases"
    )
    asked: str | None = Field(
        default=None, description="the question it answers, where a person asked for it; the audit's own have none"
    )
    region: Region | None = Field(
        default=None, description="where it is about changed inputs: the changes, and the inputs, that it says fail"
    )


class Waitlisted(Record):
    """A hypothesis that a person wants tested; the audit takes it up when it next goes on."""

    id: str = Field(description="unique within the audit, such as 'w1'; taken up in this order")
    title: str = Field(description="in a few words")
    description: str = Field(description="the falsifiable sentence")
    rule: Rule | None = Field(default=None, description="the edit rule, when the offline strategist is to act on it")


class Case(Record):
    """One thing to try on the target, written down before any result is seen."""

    id: str = Field(description="unique within the audit, such as 'h3-p07'")
    hypothesis: str = Field(description="id of the hypothesis it tests")
    role: Role = Field(description="probe or control")
    a: str = Field(description="first text")
    b: str = Field(description="second text")
    judgement: Judgement = Field(description="do the two mean different things? judged before the target is asked")
    look: int = Field(
        default=1, description="1 for the first experiment of a hypothesis, 2 for further fresh cases, ..."
    )
    change: Change | None = Field(
        default=None, description="where it is about a changed input: which input, and how it is changed"
    )

    @property
    def valid(self) -> bool:
        """Tell whether it may be shown to the target: two texts must differ in meaning, a change must keep it."""
        return self.judgement.meaning is (Meaning.SAME if self.change else Meaning.DIFFERENT)


class Observation(Record):
    """One case's outcome with what was measured."""

    case: str = Field(description="id of the case")
    outcome: Outcome = Field(description="fail, pass, unscorable, error or invalid")
    target_similarity: float | None = Field(default=None, description="cosine between the target's embeddings")
    reference_similarity: float | None = Field(default=None, description="cosine of the reference, when there is one")
    bar: float | None = Field(
        default=None, description="the agreement bar of this case: median similarity of a's rewordings"
    )
    detail: str = Field(default="", description="why it is invalid, unscorable or an error")
    severity: float | None = Field(
        default=None, description="of a changed input: how badly the answer missed the truth, from 0 to 1"
    )
    said: str = Field(default="", description="of a changed input: what the target answered, in a few words")


class Counts(Record):
    """Outcomes of one arm of an experiment. The five outcomes add up to n."""

    n: int = Field(description="cases written, whatever became of them")
    fail: int = Field(description="scored: the target failed")
    passed: int = Field(alias="pass", description="scored: the target did not fail")
    unscorable: int = Field(description="could not be scored")
    error: int = Field(description="the target raised or answered out of form")
    invalid: int = Field(description="judged not to mean different things, never shown to the target, replaced")
    rate: float | None = Field(description="fail / (fail + pass); null when nothing was scored")
    interval: tuple[float, float] = Field(description="95 % Wilson interval of the rate")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Verdict(Record):
    """What the counts say of one hypothesis at one look."""

    id: str = Field(description="hypothesis and look, such as 'h3-1'")
    hypothesis: str = Field(description="id of the hypothesis")
    decision: Decision = Field(description="supported, refuted or inconclusive")
    probes: Counts = Field(description="the probes' outcomes")
    control: Counts = Field(description="the controls' outcomes")
    p_value: float = Field(description="one-sided exact test of probes against controls")
    alpha: float = Field(description="this test's share of the error budget")
    test_number: int = Field(description="position in the alpha-spending sequence, from 1")
    look: int = Field(description="how many batches of fresh cases the counts hold")
    reason: str = Field(description="one sentence a reader understands")


class Failure(Record):
    """A systematic failure as the memory keeps it across audits."""

    id: str = Field(description="unique in the memory")
    target: str = Field(description="spec of the model that failed")
    title: str = Field(description="the hypothesis' title")
    description: str = Field(description="the hypothesis' description")
    rule: Rule | None = Field(default=None, description="the edit rule, when there is one")
    rate: float = Field(description="failure rate of the probes")
    interval: tuple[float, float] = Field(description="its 95 % interval")
    control_rate: float | None = Field(description="failure rate of the controls")
    p_value: float = Field(description="of the deciding test")
    audits: tuple[str, ...] = Field(description="ids of the audits that confirmed it, first first")
    overturned: tuple[str, ...] = Field(default=(), description="those of them whose verdict people have overturned")
    examples: tuple[TextPair, ...] = Field(default=(), description="a few failing pairs")
    narrower: str | None = Field(default=None, description="id of a known failure that this one is a special case of")
    within: tuple[tuple[str, ...], ...] = Field(
        default=(), description="what its texts must speak of: of each group, one of its phrases; empty for all texts"
    )
    region: Region | None = Field(default=None, description="the changed inputs it is about, where it is about such")

    @property
    def stands(self) -> bool:
        """Tell whether an audit's verdict is left that people have not overturned."""
        return not set(self.audits) <= set(self.overturned)


class Calibration(Record):
    """The corpus-wide agreement threshold and where it comes from."""

    agreement_threshold: float = Field(description="similarity from which the target takes two texts for rewordings")
    method: str = Field(description="how it was found, in words")
    pairs: int = Field(description="number of rewording pairs behind it")
