"""Fading a failure of words of a generator: adapters (LoRA) learn from pictures with right captions.

The original's weights stay as they are; what is chosen on the line to them, proven and written down are the adapters.
Guarded is how many pictures of prompts of other kinds show what they were asked for, judged by the audit's own eyes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from random import Random
from typing import TypeVar

from faultfinder.agent.fading.darkroom import Darkroom, darkroom
from faultfinder.agent.fading.exam import Exam as Held
from faultfinder.agent.fading.learning import ROUNDS
from faultfinder.agent.fading.looking import PaintedExam
from faultfinder.agent.fading.material import FEWEST, Failing, Material, Training, gather
from faultfinder.agent.fading.proving import WordTrial
from faultfinder.agent.fading.reauditing import HeldOut, remaining, reserve
from faultfinder.agent.fading.records import Data, FadeSettings
from faultfinder.agent.fading.rewriting import is_by
from faultfinder.agent.fading.scoring import Scored
from faultfinder.agent.fading.subject import Subject
from faultfinder.agent.fading.word_evidence import WordEvidence
from faultfinder.agent.measuring import painted_outcomes
from faultfinder.agent.offline.painted import words_painted_wrong
from faultfinder.agent.report.rewriting import ledger_of
from faultfinder.agent.settling import settled_pairs
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import Case, Hypothesis, Observation, Rule, TextPair
from faultfinder.tools.adaptable import Adaptable
from faultfinder.tools.fading.painting import Apprentice, PaintBatch
from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.ports import Contrast, Lesson

Drawn = TypeVar("Drawn", Contrast, Lesson)

_FAILURE = {"validation": 16, "test": 40}
_OTHERS = {"validation": 36, "test": 180}
"""Pairs of prompts that are painted, of the failure and of all other kinds together: a picture costs time."""


@dataclass(frozen=True)
class PaintedTrial:
    """The failure's experiment on fresh prompts.

    Attributes:
        written: Writes it.
        darkroom: Has it painted and looked at.
    """

    written: WordTrial
    darkroom: Darkroom

    @property
    def hypothesis(self) -> Hypothesis:
        """What was proven."""
        return self.written.hypothesis

    def cases(self) -> list[Case]:
        """Write the experiment.

        Raises:
            AuditError: the held-out captions make no probe or no control.
        """
        return self.written.cases()

    def ask(self, model: Adaptable, cases: Sequence[Case]) -> list[Observation]:
        """Have both prompts of every case painted with one seed, and looked at, as an audit does."""
        with self.darkroom.studio(model) as studio:
            return painted_outcomes(studio, cases)


@dataclass(frozen=True)
class GeneratorSubject(Subject[Adaptable, PaintBatch]):
    """A failure of words of a generator.

    Attributes:
        apprentice: The generator in training.
        settings: What was asked for.
        evidence: The finished audit.
        reserved: Texts of the coming audit, where a world draws them.
        material: Everything that is learned from and measured on.
        darkroom: Where its pictures are painted and looked at.
    """

    apprentice: Apprentice
    settings: FadeSettings
    evidence: WordEvidence
    reserved: HeldOut | None
    material: Material
    darkroom: Darkroom

    @classmethod
    def gathered(cls, painter: Adaptable, settings: FadeSettings, evidence: WordEvidence) -> "GeneratorSubject":
        """Gather and split all inputs.

        Raises:
            SpecError: the generator cannot be adapted.
            AuditError: no machine judges the audit's pictures for nothing.
            CorpusError: there is nothing to learn from, or too few pairs of the failure can be made.
        """
        audit = evidence.audit
        room = darkroom(audit.settings, audit.suite[0].settings, evidence.corpus, painter)
        apprentice = Apprentice(painter, settings.recipe)
        reserved = reserve(audit.settings, evidence.corpus)
        material = gather(
            Failing(audit.hypothesis, evidence.rule),
            evidence.sources(settings.pictures),
            settings.recipe.seed,
            settings.cases,
            audit.spent | {text for pair in _painted(evidence) for text in (pair.a, pair.b)},
            reserved.texts if reserved else frozenset(),
        )
        return cls(apprentice, settings, evidence, reserved, material, room)

    @property
    def method(self) -> str:
        """What is done to the model."""
        adapters = self.apprentice.adapters
        return (
            f"low-rank adapters (LoRA, rank {adapters.rank}) beside {_listed(list(adapters.parts))}, trained on "
            "pictures with right captions by the model's own loss"
        )

    @property
    def rule(self) -> Rule:
        """The failure's rule."""
        return self.evidence.rule

    @property
    def data(self) -> Data:
        """What is learned from, and what is painted to measure."""
        exams = {"validation": self.validation, "test": self.test}
        amounts = [
            amount.model_copy(update={"contrasts": len(exam.failure), "guarded": sum(map(len, exam.kinds.values()))})
            if (exam := exams.get(amount.part))
            else amount
            for amount in self.material.data.amounts
        ]
        notes = (f"pictures were judged by {self.darkroom.eyes.name}",)
        return self.material.data.model_copy(update={"amounts": tuple(amounts), "notes": notes})

    @cached_property
    def validation(self) -> PaintedExam:
        """What models are chosen by."""
        return self._exam("validation", self.material.validation)

    @cached_property
    def test(self) -> PaintedExam:
        """What is painted once."""
        return self._exam("test", self.material.test)

    @cached_property
    def trial(self) -> PaintedTrial:
        """The failure's experiment on captions of the test part."""
        audit = self.evidence.audit
        written = WordTrial(
            hypothesis=audit.hypothesis.model_copy(update={"rule": self.evidence.rule}),
            editor=self.evidence.editor_of(self.material.fresh),
            rewriter=self.evidence.rewriter,
            agreement=None,
            spent=audit.spent | self.material.learned,
            confused=audit.confused | words_painted_wrong(_painted(self.evidence)),
            probes=audit.settings.probes,
            controls=audit.settings.controls,
            seed=self.settings.recipe.seed,
        )
        return PaintedTrial(written, self.darkroom)

    @property
    def most(self) -> int:
        """How many steps the pairs of the failure allow."""
        pairs = len(self.material.train.failure)
        return -(-ROUNDS * pairs // min(_of_failure(self.settings.recipe), pairs))

    def student(self) -> Apprentice:
        """Return the generator in training."""
        return self.apprentice

    def batches(self, before: Mapping[str, Scored]) -> Callable[[int], PaintBatch]:
        """Return what gives the batch of a step."""
        return PaintBatches(self.material.train, self.settings.recipe)

    def save(self, model: Adaptable, folder: Path) -> str:
        """Write the adapters as they are now; return the spec that opens the generator with them."""
        return model.save(folder)

    def held_out(self) -> HeldOut:
        """Return the texts that the changed model is audited on."""
        return self.reserved or remaining(self.evidence.audit.settings, self.evidence.corpus, self.material.learned)

    def _exam(self, part: str, held: Held) -> PaintedExam:
        """Take some of a part: all kinds alike, none that differ by the failure's own rule."""
        others = {
            name: [pair for pair in map(_texts, pairs) if not is_by(self.rule, pair)]
            for name, pairs in held.kinds.items()
        }
        each = max(1, _OTHERS[part] // max(1, sum(map(bool, others.values()))))
        return PaintedExam(
            failure=[_texts(pair) for pair in held.failure[: _FAILURE[part]]],
            kinds={name: pairs[:each] for name, pairs in others.items() if pairs},
            eyes=self.darkroom.eyes,
            seed=self.darkroom.seed,
            apart=FEWEST,
        )


class PaintBatches:
    """Draws the batches of a run: a step's number and the seed decide what is in it, whatever came before."""

    def __init__(self, train: Training, recipe: Recipe) -> None:
        """Prepare to draw."""
        self._train, self._recipe = train, recipe
        self._others = list(chain.from_iterable(train.kinds.values()))

    def __call__(self, step: int) -> PaintBatch:
        """Return the batch of a step: pairs of the failure, then pairs of other kinds and ordinary pictures."""
        rng, most = Random(f"{self._recipe.seed} step {step}"), self._recipe.batch
        failing = _some(self._train.failure, _of_failure(self._recipe), rng)
        others = _some(self._others, (most - sum(map(len, failing))) // 2, rng)
        left = most - sum(map(len, failing)) - sum(map(len, others))
        shown = [*failing, *others, *([(lesson, "")] for lesson in _sample(self._train.lessons, left, rng))]
        seeds = [rng.getrandbits(32) for _ in shown]
        flat = [lesson for sides in shown for lesson, _ in sides]
        return PaintBatch(
            captions=[lesson.caption for lesson in flat],
            pictures=[lesson.picture() for lesson in flat],
            dice=[seed for sides, seed in zip(shown, seeds, strict=True) for _ in sides],
            edited=[edited for sides in failing for _, edited in sides],
        )


Sides = list[tuple[Lesson, str]]
"""The pictures of a pair, each with the caption that it does not have."""


def _some(pairs: Sequence[Contrast], pictures: int, rng: Random) -> list[Sides]:
    """Draw pairs with so many pictures in all, or one more; a pair without a picture of its other side has one."""
    found: list[Sides] = []
    for pair in _sample(pairs, pictures, rng):
        if sum(map(len, found)) >= pictures:
            break
        sides: Sides = [(pair.lesson, pair.edited)]
        if pair.other is not None:
            other = Lesson(pair.edited, f"{pair.lesson.key} other", pair.other)
            sides.append((other, pair.lesson.caption))
        found.append(sides)
    return found


def _sample(of: Sequence[Drawn], most: int, rng: Random) -> list[Drawn]:
    return rng.sample(of, min(len(of), max(0, most)))


def _of_failure(recipe: Recipe) -> int:
    """Return how many pictures of a batch are the failure's."""
    return max(1, round(recipe.batch * (1 - recipe.replay)))


def _texts(pair: Contrast) -> TextPair:
    return TextPair(a=pair.lesson.caption, b=pair.edited)


def _painted(evidence: WordEvidence) -> list[PaintedPair]:
    """Return what the audit's scout had painted."""
    with ledger_of(evidence.audit.folder) as ledger:
        return settled_pairs(ledger)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
