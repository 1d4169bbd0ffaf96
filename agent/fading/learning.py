"""Training within a guard: step by step, measured along the way, stopped where a guarded score falls, resumable.

On the way the middle of the line between the original and the running average is measured on the validation part: the
model that is chosen in the end lies on that line, and where even its middle has lost a guarded score, the weights are
not good. Twice in a row, training has gone astray and stops; once may be the height of the rate, which falls again.
The last good weights are kept. A checkpoint is written at every measurement; a run that was killed goes on from there
and takes the same steps.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.fading.records import Candidate, FadeSettings
from faultfinder.agent.fading.scoring import Scored, compare, fallen
from faultfinder.agent.fading.subject import Examination, Model, Step
from faultfinder.memory.errors import AuditError
from faultfinder.tools.fading.checkpoints import Checkpoints, Standing
from faultfinder.tools.fading.learner import Learner, State

MIDDLE = 0.5
"""Where on the line a model in training is measured."""

MEASURED = 8
"""How often a run is measured on its way, the end included."""

PATIENCE = 2
"""Measurements in a row that have to lose a guarded score before training stops."""

ROUNDS = 30
"""How often a run sees each of its pairs at most, so that a handful is not learned by heart for minutes."""

_TIMED = 5
_SPARE = 0.9
TRAINING = "training"


@dataclass
class Learned:
    """What came of training.

    Attributes:
        steps: Steps taken.
        planned: Steps planned.
        seconds: Time spent on it, over all sittings.
        good: The last good weights; None where there are none but the original's.
        good_step: Their step.
        stopped_by: Why it ended.
        measured: What was measured along the way.
    """

    steps: int
    planned: int
    seconds: float
    good: State | None
    good_step: int
    stopped_by: str
    measured: list[Candidate] = field(default_factory=list)

    @property
    def strayed(self) -> bool:
        """Tell whether the guard stopped it: the last two measurements have each lost a guarded score."""
        return len(self.measured) > 1 and all(candidate.fell for candidate in self.measured[-PATIENCE:])

    @property
    def cost(self) -> bool:
        """Tell whether a guarded score was lost at any time."""
        return any(candidate.fell for candidate in self.measured)


@dataclass
class Course(Generic[Model, Step]):
    """One run, from its checkpoint or from the start.

    Attributes:
        student: The model.
        draw: Gives the batch of a step.
        exam: The validation part.
        before: The original's scores on it.
        settings: Time, guard and recipe.
        checkpoints: Where the run is kept.
        listen: Told how far it is.
        most: How many steps the data allow.
    """

    student: Learner[Model, Step]
    draw: Callable[[int], Step]
    exam: Examination[Model]
    before: Mapping[str, Scored]
    settings: FadeSettings
    checkpoints: Checkpoints
    listen: Listener
    most: int

    def run(self) -> Learned:
        """Train until the steps are taken, the time is spent, or a guarded score falls."""
        learned = self._begun()
        every = max(1, -(-learned.planned // MEASURED))
        begun = time.monotonic() - learned.seconds
        while learned.steps < learned.planned and not learned.strayed:
            if (time.monotonic() - begun) >= self.settings.minutes * 60:
                learned.stopped_by = f"the time for training (--minutes {self.settings.minutes:g}) was spent"
                break
            if math.isnan(self.student.learn(self.draw(learned.steps))):
                learned.stopped_by = f"{_NO_NUMBER} at step {learned.steps + 1:,}"
                break
            learned.steps += 1
            self._tell(learned)
            if learned.steps % every == 0 or learned.steps == learned.planned:
                self._measure(learned, time.monotonic() - begun)
        if not learned.measured or learned.measured[-1].step != learned.steps:
            self._measure(learned, time.monotonic() - begun)
        learned.seconds = time.monotonic() - begun
        return learned

    def _begun(self) -> Learned:
        """Take up a run from its checkpoint, or plan a new one from how long its first steps take."""
        standing = self.checkpoints.standing()
        if standing is None:
            return self._planned()
        learned = Learned(standing.step, self._steps(standing), standing.seconds, None, standing.good_step, _DONE)
        learned.good = self.checkpoints.restore(self.student, standing)
        learned.measured = [Candidate.model_validate_json(note) for note in standing.notes]
        self._note(f"going on at step {learned.steps:,} of {learned.planned:,}")
        if learned.strayed:
            learned.stopped_by = _fell(learned.measured[-1])
        return learned

    def _planned(self) -> Learned:
        """Plan as many steps as the time allows, judged by the first ones, which then count.

        Raises:
            AuditError: the very first steps go astray.
        """
        recipe = self.student.recipe
        begun = time.monotonic()
        for step in range(min(_TIMED, recipe.steps)):
            if math.isnan(self.student.learn(self.draw(step))):
                raise AuditError(f"{_NO_NUMBER} at step {step + 1}; give a lower --rate")
        seconds = time.monotonic() - begun
        fitting = int(_SPARE * self.settings.minutes * 60 / max(seconds / self.student.step, 1e-9))
        planned = max(self.student.step, min(recipe.steps, fitting, self.most))
        self.student.recipe = recipe.model_copy(update={"steps": planned})
        self._note(f"{planned:,} steps of training, about {seconds / self.student.step:.2f} s each")
        return Learned(self.student.step, planned, seconds, None, 0, _DONE)

    def _steps(self, standing: Standing) -> int:
        planned = self.student.recipe.model_validate_json(standing.recipe)
        self.student.recipe = planned
        return planned.steps

    def _measure(self, learned: Learned, seconds: float) -> None:
        """Measure the middle of the line, and keep a checkpoint of where the run stands."""
        candidate = measured(self.student, self.student.average, MIDDLE, self.exam, self.before, self.settings)
        learned.measured.append(candidate.model_copy(update={"step": learned.steps}))
        learned.seconds = seconds
        if learned.strayed:
            learned.stopped_by = _fell(candidate)
        if not candidate.fell:
            learned.good = {name: tensor.clone() for name, tensor in self.student.average.items()}
            learned.good_step = learned.steps
        notes = tuple(each.model_dump_json() for each in learned.measured)
        recipe = self.student.recipe.model_dump_json()
        standing = Standing(
            recipe=recipe, step=learned.steps, seconds=seconds, good_step=learned.good_step, notes=notes
        )
        self.checkpoints.save(self.student, learned.good, standing)
        self._note(
            f"step {learned.steps:,}: {self._whole():.0%} right where it failed, half way to the original "
            f"{candidate.failure:.0%}"
            + (f"; {', '.join(candidate.fell)} fell" if candidate.fell else ", every guarded score holds")
        )

    def _whole(self) -> float:
        """Return the accuracy on the failure at the end of the line, for whoever watches."""
        with self.student.at(self.student.average) as model:
            return self.exam.failing(model)

    def _tell(self, learned: Learned) -> None:
        self.listen(Event(kind=EventKind.PROGRESS, text=TRAINING, done=learned.steps, total=learned.planned))

    def _note(self, text: str) -> None:
        self.listen(Event(kind=EventKind.NOTE, text=text))


_NO_NUMBER = "training went astray: the loss was no number any more"
_DONE = "every planned step was taken"


def _fell(candidate: Candidate) -> str:
    return f"guarded scores fell {PATIENCE} times in a row, at last {', '.join(candidate.fell)}"


def measured(
    student: Learner[Model, Step],
    weights: State,
    alpha: float,
    exam: Examination[Model],
    before: Mapping[str, Scored],
    settings: FadeSettings,
) -> Candidate:
    """Measure the model at a place on the line from the original (0) to some weights (1)."""
    with student.at(weights, alpha) as model:
        scores = compare(before, exam.take(model), settings.guard)
    return Candidate(
        step=student.step,
        alpha=alpha,
        failure=next(score.after.value for score in scores if score.about == "failure"),
        fell=tuple(score.name for score in fallen(scores)),
        scores=tuple(scores),
    )
