"""What a fade knows of the finished audit, whatever the failure is about: the failure, its cases, what was used."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent.inquiries import Inquiry, inquiries
from faultfinder.agent.report.combining import combined
from faultfinder.agent.report.rewriting import ledger_of, settings_of
from faultfinder.agent.report.suite import SuiteCase, suite
from faultfinder.memory.errors import AuditError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Case, Decision, Hypothesis, MinedPair
from faultfinder.tools.corpora import open_corpus
from faultfinder.tools.encoder_eyes import EyesCalibration
from faultfinder.tools.ports import Rewriter
from faultfinder.tools.rewording import TemplateRewriter


@dataclass(frozen=True)
class Evidence:
    """A proven failure, with the audit behind it.

    Attributes:
        folder: The audit's folder.
        settings: What determined the audit.
        hypothesis: The failure.
        suite: Its scored cases.
        spent: Every text that the audit used.
        asked: Keys of every changed input that the audit tested a hypothesis on.
        confused: Words whose exchange went unnoticed; no control may rest on them.
    """

    folder: Path
    settings: AuditSettings
    hypothesis: Hypothesis
    suite: tuple[SuiteCase, ...]
    spent: frozenset[str]
    asked: frozenset[str]
    confused: frozenset[str]


def read_evidence(folder: Path, failure: str) -> Evidence:
    """Read a proven failure of a finished audit.

    Raises:
        AuditError: there is no such audit, or it has not proven such a failure (those it has are listed).
        CorpusError: its corpus cannot be read.
    """
    with ledger_of(folder) as ledger:
        settings = settings_of(ledger, folder)
        inquiry = _proven(ledger, settings, failure)
        cases = suite([inquiry], settings, _rewriter(settings), ledger.all(EyesCalibration))
        return Evidence(
            folder=folder,
            settings=settings,
            hypothesis=inquiry.hypothesis,
            suite=tuple(cases),
            spent=ledger.spent_texts() | _used(ledger, cases),
            asked=frozenset(case.change.input for case in ledger.all(Case) if case.change),
            confused=_confused(ledger),
        )


def _proven(ledger: Ledger, settings: AuditSettings, failure: str) -> Inquiry:
    tried = combined(inquiries(ledger))
    proven = [each for each in tried if each.decision is Decision.SUPPORTED]
    wanted = failure.removeprefix(f"{settings.name}/")
    for each in proven:
        if wanted == each.hypothesis.id or wanted in each.parts:
            return each
    known = next((each for each in tried if each.hypothesis.id == wanted), None)
    said = f"is {known.decision}, not proven" if known else "is none of its hypotheses"
    listed = "; ".join(f"{each.hypothesis.id} ({each.hypothesis.title})" for each in proven) or "none"
    raise AuditError(f"{wanted[:80]} {said}. Failures proven by the audit {settings.name}: {listed}")


def _rewriter(settings: AuditSettings) -> Rewriter:
    """Return whose rewordings the bars of the audit's cases rest on."""
    world = open_corpus(settings.corpus, settings.seed).world
    return world.rewriter if world else TemplateRewriter()


def _used(ledger: Ledger, cases: Sequence[SuiteCase]) -> frozenset[str]:
    mined = {text for pair in ledger.all(MinedPair) for text in (pair.a, pair.b)}
    said = {text for case in cases for text in (case.a, case.b, *case.bar.rewordings)}
    return frozenset(mined | said)


def _confused(ledger: Ledger) -> frozenset[str]:
    pairs = (pair.exchanged for pair in ledger.all(MinedPair) if pair.agreed and pair.exchanged)
    return frozenset(word for words in pairs for word in words)
