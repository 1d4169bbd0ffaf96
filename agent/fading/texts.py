"""Fading a failure of a text model: files to fine-tune it with are written, and nothing is trained.

Most text models cannot be trained where an audit runs, or not at all but by their vendor. What an audit can give is
what training takes: texts that the model fails at, with the right answer beside the wrong one. Whether the model that
comes of it has lost the failure is proven in the same way as for every other (`text_proof.py`), once it is there.

Every answer is kept in a diary as it comes, so that a killed fade asks nothing twice.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.fading.evidence import Evidence
from faultfinder.agent.fading.flow import WORK, Place
from faultfinder.agent.fading.records import Amount, Data, FadeFile, FadeSettings, Verdict
from faultfinder.agent.fading.scoring import GUARD_RULE
from faultfinder.agent.fading.text_card import text_card
from faultfinder.agent.fading.text_examples import Gatherer, Harvest
from faultfinder.agent.fading.text_records import Exported, ExportedFile, Tally
from faultfinder.agent.folder.atomic import write_atomically
from faultfinder.agent.landscape.opening import open_terrain
from faultfinder.agent.suites.runs import now
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.errors import AuditError, BudgetSpent
from faultfinder.memory.regions import Region
from faultfinder.tools.fading.answer_diary import AnswerDiary
from faultfinder.tools.fading.tuning_files import TuningExample, TuningFile, tuning_files
from faultfinder.tools.ports import TextModel
from faultfinder.tools.tasks.texts import TextTask

CARD = "README.md"
NOT_PROVEN = "files were written; nothing was trained, and it is not proven that anything has faded"
METHOD = "examples for fine-tuning and preferences were written, of texts edited as the failing region has it"

_VARIED = 7
"""Texts asked of an input before anything can be judged, about: itself, and harmless variations of it."""


def export_texts(
    model: TextModel, settings: FadeSettings, evidence: Evidence, place: Place, listen: Listener
) -> FadeFile:
    """Write files to fine-tune a text model with.

    Args:
        model: the model, opened.
        settings: what was asked for.
        evidence: the finished audit, with a failure about changed inputs.
        place: where to write.
        listen: told what happens.

    Raises:
        AuditError: there is nothing to write, or the time was up before anything could be judged.
        FaultfinderError: the inputs cannot be read, or the model fails.
    """
    return _Export(model, settings, evidence, place, listen).run()


@dataclass
class _Export:
    """One export under way."""

    model: TextModel
    settings: FadeSettings
    evidence: Evidence
    place: Place
    listen: Listener
    started: str = field(default_factory=now)

    def run(self) -> FadeFile:
        diary = AnswerDiary(self.model, self.place.folder / WORK / "answers.jsonl", self.settings.minutes)
        terrain = open_terrain(self.evidence.settings, diary, self.listen)
        found = self._gather(diary, terrain)
        examples = [*found.edited, *found.plain]
        files = tuning_files(_mixed(examples))
        for file in files:
            write_atomically(self.place.folder / file.name, file.content)
        exported = self._exported(found, files, diary, terrain)
        audit = self.evidence.settings
        card = text_card(exported, self.evidence.hypothesis, audit, self.evidence.folder)
        write_atomically(self.place.folder / CARD, card.encode("utf-8", "replace"))
        return self._file(exported, examples)

    def _gather(self, diary: AnswerDiary, terrain: Terrain) -> Harvest:
        task = texts_of(terrain, self.settings)
        measure(task, diary, self.settings, self.listen)
        self.listen(Event(kind=EventKind.STAGE, text="asking about edited texts that nothing was proven on"))
        region, recipe = self.evidence.hypothesis.region or Region(), self.settings.recipe
        tell = counting(self.listen, "edited texts tried")
        found = Gatherer(diary, terrain, task, region, recipe.seed, tell).gather(recipe.replay)
        if not found.edited:
            raise AuditError(_nothing(found))
        return found

    def _exported(self, found: Harvest, files: Sequence[TuningFile], diary: AnswerDiary, terrain: Terrain) -> Exported:
        examples = [*found.edited, *found.plain]
        truths = {one.key for one in terrain.task.examples if one.truth}
        return Exported(
            files=tuple(ExportedFile(name=file.name, examples=len(file.lines)) for file in files),
            edited=len(found.edited),
            plain=len(found.plain),
            with_truth=sum(example.key in truths for example in examples),
            inputs=len({example.key for example in examples}),
            open_inputs=len(terrain.exploring),
            tried=found.tried,
            left_out=_tallies(found.left_out),
            by_edit=_tallies(found.by_edit),
            asked=diary.asked,
            minutes=round(diary.seconds / 60, 2),
            ended=found.ended,
            cut_short=found.cut_short,
            scoring=terrain.task.scoring,
        )

    def _file(self, exported: Exported, examples: Sequence[TuningExample]) -> FadeFile:
        failed = self.evidence.hypothesis
        counted = ("unedited texts", "edited texts that it fails at", "preferences")
        source = f"{self.evidence.settings.material}, inputs that nothing was proven on"
        return FadeFile(
            settings=self.settings,
            title=failed.title,
            description=failed.description,
            method=METHOD,
            verdict=Verdict.EXPORTED,
            reason=NOT_PROVEN,
            model=None,
            data=Data(
                source=source,
                amounts=(_amount("train", examples, False), _amount("validation", examples, True)),
                left_out=sum(each.count for each in exported.left_out),
                counted=counted,
            ),
            training=None,
            candidates=(),
            exported=exported,
            guard_rule=GUARD_RULE,
            started=self.started,
            finished=now(),
        )


def texts_of(terrain: Terrain, settings: FadeSettings) -> TextTask:
    """Return the texts at work.

    Raises:
        AuditError: the audit was not about texts.
    """
    if not isinstance(terrain.task, TextTask):
        raise AuditError(f"{settings.target} was audited on {terrain.task.noun}, not on texts")
    return terrain.task


def measure(task: TextTask, diary: AnswerDiary, settings: FadeSettings, listen: Listener) -> None:
    """Ask what is needed before any answer can be judged.

    Raises:
        AuditError: the time was up.
        TargetError: the model fails at everything.
        OptionError: its answers cannot be judged.
    """
    listen(Event(kind=EventKind.STAGE, text=f"asking {diary.name} about unedited texts, to know its bar"))
    tell, most = counting(listen, "texts answered"), _VARIED * len(task.examples)
    diary.heard = lambda answered: tell(min(answered, most), most)
    try:
        _ = task.wobble, task.typical
    except BudgetSpent as spent:
        raise out_of_time(settings, diary.asked) from spent
    diary.heard = _nobody


def out_of_time(settings: FadeSettings, asked: int) -> AuditError:
    """Return what is said where the time is up before anything can be said."""
    return AuditError(
        f"{settings.minutes:g} minutes were not enough to ask all that is needed; the {asked:,} answers are kept: give "
        "more --minutes, and the same command goes on"
    )


def counting(listen: Listener, what: str) -> Callable[[int, int], None]:
    """Return what tells a listener how many are done."""

    def tell(done: int, total: int) -> None:
        listen(Event(kind=EventKind.PROGRESS, text=what, done=done, total=total))

    return tell


def _nobody(answered: int) -> None:
    """Tell nobody."""


def _mixed(examples: Sequence[TuningExample]) -> list[TuningExample]:
    """Return examples in an order that has nothing to do with what they are."""
    return Random(len(examples)).sample(list(examples), len(examples))


def _amount(part: Literal["train", "validation"], examples: Sequence[TuningExample], aside: bool) -> Amount:
    mine = [example for example in examples if example.aside is aside]
    plain = sum(example.bad is None for example in mine)
    preferences = sum(example.is_preference for example in mine)
    return Amount(part=part, lessons=plain, contrasts=len(mine) - plain, guarded=preferences)


def _tallies(counts: Counter[str]) -> tuple[Tally, ...]:
    return tuple(Tally(what=what, count=count) for what, count in counts.most_common())


def _nothing(found: Harvest) -> str:
    why = "; ".join(f"{count:,} {what}" for what, count in found.left_out.most_common())
    return (
        f"there is nothing to write: of {found.tried:,} edited texts tried ({found.ended}) none is one that the model "
        f"fails at and has a right answer to learn ({why or 'no input is left to try'}). More inputs in the audit, or "
        "truths beside them, would help"
    )
