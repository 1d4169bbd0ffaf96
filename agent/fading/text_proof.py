"""Whether a text model tuned elsewhere has lost a failure: proven as every fade is, on inputs that are in no file.

Both models are asked: the failure's experiment anew, on held-out inputs; its suite; and, as the guard, held-out inputs
as they are and under edits outside the failing region. Answers to unedited inputs count against the truth by the
original's own bar: against the reference, or without one against what the original answered. A model that has learnt to
say the same to everything is steady under every edit, and loses that score.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.fading.evidence import Evidence
from faultfinder.agent.fading.flow import WORK, Place
from faultfinder.agent.fading.proving import experiment, recounted
from faultfinder.agent.fading.records import Amount, Checked, Data, Experiment, FadeFile, FadeSettings, Score
from faultfinder.agent.fading.scoring import GUARD_RULE, Scored, Values, compare, fallen
from faultfinder.agent.fading.texts import counting, measure, out_of_time, texts_of
from faultfinder.agent.fading.verdict import Conclusion, conclude, refused_on_test
from faultfinder.agent.landscape.changed_cases import Order, write_changed_cases
from faultfinder.agent.landscape.opening import open_terrain
from faultfinder.agent.landscape.targets import open_target
from faultfinder.agent.suites.replaying import to_ask
from faultfinder.agent.suites.runs import now
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.errors import AuditError, BudgetSpent, SpecError
from faultfinder.memory.records import Case, Meaning, Observation, Outcome, Role
from faultfinder.memory.regions import Region
from faultfinder.tools.fading.answer_diary import AnswerDiary
from faultfinder.tools.landscape.regions import actions_in
from faultfinder.tools.ports import TextModel
from faultfinder.tools.tasks.answers import BATCH
from faultfinder.tools.tasks.task import Query
from faultfinder.tools.tasks.texts import TextTask

METHOD = "tuned elsewhere, and proven here"
PLAIN, OTHER, TRUTH = "unedited texts", "texts edited otherwise", "score against the truth"
_LOOK = 1
_SCORED = (Outcome.FAIL, Outcome.PASS)


def prove_tuned(
    original: TextModel, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
) -> FadeFile:
    """Prove, or refute, that a tuned model has lost a failure.

    Args:
        original: the audited model, opened.
        settings: with `tuned`.
        evidence: the finished audit.
        place: where to work.
        listen: told what happens.

    Raises:
        AuditError: too few inputs are held out, or the time was up.
        SpecError: the tuned model cannot be opened, or answers no texts.
        FaultfinderError: the inputs cannot be read, or a model fails.
    """
    spec = settings.tuned or ""
    listen(Event(kind=EventKind.STAGE, text=f"opening {spec}"))
    tuned = open_target(evidence.settings.model_copy(update={"target": spec}))
    if not isinstance(tuned, TextModel):
        raise SpecError(f"{spec} answers no texts, so it cannot be {settings.target}, tuned")
    proof = _Proof(settings, evidence, place, listen)
    return proof.run(proof.at_work(original, "answers.jsonl"), proof.at_work(tuned, "tuned.jsonl"))


@dataclass(frozen=True)
class _Side:
    """One of the two models, at work on the audit's inputs."""

    diary: AnswerDiary
    terrain: Terrain
    task: TextTask


@dataclass
class _Found:
    """What has been measured so far."""

    scores: list[Score] = field(default_factory=list)
    tested: Experiment | None = None
    suite: Checked | None = None


@dataclass
class _Proof:
    """A proof under way."""

    settings: FadeSettings
    evidence: Evidence
    place: Place
    listen: Listener
    started: str = field(default_factory=now)

    def at_work(self, model: TextModel, file: str) -> _Side:
        """Put a model to work on the audit's inputs, its answers kept."""
        diary = AnswerDiary(model, self.place.folder / WORK / file, self.settings.minutes)
        terrain = open_terrain(self.evidence.settings, diary, self.listen)
        return _Side(diary, terrain, texts_of(terrain, self.settings))

    def run(self, original: _Side, tuned: _Side) -> FadeFile:
        found = _Found()
        measure(original.task, original.diary, self.settings, self.listen)
        try:
            cases, queries = self._cases(original.terrain), self._outside(original.terrain)
            conclusion = self._prove(original, tuned, cases, queries, found)
        except BudgetSpent as spent:
            raise out_of_time(self.settings, original.diary.asked + tuned.diary.asked) from spent
        failed = self.evidence.hypothesis
        return FadeFile(
            settings=self.settings,
            title=failed.title,
            description=failed.description,
            method=METHOD,
            verdict=conclusion.verdict,
            reason=conclusion.reason,
            model=self.settings.tuned,
            data=self._data(original.terrain, cases, queries),
            training=None,
            candidates=(),
            scores=tuple(found.scores),
            experiment=found.tested,
            suite=found.suite,
            guard_rule=GUARD_RULE,
            started=self.started,
            finished=now(),
        )

    def _prove(
        self, original: _Side, tuned: _Side, cases: Sequence[Case], queries: Sequence[Query], found: _Found
    ) -> Conclusion:
        """Measure one thing after another; what has lost its answers to unedited texts need not be asked more."""
        self._stage("asking both models about held-out texts as they are")
        sides = (original, tuned)
        then, now_scored = (self._unedited(side, original) for side in sides)
        found.scores += compare(then, now_scored, self.settings.guard)
        if fell := fallen(found.scores):
            return refused_on_test(fell)
        measure(tuned.task, tuned.diary, self.settings, self.listen)
        self._stage("asking both models about held-out texts edited otherwise")
        then, now_scored = (self._otherwise(side, original, queries) for side in sides)
        found.scores += compare(then, now_scored, self.settings.guard)
        self._stage("asking both models the failure's experiment anew")
        before, after = (list(self._observed(side, cases).values()) for side in sides)
        found.tested = experiment(self.evidence.hypothesis, cases, before, after)
        self._stage("asking the tuned model the failure's suite")
        seen = self._observed(tuned, [to_ask(case) for case in self.evidence.suite])
        found.suite = recounted(self.evidence.suite, tuned.diary.name, seen)
        fell = fallen(found.scores)
        return refused_on_test(fell) if fell else conclude(found.tested, found.suite)

    def _cases(self, terrain: Terrain) -> list[Case]:
        """Write the experiment anew, on inputs on which nothing was proven and nothing was learned."""
        audit = self.evidence.settings
        wanted = {Role.PROBE: audit.probes, Role.CONTROL: audit.controls}
        nothing = dict.fromkeys(Role, 0)
        order = Order(self.evidence.hypothesis, _LOOK, wanted, nothing, self.settings.recipe.seed)
        held_out = replace(terrain, proving=terrain.held_out)
        written = write_changed_cases(held_out, order, Counter(), self.evidence.asked)
        cases = [case for case in written if case.judgement.meaning is Meaning.SAME]
        if {case.role for case in cases} != set(Role):
            raise AuditError(
                f"{len(terrain.held_out)} inputs are held out, and they make {len(cases)} cases of "
                f"{self.settings.failure}: too few to prove anything on; an audit of more inputs would have more"
            )
        return cases

    def _outside(self, terrain: Terrain) -> list[Query]:
        """Return held-out inputs, each under one action that the failure is not about."""
        region, task = self.evidence.hypothesis.region or Region(), terrain.task
        inside = {*actions_in(task.space, region.model_copy(update={"apart": ()})), task.space.neutral}
        others = [action.index for action in task.space.actions if action.index not in inside]
        dice = random.Random(f"{self.settings.recipe.seed} otherwise")
        return [Query(number, dice.choice(others)) for number in terrain.held_out] if others else []

    def _unedited(self, side: _Side, original: _Side) -> dict[str, Scored]:
        """Score answers to unedited texts against the truth, or what the original answered; its bar is for both."""
        inputs = [number for number in original.terrain.held_out if original.task.unedited(number).wanted is not None]
        right = [original.task.unedited(number).wanted or "" for number in inputs]
        said = [side.task.unedited(number).said or "" for number in inputs]
        scores = original.task.metric.scores(said, right)
        passed = np.array([not original.task.wobble.fails(score) for score in scores], dtype=np.float64)
        found = {PLAIN: Scored("clean", passed, "right answers to unedited texts, by the original's bar")}
        known = np.array([bool(original.task.examples[number].truth) for number in inputs], dtype=bool)
        if known.any():
            said_of = f"{original.task.metric.name} against the truth, unedited texts"
            found[TRUTH] = Scored("clean", scores[known], said_of)
        return found

    def _otherwise(self, side: _Side, original: _Side, queries: Sequence[Query]) -> dict[str, Scored]:
        """Score answers to texts edited as the failure is not about."""
        if not queries:
            return {}
        return {OTHER: Scored("condition", self._passed(side, original, queries), f"right answers to {OTHER}")}

    def _passed(self, side: _Side, original: _Side, queries: Sequence[Query]) -> Values:
        """Return 1 for every right answer, float64 (n,), of what the original gives an answer to that can be scored."""
        tell = counting(self.listen, f"texts edited otherwise, asked of {side.diary.name}")
        asked: list[Outcome] = []
        for start in range(0, len(queries), BATCH):
            asked += [reply.outcome for reply in side.task.ask(queries[start : start + BATCH])]
            tell(len(asked), len(queries))
        scored = [reply.outcome in _SCORED for reply in original.task.ask(queries)]
        kept = [outcome is Outcome.PASS for outcome, fair in zip(asked, scored, strict=True) if fair]
        return np.array(kept, dtype=np.float64)

    def _observed(self, side: _Side, cases: Sequence[Case]) -> dict[str, Observation]:
        tell = counting(self.listen, f"cases asked of {side.diary.name}")
        seen: dict[str, Observation] = {}
        for start in range(0, len(cases), BATCH):
            seen |= {each.case: each for each in side.terrain.observe(cases[start : start + BATCH])}
            tell(len(seen), len(cases))
        return seen

    def _data(self, terrain: Terrain, cases: Sequence[Case], queries: Sequence[Query]) -> Data:
        amount = Amount(part="test", lessons=len(terrain.held_out), contrasts=len(cases), guarded=len(queries))
        return Data(
            source=f"{self.evidence.settings.material}, inputs that are in no exported file",
            amounts=(amount,),
            left_out=0,
            notes=("the tuned model was not audited: whether it fails otherwise, an audit of it would say",),
            counted=("unedited texts", "cases of the failure", "texts edited otherwise"),
        )

    def _stage(self, text: str) -> None:
        self.listen(Event(kind=EventKind.STAGE, text=text))
