"""Carrying out the tool calls of a model: strictly one after another, so that the same seed gives the same ledger.

What a model does wrong in a call it is told, whatever it is: a tool that is not there, arguments that cannot be read,
are missing or do not fit, a tool's own `ToolError`. Every other exception goes to the person.
"""

from collections.abc import Callable, Sequence

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, ToolCall, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.config import get_config
from langgraph.prebuilt import ToolNode
from langgraph.prebuilt.tool_node import ToolInvocationError

from faultfinder.agent.llm.calls import UNREADABLE
from faultfinder.memory.errors import ToolError


def one_by_one(tools: Sequence[BaseTool]) -> Callable[[Sequence[BaseMessage]], list[AnyMessage]]:
    """Return a function that carries out the calls of the last message and returns what the tools say.

    Each call is a run of its own: handed over together, those after one that fails would still be carried out.
    """
    node = ToolNode(list(tools), handle_tool_errors=_told)

    def run(messages: Sequence[BaseMessage]) -> list[AnyMessage]:
        *_, asking = messages
        answers: list[AnyMessage] = []
        for call in asking.tool_calls if isinstance(asking, AIMessage) else []:
            if UNREADABLE in call["args"]:
                answers.append(_unreadable(call))
                continue
            alone = asking.model_copy(update={"tool_calls": [call]})
            answers += node.invoke({"messages": [alone]}, get_config())["messages"]
        return answers

    return run


def _told(error: ToolError | ToolInvocationError) -> str:
    """Put an error into words for the caller; the annotation says which errors: others are raised."""
    return f"That did not work: {error}"


def _unreadable(call: ToolCall) -> ToolMessage:
    trouble = ToolError(f"the arguments of {call['name']} cannot be read as a JSON object: {call['args'][UNREADABLE]}")
    return ToolMessage(_told(trouble), tool_call_id=call["id"] or "", name=call["name"], status="error")
