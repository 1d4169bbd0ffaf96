"""Fading a failure, from the gathered inputs to the proof, alike for every kind of model.

What is kept in the fade's folder while it runs: its settings, and the checkpoints of training with the measurements
along the way. The audit of the changed model has a folder of its own and goes on by itself. Everything else is made
anew from the same seeds when a killed fade goes on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Generic

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.fading.choosing import candidates, choose, improves
from faultfinder.agent.fading.evidence import Evidence
from faultfinder.agent.fading.learning import Course, Learned, measured
from faultfinder.agent.fading.proving import check_suite, experiment
from faultfinder.agent.fading.reauditing import HeldOut, reaudit
from faultfinder.agent.fading.records import (
    Candidate,
    Checked,
    Experiment,
    FadeFile,
    FadeSettings,
    Reaudit,
    Score,
    Shift,
    Training,
)
from faultfinder.agent.fading.scoring import GUARD_RULE, Scored, compare, fallen
from faultfinder.agent.fading.subject import Model, Step, Subject
from faultfinder.agent.fading.verdict import Conclusion, conclude, nothing_left, refused_on_test
from faultfinder.agent.folder.atomic import write_atomically
from faultfinder.agent.suites.runs import now
from faultfinder.tools.fading.checkpoints import Checkpoints
from faultfinder.tools.fading.learner import Learner, State

if TYPE_CHECKING:
    from faultfinder.agent.llm.answering import Pay

WORK = "work"
"""Where checkpoints are kept while a fade runs."""

_AUDIT = "audit.txt"


@dataclass(frozen=True)
class Place:
    """Where a fade works.

    Attributes:
        folder: Where the changed model goes, and the checkpoints meanwhile.
        audits: The folder that holds the audits.
        pay: Takes the calls of a chat model to a ledger and a budget; None where nobody is paid.
    """

    folder: Path
    audits: Path
    pay: "Pay | None" = None


def run_flow(
    subject: Subject[Model, Step], settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
) -> FadeFile:
    """Fade a failure and prove what came of it.

    Args:
        subject: the failure and the model, as a method fades it; the model's weights are changed.
        settings: what was asked for.
        evidence: the finished audit.
        place: where to work.
        listen: told what happens.

    Raises:
        FaultfinderError: it could not be done.
    """
    return _Flow(subject, settings, evidence, place, listen).run()


@dataclass
class _Proof:
    """What has been measured of the chosen model so far."""

    spec: str | None = None
    scores: list[Score] = field(default_factory=list)
    tested: Experiment | None = None
    shift: Shift | None = None
    suite: Checked | None = None
    again: Reaudit | None = None


@dataclass
class _Flow(Generic[Model, Step]):
    """One fade under way."""

    subject: Subject[Model, Step]
    settings: FadeSettings
    evidence: Evidence
    place: Place
    listen: Listener
    started: str = field(default_factory=now)

    def run(self) -> FadeFile:
        held_out = self.subject.held_out()
        self.subject.trial.cases()  # what could not be proven need not be trained
        self._stage("measuring the original")
        student = self.subject.student()
        before = self.subject.validation.take(student.model, self._counting("scores of the original"))
        learned = self._learn(student, before)
        found = self._candidates(student, learned, before)
        chosen, proof = choose(found, self.settings.guard), _Proof()
        if chosen is None or (learned.cost and not improves(chosen)):
            conclusion = nothing_left([*learned.measured, *found])
        else:
            conclusion = self._prove(student, learned, chosen, held_out, proof)
        return self._file(learned, found, chosen if proof.scores else None, conclusion, proof)

    def _learn(self, student: Learner[Model, Step], before: Mapping[str, Scored]) -> Learned:
        self._stage("training, measured along the way")
        checkpoints = Checkpoints(self.place.folder / WORK)
        draw, exam = self.subject.batches(before), self.subject.validation
        return Course(student, draw, exam, before, self.settings, checkpoints, self.listen, self.subject.most).run()

    def _candidates(
        self, student: Learner[Model, Step], learned: Learned, before: Mapping[str, Scored]
    ) -> list[Candidate]:
        """Measure the line to the last good weights; without any, there is no line to choose from."""
        weights = learned.good
        if weights is None:
            return []
        self._stage("choosing on the validation part")

        def measure(alpha: float) -> Candidate:
            candidate = measured(student, weights, alpha, self.subject.validation, before, self.settings)
            return candidate.model_copy(update={"step": learned.good_step})

        return candidates(measure, self._counting("places on the line to the original"))

    def _prove(
        self,
        student: Learner[Model, Step],
        learned: Learned,
        chosen: Candidate,
        held_out: HeldOut,
        proof: _Proof,
    ) -> Conclusion:
        self._stage("proving it on the test part")
        trial, weights = self.subject.trial, learned.good or student.original
        cases = trial.cases()
        with student.at(student.original) as model:
            then = self.subject.test.take(model, self._counting("scores of the original, on test"))
            asked_before = trial.ask(model, cases)
        with student.at(weights, chosen.alpha) as model:
            after = self.subject.test.take(model, self._counting("scores of the changed model, on test"))
            proof.scores = compare(then, after, self.settings.guard)
            proof.tested = experiment(trial.hypothesis, cases, asked_before, trial.ask(model, cases))
        if fell := fallen(proof.scores):
            return refused_on_test(fell)
        proof.shift = self._shift(student, weights, chosen.alpha)
        with student.at(weights, chosen.alpha) as model:
            self._stage("writing the changed model")
            proof.spec = self.subject.save(model, self.place.folder)
        self._stage("checking the failure's suite on it")
        proof.suite = check_suite(self.evidence.suite, proof.spec, self.listen)
        self._stage("auditing it")
        proof.again = self._reaudit(proof.spec, held_out)
        return conclude(proof.tested, proof.suite, proof.again)

    def _shift(self, student: Learner[Model, Step], weights: State, alpha: float) -> Shift | None:
        """Measure what becomes of the landscape, where the failure has one."""
        survey = self.subject.survey
        if survey is None:
            return None
        self._stage("measuring what becomes of the landscape")
        with student.at(student.original):
            before = survey.ask(self._counting("changed inputs, of the original"))
        with student.at(weights, alpha):
            after = survey.ask(self._counting("changed inputs, of the changed model"))
        return survey.shift(before, after)

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
            method=self.subject.method,
            rule=self.subject.rule,
            verdict=conclusion.verdict,
            reason=conclusion.reason,
            model=proof.spec,
            data=self.subject.data,
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
            shift=proof.shift,
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
