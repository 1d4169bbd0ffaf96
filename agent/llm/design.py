"""Have a chat model write the cases of an experiment, from a hypothesis' description alone.

The cases of a hypothesis are one stream, asked for in chunks. What a chunk is asked with depends on nothing but the
hypothesis and the chunks before it, so a later request of the same hypothesis, or a resumed audit, walks the stream
again at no cost: its beginning is in the ledger.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from langchain_core.messages import HumanMessage

from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.forms import PairsReply
from faultfinder.agent.llm.paid_model import PaidModel
from faultfinder.agent.llm.replies import ask
from faultfinder.agent.restricting import speaks_of
from faultfinder.agent.strategist import Design, DesignRequest
from faultfinder.memory.errors import ReplyError
from faultfinder.memory.records import Hypothesis, Role, TextPair
from faultfinder.prompts import render

CHUNK = 20
"""Pairs asked for at once; small models lose the thread over longer lists."""

MOST_CHUNKS = 12
"""Chunks of one role, after which a hypothesis has had its chance."""

SENTENCES = 12
"""Sentences of the corpus shown with a chunk, other ones each time."""

CONTRAST = "By contrast, it notices this:"
"""Opens the part of a description that tells what the controls are about."""

USUAL_CONTRAST = "what a thing is, or its colour"
"""What controls change where a hypothesis names nothing: what nearly every encoder notices."""

MOST_WORDS_CHANGED = 6
"""Words that are in one text of a pair and not in the other, at most: a change of three words for three."""

_LONGEST = 300
_WORD = re.compile(r"[^\W\d_]+")
_FILLERS = """a an and are as at be between by for from has have in into is it its of on only or same sentences than
that the their there they things to treated when whether which while with"""
_SAYING_NOTHING = frozenset(_FILLERS.split())


class CaseWriter:
    """Writes probes and controls with a chat model."""

    def __init__(self, model: PaidModel, corpus: Sequence[str], seed: int) -> None:
        """Take the model and the sentences whose kind the cases should be of."""
        self._model = model
        self._corpus = [text for text in dict.fromkeys(corpus) if len(text) <= _LONGEST]
        self._words = [frozenset(_words(text)) for text in self._corpus]
        self._frequency = Counter(word for words in self._words for word in words)
        self._seed = seed

    def design(self, request: DesignRequest) -> Design:
        """Write what is wanted, or as much of it as the model has; no text that is spent or used in both arms."""
        probes = self._take(request, Role.PROBE, request.probes, set(request.spent))
        used = {text for pair in probes for text in (pair.a, pair.b)}
        return Design(probes=probes, controls=self._take(request, Role.CONTROL, request.controls, used | request.spent))

    def _take(
        self, request: DesignRequest, role: Role, wanted: int, spent: set[str] | frozenset[str]
    ) -> tuple[TextPair, ...]:
        used = set(spent)
        taken: list[TextPair] = []
        stream = self._stream(request.hypothesis, role)
        while len(taken) < wanted and (pair := next(stream, None)):
            if not {pair.a, pair.b} & used:
                used |= {pair.a, pair.b}
                taken.append(pair)
        return tuple(taken)

    def _stream(self, hypothesis: Hypothesis, role: Role) -> Iterator[TextPair]:
        seen: dict[TextPair, None] = {}
        for number in range(MOST_CHUNKS):
            written = self._chunk(hypothesis, role, number, list(seen))
            fresh = [pair for pair in written if is_small_edit(pair) and pair not in seen]
            if not fresh:
                return
            seen |= dict.fromkeys(fresh)
            yield from fresh

    def _chunk(self, hypothesis: Hypothesis, role: Role, number: int, before: Sequence[TextPair]) -> list[TextPair]:
        prompt = render.design(
            sentences=render.quoted(self._sentences(hypothesis, role, number)),
            used=render.quoted([pair.a for pair in before[-3 * CHUNK :]]),
            task=render.probes() if role is Role.PROBE else render.controls(),
            change=render.quoted([_change(hypothesis, role)]),
            count=CHUNK,
        )
        try:
            reply = ask(self._model, f"{role.value}s", [HumanMessage(prompt)], PairsReply, attempt=number)
        except ReplyError as problem:
            self._model.tell(EventKind.WARNING, f"no {role.value}s for {hypothesis.id}: {problem}")
            return []
        return [TextPair(a=_tidy(pair.a), b=_tidy(pair.b)) for pair in reply.pairs]

    def _sentences(self, hypothesis: Hypothesis, role: Role, number: int) -> list[str]:
        """Draw a chunk's sentences: first those that share a telling word with the title, then with the description."""
        rng = Random(f"{self._seed}/{role.value}/{hypothesis.title}/{hypothesis.description}")
        title = self._telling(hypothesis.title)
        whole = title | self._telling(hypothesis.description.split(CONTRAST)[0])
        order = rng.sample(range(len(self._corpus)), len(self._corpus))
        order.sort(key=lambda n: 0 if self._words[n] & title else 1 if self._words[n] & whole else 2)
        if hypothesis.within:
            order.sort(key=lambda n: not speaks_of(hypothesis, self._corpus[n]))
        return [self._corpus[n] for n in order[number * SENTENCES : (number + 1) * SENTENCES]]

    def _telling(self, text: str) -> set[str]:
        return {word for word in _words(text) if word not in _SAYING_NOTHING and self._is_telling(word)}

    def _is_telling(self, word: str) -> bool:
        """Tell whether a word sets some sentences of the corpus apart."""
        return 0 < self._frequency[word] <= len(self._corpus) / 3


def _change(hypothesis: Hypothesis, role: Role) -> dict[str, str]:
    """Return the change a role is about, and it alone: a small model that is shown both makes either."""
    description, _, contrast = hypothesis.description.partition(CONTRAST)
    if role is Role.PROBE:
        return {"title": hypothesis.title, "description": description.strip()}
    return {"change": contrast.strip()} if contrast else {"leave": hypothesis.title, "change": USUAL_CONTRAST}


def is_small_edit(pair: TextPair) -> bool:
    """Tell whether two texts differ by a small edit or only in their order; models also pair unrelated sentences."""
    a, b = Counter(pair.a.lower().split()), Counter(pair.b.lower().split())
    return pair.a != pair.b and ((a - b) + (b - a)).total() <= MOST_WORDS_CHANGED


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _tidy(text: str) -> str:
    return " ".join(text.split())
