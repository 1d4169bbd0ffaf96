"""What the nodes work with: the models, the corpus, the judge, the ledger, the budget of one audit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Event, EventKind, Listener, Standing
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.settling import PEOPLE
from faultfinder.agent.strategist import Strategist
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.chroma import FailureMemory
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Brief, Calibration, Failure, Hypothesis, Record
from faultfinder.tools.calibration import Agreement
from faultfinder.tools.corpora import Corpus
from faultfinder.tools.corpus_map import CorpusMap
from faultfinder.tools.embedding import CachedEncoder
from faultfinder.tools.ports import Judge


class Known(Record):
    """What the failure memory held of this target when the audit began."""

    id: str = "known"
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Encoded:
    """An encoder under audit, with the bar from which it takes two texts for the same."""

    encoder: CachedEncoder
    agreement: Agreement


@dataclass(frozen=True)
class AuditContext:
    """Everything a node may use. Built once per sitting by `agent.assembly`."""

    settings: AuditSettings
    folder: Path
    ledger: Ledger
    budget: Budget
    listen: Listener
    corpus: Corpus
    subject: Encoded | Studio | Terrain
    downstream: Studio | None
    reference: CachedEncoder | None
    judge: Judge
    mining_judge: Judge
    strategist: Strategist
    memory: FailureMemory
    axes: CorpusMap
    terrain: Terrain | None = None

    def tell(self, kind: EventKind, text: str, done: int | None = None, total: int | None = None) -> None:
        """Tell whoever listens what happened, with what has been spent."""
        self.listen(Event(kind=kind, text=text, done=done, total=total, spend=self.budget.spend()))

    def tell_standing(self, kind: EventKind, text: str, standing: Standing) -> None:
        """Tell how a hypothesis stands now."""
        self.listen(Event(kind=kind, text=text, spend=self.budget.spend(), standing=standing))

    @property
    def explores(self) -> bool:
        """Tell whether the audit keeps a map of where it has looked: only where the target embeds texts."""
        return self.settings.explores and isinstance(self.subject, Encoded)

    @property
    def the_terrain(self) -> Terrain:
        """Return what is explored by changing inputs.

        Raises:
            RuntimeError: there is none; a hypothesis about changed inputs needs one.
        """
        if self.terrain is None:
            raise RuntimeError("an audit without inputs to change cannot test a hypothesis about changed inputs")
        return self.terrain

    @property
    def left_to_people(self) -> bool:
        """Tell whether nobody but people looks at the pictures of a generator under audit."""
        return isinstance(self.subject, Studio) and self.subject.eyes.name == PEOPLE

    @property
    def waits(self) -> bool:
        """Tell whether the audit is to pause until people have answered."""
        policy = self.settings.people
        return policy == "wait" or (policy == "auto" and self.left_to_people)

    def brief(self) -> Brief:
        """Return the audit's brief; it is written by the first node."""
        return self.ledger.all(Brief)[0]

    def calibration(self) -> Calibration:
        """Return the encoder's calibration; it is written by the first node."""
        return self.ledger.all(Calibration)[0]

    def hypotheses(self, ids: Sequence[str]) -> list[Hypothesis]:
        """Return hypotheses by id, in the order asked for."""
        known = {h.id: h for h in self.ledger.all(Hypothesis)}
        return [known[i] for i in ids]

    @property
    def takes_words(self) -> bool:
        """Tell whether hypotheses about words can be tested: the target embeds texts, or paints them."""
        return not isinstance(self.subject, Terrain)

    def known(self) -> tuple[Failure, ...]:
        """Return what the memory knew of this target when the audit began."""
        kept = self.ledger.get(Known, "known")
        return kept.failures if kept else ()
