"""A chat about an audit: who answers, with which tools, held to which citations, at what cost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field

from faultfinder.agent.assembly import OFFLINE
from faultfinder.agent.chat.answerer import Answerer
from faultfinder.agent.chat.borne_out import Checked, Removed, check, objection, what_stays
from faultfinder.agent.chat.citing import resolve
from faultfinder.agent.chat.graph import Check, Conversation, Told, ToolUse, conversation
from faultfinder.agent.chat.offline import OfflineAnswerer
from faultfinder.agent.chat.sentences import sentences_of
from faultfinder.agent.chat.streaming import Spoken, Vet
from faultfinder.agent.chat.tools import ChatTools
from faultfinder.agent.chat.workplace import Workplace
from faultfinder.agent.events import Listener
from faultfinder.agent.folder.stop_requests import heeds_requests
from faultfinder.memory.records import Limits, Record, Spend


class Reply(Record):
    """What a chat says to one question; the machine's copy."""

    question: str = Field(description="as it was asked")
    answer: str = Field(description="the sentences that hold; a note stands where one was removed")
    citations: tuple[str, ...] = Field(description="ids cited: findings, cases, look-ups, 'audit'")
    removed: tuple[Removed, ...] = Field(description="sentences that their citations did not bear out")
    tools: tuple[ToolUse, ...] = Field(description="tools called for it, in order")
    answered_by: str = Field(description="'offline' or the chat model's spec")
    cost: Spend = Field(description="what this answer cost")
    spent: Spend = Field(description="what the audit has spent in all")


class Chat:
    """A chat over one audit, with its history."""

    def __init__(
        self, workplace: Workplace, answerer: Answerer, tools: ChatTools, talk: Conversation, spoken: Spoken | None
    ) -> None:
        """Take over an open chat; use `open_chat`."""
        self._workplace = workplace
        self._spoken = spoken
        self._answerer = answerer
        self._tools = tools
        self._talk = talk

    @property
    def name(self) -> str:
        """The audit's name."""
        return self._workplace.settings.name

    @property
    def answered_by(self) -> str:
        """Who answers: 'offline' or a chat model's spec."""
        return self._answerer.name

    def unanswered(self) -> str | None:
        """Return the question at which an earlier sitting died, or None."""
        return self._talk.unanswered()

    def ask(self, question: str | None) -> Reply:
        """Answer a question; None goes on with the one at which an earlier sitting died.

        Raises:
            FaultfinderError: something the person can act on; the question is dropped, what it cost stays kept.
            Interrupted: the person asked to stop; likewise.
        """
        self._workplace.budget.go_on()
        if self._spoken:
            self._spoken.begin(self._vet(question or self.unanswered() or ""))
        with self._workplace.clock.running(), heeds_requests(self._workplace.folder, self.interrupt):
            before = self._workplace.budget.spend()
            try:
                told = self._talk.ask(question)
            except BaseException:  # the person sees why; asked again it pays for nothing twice
                self._talk.drop()
                raise
            spent = self._workplace.budget.spend()
        if self._spoken:
            self._spoken.end(told.answer)
        return self._reply(told, before, spent)

    def has_the_process(self) -> None:
        """Say that this process does nothing but talk about the audit, so that to end it is to stop the chat."""
        self._workplace.has_the_process()

    def interrupt(self) -> None:
        """Ask the answer under way to stop at its next safe point."""
        self._workplace.interrupt()

    def _vet(self, question: str) -> Vet:
        """Return what shows whole sentences while the rest of the answer is still to come, each one checked."""
        workplace, tools = self._workplace, self._tools

        def vetted(text: str) -> str:
            evidence, figures = workplace.evidence(), tools.figures()
            held = [
                (s, objection(s, lambda key: resolve(key, evidence, figures), question)) for s in sentences_of(text)
            ]
            return "".join(what_stays(sentence, why) for sentence, why in held)

        return vetted

    def _reply(self, told: Told, before: Spend, spent: Spend) -> Reply:
        cost = {name: getattr(spent, name) - getattr(before, name) for name in Spend.model_fields}
        return Reply(
            question=told.question,
            answer=told.answer,
            citations=told.cites,
            removed=told.removed,
            tools=told.tools,
            answered_by=self._answerer.name,
            cost=Spend.model_validate(cost),
            spent=spent,
        )


@contextmanager
def open_chat(
    folder: Path,
    listen: Listener,
    limits: Limits,
    llm: str | None,
    url: str | None,
    say: Callable[[str], None] | None = None,
    *,
    may_begin: bool = True,
) -> Iterator[Chat]:
    """Open the chat over an audit.

    Args:
        folder: the audit's folder.
        listen: told what happens.
        limits: new limits in place of the audit's where set.
        llm: who answers; None for the audit's own strategist.
        url: base URL of the server behind it.
        say: shows answers while they arrive, every sentence checked before.
        may_begin: whether another audit may be begun where a question asks for one.

    Raises:
        AuditError: there is no audit, it never began, or another process holds it.
        SpecError: the chat model cannot be resolved.
    """
    workplace = Workplace.open(folder, listen, limits, llm, url)
    try:
        tools = ChatTools(workplace, may_begin=may_begin)
        spoken = Spoken(say) if say else None
        answerer = _answerer(workplace, spoken)
        with conversation(answerer, tools, _checker(workplace, tools), workplace.database) as talk:
            yield Chat(workplace, answerer, tools, talk, spoken)
    finally:
        workplace.close()


def _answerer(workplace: Workplace, spoken: Spoken | None) -> Answerer:
    settings, offline = workplace.settings, OfflineAnswerer(workplace.settings)
    if settings.llm == OFFLINE:
        return offline
    from faultfinder.agent.chat.model_answers import ModelAnswerer
    from faultfinder.agent.llm.chat_model import connect
    from faultfinder.agent.llm.paid_model import PaidModel

    connection = connect(settings.llm, settings.llm_url, settings.seed)
    model = PaidModel(connection, workplace.ledger, workplace.budget, workplace.listen)
    return ModelAnswerer(model, workplace.evidence, offline, spoken)


def _checker(workplace: Workplace, tools: ChatTools) -> Check:
    """Return what holds answers to the evidence as it stands when they are given."""

    def held_to_evidence(answer: str, question: str) -> Checked:
        evidence, figures = workplace.evidence(), tools.figures()
        return check(answer, lambda key: resolve(key, evidence, figures), question)

    return held_to_evidence
