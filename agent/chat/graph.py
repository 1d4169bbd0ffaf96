"""The chat as a graph: think <-> tools -> check, with its history in the audit's database.

    START -> think <-> tools
               `-> check -> END

Every step is on disk before the next one begins: a killed chat goes on with the question it was at, and what was paid
for or measured is in the ledger. `check` holds the answer to its citations; nothing unchecked is kept or shown.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypedDict, cast

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, RemoveMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph

from faultfinder.agent.chat.answerer import MOST_MOVES, Answerer, this_turn
from faultfinder.agent.chat.borne_out import Checked, Removed
from faultfinder.agent.chat.tools import SPENT, ChatTools
from faultfinder.agent.report import words
from faultfinder.agent.scout.tool_calls import one_by_one
from faultfinder.memory.errors import BudgetSpent
from faultfinder.memory.records import Record

STOPPED = "(stopped before it was answered)"

REMEMBERED = 20
"""Questions with their answers that a chat remembers; each is on disk once a step, so they must not pile up."""

_THREAD: RunnableConfig = {"configurable": {"thread_id": "chat"}}

Check = Callable[[str, str], Checked]
"""Holds an answer to its citations: answer, question."""


class ChatState(TypedDict, total=False):
    """The state of one chat; it stays small: what tools said is forgotten with the answer, the ledger keeps it."""

    messages: Annotated[list[BaseMessage], add_messages]
    """Questions and checked answers over all sittings; tool calls and results of the question under way."""
    about: str | None
    """Id of the finding last spoken of."""
    moves: int
    """Rounds of tool calls for this question."""
    removed: list[dict[str, str]]
    """Sentences taken out of the last answer."""
    cites: list[str]
    """Ids cited by the last answer."""
    used: list[dict[str, Any]]
    """Tools called for the last answer, with their arguments."""


class Step(Protocol):
    """A step of the chat: reads the state, returns what changes in it."""

    def __call__(self, state: ChatState) -> ChatState:
        """Take the step."""
        ...


class ToolUse(Record):
    """A tool that was called for an answer."""

    name: str
    args: dict[str, Any]


class Told(Record):
    """A question with its checked answer."""

    question: str
    answer: str
    cites: tuple[str, ...]
    removed: tuple[Removed, ...]
    tools: tuple[ToolUse, ...]


class Conversation:
    """A chat over its checkpoints."""

    def __init__(self, answerer: Answerer, tools: ChatTools, check: Check, saver: BaseCheckpointSaver[Any]) -> None:
        """Wire the graph."""
        self._tools = tools
        self._graph = _build(answerer, tools, check, saver)

    def unanswered(self) -> str | None:
        """Return the question that a killed sitting was at, or None."""
        state = self._graph.get_state(_THREAD)
        return _question(cast(ChatState, state.values)) if state.next else None

    def ask(self, question: str | None) -> Told:
        """Answer a question; None goes on with the one that a killed sitting was at.

        Raises:
            FaultfinderError: something the person can act on.
            Interrupted: the person asked to stop.
        """
        entry: ChatState | None = None
        if question is not None:
            entry = {"messages": [HumanMessage(question)], "moves": 0, "removed": [], "cites": []}
        self._tools.begin(question or self.unanswered() or "", [] if question is not None else self._said_by_tools())
        for _ in self._graph.stream(entry, _THREAD, stream_mode="updates", durability="sync"):
            pass
        return self._told()

    def _said_by_tools(self) -> list[ToolMessage]:
        """Return what tools have said to the question that a killed sitting was at."""
        state = cast(ChatState, self._graph.get_state(_THREAD).values)
        return [message for message in this_turn(state.get("messages", [])) if isinstance(message, ToolMessage)]

    def drop(self) -> None:
        """Leave the question under way unanswered."""
        state = self._graph.get_state(_THREAD)
        if state.next:
            left = _forgotten(cast(ChatState, state.values)["messages"], answered=False)
            self._graph.update_state(_THREAD, {"messages": [*left, AIMessage(STOPPED)]}, as_node="check")

    def _told(self) -> Told:
        state = cast(ChatState, self._graph.get_state(_THREAD).values)
        return Told(
            question=_question(state),
            answer=state["messages"][-1].text,
            cites=tuple(state.get("cites", [])),
            removed=tuple(Removed.model_validate(each) for each in state.get("removed", [])),
            tools=tuple(ToolUse.model_validate(each) for each in state.get("used", [])),
        )


@contextmanager
def conversation(answerer: Answerer, tools: ChatTools, check: Check, database: Path) -> Iterator[Conversation]:
    """Open the chat that an audit's database holds."""
    with closing(sqlite3.connect(database, timeout=30, check_same_thread=False)) as connection:
        yield Conversation(answerer, tools, check, SqliteSaver(connection))


def _build(
    answerer: Answerer, tools: ChatTools, check: Check, saver: BaseCheckpointSaver[Any]
) -> CompiledStateGraph[ChatState, None, ChatState, ChatState]:
    graph = StateGraph(ChatState)
    graph.add_node("think", _think(answerer, tools))
    graph.add_node("tools", _run_tools(tools))
    graph.add_node("check", _check(check))
    graph.add_edge(START, "think")
    graph.add_conditional_edges("think", _after_think)
    graph.add_edge("tools", "think")
    graph.add_edge("check", END)
    return graph.compile(checkpointer=saver)


def _think(answerer: Answerer, tools: ChatTools) -> Step:
    def think(state: ChatState) -> ChatState:
        offered = tools.tools() if state["moves"] < MOST_MOVES else []
        try:
            reply = answerer.reply(state["messages"], offered, state.get("about"))
        except BudgetSpent as spent:
            reply = AIMessage(f"This was not answered: {SPENT.format(reason=words.stopped(spent.reason))}")
        return {"messages": [reply], "moves": state["moves"] + 1}

    return think


def _run_tools(tools: ChatTools) -> Step:
    """Run the tools that were called."""
    carry_out = one_by_one(tools.tools())

    def run(state: ChatState) -> ChatState:
        return {"messages": [*carry_out(state["messages"])]}

    return run


def _check(check: Check) -> Step:
    def run(state: ChatState) -> ChatState:
        answer = state["messages"][-1]
        checked = check(answer.text, _question(state))
        kept = AIMessage(checked.text or "(no answer)", id=answer.id)
        calls = [call for m in this_turn(state["messages"]) if isinstance(m, AIMessage) for call in m.tool_calls]
        return {
            "messages": [*_forgotten(state["messages"], answered=True), kept],
            "used": [{"name": call["name"], "args": call["args"]} for call in calls],
            "removed": [each.model_dump() for each in checked.removed],
            "cites": list(checked.cites),
            "about": _spoken_of(checked.cites, state.get("about")),
        }

    return run


def _forgotten(messages: Sequence[BaseMessage], *, answered: bool) -> list[BaseMessage]:
    """Return the removal of what history need not hold: what tools said to this question, and turns long past."""
    turn = this_turn(messages)
    past = messages[: len(messages) - len(turn)]
    inner = turn[1:-1] if answered else turn[1:]
    return [RemoveMessage(id=str(message.id)) for message in (*past[: -2 * REMEMBERED], *inner)]


def _after_think(state: ChatState) -> Literal["tools", "check"]:
    last = state["messages"][-1]
    return "tools" if isinstance(last, AIMessage) and last.tool_calls else "check"


def _question(state: ChatState) -> str:
    asked = [message for message in state.get("messages", []) if message.type == "human"]
    return asked[-1].text if asked else ""


def _spoken_of(cites: Sequence[str], before: str | None) -> str | None:
    """Return what "it" means next: the one finding, or else the one experiment, just spoken of; None after several."""
    findings = list(dict.fromkeys(key for key in map(_finding_of, cites) if key))
    asked = [key for key in findings if key.startswith("q")]
    if not findings:
        return before
    return next((some[0] for some in (findings, asked) if len(some) == 1), None)


def _finding_of(cited: str) -> str | None:
    """Return the finding that an id is of, or is a case of."""
    key = cited.partition("-")[0]
    return key if key[:1] in "hq" and key[1:].isdecimal() else None
