"""A text model under text edits: what it is given, when its answer fails, and how badly.

The truth of an input is its reference answer or, where it has none, the model's own answer to the unchanged text.
Under an edit that keeps the meaning an answer is scored against it and judged by how much the model's answers vary of
themselves (wobble.py). Under one that changes the meaning, the right answer is the answer to the unchanged text with
the same change made in it: an answer that is nearer to the old one than to that one has missed the change.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from faultfinder.memory.errors import OptionError
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.harmless import harmless
from faultfinder.tools.actions.legible import BOUND, legibility
from faultfinder.tools.actions.passages import Edited, Passage
from faultfinder.tools.actions.space import Action, ActionSpace
from faultfinder.tools.actions.text_edits import EDIT, NONE, STRENGTH, made, named
from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.ports import FloatArray, TextEncoder, TextModel
from faultfinder.tools.tasks.answers import Answer, Answers
from faultfinder.tools.tasks.changes import compared
from faultfinder.tools.tasks.metrics import Floats, TextMetric
from faultfinder.tools.tasks.task import Example, Query, Reply
from faultfinder.tools.tasks.text_inputs import TextInput
from faultfinder.tools.tasks.wobble import FEWEST, PERCENTILE, Wobble

_VARIATIONS = 6
"""Harmless variations of an input that are asked at most."""

_FOREIGN = 10
"""Other inputs whose answers are scored against the truth of an input, at most."""

_STRANGERS = 5
"""Other inputs that a sentence may come from."""

_SHOWN = 120
"""Characters of an answer that a reply quotes."""


@dataclass(frozen=True)
class _Case:
    """A query made ready: what is given to the model, or why it is not asked."""

    text: str
    edited: Edited | None = None
    invalid: str = ""


@dataclass(frozen=True)
class Exchange:
    """What a model was given and said, and what it should have said.

    Attributes:
        given: The text as the model was given it.
        said: Its answer; None where there is none.
        wanted: The right answer: the truth or, without one, the answer to the unchanged text; with the change of
            meaning made in it, where the edit made one. None where there is none.
    """

    given: str
    said: str | None
    wanted: str | None


class TextTask:
    """A text model at work on edited texts."""

    noun = "texts"

    def __init__(
        self,
        model: TextModel,
        inputs: Sequence[TextInput],
        space: ActionSpace,
        metric: TextMetric,
        *,
        encoder: TextEncoder | None = None,
        bar: float | None = None,
        seed: int = 0,
        heard: Callable[[int], None] | None = None,
    ) -> None:
        """Set a model to work.

        Args:
            model: what is under audit.
            inputs: the texts; several, so that there are answers to other texts to compare with.
            space: of text edits, with the factor `edit` and, if it has small steps, `strength`.
            metric: scores answers against truths.
            encoder: embeds unchanged texts for an explorer; feature hashing where there is none.
            bar: a score to use as the bar, as published procedures do; None: measured.
            seed: of the edits.
            heard: told how many texts were answered, after every batch.

        Raises:
            OptionError: there are no inputs, two of one key, or the space is none of text edits.
        """
        if not inputs or len({one.key for one in inputs}) != len(inputs):
            raise OptionError("a text model is explored on texts with different keys, at least one")
        if {factor.name for factor in space.factors} not in ({EDIT}, {EDIT, STRENGTH}):
            raise OptionError(f"{space.name} is no space of text edits; make one with edit_space")
        self.name = f"{model.name} on {len(inputs)} texts under text edits"
        self.space = space
        self.examples = tuple(Example(one.key, one.truth, one.topic) for one in inputs)
        self.metric = metric
        self._inputs = tuple(inputs)
        self._answers = Answers(model, heard)
        self._encoder = encoder or HashEncoder()
        self._fixed = bar
        self._seed = seed
        self._strangers = tuple(range(len(self._inputs)))

    @property
    def scoring(self) -> str:
        """When an answer fails and how its severity is computed."""
        bar = f"the {PERCENTILE}th percentile of its scores under harmless variations"
        if self._fixed is not None:
            bar = f"the fixed score {self._fixed:g}"
        return (
            f"score: {self.metric.name} against the reference or, without one, the answer to the unchanged text "
            f"({self.metric.formula}). An edit that keeps the meaning fails below {bar}; its severity is the "
            "probability, at even odds, that an answer with this score is to another text rather than to a harmless "
            "variation: 1 / (1 + exp(a * score + b)), fitted. An edit that changes the meaning: s, t: scores against "
            "the old answer and against that with the change made in it, d: what those two lack of 1; "
            "severity = (1 + (s - t) / d) / 2; it fails above 1/2 where s is at least the median under harmless "
            f"variations. A text of legibility {BOUND:g} or less is invalid"
        )

    @property
    def preparation(self) -> int:
        """Texts the model is asked before anything can be judged, at most: the inputs, their harmless variations."""
        return sum(1 + len(harmless(one.text)[:_VARIATIONS]) for one in self._inputs)

    @property
    def asked(self) -> int:
        """Texts given to the model so far, harmless variations among them, each once."""
        return self._answers.asked

    def states(self, examples: Sequence[int]) -> FloatArray:
        """Return the vectors of unchanged texts, float32 (n, d), rows of unit length."""
        return self._encoder.embed_texts([self._inputs[number].text for number in examples])

    def ask(self, queries: Sequence[Query]) -> list[Reply]:
        """Return one reply per query, in order; the same query gives the same reply.

        Raises:
            TargetError: the model fails at everything.
            OptionError: its answers cannot be judged by this metric, or the texts are too few to tell.
        """
        cases = [self._case(query) for query in queries]
        said = iter(self._answers.of([case.text for case in cases if not case.invalid]))
        return [
            Reply(Outcome.INVALID, detail=case.invalid) if case.invalid else self._judged(query, case, next(said))
            for query, case in zip(queries, cases, strict=True)
        ]

    def refusals(self, queries: Sequence[Query]) -> list[str | None]:
        """Say of every query why its text is no fair question: nothing to edit, or nobody could read it any more."""
        return [self._case(query).invalid or None for query in queries]

    def original(self, example: int) -> str:
        """Return a text as it was."""
        return self._inputs[example].text

    def shown(self, query: Query) -> str:
        """Return the text as the model is given it; the unchanged one where the edit cannot be made.

        Raises:
            TargetError: the model fails at every unchanged text.
        """
        return self._case(query).text

    def exchange(self, query: Query) -> Exchange:
        """Return what came of a query in full; what was not asked yet is asked.

        Raises:
            TargetError: the model fails at everything.
        """
        case, plain = self._case(query), self.unedited(query.example)
        said = None if case.invalid else self._answers.of([case.text])[0].text
        if case.edited is None or case.edited.carry is None:
            return Exchange(case.text, said, plain.wanted)
        right = (self._inputs[query.example].truth, plain.said)
        return Exchange(case.text, said, next(filter(None, (case.edited.carry(text) for text in right if text)), None))

    def unedited(self, example: int) -> Exchange:
        """Return what came of an input as it is.

        Raises:
            TargetError: the model fails at every unchanged text.
        """
        said = self._plain[example].text
        wanted = self._truth(example)
        return Exchange(self._inputs[example].text, said, wanted if wanted.strip() else None)

    def with_dice(self, seed: int, strangers: Sequence[int]) -> "TextTask":
        """Return this task with other dice; answers and bars are shared, and a text is still asked once.

        Args:
            seed: of the edits.
            strangers: numbers of the inputs that a sentence may come from.

        Raises:
            TargetError: the model fails at everything.
            OptionError: its answers cannot be judged by this metric, or the texts are too few to tell.
        """
        _ = self.wobble, self.typical  # measured before they are shared
        other = copy(self)
        other._seed, other._strangers = seed, tuple(sorted(strangers))
        return other

    @cached_property
    def wobble(self) -> Wobble:
        """How much the answers vary of themselves, measured once.

        Raises:
            TargetError: the model fails at everything.
            OptionError: its answers cannot be judged by this metric, or the texts are too few to tell.
        """
        own = [(answer, self._truth(number)) for number, answer in self._varied]
        foreign = [
            (self._plain[other].text or "", self._truth(number))
            for place, number in enumerate(self._whole)
            for other in (self._whole[place + 1 :] + self._whole[:place])[:_FOREIGN]
        ]
        return Wobble.measured(self._scores(own), self._scores(foreign), self._fixed)

    @cached_property
    def typical(self) -> float:
        """Median score of the answers to harmless variations against the answers to the unchanged texts.

        Raises:
            TargetError: the model fails at everything.
            OptionError: there are too few harmless variations.
        """
        pairs = [(answer, self._plain[number].text or "") for number, answer in self._varied]
        if len(pairs) < FEWEST:
            raise OptionError(f"{len(pairs)} harmless variations are too few, {FEWEST} are needed: give more texts")
        return float(np.median(self._scores(pairs)))

    def _scores(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Score pairs of an answer and a truth."""
        return self.metric.scores([answer for answer, _ in pairs], [truth for _, truth in pairs])

    @cached_property
    def _varied(self) -> list[tuple[int, str]]:
        """Answers to harmless variations, each with the number of its input."""
        varied = [(n, text) for n in self._whole for text in harmless(self._inputs[n].text)[:_VARIATIONS]]
        answers = self._answers.of([text for _, text in varied])
        return [(n, answer.text) for (n, _), answer in zip(varied, answers, strict=True) if answer.text is not None]

    @cached_property
    def _whole(self) -> list[int]:
        """Inputs with an answer to the unchanged text."""
        return [number for number, answer in enumerate(self._plain) if (answer.text or "").strip()]

    @cached_property
    def _plain(self) -> list[Answer]:
        """Answers to the unchanged texts."""
        return self._answers.of([one.text for one in self._inputs])

    def _truth(self, number: int) -> str:
        return self._inputs[number].truth or self._plain[number].text or ""

    def _case(self, query: Query) -> _Case:
        text, action = self._inputs[query.example].text, self.space.actions[query.action]
        name, share = str(action.level(EDIT)), _share(action)
        if name == NONE or share == 0:
            return _Case(text)
        edited = made(named(name), self._passage(query.example), share)
        if edited is None:
            return _Case(text, invalid=f"{named(name).nothing} here")
        return _Case(edited.text, edited, self._why_invalid(query.example, edited))

    def _passage(self, number: int) -> Passage:
        before, after = bisect_left(self._strangers, number), bisect_right(self._strangers, number)
        around = (self._strangers[after : after + _STRANGERS] + self._strangers[:before])[:_STRANGERS]
        others = tuple(self._inputs[other].text for other in around)
        return Passage(self._inputs[number].text, self._seed, others, self._plain[number].text or "")

    def _why_invalid(self, number: int, edited: Edited) -> str:
        readable = legibility(self._inputs[number].text, edited.text, edited.added)
        if readable <= BOUND:
            return f"a person could no longer read it: legibility {readable:.2f}, {BOUND:g} is too little"
        plain = self._plain[number].text
        if edited.carry is not None and plain is not None and edited.carry(plain) is None:
            return "the answer to the unchanged text does not speak of what would be changed"
        return ""

    def _judged(self, query: Query, case: _Case, answer: Answer) -> Reply:
        plain = self._plain[query.example]
        if answer.text is None or answer.outcome is not None:
            return Reply(answer.outcome or Outcome.ERROR, detail=answer.detail)
        if not self._truth(query.example).strip():
            return Reply(Outcome.UNSCORABLE, said=_quoted(answer.text), detail="no answer to the unchanged text")
        if case.edited is not None and case.edited.carry is not None and plain.text is not None:
            return self._judged_changed(plain.text, answer.text, case.edited)
        score = float(self.metric.scores([answer.text], [self._truth(query.example)])[0])
        outcome = Outcome.FAIL if self.wobble.fails(score) else Outcome.PASS
        return Reply(outcome, self.wobble.severity(score), _quoted(answer.text), f"{self.metric.name} {score:.3f}")

    def _judged_changed(self, old: str, said: str, edited: Edited) -> Reply:
        found = compared(said, old, edited, self.metric, self.typical)
        detail = f"{self.metric.name} {found.to_old:.3f} to the old answer, {found.to_wanted:.3f} to the changed one"
        if found.severity is None:
            return Reply(Outcome.UNSCORABLE, said=_quoted(said), detail=f"{detail}: too close to tell them apart")
        outcome = Outcome.FAIL if found.severity > 0.5 else Outcome.PASS
        return Reply(outcome, found.severity, _quoted(said), detail)


def _share(action: Action) -> float | None:
    """Return the strength of an action; None where its space has none."""
    levels = {setting.factor: setting.level for setting in action.settings}
    return float(levels[STRENGTH]) if STRENGTH in levels else None


def _quoted(answer: str) -> str:
    words = " ".join(answer.split())
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
