"""`suite.jsonl`: the scored cases of confirmed failures, one a line, each with all it takes to try it on any target.

The rewordings behind a probe's bar are written out, so that a suite asks the same of every model for as long as it is
kept. Schema 2 added them, the controls and who judges pictures; lines of schema 1 are still read.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from faultfinder.agent.inquiries import Attempt, Inquiry
from faultfinder.memory.records import AuditSettings, Decision, Outcome, Record, Role
from faultfinder.memory.regions import Change
from faultfinder.tools.encoder_eyes import EyesCalibration
from faultfinder.tools.ports import Rewriter

SCHEMAS = ("faultfinder.suite/1", "faultfinder.suite/2", "faultfinder.suite/3")
"""Versions that can be read; the last is written of changed inputs, the one before of all else."""

_SCORED = (Outcome.FAIL, Outcome.PASS)
_OF_CHANGES = {"actions", "inputs", "pictures", "metric", "label_map", "instruction"}


class Bar(Record):
    """When the target fails a case."""

    method: Literal["rewordings", "fixed", "pictures", "answers"] = Field(
        description="from a similarity: the median over a's own rewordings, or a fixed one; or by what pictures show; "
        "or by what is right for an input"
    )
    value: float | None = Field(description="the similarity as it was for this case on the audited target")
    rewordings: tuple[str, ...] = Field(
        default=(), description="the rewordings of a; empty in schema 1, where they are made anew"
    )


class Origin(Record):
    """The audit a case comes from: what it takes to find it again, and to ask in the same way."""

    target: str = Field(description="spec of the audited model")
    reference: str | None = Field(description="spec of the reference encoder, when there was one")
    corpus: str = Field(description="corpus spec")
    agreement: float | None = Field(description="the fixed agreement similarity, when one was set")
    seed: int = Field(description="seed of the audit; prompts are painted with seeds that derive from it")
    eyes: str | None = Field(default=None, description="who judged pictures, when that was said")
    llm: str = Field(default="offline", description="who proposed, and judged pictures when nobody else was named")
    calibrations: tuple[EyesCalibration, ...] = Field(
        default=(), description="from which margins encoders judged pictures; for painted cases only"
    )
    inputs: str | None = Field(default=None, description="of changed inputs: where they were taken from")
    actions: str | None = Field(default=None, description="of filled prompts: which fillings there were, if not all")
    pictures: str | None = Field(default=None, description="of changed inputs: the folder of their pictures")
    metric: str = Field(default="rouge-l", description="of changed texts: how answers are scored")
    label_map: str | None = Field(default=None, description="of changed inputs: which labels are right for which")
    instruction: str | None = Field(default=None, description="of changed texts: what a chat model was told to do")


class SuiteCase(Record):
    """One line of the suite."""

    schema_id: Literal["faultfinder.suite/1", "faultfinder.suite/2", "faultfinder.suite/3"] = Field(
        default="faultfinder.suite/2", alias="schema", description="version"
    )
    failure: str = Field(description="audit and hypothesis: 'night-1/h3'")
    title: str = Field(description="the failure in a few words")
    description: str = Field(description="the sentence that was proven")
    case: str = Field(description="id of the case within the audit")
    role: Role = Field(description="probe: fails until the model is fixed; control: as small a change, did not")
    a: str = Field(description="first text")
    b: str = Field(description="second text, of different meaning")
    judgement: str = Field(description="who said that the two differ in meaning, and why")
    outcome: Outcome = Field(description="how the audited target did: fail or pass")
    target_similarity: float | None = Field(description="cosine between the audited target's embeddings")
    bar: Bar = Field(description="when it counts as a failure")
    settings: Origin = Field(description="the audit that found it")
    change: Change | None = Field(default=None, description="of a changed input: which, and how it is changed")

    model_config = Record.model_config | {"populate_by_name": True}

    @property
    def key(self) -> str:
        """The case's name among the cases of all audits: 'night-1/h3-p07'."""
        return f"{self.failure.rpartition('/')[0]}/{self.case}"

    @property
    def paints(self) -> bool:
        """Tell whether it was asked of a generator; schema 1 shows that only by what it lacks."""
        lacks = self.target_similarity is None and self.bar.value is None
        return self.change is None and (self.bar.method == "pictures" or lacks)

    @property
    def kind(self) -> Literal["texts", "pictures", "changes"]:
        """Tell what a target is asked: how near two texts are, to paint, or to answer about a changed input."""
        return "changes" if self.change else "pictures" if self.paints else "texts"


def suite(
    tried: Sequence[Inquiry],
    settings: AuditSettings,
    rewriter: Rewriter,
    calibrations: Sequence[EyesCalibration] = (),
) -> list[SuiteCase]:
    """Return every scored case of every confirmed failure, in the order of the findings.

    Args:
        tried: the audit's hypotheses with their cases.
        settings: what determined the audit.
        rewriter: whose rewordings the bars of the audit rest on.
        calibrations: those of the audit's judges of pictures.
    """
    maker = _Maker(settings, rewriter, calibrations)
    return [
        maker.case(inquiry, attempt)
        for inquiry in tried
        if inquiry.decision is Decision.SUPPORTED
        for attempt in inquiry.attempts
        if attempt.seen.outcome in _SCORED
    ]


def to_jsonl(cases: Sequence[SuiteCase]) -> str:
    """Return the suite as text, one case a line."""
    return "".join(_line(case) + "\n" for case in cases)


def _line(case: SuiteCase) -> str:
    """Write a case; what only changed inputs have is left out of lines of schema 2, as those who read these expect."""
    if case.change:
        return case.model_dump_json(by_alias=True)
    return case.model_dump_json(by_alias=True, exclude={"change": True, "settings": _OF_CHANGES})


class _Maker:
    """Makes the lines of one audit's suite."""

    def __init__(self, settings: AuditSettings, rewriter: Rewriter, calibrations: Sequence[EyesCalibration]) -> None:
        self._settings, self._rewriter = settings, rewriter
        kept = settings.model_dump(include=set(Origin.model_fields))
        self._changes = Origin(**kept).model_copy(
            update={"inputs": settings.material, "calibrations": tuple(calibrations)}
        )
        unused = ("inputs", "actions", "pictures", "label_map", "instruction")
        self._texts = self._changes.model_copy(update={**dict.fromkeys(unused), "calibrations": ()})
        self._pictures = self._texts.model_copy(update={"calibrations": tuple(calibrations)})

    def case(self, inquiry: Inquiry, attempt: Attempt) -> SuiteCase:
        hypothesis, case, seen = inquiry.hypothesis, attempt.case, attempt.seen
        bar = self._bar(attempt)
        changes = case.change is not None
        return SuiteCase(
            schema="faultfinder.suite/3" if changes else "faultfinder.suite/2",
            failure=f"{self._settings.name}/{hypothesis.id}",
            title=hypothesis.title,
            description=hypothesis.description,
            case=case.id,
            role=case.role,
            a=case.a,
            b=case.b,
            judgement=f"{case.judgement.judge}: {case.judgement.reason}",
            outcome=seen.outcome,
            target_similarity=seen.target_similarity,
            bar=bar,
            settings=self._changes if changes else self._pictures if bar.method == "pictures" else self._texts,
            change=case.change,
        )

    def _bar(self, attempt: Attempt) -> Bar:
        seen = attempt.seen
        if attempt.case.change is not None:
            return Bar(method="answers", value=None)
        if seen.target_similarity is None:
            return Bar(method="pictures", value=None)
        if self._settings.agreement is not None:
            return Bar(method="fixed", value=seen.bar)
        rewordings = tuple(self._rewriter.rewordings(attempt.case.a))
        return Bar(method="rewordings", value=seen.bar, rewordings=rewordings)
