"""Any LangChain chat model as a text model: each text is put into an instruction and answered on its own.

It builds no chat model and knows no vendor: whoever has one hands it over.
"""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from langchain_core.exceptions import ContextOverflowError
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import HumanMessage

from faultfinder.memory.errors import ResponseRefused, SpecError
from faultfinder.tools.targets.conversations import said_by_user
from faultfinder.tools.targets.instructions import DEFAULT, checked, instructed

_SIDE_BY_SIDE = 4
"""Calls in flight at a time."""


class ChatModelText:
    """Answers texts with a chat model under one instruction."""

    def __init__(self, name: str, model: BaseChatModel, instruction: str = DEFAULT) -> None:
        """Wrap a chat model; set its temperature to 0 where it has one, so that the same text has the same answer.

        Args:
            name: what it is called.
            model: the chat model, with its own retries and timeout.
            instruction: with {text} where the text goes.

        Raises:
            SpecError: the instruction has no place for the text.
        """
        self.name = name
        self.identity = f"{name} {checked(instruction, name)}"
        self._model = model
        self._instruction = instruction

    def respond(self, texts: Sequence[str]) -> list[str]:
        """Return one answer per text, in order.

        Raises:
            ResponseRefused: a text is too long for the model.
        """
        asked: list[LanguageModelInput] = [[HumanMessage(instructed(self._instruction, text))] for text in texts]
        try:
            answers = self._model.batch(asked, config={"max_concurrency": _SIDE_BY_SIDE})
        except ContextOverflowError as error:
            raise ResponseRefused(f"{self.name}: a text is too long for it ({error})") from error
        return [answer.text.strip() for answer in answers]

    def conversation(self, text: str) -> Sequence[Mapping[str, str]]:
        """Return the message that the model is given for a text: the instruction with the text in it."""
        return said_by_user(instructed(self._instruction, text))


def open_text_model(rest: str) -> NoReturn:
    """Say that a chat model behind a server is opened by an audit, out of whose budget it is paid.

    Raises:
        SpecError: always.
    """
    raise SpecError(f"openai:{rest} is paid for by the call, so only an audit or a check of one can ask it")
