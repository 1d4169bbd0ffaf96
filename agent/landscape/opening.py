"""From an audit's settings to what is explored: the inputs, the target at work on them, and what is done to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.given import Target
from faultfinder.agent.pictures.slot_painting import SlotPainting
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.errors import OptionError
from faultfinder.memory.records import AuditSettings
from faultfinder.memory.settings import OWN_INPUTS
from faultfinder.tools.actions.asking_for import factors_of
from faultfinder.tools.actions.conditions import CONDITIONS, PictureConditions
from faultfinder.tools.actions.prompt_slots import read_prompt_slots
from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.actions.text_edits import EDIT, edit_space
from faultfinder.tools.classifiers import as_classifier
from faultfinder.tools.explorers.registry import explorers, open_explorer
from faultfinder.tools.label_matching import Matched, match, read_label_map, zero_shot_labels
from faultfinder.tools.labelled import LabelledPictures, Reading, open_labelled
from faultfinder.tools.ports import ImageEncoder, TextModel
from faultfinder.tools.registry import own_prompt_slots, world_of
from faultfinder.tools.splits import Part, part_of
from faultfinder.tools.targets.checked_classifier import CheckedClassifier
from faultfinder.tools.tasks.calibrated import calibrate
from faultfinder.tools.tasks.classifying import ClassificationTask
from faultfinder.tools.tasks.metrics import metric_named
from faultfinder.tools.tasks.painting import PaintingTask
from faultfinder.tools.tasks.text_inputs import read_texts
from faultfinder.tools.tasks.texts import TextTask

PROMPTS = 400
"""Inputs made of templates of prompts, about: each is painted with seeds of its own."""

USUAL = ("rotation", "darkness", "saturation")
"""What is done to pictures where neither the user nor the goal says."""

STRENGTHS = (0.0, 0.1, 0.2, 0.4, 0.8)
"""Shares of a text's places that an edit may touch, where it is made by small steps."""

_WORD = re.compile(r"[a-z-]+")


def world_has_inputs(settings: AuditSettings, target: Target) -> bool:
    """Tell whether the goal is about conditions of pictures, and the target's own world has pictures of known truth."""
    sees = isinstance(target, ImageEncoder) and world_of(settings.target) is not None
    return sees and bool(named_in(settings.goal, PICTURES))


def open_terrain(
    settings: AuditSettings, target: Target, listen: Listener, painting: SlotPainting | None = None
) -> Terrain:
    """Open the inputs that the settings name, and put the target to work on them.

    Args:
        settings: with `inputs`.
        target: the model under audit: a generator, a classifier, or an encoder of texts and pictures.
        listen: told what was read, and what was left out.
        painting: where the target paints: its studio.

    Raises:
        OptionError: what is to be done to the inputs cannot be understood.
        CorpusError: the inputs cannot be used, or their labels are not the classifier's.
        SpecError: the target cannot be asked about such inputs.
        TargetError: the target fails at everything.
        ExplorerError: there is no such explorer.
    """
    _require_explorer(settings)
    listen(Event(kind=EventKind.STAGE, text=f"reading the inputs of {settings.material}"))
    if painting is not None:
        opened = _filled_prompts(settings, painting)
    elif isinstance(target, TextModel):
        opened = _edited_texts(settings, target, listen)
    else:
        opened = open_changed_pictures(settings, target, listen).terrain
    _warn_of_few(opened, settings, listen)
    return opened


def _require_explorer(settings: AuditSettings) -> None:
    """Refuse an explorer that is not there, or cannot do what is asked, before the inputs are read."""
    open_explorer(settings.explorer)
    able = [each.name for each in explorers() if each.small_steps]
    if settings.small_steps and settings.explorer not in able:
        raise OptionError(f"{settings.explorer} chooses whole changes; small steps are for {', '.join(able)}")


def _warn_of_few(opened: Terrain, settings: AuditSettings, listen: Listener) -> None:
    """Say before anything is spent that there are too few inputs for an experiment of full size."""
    left, wanted = len(opened.proving), settings.probes + settings.controls
    if left < wanted:
        told = f"only {left} inputs are left to prove anything on, and {wanted} are asked for: little can be proven"
        listen(Event(kind=EventKind.WARNING, text=f"{told}. Give more inputs, or ask for fewer cases"))


def _filled_prompts(settings: AuditSettings, painting: SlotPainting) -> Terrain:
    given = settings.material
    slots = own_prompt_slots() if given == OWN_INPUTS else read_prompt_slots(Path(given))
    if settings.actions is not None:
        known = {factor.name: factor for factor in slots.space.factors}
        slots = slots.narrowed(factors_of(settings.actions, known))
    takes = max(1, PROMPTS // len(slots.templates))
    task = PaintingTask(painting, slots, painting.eyes, settings.seed, takes)
    parts: dict[Part, list[int]] = {part: [] for part in Part}
    for number, example in enumerate(task.examples):
        parts[part_of(f"{slots.name} {example.key}")].append(number)
    explore, prove, held_out = (tuple(parts[part]) for part in Part)
    return Terrain(task, explore, prove, held_out, studio=painting.studio)


def _edited_texts(settings: AuditSettings, model: TextModel, listen: Listener) -> Terrain:
    inputs = read_texts(settings.material)
    listen(
        Event(kind=EventKind.NOTE, text=f"{len(inputs)} texts, {sum(bool(one.truth) for one in inputs)} with a truth")
    )
    space, seed = _edits(settings.actions), settings.seed
    task = TextTask(model, inputs, space, metric_named(settings.metric), seed=seed)
    parts: dict[Part, list[int]] = {part: [] for part in Part}
    for number, one in enumerate(inputs):
        parts[part_of(one.text)].append(number)
    return Terrain(task, tuple(parts[Part.EXPLORE]), tuple(parts[Part.PROVE]), tuple(parts[Part.HELD_OUT]))


def _edits(asked: str | None) -> ActionSpace:
    """Return the space of the edits that were asked for by name, or with levels as `factors_of` takes them."""
    if asked is None or "=" not in asked:
        return edit_space([] if asked is None else [name.strip() for name in asked.split(",")])
    known = {factor.name: factor for factor in edit_space(strengths=STRENGTHS).factors}
    known[EDIT] = edit_space().factors[0]
    return ActionSpace(factors_of(asked, known))


@dataclass(frozen=True)
class ChangedPictures:
    """A classifier at work on changed pictures.

    Attributes:
        terrain: The task and its parts.
        classifier: The classifier, as it was opened.
        matched: The pictures, and what is right for each.
    """

    terrain: Terrain
    classifier: CheckedClassifier
    matched: Matched


def open_changed_pictures(settings: AuditSettings, target: Target, listen: Listener) -> ChangedPictures:
    """Open the pictures that the settings name, and put a classifier, or an encoder that chooses, to work on them.

    Raises:
        FaultfinderError: as `open_terrain` does.
    """
    conditions = PictureConditions(factors(settings.actions, settings.goal, PICTURES))
    pictures = open_labelled(settings.material, _reading(settings))
    label_map = read_label_map(Path(settings.label_map)) if settings.label_map else None
    labels = zero_shot_labels(pictures, label_map)
    classifier = as_classifier(target, settings.target, labels, world=world_of(settings.target))
    matched = match(pictures, classifier, label_map)
    _tell_left_out(matched.pictures, listen)
    exploring = matched.pictures.part(Part.EXPLORE)
    listen(Event(kind=EventKind.STAGE, text=f"calibrating on {len(exploring)} unchanged pictures"))
    calibrated = calibrate(classifier, matched, exploring)
    terrain = Terrain(
        task=ClassificationTask(calibrated, matched.pictures, matched.right, conditions, settings.seed),
        exploring=tuple(exploring),
        proving=tuple(matched.pictures.part(Part.PROVE)),
        held_out=tuple(matched.pictures.part(Part.HELD_OUT)),
    )
    return ChangedPictures(terrain, classifier, matched)


PICTURES: Mapping[str, tuple[Factor, tuple[str, ...]]] = {
    name: (each.factor, (name, *each.words)) for name, each in CONDITIONS.items()
}
"""What can be done to pictures: each factor with the words of a goal that call for it."""


def factors(asked: str | None, goal: str, known: Mapping[str, tuple[Factor, tuple[str, ...]]]) -> list[Factor]:
    """Return what is to be changed: what was asked for, else what the goal names, else the usual.

    Args:
        asked: names with levels, as `factors_of` takes them; None leaves it to the goal.
        goal: the user's sentence.
        known: the factors there are, each with the words that call for it.

    Raises:
        OptionError: what was asked for cannot be understood.
    """
    if asked is not None:
        return factors_of(asked, {name: factor for name, (factor, _) in known.items()})
    named = named_in(goal, known)
    return [known[name][0] for name in named or USUAL]


def named_in(goal: str, known: Mapping[str, tuple[Factor, tuple[str, ...]]]) -> list[str]:
    """Return the factors that a goal's words call for."""
    said = set(_WORD.findall(goal.lower()))
    return [name for name, (_, words) in known.items() if said & set(words)]


def _reading(settings: AuditSettings) -> Reading:
    return Reading(pictures=Path(settings.pictures) if settings.pictures else None, seed=settings.seed)


def _tell_left_out(pictures: LabelledPictures, listen: Listener) -> None:
    told = f"{len(pictures)} pictures of {len(pictures.labels)} labels"
    if pictures.left_out:
        told += f"; left out: {pictures.left_out}"
    listen(Event(kind=EventKind.NOTE, text=told))
