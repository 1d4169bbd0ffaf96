"""The chat model as judge of meaning and as rewriter.

Models judge pairs better than single texts, and favour what stands first: every pair is asked in both orders, and only
an answer given twice counts.
"""

from collections.abc import Sequence

from langchain_core.messages import HumanMessage

from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.forms import MeaningReply, MeaningsReply, RewordingsReply
from faultfinder.agent.llm.paid_model import PaidModel
from faultfinder.agent.llm.replies import ask
from faultfinder.memory.errors import ReplyError
from faultfinder.memory.records import Judgement, Meaning, TextPair
from faultfinder.prompts import render

BATCH = 10
"""Pairs judged in one call."""

REWORDINGS = 6

_MEANINGS = {"different": Meaning.DIFFERENT, "same": Meaning.SAME, "unclear": Meaning.UNDECIDED}


class ChatJudge:
    """Says whether pairs mean different things, asked pairwise in both orders."""

    name = "chat model"

    def __init__(self, model: PaidModel) -> None:
        """Judge with a paid model."""
        self._model = model

    def judge(self, pairs: Sequence[TextPair]) -> list[Judgement]:
        """Return one judgement per pair, in order; undecided where the two orders disagree or an answer is missing."""
        turned = [TextPair(a=pair.b, b=pair.a) for pair in pairs]
        return [self._agreed(*answers) for answers in zip(self._answers(pairs), self._answers(turned), strict=True)]

    def _answers(self, pairs: Sequence[TextPair]) -> list[MeaningReply | None]:
        batches = [pairs[start : start + BATCH] for start in range(0, len(pairs), BATCH)]
        return [answer for batch in batches for answer in self._batch(batch)]

    def _batch(self, pairs: Sequence[TextPair]) -> list[MeaningReply | None]:
        ids = [f"p{number}" for number in range(1, len(pairs) + 1)]
        rows = [{"id": i, "a": pair.a, "b": pair.b} for i, pair in zip(ids, pairs, strict=True)]
        try:
            reply = ask(
                self._model, "meanings", [HumanMessage(render.meaning(pairs=render.quoted(rows)))], MeaningsReply
            )
        except ReplyError as problem:
            self._model.tell(EventKind.WARNING, f"{len(pairs)} pairs stay undecided: {problem}")
            return [None] * len(pairs)
        answers = {answer.id: answer for answer in reply.answers}
        return [answers.get(i) for i in ids]

    def _agreed(self, forth: MeaningReply | None, back: MeaningReply | None) -> Judgement:
        if forth is None or back is None:
            return self._judgement(Meaning.UNDECIDED, "not answered")
        if forth.meaning != back.meaning:
            return self._judgement(Meaning.UNDECIDED, f"{forth.meaning} one way round, {back.meaning} the other")
        return self._judgement(_MEANINGS[forth.meaning], " ".join(forth.reason.split())[:200] or "no reason given")

    def _judgement(self, meaning: Meaning, reason: str) -> Judgement:
        return Judgement(meaning=meaning, reason=reason, judge=self.name)


class ChatRewriter:
    """Rewords texts with a chat model."""

    name = "chat model"

    def __init__(self, model: PaidModel) -> None:
        """Reword with a paid model."""
        self._model = model

    def rewordings(self, text: str) -> list[str]:
        """Return rewordings of a text, none equal to it.

        Raises:
            ReplyError: the model gives none.
        """
        prompt = render.paraphrase(text=render.quoted([text]), count=REWORDINGS)
        reply = ask(self._model, "rewordings", [HumanMessage(prompt)], RewordingsReply)
        tidy = dict.fromkeys(" ".join(other.split()) for other in reply.rewordings)
        others = [other for other in tidy if other and other != text]
        if not others:
            raise ReplyError(f"{self._model.name} gave no rewording of {text!r}")
        return others
