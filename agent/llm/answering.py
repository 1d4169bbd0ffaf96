"""A chat model under audit, `openai:MODEL[@url=URL]`: every text is put into one instruction and answered on its own.

Each answer is paid for once (`PaidModel`): kept in the ledger, inside the budget, retried in the open. Here it is
decided what a failed call says of the model: that it refuses this text, that this text breaks it, or that nobody is
there to be asked, and the audit pauses.
"""

import hashlib
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables.config import ContextThreadPoolExecutor

from faultfinder.agent.llm.calls import Call
from faultfinder.agent.llm.chat_model import KEY, LONGEST_REPLY, SCHEME, Connection, connect
from faultfinder.agent.llm.naming import FORM, chat_name
from faultfinder.agent.llm.paid_model import PaidModel
from faultfinder.agent.llm.replies import refusal
from faultfinder.memory.errors import (
    FaultfinderError,
    ModelCallError,
    RequestRefused,
    ResponseRefused,
    SpecError,
    TargetError,
)
from faultfinder.tools.targets.instructions import checked, instructed, written

Pay = Callable[[Connection], PaidModel]
"""Takes a chat model's calls to the ledger and the budget of one audit."""

_AT_ONCE = 8
"""Texts under way at a time; the server's own pace allows fewer where it is too much."""

_ALOUD = re.compile(r"^\s*<think>.*?(</think>|$)", re.DOTALL)
"""What some servers send of a model's thinking in front of its answer; it is no part of it."""

_FILTERED = "content_filter"
_CUT = "length"


class PaidText:
    """A text model (`TextModel`) behind a chat server."""

    def __init__(self, spec: str, instruction: str, model: PaidModel) -> None:
        """Ask a paid model.

        Args:
            spec: what it is called.
            instruction: with {text} where the text goes.
            model: pays for the answers.
        """
        self.name = spec
        self.identity = f"{spec} {instruction}"
        self.instruction = instruction
        self._model = model
        self._failed: dict[str, FaultfinderError] = {}
        self._gone = False
        self._guard = threading.Lock()

    def respond(self, texts: Sequence[str]) -> list[str]:
        """Return one answer per text, in order; what was answered before is not asked again.

        Raises:
            ResponseRefused: a text is refused, for its content or its length.
            TargetError: the server fails at a text, and answers others.
            ModelCallError: the server cannot be reached, or fails at everything.
            BudgetSpent: a limit is reached.
        """
        self._gone = False
        with ContextThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self._answer, list(texts)))

    def _answer(self, text: str) -> str:
        if text in self._failed:
            raise self._failed[text]
        try:
            return self._asked(text)
        except (ResponseRefused, TargetError) as error:
            self._failed[text] = error
            raise

    def _asked(self, text: str) -> str:
        call = Call("target", (HumanMessage(instructed(self.instruction, text)),))
        try:
            return self._read(self._model.answer(call), text)
        except RequestRefused as error:
            raise ResponseRefused(f"{self.name} refuses {text[:80]!r}: {error}") from error
        except ModelCallError as error:
            self._look_for_life(text, error)
            raise TargetError(f"{self.name} fails at {text[:80]!r}, and answers others: {error}") from error

    def _read(self, reply: AIMessage, text: str) -> str:
        said, end = _ALOUD.sub("", reply.text).strip(), reply.response_metadata.get("finish_reason")
        if words := refusal(reply):
            raise ResponseRefused(f"{self.name} refuses {text[:80]!r}: {words[:200]}")
        if end == _FILTERED:
            raise ResponseRefused(f"{self.name}: the answer to {text[:80]!r} was held back by a filter")
        if end == _CUT and not said:
            raise TargetError(f"{self.name} used up {LONGEST_REPLY:,} tokens on {text[:80]!r} and said nothing")
        return said

    def _look_for_life(self, text: str, error: ModelCallError) -> None:
        """Ask for one word: a server that gives it was broken by the text; one that does not has gone.

        Raises:
            ModelCallError: it has gone; what was asked is to be asked again.
        """
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        with self._guard:
            if self._gone:
                raise error
            try:
                self._model.answer(Call(f"sign of life {digest}", (HumanMessage("Say yes."),)))
            except ModelCallError:
                self._gone = True
                raise error from None


def open_chat_target(spec: str, instruction: str | None, seed: int, pay: Pay) -> PaidText:
    """Connect to the chat model that a spec names.

    Args:
        spec: `openai:MODEL` of OpenAI's service, or `openai:MODEL@url=URL` of any compatible server.
        instruction: what the model is told to do with a text; None: summarize it.
        seed: passed to the server, where it takes one.
        pay: takes its calls to an audit's ledger and budget.

    Raises:
        SpecError: the spec or the instruction cannot be read, or no key is set for OpenAI's own service.
    """
    spec, said = spec.strip(), chat_name(spec)
    if not said.model or said.url == "":
        raise SpecError(f"{spec!r} names no chat model; write {FORM}")
    address = urlsplit(said.url or "")
    if "@" in address.netloc or address.query:
        raise SpecError(f"the address of {said.model} holds a name or a key, and addresses are kept; set {KEY} instead")
    told = checked(written(instruction), spec)
    return PaidText(spec, told, pay(replace(connect(f"{SCHEME}{said.model}", said.url, seed), name=spec)))
