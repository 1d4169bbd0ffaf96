"""Asking a model the cases of a suite again, as the audit asked them: the same texts, rewordings, seeds and judge.

Nothing is decided here. The measuring is the audit's own; what an audit keeps in its folder is kept in a passing one,
or in one the user names, so that pictures paid for are not paid for twice.
"""

import hashlib
import re
import tempfile
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from faultfinder.agent.assembly import Studios, embedding_cache, payer
from faultfinder.agent.budget import Budget
from faultfinder.agent.context import Encoded
from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.folder.holding import hold_audit
from faultfinder.agent.folder.names import DATABASE
from faultfinder.agent.given import Target
from faultfinder.agent.llm.naming import is_chat_model
from faultfinder.agent.measuring import measure_cases
from faultfinder.agent.pictures.eyes_calibration import Looking
from faultfinder.agent.pictures.slot_painting import SlotPainting
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.report.suite import Origin, SuiteCase
from faultfinder.agent.suites.changed_replay import Changing, open_for, reopened
from faultfinder.agent.suites.files import Suite
from faultfinder.memory.errors import BudgetSpent, Stop, SuiteError, TargetError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Case, Judgement, Limits, Meaning, Observation, Outcome
from faultfinder.tools.calibration import Agreement
from faultfinder.tools.corpora import Corpus, open_corpus
from faultfinder.tools.embedding import CachedEncoder, identity_of
from faultfinder.tools.ports import ImageGenerator, Rewriter, TextEncoder
from faultfinder.tools.rewording import TemplateRewriter

LAB = "lab"
AT_ONCE = 64
"""Cases asked of an encoder between two words about progress."""

ASKING = "cases asked"
"""How progress is called; whoever asks several models adds it up."""

HOPELESS = 30
"""Errors without a single answer after which a target is given up on."""

_DONE = "finished"
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Conditions:
    """How a suite is to be asked.

    Attributes:
        judge: who looks at pictures instead of the audit's own judge.
        llm_url: base URL of the server of a chat model that looks at pictures.
        limits: what may be spent on one target.
        keep: folder that pictures and answers are kept in; None: they are gone after the check.
    """

    judge: str | None = None
    llm_url: str | None = None
    limits: Limits = field(default_factory=Limits)
    keep: Path | None = None


@dataclass(frozen=True)
class Replayed:
    """What came of a suite: an observation per case, by the case's key, and who judged pictures."""

    seen: Mapping[str, Observation]
    judge: str | None


def replay(suite: Suite, target: str, how: Conditions, listen: Listener) -> Replayed:
    """Ask a target every case of a suite.

    Raises:
        SpecError: the target or the judge cannot be opened.
        SuiteError: the suite is not for such a model, or the asking had to stop before the end.
    """
    listen(Event(kind=EventKind.STAGE, text=f"opening {target}"))
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(_workplace(suite, target, how.keep))
            ledger = stack.enter_context(Ledger.open(folder / DATABASE))
            ledger.begin_sitting(datetime.now(UTC).isoformat(timespec="seconds"))
            budget = Budget(how.limits, ledger)
            opened = open_for(suite, target, payer(ledger, budget, listen))
            _require_kind(suite, target, opened)
            _require_known_version(suite, target, opened, folder)
            asking = _Asking(suite, target, how, ledger, budget, listen, folder)
            found = asking.ask(opened)
        except TargetError as error:
            raise SuiteError(f"{target} could not be checked: {error}") from error
        except Stop as stop:
            raise SuiteError(_stopped(target, stop, how.keep)) from stop
        (folder / _DONE).touch()
    return found


@dataclass(frozen=True)
class _Bench:
    """What measuring takes: the subject, and somebody to tell."""

    subject: Encoded | Studio
    listen: Listener
    reference: None = None
    terrain: None = None

    def tell(self, kind: EventKind, text: str, done: int | None = None, total: int | None = None) -> None:
        """Pass on what happened."""
        self.listen(Event(kind=kind, text=text, done=done, total=total))


@dataclass(frozen=True)
class _Asking:
    """One target and one suite, brought together."""

    suite: Suite
    target: str
    how: Conditions
    ledger: Ledger
    budget: Budget
    listen: Listener
    folder: Path

    def ask(self, opened: Target) -> Replayed:
        """Ask the target in the way that the suite's kind takes."""
        if self.suite.kind == "changes":
            return self.change(opened)
        if isinstance(opened, ImageGenerator):
            return self.paint(opened)
        if isinstance(opened, TextEncoder):
            return self.embed(opened)
        raise SuiteError(f"{self.target} neither embeds texts nor paints")

    def change(self, opened: Target) -> Replayed:
        """Ask about changed inputs, some at a time, each changed by the same dice as in its audit."""
        seen: dict[str, Observation] = {}
        judges: dict[str, None] = {}
        for cases in _grouped(self.suite.cases, lambda case: case.settings):
            painting = None
            if isinstance(opened, ImageGenerator):
                painting = SlotPainting(self._studio(opened, cases[0].settings))
                judges[painting.eyes.name] = None
            bench = Changing(reopened(self.target, cases, opened, self.listen, painting), self.listen)
            for start in range(0, len(cases), AT_ONCE):
                self._measure(bench, cases[start : start + AT_ONCE], seen)
        return Replayed(seen, ", ".join(judges) or None)

    def embed(self, opened: TextEncoder) -> Replayed:
        """Ask an encoder, some cases at a time; each is held to the bar of its line."""
        identity = identity_of(opened, self.target)
        encoder = CachedEncoder(opened, identity or self.target, embedding_cache() if identity else None)
        seen: dict[str, Observation] = {}
        try:
            for cases in _grouped(self.suite.cases, lambda case: (_fixed_bar(case), case.settings.corpus)):
                bench = _Bench(
                    Encoded(encoder, Agreement(encoder, _Recorded(cases), _fixed_bar(cases[0]))), self.listen
                )
                for start in range(0, len(cases), AT_ONCE):
                    self._measure(bench, cases[start : start + AT_ONCE], seen)
        finally:
            encoder.close()
        return Replayed(seen, None)

    def paint(self, opened: ImageGenerator) -> Replayed:
        """Have a generator paint all cases of an audit at once, and its judge look at the pictures."""
        seen: dict[str, Observation] = {}
        judges: dict[str, None] = {}
        for cases in _grouped(self.suite.cases, lambda case: case.settings):
            studio = self._studio(opened, cases[0].settings)
            judges[studio.eyes.name] = None
            self._measure(_Bench(studio, self.listen), cases, seen)
        return Replayed(seen, ", ".join(judges))

    def _measure(self, bench: _Bench | Changing, cases: Sequence[SuiteCase], seen: dict[str, Observation]) -> None:
        self.budget.check()
        if not seen:
            bench.tell(EventKind.PROGRESS, ASKING, 0, len(self.suite.cases))
        seen |= {found.case: found for found in measure_cases(bench, [to_ask(case) for case in cases])}
        bench.tell(EventKind.PROGRESS, ASKING, len(seen), len(self.suite.cases))
        _give_up_if_hopeless(seen)

    def _studio(self, generator: ImageGenerator, origin: Origin) -> Studio:
        """Set up the audit's own studio again: its seed, its judge, and what the judge was calibrated to."""
        settings = AuditSettings(
            name="check",
            goal="",
            target=self.target,
            corpus=origin.corpus,
            llm=origin.llm,
            llm_url=self.how.llm_url,
            seed=origin.seed,
            limits=self.how.limits,
            eyes=self.how.judge or origin.eyes,
            people="later",  # nobody is asked here: what is left to people stays unscorable
        )
        self.ledger.save(origin.calibrations)
        corpus = _corpus_of(origin)
        return Studios(Looking(settings, corpus, self.ledger, self.budget, self.listen, self.folder)).open(generator)


class _Recorded:
    """Rewords a text as its case says; texts of the first schema as their audit did."""

    name = "the suite's own"

    def __init__(self, cases: Sequence[SuiteCase]) -> None:
        self._said = {case.a: list(case.bar.rewordings) for case in cases if case.bar.rewordings}
        self._origins = {case.a: case.settings for case in cases}

    def rewordings(self, text: str) -> list[str]:
        """Return what the suite says, or else what the audit's own rewriter does."""
        return self._said.get(text) or _rewriter_of(self._origins[text]).rewordings(text)


def _rewriter_of(origin: Origin) -> Rewriter:
    world = _corpus_of(origin).world
    return world.rewriter if world else TemplateRewriter()


@cache
def _lab() -> Corpus:
    return open_corpus(LAB)


def _corpus_of(origin: Origin) -> Corpus:
    """Return a corpus that brings its world along; a file's texts are not needed, so it need not be there."""
    return _lab() if origin.corpus == LAB else Corpus(origin.corpus, (), ())


def _fixed_bar(case: SuiteCase) -> float | None:
    return case.bar.value if case.bar.method == "fixed" else None


def _grouped(cases: Sequence[SuiteCase], key: Callable[[SuiteCase], Hashable]) -> list[list[SuiteCase]]:
    """Return the cases by a key, groups and cases in the order of the suite."""
    groups: dict[Hashable, list[SuiteCase]] = {}
    for case in cases:
        groups.setdefault(key(case), []).append(case)
    return list(groups.values())


def to_ask(case: SuiteCase) -> Case:
    """Return a line of a suite as a case that can be asked."""
    judge, _, reason = case.judgement.partition(": ")
    meaning = Meaning.SAME if case.change else Meaning.DIFFERENT
    return Case(
        id=case.key,
        hypothesis=case.failure,
        role=case.role,
        a=case.a,
        b=case.b,
        judgement=Judgement(meaning=meaning, reason=reason, judge=judge),
        change=case.change,
    )


def _give_up_if_hopeless(seen: Mapping[str, Observation]) -> None:
    """Give up on a target that fails at everything.

    Raises:
        TargetError: it does.
    """
    errors = [found for found in seen.values() if found.outcome is Outcome.ERROR]
    if len(errors) == len(seen) >= HOPELESS:
        raise TargetError(f"it failed at the first {len(errors)} cases, the last time so: {errors[-1].detail}")


def _require_kind(suite: Suite, target: str, opened: Target) -> None:
    if suite.kind == "changes":
        return  # whether it can classify is found out when its inputs are opened
    if suite.paints == isinstance(opened, ImageGenerator):
        return
    found_in = suite.cases[0].settings.target
    asks, is_one = ("pictures", "embeds texts") if suite.paints else ("vectors of texts", "paints pictures")
    raise SuiteError(
        f"{suite.name} asks for {asks} (its failures were proven in {found_in}), and {target} {is_one}; check it on a "
        "model of the same kind"
    )


def _require_known_version(suite: Suite, target: str, opened: Target, folder: Path) -> None:
    """Refuse what a finished check has kept, where nobody can tell whether the model is still the same."""
    paints = isinstance(opened, ImageGenerator)
    unknown = is_chat_model(target) or (paints and identity_of(opened, target) is None)
    if (folder / _DONE).exists() and unknown:
        raise SuiteError(
            f"{folder} holds a finished check, and {target} does not tell one version of its weights from another: the "
            "pictures or answers in it may be an older version's. Name another folder with --keep"
        )


@contextmanager
def _workplace(suite: Suite, target: str, keep: Path | None) -> Iterator[Path]:
    """Yield the folder that a check works in, held by this process."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="faultfinder-check-") as passing:
            yield Path(passing)
        return
    name = re.sub(r"[^A-Za-z0-9]+", "-", target)[:_LONGEST_NAME].strip("-")
    folder = keep / f"{name}-{hashlib.sha256(f'{suite.sha256} {target}'.encode()).hexdigest()[:12]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SuiteError(f"cannot make the folder {folder} ({error.strerror}); name another with --keep") from error
    with hold_audit(folder):
        yield folder


def _stopped(target: str, stop: Stop, keep: Path | None) -> str:
    """Say why a check ended early, and how to go on."""
    again = "run the same command again" if keep else "run it again, with --keep DIR to go on from where it was"
    if isinstance(stop, BudgetSpent):
        limit = f"--{stop.reason.replace('_', '-')}"
        return (
            f"{target}: {limit} was reached before every case was asked, so nothing can be said. Raise it and {again}"
        )
    return f"{target}: {stop.reason}, so nothing can be said yet. Then {again}"
