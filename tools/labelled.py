"""Pictures whose labels are known: what a classifier is tried on.

Read from a folder with one sub-folder per label, a CSV or JSON-lines table, a COCO instances file, the lab's world, or
objects handed over. docs/labelled-pictures.md describes the formats. Labels and file names are data.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from PIL.Image import Image

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.picture_sources.album import Album
from faultfinder.tools.picture_sources.candidate import Candidate, Reason
from faultfinder.tools.picture_sources.choosing import Chosen, Input, LeftOut, choose
from faultfinder.tools.picture_sources.coco import Take
from faultfinder.tools.picture_sources.held import HeldPicture, read_objects
from faultfinder.tools.picture_sources.places import read_places
from faultfinder.tools.several import several
from faultfinder.tools.splits import USUAL, Part, Shares, part_of
from faultfinder.tools.tasks.task import Example

MOST = 2_000
"""Inputs, where no other number is asked for: more than an exploration visits."""


@dataclass(frozen=True)
class Reading:
    """How a file or folder of labelled pictures is read.

    Attributes:
        pictures: The folder of the pictures a table or COCO file names; None: beside the file, or where COCO puts them.
        take: What becomes an input of a COCO file: objects, or whole pictures.
        most: Inputs at most; for the lab, how many are drawn.
        seed: Seeds what the lab draws; files do not depend on it.
    """

    pictures: Path | None = None
    take: Take = Take.OBJECTS
    most: int = MOST
    seed: int = 0


class LabelledPictures:
    """Labelled pictures in a fixed order, opened when they are needed."""

    def __init__(self, name: str, chosen: Chosen) -> None:
        """Take what was chosen.

        Args:
            name: what they are called in reports.
            chosen: the inputs, and what was left out.

        Raises:
            CorpusError: nothing was chosen.
        """
        if not chosen.inputs:
            raise _nothing(name, chosen.left_out)
        self.name = name
        self.inputs: tuple[Input, ...] = chosen.inputs
        self.left_out: LeftOut = chosen.left_out
        self._album = Album()

    def __len__(self) -> int:
        """Count the inputs."""
        return len(self.inputs)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """Key, label and topic of every input."""
        return tuple(Example(each.candidate.key, each.candidate.label, each.candidate.topic) for each in self.inputs)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every label, once, in alphabetical order."""
        return tuple(sorted({each.candidate.label for each in self.inputs}))

    @property
    def counts(self) -> Counter[str]:
        """How many inputs each label has."""
        return Counter(each.candidate.label for each in self.inputs)

    @cached_property
    def identity(self) -> str:
        """SHA-256 of keys, labels and pictures, wherever they lie."""
        digest = hashlib.sha256()
        for each in self.inputs:
            candidate = each.candidate
            digest.update(json.dumps([candidate.key, candidate.label, candidate.topic, candidate.box]).encode())
            digest.update(each.digest.encode())
        return digest.hexdigest()

    def open(self, number: int) -> Image:
        """Return an input, RGB; the caller's own to change.

        Raises:
            CorpusError: it can no longer be read.
        """
        candidate = self.inputs[number].candidate
        return self._album.picture(candidate.source, candidate.box)

    def part(self, part: Part, shares: Shares = USUAL) -> list[int]:
        """Return the inputs of one of the three parts, by number; two crops of one picture lie in the same part."""
        return [number for number, each in enumerate(self.inputs) if part_of(each.together, shares) is part]

    def only(self, kept: Collection[int]) -> "LabelledPictures":
        """Return some of the inputs, by number, the others counted as left out on purpose.

        Raises:
            CorpusError: none is kept.
        """
        inputs = tuple(each for number, each in enumerate(self.inputs) if number in kept)
        left_out = self.left_out.with_more(Reason.ON_PURPOSE, len(self) - len(inputs))
        return LabelledPictures(self.name, Chosen(inputs, left_out))

    def without(self, labels: Collection[str]) -> "LabelledPictures":
        """Return the others, those of some labels counted as left out on purpose.

        Raises:
            CorpusError: no others are left.
        """
        kept = tuple(each for each in self.inputs if each.candidate.label not in labels)
        left_out = self.left_out.with_more(Reason.ON_PURPOSE, len(self) - len(kept))
        return LabelledPictures(self.name, Chosen(kept, left_out))


def open_labelled(spec: str, reading: Reading | None = None) -> LabelledPictures:
    """Open ``lab``, or folders and files of labelled pictures.

    Args:
        spec: ``lab``; a folder with one sub-folder per label; a .csv or .jsonl table; a COCO instances .json, with
            ``@whole`` or ``@largest`` behind it for whole pictures. Files may end in .gz too. Several of them, but for
            ``lab``, with commas between them.
        reading: how to read it.

    Raises:
        CorpusError: it is missing, unreadable (file and line or record are said), or holds nothing usable.
    """
    how = reading or Reading()
    if how.most < 1:
        raise CorpusError(f"{how.most} pictures are none; ask for at least one.")
    if spec == "lab":
        return LabelledPictures("lab", choose(_lab(how), how.most))
    name = ", ".join(Path(place).name or place for place in several(spec))
    return LabelledPictures(name, choose(read_places(spec, how.pictures, how.take), how.most))


def held_pictures(
    name: str, images: Iterable[object], labels: Sequence[str], keys: Sequence[str] = ()
) -> LabelledPictures:
    """Take pictures that a program hands over.

    Args:
        name: what they are called.
        images: PIL images.
        labels: as many.
        keys: as many, each once; without, they are numbered.

    Raises:
        CorpusError: there are not as many labels as pictures, or none is usable.
    """
    found = list(read_objects(images, labels, keys))
    return LabelledPictures(name, choose(found, max(1, len(found))))


def _lab(how: Reading) -> Iterator[Candidate]:
    from faultfinder.tools.targets.lab import lab_scenes

    for scene in lab_scenes(how.most, how.seed):
        yield Candidate(scene.key, scene.label, scene.label, HeldPicture(scene.key, scene.image))


def _nothing(name: str, left_out: LeftOut) -> CorpusError:
    first = next((notes[0] for notes in left_out.notes.values() if notes), "")
    example = f" For example {first}." if first else ""
    return CorpusError(f"{name}: no usable picture with a label (left out: {left_out}).{example}")
