"""`suite.jsonl`: the probes of confirmed failures, one a line, each with all it takes to try it again on any target."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from faultfinder.agent.inquiries import Inquiry
from faultfinder.memory.records import AuditSettings, Decision, Outcome, Record, Role


class Bar(Record):
    """From which similarity the target fails a probe."""

    method: Literal["rewordings", "fixed"] = Field(
        description="median over a's own rewordings, or one fixed similarity"
    )
    value: float | None = Field(description="the bar as it was for this probe on the audited target")


class Origin(Record):
    """The audit a probe comes from: what it takes to find it again."""

    target: str = Field(description="spec of the audited model")
    reference: str | None = Field(description="spec of the reference encoder, when there was one")
    corpus: str = Field(description="corpus spec")
    agreement: float | None = Field(description="the fixed agreement similarity, when one was set")
    seed: int = Field(description="seed of the audit")


class SuiteProbe(Record):
    """One line of the suite."""

    schema_id: Literal["faultfinder.suite/1"] = Field(
        default="faultfinder.suite/1", alias="schema", description="version"
    )
    failure: str = Field(description="audit and hypothesis: 'night-1/h3'")
    title: str = Field(description="the failure in a few words")
    description: str = Field(description="the sentence that was proven")
    case: str = Field(description="id of the case within the audit")
    role: Role = Field(description="probe: fails until the model is fixed")
    a: str = Field(description="first text")
    b: str = Field(description="second text, of different meaning")
    judgement: str = Field(description="who said that the two differ in meaning, and why")
    outcome: Outcome = Field(description="how the audited target did: fail or pass")
    target_similarity: float | None = Field(description="cosine between the audited target's embeddings")
    bar: Bar = Field(description="from which similarity it counts as a failure")
    settings: Origin = Field(description="the audit that found it")

    model_config = Record.model_config | {"populate_by_name": True}


def suite(tried: Sequence[Inquiry], settings: AuditSettings) -> list[SuiteProbe]:
    """Return every scored probe of every confirmed failure, in the order of the findings."""
    return [
        probe for inquiry in tried if inquiry.decision is Decision.SUPPORTED for probe in _probes(inquiry, settings)
    ]


def to_jsonl(probes: Sequence[SuiteProbe]) -> str:
    """Return the suite as text, one probe a line."""
    return "".join(probe.model_dump_json(by_alias=True) + "\n" for probe in probes)


def _probes(inquiry: Inquiry, settings: AuditSettings) -> list[SuiteProbe]:
    hypothesis = inquiry.hypothesis
    origin = Origin(**settings.model_dump(include=set(Origin.model_fields)))
    scored = [
        tried
        for tried in inquiry.attempts
        if tried.case.role is Role.PROBE and tried.seen.outcome in (Outcome.FAIL, Outcome.PASS)
    ]
    return [
        SuiteProbe(
            failure=f"{settings.name}/{hypothesis.id}",
            title=hypothesis.title,
            description=hypothesis.description,
            case=tried.case.id,
            role=tried.case.role,
            a=tried.case.a,
            b=tried.case.b,
            judgement=f"{tried.case.judgement.judge}: {tried.case.judgement.reason}",
            outcome=tried.seen.outcome,
            target_similarity=tried.seen.target_similarity,
            bar=Bar(method="rewordings" if settings.agreement is None else "fixed", value=tried.seen.bar),
            settings=origin,
        )
        for tried in scored
    ]
