"""What people overturned is noted in the failure memory, which outlives the audit; what they take back stands again."""

from pydantic import Field

from faultfinder.agent.inquiries import inquiries
from faultfinder.agent.recording import Recorded
from faultfinder.agent.terminal.streams import plain
from faultfinder.memory.chroma import FailureMemory
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Decision, Record


class Heeded(Record):
    """What the failure memory was told of one of its failures; the latest counts."""

    id: str = Field(description="running number")
    failure: str = Field(description="id of the failure in the memory")
    overturned: bool = Field(description="whether people have overturned this audit's verdict")


def unheeded(ledger: Ledger) -> list[Heeded]:
    """Return what the failure memory has not been told yet."""
    heeded = ledger.all(Heeded)
    told = {each.failure: each.overturned for each in heeded}
    supported = {each.hypothesis.id for each in inquiries(ledger) if each.decision is Decision.SUPPORTED}
    stands: dict[str, bool] = {}
    for recorded in ledger.all(Recorded):
        stands[recorded.failure] = stands.get(recorded.failure, False) or recorded.id in supported
    news = [failure for failure, holds in stands.items() if told.get(failure, False) is holds]
    return [
        Heeded(id=str(len(heeded) + place), failure=failure, overturned=not stands[failure])
        for place, failure in enumerate(news)
    ]


def heed_people(ledger: Ledger, memory: FailureMemory, audit: str) -> list[str]:
    """Tell the failure memory what it has not been told yet, and say so in sentences.

    Raises:
        MemoryStoreError: the memory cannot be read or written.
    """
    said = []
    for news in unheeded(ledger):
        failure = memory.heed(news.failure, audit, overturned=news.overturned)
        ledger.save([news])
        if failure is not None:
            ends = "was overturned by people" if news.overturned else "stands again"
            said.append(f"The failure memory notes: {plain(failure.title)} {ends}.")
    return said
