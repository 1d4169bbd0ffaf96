"""Carrying out the tool calls of a model: strictly one after another, so that the same seed gives the same ledger."""

from collections.abc import Callable, Sequence

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage
from langchain_core.tools import BaseTool
from langgraph.config import get_config
from langgraph.prebuilt import ToolNode


def one_by_one(
    tools: Sequence[BaseTool], tell: Callable[..., str]
) -> Callable[[Sequence[BaseMessage]], list[AnyMessage]]:
    """Return a function that carries out the calls of the last message and returns what the tools say.

    Each call is a run of its own: handed over together, those after one that fails would still be carried out.

    Args:
        tools: what may be called.
        tell: puts an error into words for the caller; the type of its argument says which errors. Others are raised.
    """
    node = ToolNode(list(tools), handle_tool_errors=tell)

    def run(messages: Sequence[BaseMessage]) -> list[AnyMessage]:
        *_, asking = messages
        answers: list[AnyMessage] = []
        for call in asking.tool_calls if isinstance(asking, AIMessage) else []:
            alone = asking.model_copy(update={"tool_calls": [call]})
            answers += node.invoke({"messages": [alone]}, get_config())["messages"]
        return answers

    return run
