"""The proof that a failure has gone: the experiment anew on fresh inputs, the suite, and an audit of the new model.

Nothing here is measured by a rule of fading's own: experiments are written, asked and judged as in an audit, suites are
checked as by `faultfinder check`, and a failure that the audit of the new model confirms is new when the original,
asked the very same cases, does not fail them (it is not shown to still fail, by the rule of checks).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from faultfinder.agent.context import Encoded
from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.fading.records import Checked, Experiment
from faultfinder.agent.fading.rewriting import Editor
from faultfinder.agent.judge import count, judge
from faultfinder.agent.measuring import measure_cases
from faultfinder.agent.offline.probes import ProbeWriter
from faultfinder.agent.report.suite import SuiteCase, to_jsonl
from faultfinder.agent.strategist import DesignRequest
from faultfinder.agent.suites.checking import CheckedFailure, assess
from faultfinder.agent.suites.fate import rule
from faultfinder.agent.suites.files import read_suites
from faultfinder.agent.suites.replaying import Conditions, Replayed
from faultfinder.agent.suites.runs import checked, now
from faultfinder.memory.errors import AuditError
from faultfinder.memory.records import Case, Decision, Hypothesis, Meaning, Observation, Outcome, Role, TextPair
from faultfinder.tools.calibration import Agreement
from faultfinder.tools.embedding import CachedEncoder
from faultfinder.tools.ports import Rewriter, TextEncoder

_REQUESTS = 6


@dataclass(frozen=True)
class WordTrial:
    """What a fresh experiment about words takes.

    Attributes:
        hypothesis: What was proven, with its rule.
        editor: The held-out captions and the judge of meaning.
        rewriter: Whose rewordings the bars rest on.
        agreement: The fixed agreement similarity, where the audit had one.
        spent: Texts that may not be used.
        confused: Words that no control may rest on.
        probes: How many probes are wanted.
        controls: How many controls.
        seed: Draws the cases.
    """

    hypothesis: Hypothesis
    editor: Editor
    rewriter: Rewriter
    agreement: float | None
    spent: frozenset[str]
    confused: frozenset[str]
    probes: int
    controls: int
    seed: int

    def cases(self) -> list[Case]:
        """Write the experiment: valid cases only, no text twice.

        Raises:
            AuditError: the held-out captions make no probe or no control.
        """
        writer = ProbeWriter(self.editor.slots, self.editor.lexicon, self.seed)
        written: dict[Role, list[Case]] = {role: [] for role in Role}
        spent = set(self.spent)
        for batch in range(_REQUESTS):
            wanted = {Role.PROBE: self.probes, Role.CONTROL: self.controls}
            missing = {role: number - len(written[role]) for role, number in wanted.items()}
            if not any(number > 0 for number in missing.values()):
                break
            request = DesignRequest(
                hypothesis=self.hypothesis,
                probes=max(0, missing[Role.PROBE]),
                controls=max(0, missing[Role.CONTROL]),
                batch=batch,
                confused=self.confused,
                spent=frozenset(spent),
            )
            design = writer.design(request)
            for role, pairs in ((Role.PROBE, design.probes), (Role.CONTROL, design.controls)):
                self._take(role, pairs, written[role], max(0, missing[role]), spent)
        if not all(written.values()):
            raise AuditError(
                f"the held-out captions make {len(written[Role.PROBE])} probes and {len(written[Role.CONTROL])} "
                f"controls of {self.hypothesis.id}, so it cannot be proven that it has gone; give --pictures with more "
                "captions"
            )
        return [case for role in Role for case in written[role]]

    def _take(self, role: Role, pairs: Sequence[TextPair], into: list[Case], most: int, spent: set[str]) -> None:
        taken = 0
        for pair, judgement in zip(pairs, self.editor.judge.judge(pairs), strict=True):
            if taken >= most or judgement.meaning is not Meaning.DIFFERENT or spent & {pair.a, pair.b}:
                continue
            number = len(into) + 1
            key = f"{self.hypothesis.id}-{role[0]}{number:02d}"
            into.append(Case(id=key, hypothesis=self.hypothesis.id, role=role, a=pair.a, b=pair.b, judgement=judgement))
            spent |= {pair.a, pair.b}
            taken += 1

    def ask(self, model: TextEncoder, cases: Sequence[Case]) -> list[Observation]:
        """Ask a model the cases, as an audit does."""
        encoder = CachedEncoder(model, model.name, None)
        try:
            return measure_cases(_Bench(Encoded(encoder, Agreement(encoder, self.rewriter, self.agreement))), cases)
        finally:
            encoder.close()


@dataclass(frozen=True)
class _Bench:
    """What measuring takes."""

    subject: Encoded
    reference: None = None
    terrain: None = None

    def tell(self, kind: EventKind, text: str, done: int | None = None, total: int | None = None) -> None:
        """Say nothing."""


def experiment(
    hypothesis: Hypothesis, cases: Sequence[Case], before: Sequence[Observation], after: Sequence[Observation]
) -> Experiment:
    """Judge an experiment that two models were asked, and what has become of the failure."""
    then, now = ({seen.case: seen.outcome for seen in observed} for observed in (before, after))
    probes, control = ([case for case in cases if case.role is role] for role in (Role.PROBE, Role.CONTROL))
    ruling = rule([then[case.id] for case in probes], [now[case.id] for case in probes])
    return Experiment(
        probes_before=count(then[case.id] for case in probes),
        probes=count(now[case.id] for case in probes),
        control_before=count(then[case.id] for case in control),
        control=count(now[case.id] for case in control),
        confirmed_before=_decision(hypothesis, cases, before),
        confirmed=_decision(hypothesis, cases, after),
        fate=ruling.fate,
        reason=ruling.reason,
    )


def _decision(hypothesis: Hypothesis, cases: Sequence[Case], seen: Sequence[Observation]) -> Decision:
    return judge(hypothesis, cases, seen, test_number=1, look=1).decision


def check_suite(cases: Sequence[SuiteCase], target: str, listen: Listener) -> Checked:
    """Check the cases of one failure on a model."""
    with _suite_of(cases) as path:
        done = checked(read_suites([path]), target, Conditions(), _quiet(listen))
    return _checked(done.failures[0])


def recounted(cases: Sequence[SuiteCase], target: str, seen: Mapping[str, Observation]) -> Checked:
    """Check the cases of one failure on a model that was asked them: observations by the case's key."""
    with _suite_of(cases) as path:
        done = assess(read_suites([path]), target, Replayed(seen, None), now(), now())
    return _checked(done.failures[0])


def _checked(failure: CheckedFailure) -> Checked:
    return Checked(
        fate=failure.fate,
        reason=failure.reason,
        before=failure.before,
        probes=failure.probes,
        control=failure.control,
    )


@contextmanager
def _suite_of(cases: Sequence[SuiteCase]) -> Iterator[Path]:
    """Write cases as a suite, as long as the block lasts."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "suite.jsonl"
        path.write_text(to_jsonl(cases), encoding="utf-8")
        yield path


def _quiet(listen: Listener) -> Listener:
    """Pass on progress alone; which model is opened is said by whoever asks."""

    def tell(event: Event) -> None:
        if event.kind is EventKind.PROGRESS:
            listen(event)

    return tell


def failing(cases: Sequence[SuiteCase]) -> list[TextPair]:
    """Return the probes that failed in the audit."""
    return [TextPair(a=c.a, b=c.b) for c in cases if c.role is Role.PROBE and c.outcome is Outcome.FAIL]
