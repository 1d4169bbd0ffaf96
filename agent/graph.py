"""The loop, as one picture.

START -> brief -> scout <-> tools -> hypothesize -> experiment -> measure -> judge -+- SUPPORTED -> record, follow -+
                   ^ <-------------------------------------------------------------------------------------------------+
                   |                                   ^           people ^         +- INCONCLUSIVE -> refine --+
                   |                                   +---------------------------------------------------------+
                   +-------------------------------- REFUTED ---------------------------------------------------
any node, when the budget is spent or nothing new turns up -> report -> END

`people` lies between `measure` and `judge`, and between `scout` and `hypothesize`, where the audit is to wait for
answers; it pauses the graph and does nothing else. `reshape` lies before `hypothesize`: where inputs are changed, it
has people asked how bad failures are, and explores again by what they said. `follow` takes what was proven of an
encoder into the pictures of a generator, where one was named.

Several hypotheses go round side by side, so `judge` may leave some to record and others to refine: record comes first.
This file wires; what the nodes do is in `scouting`, `trials`, `asking`, `recording` and `following`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from pydantic import BaseModel

from faultfinder.agent.asking import Asking
from faultfinder.agent.context import AuditContext
from faultfinder.agent.endings import PAUSED
from faultfinder.agent.following import Following
from faultfinder.agent.landscape.reshaping import Reshaping
from faultfinder.agent.recording import Recording
from faultfinder.agent.scout.tool_calls import one_by_one
from faultfinder.agent.scout.toolbox import Toolbox
from faultfinder.agent.scouting import MAX_DRY_ROUNDS, MAX_MOVES, Scouting
from faultfinder.agent.state import AuditState
from faultfinder.agent.trials import Trials
from faultfinder.memory.errors import BudgetSpent, ModelCallError, Waiting

Graph = CompiledStateGraph[AuditState, None, AuditState, AuditState]
Wiring = StateGraph[AuditState, None, AuditState, AuditState]

NODES = (
    "brief",
    "scout",
    "tools",
    "reshape",
    "hypothesize",
    "experiment",
    "measure",
    "people",
    "judge",
    "record",
    "follow",
    "refine",
    "report",
)


class Node(Protocol):
    """A step of the loop: reads the state, returns what changes in it."""

    def __call__(self, state: AuditState) -> AuditState:
        """Take the step."""
        ...


def build_graph(context: AuditContext, checkpointer: BaseCheckpointSaver[Any]) -> Graph:
    """Wire the audit's nodes into a graph that can be killed and resumed at any node."""
    return wire(nodes_of(context)).compile(checkpointer=checkpointer)


def nodes_of(context: AuditContext) -> dict[str, Node]:
    """Return the steps of one audit by name."""
    toolbox = Toolbox(context)
    scouting, trials = Scouting(context, toolbox.tools()), Trials(context)
    asking, recording, following = Asking(context), Recording(context), Following(context)
    bounded: dict[str, Node] = {
        "brief": scouting.brief,
        "scout": scouting.scout,
        "tools": run_tools(toolbox),
        "reshape": Reshaping(context).reshape,
        "hypothesize": scouting.hypothesize,
        "experiment": trials.experiment,
        "measure": trials.measure,
        "judge": trials.judge,
        "record": recording.record,
        "follow": following.follow,
        "refine": trials.refine,
    }
    nodes = {name: within_budget(name, context, node) for name, node in bounded.items()}
    return {**nodes, "people": asking.people, "report": recording.report}


def wire(nodes: Mapping[str, Node], options: type[BaseModel] | None = None) -> Wiring:
    """Join the steps into the loop.

    Args:
        nodes: the steps by name, those of `nodes_of`.
        options: what a server that runs the graph lets its callers choose.
    """
    graph: Wiring = StateGraph(AuditState, context_schema=options)  # type: ignore[arg-type]
    for name in NODES:
        graph.add_node(name, nodes[name])

    graph.add_conditional_edges(START, where_to_begin)
    graph.add_conditional_edges("brief", unless_stopped("scout"), ["scout", "report"])
    graph.add_conditional_edges("scout", after_scout)
    graph.add_conditional_edges("tools", unless_stopped("scout"), ["scout", "report"])
    graph.add_conditional_edges("reshape", after_reshape)
    graph.add_conditional_edges("hypothesize", after_hypothesize)
    graph.add_conditional_edges("experiment", unless_stopped("measure"), ["measure", "report"])
    graph.add_conditional_edges("measure", after_measure)
    graph.add_conditional_edges("people", after_people)
    graph.add_conditional_edges("judge", after_judge)
    graph.add_conditional_edges("record", unless_stopped("follow"), ["follow", "report"])
    graph.add_conditional_edges("follow", after_follow)
    graph.add_conditional_edges("refine", after_refine)
    graph.add_edge("report", END)
    return graph


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
    """Run the tools the scout called."""
    carry_out = one_by_one(toolbox.tools())

    def run(state: AuditState) -> AuditState:
        return {"messages": carry_out(state["messages"])}

    return run


def where_to_begin(
    state: AuditState,
) -> Literal[
    "brief", "scout", "tools", "reshape", "hypothesize", "experiment", "measure", "judge", "record", "follow", "refine"
]:
    """Begin at the start, or where an earlier sitting met its limit."""
    return state.get("stopped_at") or "brief"  # type: ignore[return-value]


def unless_stopped(following: str) -> Callable[[AuditState], str]:
    """Go on to the following node, or to the report when a limit was met."""
    return lambda state: "report" if state.get("stopped_by") else following


def after_scout(state: AuditState) -> Literal["tools", "people", "reshape", "report"]:
    """Run the tools the scout called; when it calls none, it has seen enough, or people have to look first."""
    if state.get("stopped_by"):
        return "report"
    asks = bool(getattr(state["messages"][-1], "tool_calls", None))
    if asks and state["moves"] <= MAX_MOVES:
        return "tools"
    return "people" if state["waiting"] else "reshape"


def after_reshape(state: AuditState) -> Literal["people", "hypothesize", "report"]:
    """Go on to hypotheses, once people have rated what the audit is to wait for."""
    if state.get("stopped_by"):
        return "report"
    return "people" if state["waiting"] else "hypothesize"


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


def after_people(state: AuditState) -> Literal["people", "reshape", "judge"]:
    """Go on once every question has an answer: to the verdicts of what is under test, else to what the scout saw."""
    if state["waiting"]:
        return "people"
    return "judge" if state["testing"] else "reshape"


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
