"""Where a fade has pictures painted and looked at, with the same eyes as the audit had; nothing of it is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from faultfinder.agent.assembly import Studios
from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Event
from faultfinder.agent.folder.names import DATABASE
from faultfinder.agent.pictures.eyes import PEOPLE
from faultfinder.agent.pictures.eyes_calibration import Looking
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.report.suite import Origin
from faultfinder.agent.suites.runs import now
from faultfinder.memory.errors import AuditError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Limits
from faultfinder.tools.adaptable import Adaptable
from faultfinder.tools.corpora import Corpus
from faultfinder.tools.ports import PictureJudge
from faultfinder.tools.targets.checked_pictures import CheckedGenerator

_CHAT = "openai:"


@dataclass(frozen=True)
class Darkroom:
    """Paints for one fade.

    Attributes:
        eyes: Who looks at the pictures.
        seed: The audit's seed, from which those of the pictures derive.
    """

    eyes: PictureJudge
    seed: int

    @contextmanager
    def studio(self, painter: Adaptable) -> Iterator[Studio]:
        """Give a studio of its own to a painter as it is now, as long as the block lasts."""
        with _passing() as (ledger, budget, folder):
            checked = CheckedGenerator(painter, painter.name)
            yield Studio(checked, self.eyes, ledger, budget, _nobody, folder, self.seed)


def darkroom(settings: AuditSettings, origin: Origin, corpus: Corpus, painter: Adaptable) -> Darkroom:
    """Open the audit's judge of pictures again, with the margins that it was calibrated to.

    Raises:
        AuditError: pictures of that audit are judged by people, or by a model that is paid for each look.
        SpecError: the judge cannot be opened.
    """
    looked = settings.model_copy(update={"people": "later"})
    with _passing() as (ledger, budget, folder):
        ledger.save(origin.calibrations)
        studios = Studios(Looking(looked, corpus, ledger, budget, _nobody, folder))
        if _CHAT in (settings.eyes or ("" if corpus.world else settings.llm)):
            raise AuditError(_wants_machine("a chat model is paid for each of the thousands of looks that this takes"))
        eyes = studios.open(CheckedGenerator(painter, painter.name)).eyes
    if eyes.name == PEOPLE:
        raise AuditError(_wants_machine("only people judge the pictures of this audit"))
    return Darkroom(eyes, settings.seed)


def _wants_machine(why: str) -> str:
    return (
        f"{why}, and a fade looks at thousands of pictures: audit the generator again with --judge and an image-text "
        "encoder (such as open_clip:MODEL), and fade what that audit proves"
    )


@contextmanager
def _passing() -> Iterator[tuple[Ledger, Budget, Path]]:
    """Give a ledger in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="faultfinder-fade-") as place, Ledger.open(Path(place) / DATABASE) as ledger:
        ledger.begin_sitting(now())
        yield ledger, Budget(Limits(), ledger), Path(place)


def _nobody(event: Event) -> None:
    """Hear nothing."""
