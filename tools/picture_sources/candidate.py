"""What a reader of labelled pictures hands on: inputs that may be used, and what was found unfit, with the reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PIL.Image import Image

LONGEST_LABEL = 200
"""Characters of a label; more is no name of a thing."""

Box = tuple[int, int, int, int]
"""Left, upper, right and lower pixel, as Pillow crops: the last two are outside."""


class Source(Protocol):
    """A whole picture, wherever it is."""

    @property
    def place(self) -> str:
        """What finds it: a file's path. Two sources of one place are the same picture."""
        ...

    def digest(self) -> str:
        """Return what the picture is, hexadecimal: a copy under another name has the same.

        Raises:
            CorpusError: it cannot be read.
        """
        ...

    def load(self) -> Image:
        """Return the picture, RGB and upright.

        Raises:
            CorpusError: it cannot be read.
        """
        ...


@dataclass(frozen=True)
class Candidate:
    """A picture, or a part of one, and its label.

    Attributes:
        key: Finds it again: 'cats/tabby.jpg', or '000000397133.jpg#82445' for an object in a picture.
        label: What it shows.
        topic: The group it is counted under.
        source: The whole picture.
        box: The part of it that is the input; None for all.
        size: Width and height that the box was drawn for; None where nobody said.
        group: Pictures of one group never part; empty where each stands for itself.
    """

    key: str
    label: str
    topic: str
    source: Source
    box: Box | None = None
    size: tuple[int, int] | None = None
    group: str = ""


class Reason(StrEnum):
    """Why something is left out, as it is said with a count before it."""

    UNREADABLE = "whose picture cannot be read"
    MISSING = "whose picture is not there"
    OUTSIDE = "whose path leads out of the folder"
    MALFORMED = "out of form"
    NO_PICTURE = "other files"
    NO_LABEL = "pictures without a label"
    EMPTY_LABEL = "labels without pictures"
    SMALL = "too small objects"
    CROWD = "crowds"
    SHARED = "objects half covered by another kind"
    MIXED = "pictures of several kinds"
    RESIZED = "whose picture has another size than the file says"
    DUPLICATE = "repetitions of a picture"
    CONTRADICTORY = "pictures with two different labels"
    ON_PURPOSE = "of labels that are left out on purpose"
    SURPLUS = "beyond the number asked for"


@dataclass(frozen=True)
class Fault:
    """Something that is left out.

    Attributes:
        reason: Why.
        place: What, by name: a file, a line, an annotation.
        detail: More about it; may be empty.
    """

    reason: Reason
    place: str
    detail: str = ""


Found = Iterator[Candidate | Fault]
"""What a reader yields, in any order."""


def clean_label(value: object) -> str:
    """Return a label or topic in one line; empty where it is none: no text, or too long to be a name."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    words = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return words if len(words) <= LONGEST_LABEL else ""
