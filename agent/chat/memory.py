"""What the failure memory holds, for a chat: of this target, or nearest to a question."""

from pydantic import Field

from faultfinder.agent.chat.evidence import Evidence
from faultfinder.agent.chat.workplace import Workplace
from faultfinder.memory.records import Failure, Record


class RememberedFailure(Record):
    """A failure that some audit proved."""

    id: str
    target: str
    title: str
    rate: float = Field(description="failure rate of its probes")
    interval: tuple[float, float]
    audits: tuple[str, ...] = Field(description="which audits proved it")
    here_too: bool = Field(description="this audit is one of them")


class Remembered(Record):
    """What the memory holds."""

    target: str = Field(description="the target asked about; empty for any")
    held: int = Field(description="how many failures the memory holds of this audit's target")
    failures: tuple[RememberedFailure, ...]


def remembered(workplace: Workplace, evidence: Evidence, query: str, most: int) -> Remembered:
    """Return what is known of this target, or what is nearest to a question."""
    target, audit = evidence.settings.target, evidence.settings.name
    with workplace.memory() as memory:
        own = memory.all(target)
        found = [near.failure for near in memory.search(query, most)] if query else own[:most]
    rows = tuple(_row(failure, audit) for failure in found)
    return Remembered(target="" if query else target, held=len(own), failures=rows)


def _row(failure: Failure, audit: str) -> RememberedFailure:
    return RememberedFailure(
        **failure.model_dump(include={"id", "target", "title", "rate", "interval", "audits"}),
        here_too=audit in failure.audits,
    )
