"""From which margin an encoder's word on pictures is taken, found before it is asked: where truth is at hand.

Where the corpus brings a world along, its illustrator draws corpus texts, and what a drawing shows is known. Elsewhere
people's answers of earlier sittings are the truth. What was found is kept in the ledger, so that a resumed audit looks
with the same eyes.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.pictures.files import open_picture
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Ask, Label, Question, standing
from faultfinder.memory.picture_records import Seen
from faultfinder.memory.records import AuditSettings
from faultfinder.tools.corpora import Corpus
from faultfinder.tools.encoder_eyes import EyesCalibration, ImageTextEncoder, calibrate_eyes
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.people.raters import majority
from faultfinder.tools.ports import Look, World
from faultfinder.tools.prompt_scan import PromptScan

MOST_PAIRS = 150
"""Pairs of texts drawn to calibrate on."""

FEWEST_ANSWERS = 80
"""Pictures that people must have placed before their answers are calibrated on."""

_ROUND = 1_000_000
"""A round of the prompt scan that no audit comes to."""

Labelled = tuple[Look, Seen]


@dataclass(frozen=True)
class Looking:
    """What a judge of pictures may need of its audit."""

    settings: AuditSettings
    corpus: Corpus
    ledger: Ledger
    budget: Budget
    listen: Listener
    folder: Path


def calibration_of(spec: str, encoder: ImageTextEncoder, looking: Looking) -> EyesCalibration | None:
    """Return the encoder's calibration, from the ledger or found now; None where no truth is at hand."""
    kept = looking.ledger.get(EyesCalibration, spec)
    if kept is not None:
        return kept
    world = looking.corpus.world
    labelled = list(_drawn(looking, world) if world else _answered(looking))
    if not world and len(labelled) < FEWEST_ANSWERS:
        return None
    found = calibrate_eyes(encoder, [look for look, _ in labelled], [seen for _, seen in labelled], spec)
    looking.ledger.save([found])
    looking.listen(_told(found))
    return found


def _drawn(looking: Looking, world: World) -> Iterator[Labelled]:
    """Yield drawings of minimal edits of corpus texts, of every kind in any order, both of a pair side by side."""
    scan = PromptScan(looking.corpus.texts, world.judge, Lexicon.load(), looking.settings.seed)
    pairs = scan.draw(_ROUND, (), ())
    Random(f"{looking.settings.seed} eyes").shuffle(pairs)
    for judged in pairs[:MOST_PAIRS]:
        a, b = judged.edit.a, judged.edit.b
        drawings = world.illustrator.picture(a), world.illustrator.picture(b)
        if drawings[0] is not None and drawings[1] is not None:
            yield Look(drawings[0], a, b), Seen.FIRST
            yield Look(drawings[1], a, b), Seen.SECOND


def _answered(looking: Looking) -> Iterator[Labelled]:
    """Yield the pictures that people placed, in the order they were asked."""
    given: dict[str, list[Label]] = defaultdict(list)
    for label in standing(looking.ledger.all(Label)).values():
        given[label.question].append(label)
    for question in looking.ledger.all(Question):
        if question.kind is Ask.WHICH and given[question.id]:
            seen = Seen(majority(given[question.id]).value)
            image = open_picture(looking.folder, question.image) if seen is not Seen.CANNOT_TELL else None
            if image is not None:
                yield Look(image, question.a, question.b), seen


def _told(found: EyesCalibration) -> Event:
    if found.threshold is None:
        text = f"the judge {found.id} is not right often enough on {found.looks} pictures of known content: it decides "
        return Event(kind=EventKind.WARNING, text=text + "nothing, and every picture is for people to place")
    measured = ""
    if found.right is not None and found.interval is not None and found.decided is not None:
        low, high = found.interval
        measured = (
            f"; on {found.measured} other pictures of known content it decides {found.decided:.0%} and is right in "
            f"{found.right:.0%} of those ({low:.0%} to {high:.0%})"
        )
    return Event(
        kind=EventKind.NOTE, text=f"the judge {found.id} decides from a margin of {found.threshold:.3f}{measured}"
    )
