"""Fading a failure of an image-text encoder, from the finished audit to the proof.

What is kept in the fade's folder while it runs: its settings, and the checkpoints of training with the measurements
along the way. The audit of the changed model has a folder of its own and goes on by itself. Everything else is made
anew from the same seeds when a killed fade goes on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.fading.batches import Batches
from faultfinder.agent.fading.choosing import candidates, choose, improves
from faultfinder.agent.fading.evidence import Evidence
from faultfinder.agent.fading.learning import ROUNDS, Course, Learned, measured
from faultfinder.agent.fading.material import Failing, Material, gather
from faultfinder.agent.fading.proving import Trial, check_suite, experiment
from faultfinder.agent.fading.reauditing import HeldOut, reaudit, remaining, reserve
from faultfinder.agent.fading.records import (
    Candidate,
    Checked,
    Experiment,
    FadeFile,
    FadeSettings,
    Reaudit,
    Score,
    Training,
)
from faultfinder.agent.fading.scoring import GUARD_RULE, Scored, compare, estimate, fallen
from faultfinder.agent.fading.verdict import Conclusion, conclude, nothing_left, refused_on_test
from faultfinder.agent.folder.atomic import write_atomically
from faultfinder.agent.suites.runs import now
from faultfinder.tools.fading.checkpoints import Checkpoints
from faultfinder.tools.fading.training import Student
from faultfinder.tools.ports import Trainable

WORK = "work"
"""Where checkpoints are kept while a fade runs."""

_AUDIT = "audit.txt"
_CHANCE = 0.5


@dataclass(frozen=True)
class Place:
    """Where a fade works.

    Attributes:
        folder: Where the changed model goes, and the checkpoints meanwhile.
        audits: The folder that holds the audits.
    """

    folder: Path
    audits: Path


def fade_encoder(
    model: Trainable, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
) -> FadeFile:
    """Fade a failure of an encoder and prove what came of it.

    Args:
        model: the model, opened; its weights are changed.
        settings: what was asked for.
        evidence: the finished audit.
        place: where to work.
        listen: told what happens.

    Raises:
        FaultfinderError: it could not be done.
    """
    return _Fade(model, settings, evidence, place, listen).run()


@dataclass
class _Proof:
    """What has been measured of the chosen model so far."""

    spec: str | None = None
    scores: list[Score] = field(default_factory=list)
    tested: Experiment | None = None
    suite: Checked | None = None
    again: Reaudit | None = None


@dataclass
class _Fade:
    """One fade under way."""

    model: Trainable
    settings: FadeSettings
    evidence: Evidence
    place: Place
    listen: Listener
    started: str = field(default_factory=now)

    def run(self) -> FadeFile:
        self._stage("gathering pictures and captions, and splitting them")
        held_out = reserve(self.evidence.settings, self.evidence.corpus)
        material = self._material(held_out)
        held_out = held_out or remaining(self.evidence.settings, self.evidence.corpus, material.learned)
        trial = self._trial(material)
        trial.cases()  # what could not be proven need not be trained
        self._stage("measuring the original")
        before = material.validation.take(self.model, self._counting("scores of the original"))
        student = Student(self.model, self.settings.recipe)
        learned = self._learn(student, material, before)
        found = self._candidates(student, learned, material, before)
        chosen, proof = choose(found, self.settings.guard), _Proof()
        if chosen is None or (learned.cost and not improves(chosen)):
            conclusion = nothing_left([*learned.measured, *found])
        else:
            conclusion = self._prove(student, learned, chosen, material, trial, held_out, proof)
        return self._file(material, learned, found, chosen if proof.scores else None, conclusion, proof)

    def _material(self, held_out: HeldOut | None) -> Material:
        failing = Failing(self.evidence.hypothesis, self.evidence.rule)
        sources = self.evidence.sources(self.settings.pictures)
        reserved = held_out.texts if held_out else frozenset()
        return gather(failing, sources, self.settings.recipe.seed, self.evidence.spent, reserved)

    def _learn(self, student: Student, material: Material, before: Mapping[str, Scored]) -> Learned:
        self._stage("training, measured along the way")
        recipe, train = self.settings.recipe, material.train
        known = [name for name, scored in before.items() if _is_known(scored)]
        draw = Batches(train, known, recipe, self.evidence.rewriter, self.evidence.teacher)
        at_once = min(max(1, round(recipe.batch * (1 - recipe.replay))), len(train.failure))
        most = -(-ROUNDS * len(train.failure) // at_once)
        checkpoints = Checkpoints(self.place.folder / WORK)
        return Course(student, draw, material.validation, before, self.settings, checkpoints, self.listen, most).run()

    def _candidates(
        self, student: Student, learned: Learned, material: Material, before: Mapping[str, Scored]
    ) -> list[Candidate]:
        """Measure the line to the last good weights; without any, there is no line to choose from."""
        weights = learned.good
        if weights is None:
            return []
        self._stage("choosing on the validation part")

        def measure(alpha: float) -> Candidate:
            candidate = measured(student, weights, alpha, material.validation, before, self.settings)
            return candidate.model_copy(update={"step": learned.good_step})

        return candidates(measure, self._counting("places on the line to the original"))

    def _trial(self, material: Material) -> Trial:
        audit = self.evidence.settings
        return Trial(
            hypothesis=self.evidence.hypothesis.model_copy(update={"rule": self.evidence.rule}),
            editor=self.evidence.editor_of(material.fresh),
            rewriter=self.evidence.rewriter,
            agreement=audit.agreement,
            spent=self.evidence.spent | material.learned,
            confused=self.evidence.confused,
            probes=audit.probes,
            controls=audit.controls,
            seed=self.settings.recipe.seed,
        )

    def _prove(
        self,
        student: Student,
        learned: Learned,
        chosen: Candidate,
        material: Material,
        trial: Trial,
        held_out: HeldOut,
        proof: _Proof,
    ) -> Conclusion:
        self._stage("proving it on the test part")
        cases = trial.cases()
        with student.at(student.original) as model:
            then = material.test.take(model, self._counting("scores of the original, on test"))
            asked_before = trial.ask(model, cases)
        with student.at(learned.good or student.original, chosen.alpha) as model:
            after = material.test.take(model, self._counting("scores of the changed model, on test"))
            proof.scores = compare(then, after, self.settings.guard)
            proof.tested = experiment(trial.hypothesis, cases, asked_before, trial.ask(model, cases))
            if fell := fallen(proof.scores):
                return refused_on_test(fell)
            self._stage("writing the changed model")
            proof.spec = model.save(self.place.folder)
        self._stage("checking the failure's suite on it")
        proof.suite = check_suite(self.evidence.suite, proof.spec, self.listen)
        self._stage("auditing it")
        proof.again = self._reaudit(proof.spec, held_out)
        return conclude(proof.tested, proof.suite, proof.again)

    def _reaudit(self, spec: str, held_out: HeldOut) -> Reaudit:
        name = self._name_of_audit()
        failed, original = self.evidence.hypothesis, self.settings.target
        return reaudit(name, spec, failed, original, held_out, self.place.audits, self.listen)

    def _name_of_audit(self) -> str:
        """Return the name that this fade's audit has, or claim a free one and remember it."""
        told = self.place.folder / WORK / _AUDIT
        if not told.is_file():
            base = f"{self.settings.audit}-faded-{self.settings.failure}"
            names = (base if number == 1 else f"{base}-{number}" for number in count(1))
            write_atomically(told, next(name for name in names if not (self.place.audits / name).exists()).encode())
        return told.read_text(encoding="utf-8")

    def _file(
        self,
        material: Material,
        learned: Learned,
        found: list[Candidate],
        chosen: Candidate | None,
        conclusion: Conclusion,
        proof: _Proof,
    ) -> FadeFile:
        return FadeFile(
            settings=self.settings,
            title=self.evidence.hypothesis.title,
            description=self.evidence.hypothesis.description,
            rule=self.evidence.rule,
            verdict=conclusion.verdict,
            reason=conclusion.reason,
            model=proof.spec,
            data=material.data,
            training=Training(
                steps=learned.steps,
                planned=learned.planned,
                seconds=round(learned.seconds, 1),
                good_step=learned.good_step,
                stopped_by=learned.stopped_by,
                alpha=chosen.alpha if chosen else None,
            ),
            candidates=(*learned.measured, *found),
            scores=tuple(proof.scores),
            experiment=proof.tested,
            suite=proof.suite,
            reaudit=proof.again,
            guard_rule=GUARD_RULE,
            started=self.started,
            finished=now(),
        )

    def _stage(self, text: str) -> None:
        self.listen(Event(kind=EventKind.STAGE, text=text))

    def _counting(self, what: str) -> Callable[[int, int], None]:
        def tell(done: int, total: int) -> None:
            self.listen(Event(kind=EventKind.PROGRESS, text=what, done=done, total=total))

        return tell


def _is_known(scored: Scored) -> bool:
    """Tell whether the original tells a kind of difference apart, beyond chance."""
    return scored.about == "two-way" and estimate(scored.values).low > _CHANCE
