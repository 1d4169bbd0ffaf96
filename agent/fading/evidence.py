"""What a fade knows of the finished audit: the failure, its cases, what was used, and who judges."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent.fading.material import Sources
from faultfinder.agent.fading.proving import failing
from faultfinder.agent.fading.rewriting import Editor, rule_of
from faultfinder.agent.inquiries import Inquiry, inquiries
from faultfinder.agent.report.combining import combined
from faultfinder.agent.report.rewriting import ledger_of, settings_of
from faultfinder.agent.report.suite import SuiteCase, suite
from faultfinder.memory.errors import AuditError, CorpusError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Decision, Hypothesis, MinedPair, Rule
from faultfinder.tools.calibration import Agreement
from faultfinder.tools.captioned_pictures import Captioned, read_captioned
from faultfinder.tools.corpora import Corpus, open_corpus
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.meaning import LexiconJudge
from faultfinder.tools.ports import Judge, Rewriter, Teacher
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.rewording import TemplateRewriter
from faultfinder.tools.slots import Slots


@dataclass(frozen=True)
class Evidence:
    """A proven failure, with the audit behind it.

    Attributes:
        settings: What determined the audit.
        hypothesis: The failure.
        rule: Its rule.
        suite: Its scored cases.
        spent: Every text that the audit used.
        confused: Words whose exchange went unnoticed; no control may rest on them.
        corpus: The audit's corpus.
        judge: Who judges whether an edit changes the meaning.
    """

    settings: AuditSettings
    hypothesis: Hypothesis
    rule: Rule
    suite: tuple[SuiteCase, ...]
    spent: frozenset[str]
    confused: frozenset[str]
    corpus: Corpus
    judge: Judge

    @property
    def teacher(self) -> Teacher | None:
        """The teacher of the corpus' world, where it has one."""
        return self.corpus.world.teacher if self.corpus.world else None

    @property
    def rewriter(self) -> Rewriter:
        """Who rewords texts, as in the audit."""
        return _rewriter(self.corpus)

    def sources(self, pictures: str | None) -> Sources:
        """Return where pictures with captions come from.

        Raises:
            CorpusError: there is no world, and no file of pictures was given; or the file cannot be read.
        """
        file = read_captioned(Path(pictures).expanduser()) if pictures else None
        if file is None and self.teacher is None:
            raise CorpusError(
                "there is nothing to learn from: give --pictures, a COCO captions .json near its pictures, or a .csv "
                "with the columns 'picture' and 'caption'"
            )
        said = [f"{pictures} ({_counts(file)})"] if file else []
        said += [f"the {self.corpus.name}'s world, drawn from seeds of its own"] if self.teacher else []
        return Sources(self.teacher, file, "; ".join(said), self.editor_of)

    def editor_of(self, captions: Sequence[str]) -> Editor:
        """Return an editor that learns from captions what may stand where."""
        return Editor(Slots(captions), Lexicon.load(), self.judge)


def read_evidence(folder: Path, failure: str) -> Evidence:
    """Read a proven failure of a finished audit.

    Raises:
        AuditError: there is no such audit, or it has not proven such a failure (those it has are listed).
        SpecError: its reference cannot be opened.
        CorpusError: its corpus cannot be read.
    """
    with ledger_of(folder) as ledger:
        settings = settings_of(ledger, folder)
        inquiry = _proven(ledger, settings, failure)
        corpus = open_corpus(settings.corpus, settings.seed)
        cases = suite([inquiry], settings, _rewriter(corpus))
        return Evidence(
            settings=settings,
            hypothesis=inquiry.hypothesis,
            rule=rule_of(inquiry.hypothesis, failing(cases)),
            suite=tuple(cases),
            spent=ledger.spent_texts() | _used(ledger, cases),
            confused=_confused(ledger),
            corpus=corpus,
            judge=_judge(settings, corpus),
        )


def _counts(file: Captioned) -> str:
    return (
        f"{len(file.lessons):,} pairs; {file.missing:,} without a picture, {file.unusable:,} without a usable caption"
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


def _used(ledger: Ledger, cases: Sequence[SuiteCase]) -> frozenset[str]:
    mined = {text for pair in ledger.all(MinedPair) for text in (pair.a, pair.b)}
    said = {text for case in cases for text in (case.a, case.b, *case.bar.rewordings)}
    return frozenset(mined | said)


def _confused(ledger: Ledger) -> frozenset[str]:
    pairs = (pair.exchanged for pair in ledger.all(MinedPair) if pair.agreed and pair.exchanged)
    return frozenset(word for words in pairs for word in words)


def _rewriter(corpus: Corpus) -> Rewriter:
    return corpus.world.rewriter if corpus.world else TemplateRewriter()


def _judge(settings: AuditSettings, corpus: Corpus) -> Judge:
    """Return the judge of mined pairs of such an audit: of the many pairs that are made here, none may be paid for."""
    if corpus.world:
        return corpus.world.judge
    if settings.reference is None:
        return LexiconJudge(Lexicon.load())
    reference = open_encoder(settings.reference)
    return LexiconJudge(Lexicon.load(), reference, Agreement(reference, TemplateRewriter()).bars)
