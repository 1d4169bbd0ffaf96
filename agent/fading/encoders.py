"""Fading a failure of words of an image-text encoder: contrastive fine-tuning on hard negatives by its own rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from faultfinder.agent.fading.batches import Batches
from faultfinder.agent.fading.exam import Exam
from faultfinder.agent.fading.learning import ROUNDS
from faultfinder.agent.fading.material import Failing, Material, gather
from faultfinder.agent.fading.proving import WordTrial
from faultfinder.agent.fading.reauditing import HeldOut, remaining, reserve
from faultfinder.agent.fading.records import Data, FadeSettings
from faultfinder.agent.fading.scoring import Scored, estimate
from faultfinder.agent.fading.subject import Subject
from faultfinder.agent.fading.word_evidence import WordEvidence
from faultfinder.memory.records import Rule
from faultfinder.tools.fading.training import Batch, Student
from faultfinder.tools.ports import Trainable

_CHANCE = 0.5


@dataclass(frozen=True)
class EncoderSubject(Subject[Trainable, Batch]):
    """A failure of words of an encoder.

    Attributes:
        model: The encoder, opened; its weights are changed.
        settings: What was asked for.
        evidence: The finished audit.
        reserved: Texts of the coming audit, where a world draws them.
        material: Everything that is learned from and measured on.
    """

    model: Trainable
    settings: FadeSettings
    evidence: WordEvidence
    reserved: HeldOut | None
    material: Material

    @classmethod
    def gathered(cls, model: Trainable, settings: FadeSettings, evidence: WordEvidence) -> "EncoderSubject":
        """Gather and split all inputs.

        Raises:
            CorpusError: there is nothing to learn from, or too few pairs of the failure can be made.
        """
        audit = evidence.audit
        reserved = reserve(audit.settings, evidence.corpus)
        material = gather(
            Failing(audit.hypothesis, evidence.rule),
            evidence.sources(settings.pictures),
            settings.recipe.seed,
            settings.cases,
            audit.spent,
            reserved.texts if reserved else frozenset(),
        )
        return cls(model, settings, evidence, reserved, material)

    @property
    def method(self) -> str:
        """What is done to the model."""
        rule = self.evidence.rule
        return (
            f"contrastive fine-tuning of both towers on hard negatives made by the failure's own rule ({rule.kind} of "
            f"{', '.join(rule.words) or 'any words'})"
        )

    @property
    def rule(self) -> Rule:
        """The failure's rule."""
        return self.evidence.rule

    @property
    def data(self) -> Data:
        """What is learned from and measured on."""
        return self.material.data

    @property
    def validation(self) -> Exam:
        """What models are chosen by."""
        return self.material.validation

    @property
    def test(self) -> Exam:
        """What is asked once."""
        return self.material.test

    @cached_property
    def trial(self) -> WordTrial:
        """The failure's experiment on captions of the test part."""
        audit = self.evidence.audit
        return WordTrial(
            hypothesis=audit.hypothesis.model_copy(update={"rule": self.evidence.rule}),
            editor=self.evidence.editor_of(self.material.fresh),
            rewriter=self.evidence.rewriter,
            agreement=audit.settings.agreement,
            spent=audit.spent | self.material.learned,
            confused=audit.confused,
            probes=audit.settings.probes,
            controls=audit.settings.controls,
            seed=self.settings.recipe.seed,
        )

    @property
    def most(self) -> int:
        """How many steps the pairs of the failure allow."""
        recipe, pairs = self.settings.recipe, len(self.material.train.failure)
        at_once = min(max(1, round(recipe.batch * (1 - recipe.replay))), pairs)
        return -(-ROUNDS * pairs // at_once)

    def student(self) -> Student:
        """Return the model in training."""
        return Student(self.model, self.settings.recipe)

    def batches(self, before: Mapping[str, Scored]) -> Callable[[int], Batch]:
        """Return what gives the batch of a step; of the other kinds those that the original tells apart."""
        known = [name for name, scored in before.items() if _is_known(scored)]
        recipe, evidence = self.settings.recipe, self.evidence
        return Batches(self.material.train, known, recipe, evidence.rewriter, evidence.teacher)

    def save(self, model: Trainable, folder: Path) -> str:
        """Write the model as it is now; return the spec that opens it again."""
        return model.save(folder)

    def held_out(self) -> HeldOut:
        """Return the texts that the changed model is audited on."""
        return self.reserved or remaining(self.evidence.audit.settings, self.evidence.corpus, self.material.learned)


def _is_known(scored: Scored) -> bool:
    """Tell whether the original tells a kind of difference apart, beyond chance."""
    return scored.about == "two-way" and estimate(scored.values).low > _CHANCE
