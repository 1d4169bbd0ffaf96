"""The loop, as one picture.

START -> brief -> scout <-> tools -> hypothesize -> experiment -> measure -> judge -+- SUPPORTED -> record, follow -+
                   ^ <-------------------------------------------------------------------------------------------------+
                   |                                   ^           people ^         +- INCONCLUSIVE -> refine --+
                   |                                   +---------------------------------------------------------+
                   +-------------------------------- REFUTED ---------------------------------------------------
any node, when the budget is spent or nothing new turns up -> report -> END

`people` lies between `measure` and `judge` where the audit is to wait for answers; it pauses the graph and does nothing
else. `follow` takes what was proven of an encoder into the pictures of a generator, where one was named.

Several hypotheses go round side by side, so `judge` may leave some to record and others to refine: record comes first.
This file wires; what the nodes do is in `scouting`, `trials`, `asking`, `recording` and `following`.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol

from langchain_core.messages import AIMessage, AnyMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_config
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode

from faultfinder.agent.asking import Asking
from faultfinder.agent.context import AuditContext
from faultfinder.agent.endings import PAUSED
from faultfinder.agent.following import Following
from faultfinder.agent.recording import Recording
from faultfinder.agent.scouting import MAX_DRY_ROUNDS, MAX_MOVES, Scouting
from faultfinder.agent.state import AuditState
from faultfinder.agent.toolbox import Toolbox, tool_error_text
from faultfinder.agent.trials import Trials
from faultfinder.memory.errors import BudgetSpent, ModelCallError, Waiting

Graph = CompiledStateGraph[AuditState, None, AuditState, AuditState]


class Node(Protocol):
    """A step of the loop: reads the state, returns what changes in it."""

    def __call__(self, state: AuditState) -> AuditState:
        """Take the step."""
        ...


def build_graph(context: AuditContext, checkpointer: BaseCheckpointSaver[Any]) -> Graph:
    """Wire the audit's nodes into a graph that can be killed and resumed at any node."""
    toolbox = Toolbox(context)
    scouting, trials = Scouting(context, toolbox.tools()), Trials(context)
    asking, recording, following = Asking(context), Recording(context), Following(context)
    graph = StateGraph(AuditState)

    graph.add_node("brief", within_budget("brief", context, scouting.brief))
    graph.add_node("scout", within_budget("scout", context, scouting.scout))
    graph.add_node("tools", within_budget("tools", context, run_tools(toolbox)))
    graph.add_node("hypothesize", within_budget("hypothesize", context, scouting.hypothesize))
    graph.add_node("experiment", within_budget("experiment", context, trials.experiment))
    graph.add_node("measure", within_budget("measure", context, trials.measure))
    graph.add_node("people", asking.people)
    graph.add_node("judge", within_budget("judge", context, trials.judge))
    graph.add_node("record", within_budget("record", context, recording.record))
    graph.add_node("follow", within_budget("follow", context, following.follow))
    graph.add_node("refine", within_budget("refine", context, trials.refine))
    graph.add_node("report", recording.report)

    graph.add_conditional_edges(START, where_to_begin)
    graph.add_conditional_edges("brief", unless_stopped("scout"), ["scout", "report"])
    graph.add_conditional_edges("scout", after_scout)
    graph.add_conditional_edges("tools", unless_stopped("scout"), ["scout", "report"])
    graph.add_conditional_edges("hypothesize", after_hypothesize)
    graph.add_conditional_edges("experiment", unless_stopped("measure"), ["measure", "report"])
    graph.add_conditional_edges("measure", after_measure)
    graph.add_conditional_edges("people", after_measure)
    graph.add_conditional_edges("judge", after_judge)
    graph.add_conditional_edges("record", unless_stopped("follow"), ["follow", "report"])
    graph.add_conditional_edges("follow", after_follow)
    graph.add_conditional_edges("refine", after_refine)
    graph.add_edge("report", END)
    return graph.compile(checkpointer=checkpointer)


def within_budget(name: str, context: AuditContext, node: Node) -> Node:
    """Check the budget before a node; a spent limit, or pictures yet to come, sends the audit to the report.

    So does a chat model that keeps failing: the audit pauses at this node. Only the first node has nothing to report.
    """

    def run(state: AuditState) -> AuditState:
        try:
            context.budget.check()
            return {"stopped_at": None, **node(state)}
        except (BudgetSpent, Waiting) as stop:
            return {"stopped_by": stop.reason, "stopped_at": name}
        except ModelCallError as failing:
            if name == "brief":
                raise
            return {"stopped_by": f"{PAUSED}{failing}", "stopped_at": name}

    run.__name__ = name
    return run


def run_tools(toolbox: Toolbox) -> Node:
    """Run the tools the scout called, one after another, so that the same seed gives the same ledger.

    Each call is a run of its own: handed over together, those after one that fails would still be carried out.
    """
    node = ToolNode(toolbox.tools(), handle_tool_errors=tool_error_text)

    def run(state: AuditState) -> AuditState:
        *_, asking = state["messages"]
        answers: list[AnyMessage] = []
        for call in asking.tool_calls if isinstance(asking, AIMessage) else []:
            alone = asking.model_copy(update={"tool_calls": [call]})
            answers += node.invoke({"messages": [alone]}, get_config())["messages"]
        return {"messages": answers}

    return run


def where_to_begin(
    state: AuditState,
) -> Literal["brief", "scout", "tools", "hypothesize", "experiment", "measure", "judge", "record", "follow", "refine"]:
    """Begin at the start, or where an earlier sitting met its limit."""
    return state.get("stopped_at") or "brief"  # type: ignore[return-value]


def unless_stopped(following: str) -> Callable[[AuditState], str]:
    """Go on to the following node, or to the report when a limit was met."""
    return lambda state: "report" if state.get("stopped_by") else following


def after_scout(state: AuditState) -> Literal["tools", "hypothesize", "report"]:
    """Run the tools the scout called; when it calls none, it has seen enough."""
    if state.get("stopped_by"):
        return "report"
    asks = bool(getattr(state["messages"][-1], "tool_calls", None))
    return "tools" if asks and state["moves"] <= MAX_MOVES else "hypothesize"


def after_hypothesize(state: AuditState) -> Literal["experiment", "scout", "report"]:
    """Test what was proposed; without proposals look elsewhere, until that has been in vain for some rounds."""
    if state.get("stopped_by") or state["dry"] >= MAX_DRY_ROUNDS:
        return "report"
    return "experiment" if state["testing"] else "scout"


def after_measure(state: AuditState) -> Literal["people", "judge", "report"]:
    """Judge what was measured, once people have answered what the audit is to wait for."""
    if state.get("stopped_by"):
        return "report"
    return "people" if state["waiting"] else "judge"


def after_judge(state: AuditState) -> Literal["record", "refine", "scout", "report"]:
    """Record what was supported, refine what was inconclusive, and look elsewhere when all was refuted."""
    if state.get("stopped_by"):
        return "report"
    return "record" if state["supported"] else after_follow(state)


def after_follow(state: AuditState) -> Literal["refine", "scout", "report"]:
    """Refine what was inconclusive, else look elsewhere."""
    if state.get("stopped_by"):
        return "report"
    return "refine" if state["inconclusive"] else "scout"


def after_refine(state: AuditState) -> Literal["experiment", "scout", "report"]:
    """Test the refined hypotheses, or look elsewhere when none was worth it."""
    if state.get("stopped_by"):
        return "report"
    return "experiment" if state["testing"] else "scout"
