"""Fading a failing region of a classifier: fine-tuning on pictures as they are changed there.

A classifier is one that was trained as such, or an encoder of texts and pictures that chooses among labels; of the
latter the image tower is trained, and what the labels lie at stays.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from faultfinder.agent.events import Listener
from faultfinder.agent.fading.changed_batches import ChangedBatches
from faultfinder.agent.fading.changed_exam import ChangedExam, Ways, exam_of
from faultfinder.agent.fading.changed_material import Split, held_out_pictures, split_pictures
from faultfinder.agent.fading.evidence import Evidence
from faultfinder.agent.fading.exam import recalled
from faultfinder.agent.fading.gallery import Gallery
from faultfinder.agent.fading.kept import Kept
from faultfinder.agent.fading.learning import ROUNDS
from faultfinder.agent.fading.reauditing import HeldOut
from faultfinder.agent.fading.records import Amount, Data, FadeSettings
from faultfinder.agent.fading.scoring import Scored
from faultfinder.agent.fading.shifting import Survey, survey
from faultfinder.agent.fading.splitting import Part, split
from faultfinder.agent.fading.subject import Subject
from faultfinder.agent.given import Target
from faultfinder.agent.landscape.changed_cases import Order, write_changed_cases
from faultfinder.agent.landscape.opening import ChangedPictures, open_changed_pictures
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.errors import AuditError, SpecError
from faultfinder.memory.records import Case, Hypothesis, Observation, Role
from faultfinder.memory.regions import Region
from faultfinder.tools.fading.picture_training import PictureBatch, PictureStudent
from faultfinder.tools.ports import Lesson, Trainable, TrainableClassifier
from faultfinder.tools.registry import world_of
from faultfinder.tools.targets.zero_shot import ZeroShotClassifier
from faultfinder.tools.tasks.classifying import ClassificationTask

_LESSONS = {Part.TRAIN: 1_400, Part.VALIDATION: 200, Part.TEST: 400}
_DRAWN = 2_400
"""Pictures with captions that a world is asked for, to measure retrieval with."""


@dataclass(frozen=True)
class ChangedTrial:
    """The failure's experiment on pictures that nobody has used.

    Attributes:
        hypothesis: What was proven.
        terrain: The pictures, with those that may be used as the part that proves.
        asked: Keys of inputs that experiments of the audit have used.
        wanted: How many cases of each role.
        seed: Draws the cases.
    """

    hypothesis: Hypothesis
    terrain: Terrain
    asked: frozenset[str]
    wanted: Mapping[Role, int]
    seed: int

    def cases(self) -> list[Case]:
        """Write the experiment: cases that a person could read, no input twice.

        Raises:
            AuditError: the pictures make no probe or no control.
        """
        order = Order(self.hypothesis, 1, dict(self.wanted), dict.fromkeys(Role, 0), self.seed)
        written = write_changed_cases(self.terrain, order, Counter(), self.asked)
        found = [case for case in written if case.valid]
        counts = Counter(case.role for case in found)
        if any(not counts[role] for role in Role):
            raise AuditError(
                f"{len(self.terrain.proving)} held-out pictures make {counts[Role.PROBE]} probes and "
                f"{counts[Role.CONTROL]} controls of {self.hypothesis.id}, so it cannot be proven that it has gone; "
                "audit it on more pictures"
            )
        return found

    def ask(self, model: TrainableClassifier, cases: Sequence[Case]) -> list[Observation]:
        """Ask the model, whose weights the terrain's task uses, as an audit does."""
        return self.terrain.observe(cases)


@dataclass(frozen=True)
class ClassifierSubject(Subject[TrainableClassifier, PictureBatch]):
    """A failing region of a classifier.

    Attributes:
        model: The classifier; its weights are changed.
        settings: What was asked for.
        evidence: The finished audit.
        opened: The audit's pictures, with the classifier at work on them.
        split: Which are for what.
    """

    model: TrainableClassifier
    settings: FadeSettings
    evidence: Evidence
    opened: ChangedPictures
    split: Split

    @classmethod
    def gathered(
        cls, target: Target, settings: FadeSettings, evidence: Evidence, listen: Listener
    ) -> "ClassifierSubject":
        """Open the audit's pictures and split them.

        Raises:
            SpecError: the classifier shows no weights.
            CorpusError: pictures cannot be read, or too few are left.
        """
        audit = evidence.settings
        opened = open_changed_pictures(audit.model_copy(update={"inputs": audit.material}), target, listen)
        model = opened.classifier.checked
        while not isinstance(model, TrainableClassifier):
            if not hasattr(model, "checked"):
                raise SpecError(_WEIGHTLESS.format(spec=audit.target))
            model = model.checked
        return cls(
            model, settings, evidence, opened, split_pictures(opened, evidence, settings.pictures, settings.cases)
        )

    @property
    def method(self) -> str:
        """What is done to the model."""
        trained = "image tower, the labels' vectors kept," if isinstance(self.model, ZeroShotClassifier) else "model"
        title = self.evidence.hypothesis.title
        return (
            f"fine-tuning of the whole {trained} by cross-entropy on pictures changed as where it failed ({title}), "
            "beside unchanged ones and other changes, held near to the original's answers on unchanged pictures"
        )

    @cached_property
    def ways(self) -> Ways:
        """The audit's pictures, and which actions are the failure's."""
        return Ways(Gallery(self._task, self.opened.matched.right), self._region)

    @cached_property
    def _taught(self) -> Ways:
        """The pictures that are learned from: the audit's, or those given."""
        given = self.split.given
        if given is None:
            return self.ways
        task = self._task.on(given.pictures, given.right)
        return Ways(Gallery(task, given.right), self._region)

    @property
    def data(self) -> Data:
        """What is learned from and measured on."""
        learn = len(self.split.learn)
        amounts = [Amount(part="train", lessons=learn, contrasts=len(self._failing), guarded=learn)]
        for part, exam in (("validation", self.validation), ("test", self.test)):
            conditions = exam.amount("condition")
            amounts.append(
                Amount.model_validate(
                    {
                        "part": part,
                        "lessons": exam.amount("clean"),
                        "contrasts": exam.amount("failure"),
                        "guarded": conditions,
                    }
                )
            )
        return Data(
            source=self.split.said,
            amounts=tuple(amounts),
            left_out=self.split.left_out,
            notes=self._notes(),
            counted=("pictures as they are", "changed as where it failed", "changed otherwise"),
        )

    @cached_property
    def validation(self) -> ChangedExam:
        """What models are chosen by."""
        return self._exam(Part.VALIDATION, self.split.validation)

    @cached_property
    def test(self) -> ChangedExam:
        """What is asked once."""
        return self._exam(Part.TEST, self.split.test)

    @cached_property
    def trial(self) -> ChangedTrial:
        """The failure's experiment on pictures that nobody has used."""
        audit, terrain = self.evidence.settings, self.opened.terrain
        fresh = Terrain(terrain.task, (), tuple(self.split.fresh), ())
        wanted = {Role.PROBE: audit.probes, Role.CONTROL: audit.controls}
        return ChangedTrial(self.evidence.hypothesis, fresh, self.evidence.asked, wanted, self.settings.recipe.seed)

    @property
    def most(self) -> int:
        """How many steps the pictures allow."""
        recipe, pictures = self.settings.recipe, len(self._failing)
        at_once = min(max(1, round(recipe.batch * (1 - recipe.replay))), pictures)
        return -(-ROUNDS * pictures // at_once)

    def student(self) -> PictureStudent:
        """Return the model in training."""
        return PictureStudent(self.model, self.settings.recipe)

    def batches(self, before: Mapping[str, Scored]) -> Callable[[int], PictureBatch]:
        """Return what gives the batch of a step."""
        lessons = self._lessons[Part.TRAIN]
        return ChangedBatches(self._taught, self._failing, self.split.learn, self.settings.recipe, lessons)

    def save(self, model: TrainableClassifier, folder: Path) -> str:
        """Write the model as it is now; return the spec that opens it again."""
        return model.save(folder)

    def held_out(self) -> HeldOut:
        """Return the pictures that the changed model is audited on."""
        return held_out_pictures(self.opened, self.evidence, self.split)

    @cached_property
    def survey(self) -> Survey:
        """The landscape on held-out pictures."""
        return survey(self._task, self.split.test, self.settings.recipe.seed)

    @property
    def _task(self) -> ClassificationTask:
        task = self.opened.terrain.task
        if not isinstance(task, ClassificationTask):
            raise SpecError(f"{self.evidence.settings.target} does not classify pictures")
        return task

    @property
    def _region(self) -> Region:
        return self.evidence.hypothesis.region or Region()

    @cached_property
    def _failing(self) -> list[int]:
        """Inputs to learn from that the failure is about.

        Raises:
            AuditError: there are none.
        """
        found = [number for number in self.split.learn if self._taught.failing(number)]
        if not found:
            topics = ", ".join(self._region.topics)
            raise AuditError(f"none of the {len(self.split.learn)} pictures to learn from is of {topics}; give others")
        return found

    def _exam(self, part: Part, examples: Sequence[int]) -> ChangedExam:
        seed = self.settings.recipe.seed
        lessons, encoder, kept = self._lessons[part], self._encoder, Kept()

        def retrieval() -> Mapping[str, Scored]:
            return recalled(encoder, lessons, kept) if encoder is not None and lessons else {}

        return exam_of(self.ways, examples, seed, retrieval)

    @property
    def _encoder(self) -> Trainable | None:
        """The encoder whose tower is trained, if it is one."""
        encoder = self.model.encoder if isinstance(self.model, ZeroShotClassifier) else None
        return encoder if isinstance(encoder, Trainable) else None

    @cached_property
    def _lessons(self) -> Mapping[Part, Sequence[Lesson]]:
        """Captioned pictures of the model's own world, where it has one."""
        world = world_of(self.evidence.settings.target) if self._encoder is not None else None
        drawn = split(world.teacher.lessons(_DRAWN, self.settings.recipe.seed) if world else ())
        return {part: drawn.of(part)[:most] for part, most in _LESSONS.items()}

    def _notes(self) -> tuple[str, ...]:
        if self._encoder is None or self._lessons[Part.TEST]:
            return ()
        return ("no retrieval was measured: there are no captioned pictures here, only labelled ones",)


_WEIGHTLESS = (
    "{spec} shows no weights that could be trained: what can be faded is timm:, torchvision:, and image-text encoders "
    "with weights (lab:clip, open_clip:); or a python: object that also has module, pixels, logits and save, the port "
    "TrainableClassifier"
)
