"""Which pictures a classifier's fade learns from, chooses by and tests with; none is in two parts.

The audit has split its pictures already, by a hash of their content: of those that were explored most are learned from
and the rest is chosen by, those that were held out test. A world draws other pictures to learn from; and where a set of
pictures is given, that is learned from, less what the audit has too. All that was explored is then there to choose by.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent.fading.evidence import Evidence
from faultfinder.agent.fading.reauditing import OTHER_SEED, HeldOut
from faultfinder.agent.landscape.opening import ChangedPictures
from faultfinder.memory.errors import AuditError, CorpusError
from faultfinder.memory.settings import OWN_INPUTS
from faultfinder.tools.label_matching import Matched, match, read_label_map
from faultfinder.tools.labelled import Reading, open_labelled
from faultfinder.tools.picture_sources.choosing import Input
from faultfinder.tools.picture_sources.files import PictureFile

DRAWN = 4_000
"""Pictures that a world is asked for, to learn from."""

_ASIDE_CASES = 0.6
"""Inputs to choose by, to every one to test with."""

FEWEST = 20
"""Inputs that validation and test need each."""

_ASIDE = 4
"""One in so many of the explored inputs is set aside to choose by."""


@dataclass(frozen=True)
class Split:
    """Which inputs are for what, by number; those of `learn` are of other pictures where such were given.

    Attributes:
        learn: Learned from.
        validation: Chosen by.
        test: Tested with, and for the landscape.
        fresh: For a fresh experiment: nobody learned from them, and no experiment of the audit used them.
        given: The pictures learned from, where they are not the audit's.
        said: Where everything comes from, in words.
        left_out: Pictures given that the audit has too.
    """

    learn: Sequence[int]
    validation: Sequence[int]
    test: Sequence[int]
    fresh: Sequence[int]
    given: Matched | None
    said: str
    left_out: int = 0


def split_pictures(opened: ChangedPictures, evidence: Evidence, pictures: str | None, cases: int) -> Split:
    """Split the audit's pictures, and read those that are given to learn from.

    Raises:
        CorpusError: pictures cannot be read, or too few are left.
        AuditError: their labels cannot be matched.
    """
    terrain, inputs = opened.terrain, opened.matched.pictures.inputs
    aside = [number for number in terrain.exploring if _is_aside(inputs[number])]
    learn = [number for number in terrain.exploring if not _is_aside(inputs[number])]
    unasked = [number for number in terrain.proving if terrain.task.examples[number].key not in evidence.asked]
    name, left_out, given = opened.matched.pictures.name, 0, None
    said = f"pictures of {name}: those that the audit explored"
    if pictures is not None or evidence.settings.material == OWN_INPUTS:
        given, left_out = _given(opened, evidence, pictures)
        learn, aside = list(range(len(given.pictures))), list(terrain.exploring)
        source = pictures or f"the {name}'s world, drawn from seeds of its own"
        said = f"{source}, {len(learn):,} labelled pictures; measured on the audit's pictures of {name}"
    found = Split(
        learn=tuple(learn),
        validation=tuple(aside[: round(_ASIDE_CASES * cases)]),
        test=tuple(terrain.held_out[:cases]),
        fresh=(*terrain.held_out, *unasked),
        given=given,
        said=said,
        left_out=left_out,
    )
    _require(found, name)
    return found


def held_out_pictures(opened: ChangedPictures, evidence: Evidence, split: Split) -> HeldOut:
    """Return the pictures that the changed model is audited on: drawn anew by a world, else those not learned from.

    Raises:
        AuditError: the pictures are not files, so they cannot be handed over.
    """
    settings = evidence.settings
    if settings.material == OWN_INPUTS:
        again = settings.model_copy(update={"seed": settings.seed + OTHER_SEED})
        return HeldOut(again, "pictures drawn anew, none of them learned from")
    if split.given is not None:
        return HeldOut(settings, f"all {len(opened.matched.pictures):,} pictures, none of them learned from")
    learned = set(split.learn)
    inputs = [each for number, each in enumerate(opened.matched.pictures.inputs) if number not in learned]
    files = [each.candidate.source for each in inputs]
    paths = [Path(file.place).resolve() for file in files if isinstance(file, PictureFile)]
    if len(paths) < len(files):
        raise AuditError(f"the pictures of {settings.material} are no files, so the changed model cannot be audited")
    root = Path(os.path.commonpath([path.parent for path in paths]))
    rows = [_row(each, path.relative_to(root)) for each, path in zip(inputs, paths, strict=True)]
    again = settings.model_copy(update={"pictures": str(root)})
    said = f"{len(rows):,} pictures, none of them learned from"
    return HeldOut(again, said, table="".join(json.dumps(row) + "\n" for row in rows))


def _row(each: Input, path: Path) -> dict[str, object]:
    candidate = each.candidate
    row: dict[str, object] = {"path": path.as_posix(), "label": candidate.label, "topic": candidate.topic}
    row |= {"key": candidate.key}
    row |= {"group": candidate.group} if candidate.group else {}
    return row | ({"box": list(candidate.box)} if candidate.box else {})


def _is_aside(each: Input) -> bool:
    """Tell whether an explored input is set aside, by a hash of its picture; copies and crops of one stay together."""
    return int.from_bytes(hashlib.sha256(f"aside {each.together}".encode()).digest()[:8], "big") % _ASIDE == 0


def _given(opened: ChangedPictures, evidence: Evidence, pictures: str | None) -> tuple[Matched, int]:
    """Read the pictures given to learn from, or draw some; return those that the audit does not have, and how many."""
    drawing = Reading(most=DRAWN, seed=evidence.settings.seed + 2 * OTHER_SEED)
    read = open_labelled(pictures) if pictures else open_labelled(OWN_INPUTS, drawing)
    known = {each.digest for each in opened.matched.pictures.inputs}
    kept = {number for number, each in enumerate(read.inputs) if each.digest not in known}
    if not kept:
        raise CorpusError(f"{pictures}: all {len(read)} pictures are the audit's own; give others to learn from")
    labels = read_label_map(Path(evidence.settings.label_map)) if evidence.settings.label_map else None
    return match(read.only(kept), opened.classifier, labels), len(read) - len(kept)


def _require(found: Split, name: str) -> None:
    if found.learn and min(len(found.validation), len(found.test)) >= FEWEST:
        return
    raise CorpusError(
        f"{name} has {len(found.learn)} pictures to learn from, {len(found.validation)} to choose by and "
        f"{len(found.test)} to test with; at least 1, {FEWEST} and {FEWEST} are needed. Audit it on more pictures, or "
        "give --pictures with labelled ones to learn from"
    )
