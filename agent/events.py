"""What a running audit tells whoever listens: the terminal, `events.jsonl`, and through it `faultfinder watch`.

An event is a fact, not a drawing. The loop emits them; it does not know who listens.
"""

from collections.abc import Callable
from enum import StrEnum

from pydantic import Field

from faultfinder.memory.records import Counts, Decision, Hypothesis, Limits, Record, Spend, Verdict


class EventKind(StrEnum):
    """What happened."""

    BEGUN = "begun"
    ESTIMATE = "estimate"
    STAGE = "stage"
    PROGRESS = "progress"
    TOOL = "tool"
    HYPOTHESIS = "hypothesis"
    VERDICT = "verdict"
    FOUND = "found"
    WAIT = "wait"
    NOTE = "note"
    WARNING = "warning"
    ENDED = "ended"
    FAILED = "failed"


class Standing(Record):
    """How a hypothesis stands."""

    id: str = Field(description="id of the hypothesis")
    title: str = Field(description="in a few words")
    decision: Decision | None = Field(default=None, description="the last verdict; null while it is under test")
    probes: Counts | None = Field(default=None, description="outcomes of the probes behind the verdict")
    control: Counts | None = Field(default=None, description="outcomes of the controls behind the verdict")

    @classmethod
    def of(cls, hypothesis: Hypothesis, verdict: Verdict | None = None) -> "Standing":
        """Say how a hypothesis stands after a verdict, or before any."""
        if verdict is None:
            return cls(id=hypothesis.id, title=hypothesis.title)
        return cls(
            id=hypothesis.id,
            title=hypothesis.title,
            decision=verdict.decision,
            probes=verdict.probes,
            control=verdict.control,
        )


class Expected(Record):
    """What an audit is expected to cost in all, as ranges; estimated, never promised."""

    hypotheses: tuple[int, int] = Field(description="hypotheses tested by the end")
    llm_calls: tuple[int, int] = Field(description="calls to the chat model by the end")
    tokens: tuple[int, int] = Field(description="tokens by the end")
    images: tuple[int, int] = Field(default=(0, 0), description="pictures painted by the end")
    usd: tuple[float, float] | None = Field(description="US dollars by the end; null where a price is not known")
    basis: str = Field(description="what the estimate rests on")

    def __str__(self) -> str:
        if self.llm_calls[1] == 0 and self.images[1] == 0:
            return "US$ 0: nobody is paid"
        parts = [_span(self.usd, "US$ ", "") if self.usd else "US$ unknown"]
        parts += (
            [_span(self.llm_calls, "", " model calls"), _span(self.tokens, "", " tokens")] if self.llm_calls[1] else []
        )
        parts += [_span(self.images, "", " pictures")] if self.images[1] else []
        return f"{', '.join(parts)} for {_span(self.hypotheses, '', ' hypotheses')} ({self.basis})"


def _span(values: tuple[float, float], before: str, after: str) -> str:
    low, high = (f"{value:,.2f}" if before else f"{value:,.0f}" for value in values)
    return f"{before}{low}{after}" if low == high else f"{before}{low}\u2013{high}{after}"


class Event(Record):
    """One thing that happened in an audit."""

    kind: EventKind = Field(description="what happened")
    text: str = Field(description="one plain line")
    done: int | None = Field(default=None, description="for progress: how many are done")
    total: int | None = Field(default=None, description="for progress: of how many")
    spend: Spend | None = Field(default=None, description="what has been spent so far, where known")
    standing: Standing | None = Field(
        default=None, description="for hypotheses and verdicts: how the hypothesis stands"
    )
    expected: Expected | None = Field(default=None, description="for estimates: what the audit will cost in all")
    limits: Limits | None = Field(default=None, description="for the begin of a sitting: what may be spent")


Listener = Callable[[Event], None]


def both(first: Listener, second: Listener) -> Listener:
    """Return a listener that passes every event on to two."""

    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell


def silent(event: Event) -> None:
    """Listen to nothing."""
