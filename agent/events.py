"""What a running audit tells whoever listens: the terminal today, other listeners later.

An event is a fact, not a drawing. The loop emits them; it does not know who listens.
"""

from collections.abc import Callable
from enum import StrEnum

from pydantic import Field

from faultfinder.memory.records import Record, Spend


class EventKind(StrEnum):
    """What happened."""

    STAGE = "stage"
    PROGRESS = "progress"
    TOOL = "tool"
    HYPOTHESIS = "hypothesis"
    VERDICT = "verdict"
    FOUND = "found"
    WAIT = "wait"
    NOTE = "note"
    WARNING = "warning"


class Event(Record):
    """One thing that happened in an audit."""

    kind: EventKind = Field(description="what happened")
    text: str = Field(description="one plain line")
    done: int | None = Field(default=None, description="for progress: how many are done")
    total: int | None = Field(default=None, description="for progress: of how many")
    spend: Spend | None = Field(default=None, description="what has been spent so far, where known")


Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """Listen to nothing."""
