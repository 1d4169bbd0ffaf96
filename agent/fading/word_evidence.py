"""What fading a failure of words takes beside the evidence: its rule, the audit's corpus, and who judges edits."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent.fading.evidence import Evidence
from faultfinder.agent.fading.material import Sources
from faultfinder.agent.fading.proving import failing
from faultfinder.agent.fading.rewriting import Editor, rule_of
from faultfinder.memory.errors import CorpusError
from faultfinder.memory.records import AuditSettings, Rule
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
class WordEvidence:
    """A proven failure of words.

    Attributes:
        audit: The failure, with the audit behind it.
        rule: Its rule.
        corpus: The audit's corpus.
        judge: Who judges whether an edit changes the meaning.
    """

    audit: Evidence
    rule: Rule
    corpus: Corpus
    judge: Judge

    @property
    def teacher(self) -> Teacher | None:
        """The teacher of the corpus' world, where it has one."""
        return self.corpus.world.teacher if self.corpus.world else None

    @property
    def rewriter(self) -> Rewriter:
        """Who rewords texts, as in the audit."""
        return self.corpus.world.rewriter if self.corpus.world else TemplateRewriter()

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


def word_evidence(evidence: Evidence) -> WordEvidence:
    """Return what fading a failure of words takes.

    Raises:
        AuditError: it has no rule, and none can be read off its cases.
        CorpusError: the audit's corpus cannot be read.
        SpecError: its reference cannot be opened.
    """
    settings = evidence.settings
    corpus = open_corpus(settings.corpus, settings.seed)
    rule = rule_of(evidence.hypothesis, failing(evidence.suite))
    return WordEvidence(evidence, rule, corpus, _judge(settings, corpus))


def _counts(file: Captioned) -> str:
    return (
        f"{len(file.lessons):,} pairs; {file.missing:,} without a picture, {file.unusable:,} without a usable caption"
    )


def _judge(settings: AuditSettings, corpus: Corpus) -> Judge:
    """Return the judge of mined pairs of such an audit: of the many pairs that are made here, none may be paid for."""
    if corpus.world:
        return corpus.world.judge
    if settings.reference is None:
        return LexiconJudge(Lexicon.load())
    reference = open_encoder(settings.reference)
    return LexiconJudge(Lexicon.load(), reference, Agreement(reference, TemplateRewriter()).bars)
