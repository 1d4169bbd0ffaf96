"""A fade from its folder: begun, gone on with after a kill, written down when it is done.

A fade that is done is not done again: its file is read. The folder keeps what it was told, so that a killed fade goes
on with the same command only as what it was.
"""

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from pydantic import ValidationError

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.fading.card import card
from faultfinder.agent.fading.evidence import Evidence, read_evidence
from faultfinder.agent.fading.flow import WORK, Place
from faultfinder.agent.fading.methods import fade_by_kind
from faultfinder.agent.fading.page import render_fade
from faultfinder.agent.fading.records import FadeFile, FadeSettings
from faultfinder.agent.folder.atomic import write_atomically
from faultfinder.agent.folder.holding import hold_audit
from faultfinder.agent.folder.names import set_aside
from faultfinder.agent.landscape.targets import open_target
from faultfinder.memory.errors import AuditError
from faultfinder.tools.fading.checkpoints import INDEX
from faultfinder.tools.fading.recipe import Recipe, rate_for
from faultfinder.tools.targets.checked_pictures import CheckedGenerator

FILE, PAGE, CARD = "fade.json", "fade.html", "README.md"
_TOLD = "settings.json"
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Order:
    """What a person asks for.

    Attributes:
        audit: Name of the finished audit.
        failure: Id of the failure.
        to: Where the changed model goes; None for the audit's own folder.
        pictures: File of pictures with captions, where one was given.
        guard: How much a guarded score may drop.
        cases: Cases of each score, at most.
        minutes: Time for training.
        recipe: Makes the recipe, given the learning rate that suits the model.
        fresh: Whether what an earlier fade left is moved aside.
        tuned: Spec of a text model tuned elsewhere, which is to be proven.
    """

    audit: str
    failure: str
    to: Path | None
    pictures: str | None
    guard: float
    cases: int
    minutes: float
    recipe: Callable[[float], Recipe]
    fresh: bool
    tuned: str | None = None


def run_fade(order: Order, audits: Path, listen: Listener) -> tuple[FadeFile, Path]:
    """Fade a failure, or go on, or read what came of it; return that and the folder it is in.

    Args:
        order: what is asked for.
        audits: the folder that holds the audits.
        listen: told what happens.

    Raises:
        FaultfinderError: it could not be done.
    """
    evidence = read_evidence(audits / order.audit, order.failure)
    failure = evidence.hypothesis.id
    folder = order.to or audits / order.audit / "faded" / _name_of(failure, order.tuned)
    if order.fresh:
        _set_aside(folder, audits)
    folder.mkdir(parents=True, exist_ok=True)
    with hold_audit(folder):
        listen(Event(kind=EventKind.STAGE, text=f"opening {evidence.settings.target}"))
        target = open_target(evidence.settings)
        settings = _settings(order, evidence, failure, _suiting(target))
        _require_same(folder, settings)
        done = _done(folder)
        if done is None or _goes_on(done, settings):
            place = Place(folder.resolve(), audits)
            done = fade_by_kind(target, settings, evidence, place, listen)
            _write(folder, done)
    return done, folder


def _goes_on(done: FadeFile, settings: FadeSettings) -> bool:
    """Tell whether a fade whose time was up is given more of it."""
    return done.exported is not None and done.exported.cut_short and settings.minutes > done.settings.minutes


def _name_of(failure: str, tuned: str | None) -> str:
    """Return the name of a fade's folder: the failure's id, and which tuned model is proven."""
    if tuned is None:
        return failure
    name = re.sub(r"[^A-Za-z0-9]+", "-", tuned).strip("-")[-_LONGEST_NAME:]
    return f"{failure}-tuned-{name}-{hashlib.sha256(tuned.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _settings(order: Order, evidence: Evidence, failure: str, rate: float) -> FadeSettings:
    return FadeSettings(
        audit=order.audit,
        failure=failure,
        target=evidence.settings.target,
        pictures=order.pictures,
        guard=order.guard,
        cases=order.cases,
        minutes=order.minutes,
        tuned=order.tuned,
        recipe=order.recipe(rate),
    )


def _suiting(target: object) -> float:
    """Return the learning rate that suits a target: its adapters' own, or by how many parameters it shows."""
    adaptable = target.adaptable if isinstance(target, CheckedGenerator) else None
    if adaptable is not None:
        return adaptable.rate
    while hasattr(target, "checked"):
        target = target.checked
    module = getattr(target, "module", None)
    return rate_for(sum(each.numel() for each in module.parameters()) if module is not None else 0)


def _require_same(folder: Path, settings: FadeSettings) -> None:
    """Keep what a fade was told; once it has trained, make sure that it is told the same again."""
    path = folder / WORK / _TOLD
    if not (folder / WORK / INDEX).is_file():
        if not (folder / FILE).is_file():
            write_atomically(path, settings.model_dump_json(indent=2).encode())
        return
    told = _read_settings(path)
    if told != settings:
        other = [name for name in FadeSettings.model_fields if getattr(told, name) != getattr(settings, name)]
        raise AuditError(
            f"{folder} holds a fade that was begun with other settings ({', '.join(other)}); give the same to go on, "
            "or --fresh to move it aside and start over"
        )


def _read_settings(path: Path) -> FadeSettings:
    try:
        return FadeSettings.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise AuditError(f"{path} cannot be read ({error}); start over with --fresh") from error


def _done(folder: Path) -> FadeFile | None:
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return FadeFile.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise AuditError(f"{path} is not of this version's making ({error}); start over with --fresh") from error


def _write(folder: Path, done: FadeFile) -> None:
    """Write page and card, then the file that says that all is done, and let the checkpoints go."""
    write_atomically(folder / PAGE, render_fade(done).encode())
    if done.model is not None and done.settings.tuned is None:
        write_atomically(folder / CARD, card(done).encode())
    write_atomically(folder / FILE, done.model_dump_json(by_alias=True, indent=2).encode() + b"\n")
    if not (done.exported and done.exported.cut_short):
        shutil.rmtree(folder / WORK, ignore_errors=True)


def _set_aside(folder: Path, audits: Path) -> None:
    """Move an earlier fade, and the audit of its model, aside; nothing is deleted."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    earlier = _done(folder)
    aside = next(p for n in count(1) if not (p := folder.with_name(f"{folder.name}.old-{n}")).exists())
    try:
        folder.rename(aside)
    except OSError as error:
        raise AuditError(f"cannot move {folder} to {aside} ({error.strerror}); choose another with --to") from error
    if earlier and earlier.reaudit:
        set_aside(audits, earlier.reaudit.audit)
