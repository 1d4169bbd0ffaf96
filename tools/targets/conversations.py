"""What a text model is given for a text, as messages of a chat: what it is trained on has to be what it is asked.

A model that puts an instruction around a text, or before it, may say so by a method ``conversation(text)`` that returns
messages, the last of them the user's, each with a role (``system``, ``user`` or ``assistant``) and a content. A model
that says nothing is given the text alone.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field, ValidationError

from faultfinder.memory.errors import TargetError
from faultfinder.memory.records import Record

USER: Literal["user"] = "user"
ASSISTANT: Literal["assistant"] = "assistant"


class Message(Record):
    """A turn of a chat."""

    role: Literal["system", "user", "assistant"] = Field(description="who speaks")
    content: str = Field(description="what is said")


@runtime_checkable
class Conversing(Protocol):
    """A text model that says what it is given for a text."""

    def conversation(self, text: str) -> Sequence[Mapping[str, str]]:
        """Return the messages that the model is given for a text."""
        ...


def said_by_user(text: str) -> list[dict[str, str]]:
    """Return a text as the user's only message."""
    return [{"role": USER, "content": text}]


def conversation_of(model: object, text: str) -> tuple[Message, ...]:
    """Return what a text model is given for a text; the text alone where it does not say.

    Raises:
        TargetError: what the model says is no conversation that ends with the user.
    """
    said = model.conversation(text) if isinstance(model, Conversing) else said_by_user(text)
    try:
        messages = tuple(Message.model_validate(dict(each)) for each in said)
    except (ValidationError, TypeError, ValueError) as error:
        raise TargetError(f"{_name(model)}: what it says it is given is no conversation ({error})") from error
    if not messages or messages[-1].role != USER:
        raise TargetError(f"{_name(model)}: what it says it is given must end with a message of the user")
    return messages


def _name(model: object) -> str:
    return str(getattr(model, "name", type(model).__name__))
