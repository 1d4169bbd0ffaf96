"""One call to a chat model, as a value: what determines its answer, and the ways to ask a server for a typed reply.

Its key leaves out whatever may differ between two runs of the same step (message ids, the form in which a server takes
the request), so that a resumed audit finds in the ledger what it has already paid for.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from faultfinder.prompts import render

JsonSchema = dict[str, object]
CHARACTERS_PER_TOKEN = 4
"""A usual figure for English, used where a server does not count."""

TOKENS_PER_PICTURE = 1000
"""A generous figure for one picture of at most 1024 pixels a side; servers differ, and bill what they count."""

UNREADABLE = "unreadable"
"""Under this name stand the arguments of a tool call that are no JSON object, as the model wrote them."""


class Form(StrEnum):
    """How a typed reply is asked for, strictest first. Servers differ in what they take."""

    SCHEMA = "JSON schema"
    FUNCTION = "function call"
    TEXT = "JSON in the text"


@dataclass(frozen=True)
class Call:
    """What is asked of a chat model."""

    purpose: str
    messages: tuple[BaseMessage, ...]
    tools: tuple[BaseTool, ...] = ()
    schema: JsonSchema | None = None
    attempt: int = 0
    heard: Callable[[str], None] | None = None
    """Told the words so far, each time some arrive; an answer given earlier is not told again."""

    def key(self, model: str) -> str:
        """Return the hash of everything that determines the answer."""
        tools = [convert_to_openai_tool(tool) for tool in self.tools]
        said = [_essence(message) for message in self.messages]
        whole = json.dumps([model, self.purpose, said, tools, self.schema, self.attempt], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()[:32]

    def tokens(self) -> int:
        """Estimate how many tokens are sent."""
        length = sum(len(message.text) for message in self.messages)
        length += sum(len(json.dumps(_essence(message)[2])) for message in self.messages)
        pictures = sum(_pictures(message) for message in self.messages)
        return (length + len(json.dumps(self.schema))) // CHARACTERS_PER_TOKEN + pictures * TOKENS_PER_PICTURE + 1

    def answered(self, reply: AIMessage, objection: str) -> "Call":
        """Return the call that follows when the reply could not be used."""
        spoken = AIMessage(words_of(reply) or "(nothing)")
        return replace(self, messages=(*self.messages, spoken, HumanMessage(objection)))

    def in_text(self) -> "Call":
        """Return the same call with its schema written into the last message."""
        *before, last = self.messages
        asked = f"{last.text}\n\n{render.answer(schema=json.dumps(self.schema))}"
        return replace(self, messages=(*before, HumanMessage(_with_text(last, asked))))


def words_of(reply: AIMessage) -> str:
    """Return what a reply says: its text, or the arguments of its calls where it has none."""
    arguments = [json.dumps(call["args"], ensure_ascii=False) for call in reply.tool_calls]
    unreadable = [call["args"] or "" for call in reply.invalid_tool_calls]
    return reply.text.strip() or "\n".join([*arguments, *unreadable])


def _pictures(message: BaseMessage) -> int:
    blocks = message.content if isinstance(message.content, list) else []
    return sum(isinstance(block, dict) and block.get("type") == "image_url" for block in blocks)


def _with_text(message: BaseMessage, text: str) -> str | list[str | dict[str, object]]:
    """Return a message's content with another text; its pictures stay."""
    if not isinstance(message.content, list):
        return text
    pictures = [block for block in message.content if isinstance(block, dict) and block.get("type") == "image_url"]
    return [{"type": "text", "text": text}, *pictures]


def _essence(message: BaseMessage) -> list[object]:
    calls = [[call["name"], call["args"]] for call in message.tool_calls] if isinstance(message, AIMessage) else []
    return [message.type, message.content, calls]
