"""What the graph carries from node to node: ids and counters, nothing heavy.

Texts, vectors and results live in the ledger; a checkpoint stays a few kilobytes however long the audit runs.
"""

from typing import Annotated

from langchain_core.messages import AnyMessage
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict  # the standard one gives no schema before Python 3.12


class AuditState(TypedDict, total=False):
    """The state of one audit."""

    messages: Annotated[list[AnyMessage], add_messages]
    """The scout's conversation of this round: status, tool calls, short results."""
    round: int
    """Rounds of scouting so far, from 0."""
    moves: int
    """Turns the scout has taken in this round."""
    shown: list[str]
    """Ids of mined pairs the strategist has already proposed from."""
    born: int
    """Hypotheses so far; the next one's id is one higher."""
    begun: int
    """Hypotheses born in this round already, when the limit on their number cut the round short."""
    testing: list[str]
    """Ids of hypotheses under test, side by side."""
    supported: list[str]
    """Ids of hypotheses just supported, to be recorded."""
    inconclusive: list[str]
    """Ids of hypotheses just found inconclusive, to be refined."""
    dry: int
    """Rounds in a row that brought no hypothesis."""
    left: int
    """Likely hypotheses of the last round that had to wait, where the audit explores."""
    looked: int
    """Looks at the map when hypotheses were last proposed, where the audit explores."""
    taken: int
    """Hypotheses of the waiting list that were taken up."""
    waiting: int
    """Questions to people that the audit has to wait for before it goes on."""
    stopped_by: str | None
    """Why the audit ends, once it does."""
    stopped_at: str | None
    """The node that could not run because a limit was reached; a resumed audit goes on there."""
