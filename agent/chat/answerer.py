"""The port behind a chat: who answers. It chooses tools and words; what may stand in the answer, code decides."""

from collections.abc import Sequence
from typing import Protocol

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.tools import BaseTool

MOST_MOVES = 8
"""Rounds of tool calls for one question; then it is answered from what was seen."""


class Answerer(Protocol):
    """Answers questions about an audit by calling its tools."""

    name: str

    def reply(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], about: str | None) -> AIMessage:
        """Choose the next tool calls, or answer; a message without tool calls is the answer.

        Args:
            messages: the conversation so far; it ends with the question, or with what tools said to it.
            tools: what may be called; none once enough rounds were made.
            about: id of the finding last spoken of.
        """
        ...


def this_turn(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Return the messages from the last question on."""
    begin = max((i for i, message in enumerate(messages) if message.type == "human"), default=0)
    return list(messages[begin:])


def recent(messages: Sequence[BaseMessage], questions: int) -> list[BaseMessage]:
    """Return the messages of the last questions, whole turns, so that a long chat does not grow dear."""
    begins = [i for i, message in enumerate(messages) if message.type == "human"][-questions:]
    return list(messages[begins[0] :]) if begins else []
