"""Driving the graph over its checkpoints: begin, go on after a kill, go on after a limit was raised."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from faultfinder.agent.context import AuditContext
from faultfinder.agent.endings import FOR_PEOPLE
from faultfinder.agent.graph import Graph, build_graph
from faultfinder.agent.landscape import reshaping
from faultfinder.agent.state import AuditState
from faultfinder.memory.ledger import unusable
from faultfinder.memory.records import Waitlisted

STEP_LIMIT = 1_000_000
"""Far above any audit: the loop's own limits end it, not this one."""

_THREAD: RunnableConfig = {"configurable": {"thread_id": "audit"}, "recursion_limit": STEP_LIMIT}


def drive(context: AuditContext, database: Path, watchers: Sequence[BaseCallbackHandler] = ()) -> str:
    """Run the graph from where it stands to its end and return why it ended.

    Each step is on disk before the next one begins, so a kill repeats at most the step it hit.

    Args:
        context: the audit.
        database: where its checkpoints are.
        watchers: told what the graph, its tools and its chat model do.

    Raises:
        Interrupted: the person asked to stop; the checkpoint stands before the step that did not run.
        AuditError: a checkpoint cannot be written, as on a full disk.
    """
    try:
        return _drive(context, database, watchers)
    except sqlite3.Error as error:
        raise unusable(database, error) from error


def _drive(context: AuditContext, database: Path, watchers: Sequence[BaseCallbackHandler]) -> str:
    with closing(sqlite3.connect(database, timeout=30, check_same_thread=False)) as connection:
        graph = build_graph(context, SqliteSaver(connection))
        if not _has_ended(graph) or _is_wanted(graph, context):
            watched: RunnableConfig = {**_THREAD, "callbacks": [*watchers]}
            for _ in graph.stream(_entry(graph, context), watched, stream_mode="updates", durability="sync"):
                pass
        if _pauses(graph):
            return FOR_PEOPLE
        return _state(graph)["stopped_by"] or "finished"


def _has_ended(graph: Graph) -> bool:
    """Tell whether the audit came to its end by itself: no limit cut it short, so there is nothing to go on with."""
    state = _state(graph)
    return bool(state.get("stopped_by")) and not state.get("stopped_at") and not graph.get_state(_THREAD).next


def _is_wanted(graph: Graph, context: AuditContext) -> bool:
    """Tell whether people want hypotheses tested that the audit has not taken up, or have rated what failed."""
    return _waits_to_be_taken_up(graph, context) or reshaping.is_wanted(context)


def _waits_to_be_taken_up(graph: Graph, context: AuditContext) -> bool:
    return len(context.ledger.all(Waitlisted)) > _state(graph).get("taken", 0)


def _pauses(graph: Graph) -> bool:
    """Tell whether the graph waits for people."""
    return any(task.interrupts for task in graph.get_state(_THREAD).tasks)


def _entry(graph: Graph, context: AuditContext) -> "AuditState | Command[None] | None":
    """Return what to start the graph with: None goes on before the step that did not run."""
    if _pauses(graph):
        return Command(resume=True)
    if _can_reshape(graph) and reshaping.is_wanted(context):
        return {"stopped_by": None, "stopped_at": "reshape", "dry": 0}
    if _has_ended(graph) and _waits_to_be_taken_up(graph, context):
        return {"stopped_by": None, "stopped_at": "hypothesize"}
    unfinished = bool(graph.get_state(_THREAD).next)
    return None if unfinished else {"stopped_by": None}


def _can_reshape(graph: Graph) -> bool:
    """Tell whether nothing is under way: the audit has ended, or a limit kept it from its next hypotheses."""
    resting = not graph.get_state(_THREAD).next
    return _has_ended(graph) or (resting and _state(graph).get("stopped_at") == "hypothesize")


def _state(graph: Graph) -> AuditState:
    return cast(AuditState, graph.get_state(_THREAD).values)
