"""The scout's moves, where a model does not make them properly itself.

Small models write their tool calls into the text; some models and servers know no tools at all, and are led through the
mining tools in a fixed order.
"""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, InvalidToolCall, ToolCall
from langchain_core.tools import BaseTool

from faultfinder.agent.llm.calls import UNREADABLE
from faultfinder.agent.llm.replies import json_values
from faultfinder.memory.records import Brief

FIXED_ORDER = ("explore_landscape", "scan_edits", "find_agreements", "survey_map", "scan_area")
"""What is called, in turn, for a model that does not call tools itself."""


def with_readable_calls(reply: AIMessage, tools: Sequence[BaseTool]) -> AIMessage:
    """Return the reply with the tool calls it means: those it made, else those it wrote down as JSON in its text.

    Calls get distinct ids where the server gave none. An invented tool stays, and so do arguments that cannot be read:
    the tools' node answers both with an error.
    """
    names = {tool.name for tool in tools}
    made = [*reply.tool_calls, *map(_unreadable_call, reply.invalid_tool_calls)]
    calls = made or [call for value in json_values(reply.text) if (call := _written_call(value, names))]
    ids = [call["id"] or "" for call in calls]
    distinct = len(set(ids)) == len(ids) and all(ids)
    named = [
        ToolCall(name=c["name"], args=c["args"], id=c["id"] if distinct else f"call-{n}") for n, c in enumerate(calls)
    ]
    return AIMessage(reply.content, id=reply.id, tool_calls=named)


def without_repetitions(reply: AIMessage, messages: Sequence[BaseMessage]) -> AIMessage:
    """Return the reply without calls that were made before in this conversation: their results are known."""
    made = [
        (c["name"], c["args"]) for message in messages if isinstance(message, AIMessage) for c in message.tool_calls
    ]
    fresh = [call for call in reply.tool_calls if (call["name"], call["args"]) not in made]
    return AIMessage(reply.content, id=reply.id, tool_calls=fresh)


def next_in_order(brief: Brief, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> AIMessage:
    """Return the call of the next mining tool in the fixed order, or a word that enough has been seen."""
    called = {call["name"] for message in messages if isinstance(message, AIMessage) for call in message.tool_calls}
    wishes = _wishes(brief, _status(messages))
    waiting = [name for name in FIXED_ORDER if name in {tool.name for tool in tools} - called and name in wishes]
    if not waiting:
        return AIMessage("Enough has been seen.")
    return AIMessage("", tool_calls=[ToolCall(name=waiting[0], args=wishes[waiting[0]], id=f"fixed-{waiting[0]}")])


def _written_call(value: object, names: set[str]) -> ToolCall | None:
    if not isinstance(value, dict) or value.get("name") not in names:
        return None
    arguments = value.get("arguments", value.get("parameters", value.get("args", {})))
    return ToolCall(name=value["name"], args=arguments if isinstance(arguments, dict) else {}, id="")


def _unreadable_call(call: InvalidToolCall) -> ToolCall:
    return ToolCall(name=call["name"] or "", args={UNREADABLE: call["args"] or ""}, id=call["id"])


def _wishes(brief: Brief, status: dict[str, object]) -> dict[str, dict[str, object]]:
    """Return what each tool would be asked for; those of map and landscape only where the status says so."""
    number, charted = status.get("round"), status.get("map")
    wishes: dict[str, dict[str, object]] = {
        "scan_edits": {"focus": list(brief.focus), "round": number if isinstance(number, int) else 0},
        "find_agreements": {"domain": list(brief.domain)},
    }
    if status.get("explored") == 0:
        wishes["explore_landscape"] = {}
    if isinstance(charted, dict) and not charted.get("waiting"):
        wishes["survey_map"] = {"cells": charted.get("next_cells", [])} if charted.get("looks") else {}
        if charted.get("next_area"):
            wishes["scan_area"] = {"area": charted["next_area"]}
    return wishes


def _status(messages: Sequence[BaseMessage]) -> dict[str, object]:
    """Return the status that the loop opens the conversation with; empty where there is none."""
    statuses = [value for message in messages[:1] for value in json_values(message.text) if isinstance(value, dict)]
    return statuses[0] if statuses else {}
