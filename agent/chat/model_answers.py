"""A chat model as the one who answers: it chooses tools and words.

Its sentences are held to their citations elsewhere.
"""

import json
from collections.abc import Callable, Sequence

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.tools import BaseTool

from faultfinder.agent.chat.answerer import Answerer, recent
from faultfinder.agent.chat.evidence import Evidence
from faultfinder.agent.chat.streaming import Spoken
from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.calls import Call
from faultfinder.agent.llm.moves import with_readable_calls
from faultfinder.agent.llm.paid_model import PaidModel
from faultfinder.memory.errors import RequestRefused
from faultfinder.memory.records import Role
from faultfinder.prompts import render

_SHOWN = 160

REMEMBERED = 6
"""Questions and answers that a model is shown of a longer chat."""


class ModelAnswerer:
    """Answers with a chat model; every reply is paid for once, inside the audit's budget."""

    def __init__(
        self, model: PaidModel, evidence: Callable[[], Evidence], instead: Answerer, spoken: Spoken | None = None
    ) -> None:
        """Take a paid model and what it is told.

        Args:
            model: the model.
            evidence: returns the evidence as it stands.
            instead: who answers where a server knows no tools.
            spoken: shows the answer while it arrives.
        """
        self.name = model.name
        self._model = model
        self._evidence = evidence
        self._instead = instead
        self._spoken = spoken

    def reply(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], about: str | None) -> AIMessage:
        """Let the model choose the next tool calls, or answer.

        Raises:
            BudgetSpent: a limit is reached.
            ModelCallError: the server cannot be reached, keeps failing, or refuses for good.
        """
        told = (SystemMessage(self._told()), *recent(messages, REMEMBERED))
        try:
            heard = self._spoken.hear if self._spoken else None
            reply = self._model.answer(Call("chat", told, tuple(tools), heard=heard))
        except RequestRefused as refusal:
            self._model.tell(EventKind.WARNING, f"answering without a model, tools are not taken: {refusal}")
            return self._instead.reply(messages, tools, about)
        if not tools:
            return AIMessage(reply.content, id=reply.id)
        reply = with_readable_calls(reply, tools)
        for call in reply.tool_calls:
            if self._spoken:
                self._spoken.interrupt()
            self._model.tell(EventKind.TOOL, f"{call['name']} {json.dumps(call['args'], ensure_ascii=False)}"[:_SHOWN])
        return reply

    def _told(self) -> str:
        evidence = self._evidence()
        settings = evidence.settings
        audit = {"name": settings.name, "goal": settings.goal, "target": settings.target, "corpus": settings.corpus}
        rows = [
            {
                "id": each.hypothesis.id,
                "title": each.hypothesis.title,
                "verdict": str(evidence.status(each)),
                "probes": f"{(arm := each.counts(Role.PROBE)).fail} of {arm.fail + arm.passed} fail",
            }
            for each in evidence.own
        ]
        return render.chat(audit=render.quoted([audit]), findings=render.quoted(rows))
