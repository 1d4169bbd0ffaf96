"""Labelled pictures out of a COCO instances file: its objects, cropped, or its pictures, by what they show.

An object becomes an input when its box, cut at the picture's edge, has at least 64 pixels a side, is no crowd, and no
box of another kind covers half of it or more: else the crop would show two things and have one label. The crop is
the box with a margin of a tenth of its side on each side, as far as the picture goes.

A whole picture has as its label the only category in it (small objects and crowds count), or the one whose boxes cover
most of it, added up and cut at its edge.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.corpus_readers import whole_json
from faultfinder.tools.picture_sources.candidate import Box, Candidate, Fault, Found, Reason, clean_label
from faultfinder.tools.picture_sources.files import PictureFile, below

SMALLEST_SIDE = 64
"""Pixels of an object's box."""

MARGIN = 0.1
"""Of a box's side, added on each side: what surrounds a thing helps a person to name it."""

MOST_SHARED = 0.5
"""Of a box that another kind's box may cover; from there on the crop shows two things."""


class Take(StrEnum):
    """What becomes an input."""

    OBJECTS = "objects"
    WHOLE = "whole"
    LARGEST = "largest"


_LISTS = ("images", "annotations", "categories")
_SAMPLE = 50  # pictures looked for where the folder of the pictures is not known

Id = int | str


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


_Kind = TypeVar("_Kind", bound=_Entry)


class _Picture(_Entry):
    id: Id
    file_name: str = Field(min_length=1)
    width: int | None = Field(default=None, ge=1)
    height: int | None = Field(default=None, ge=1)

    @property
    def size(self) -> tuple[int, int] | None:
        return (self.width, self.height) if self.width and self.height else None


class _Category(_Entry):
    id: Id
    name: str


class _Object(_Entry):
    id: Id | None = None
    image_id: Id
    category_id: Id
    bbox: tuple[float, float, float, float]
    iscrowd: bool = False

    @property
    def corners(self) -> tuple[float, float, float, float]:
        x, y, width, height = self.bbox
        return x, y, x + width, y + height

    @property
    def area(self) -> float:
        return max(0.0, self.bbox[2]) * max(0.0, self.bbox[3])


@dataclass(frozen=True)
class _Thing:
    """An object with its label and a name of its own."""

    name: str
    label: str
    found: _Object


def read_coco_objects(path: Path, pictures: Path | None = None, take: Take = Take.OBJECTS) -> Found:
    """Yield the objects of a COCO instances file, or its pictures.

    Args:
        path: the JSON file.
        pictures: the folder of the pictures; None looks beside the file and where COCO puts them.
        take: objects, or whole pictures by their only or their largest category.

    Raises:
        CorpusError: the file cannot be read, is no such file, or no picture of it can be found.
    """
    document = _document(path)
    faults: list[Fault] = []
    shown = _by_id(_parsed(_Picture, document["images"], "image", faults))
    labels = {
        category.id: clean_label(category.name)
        for category in _parsed(_Category, document["categories"], "category", faults)
    }
    things = _things(_numbered(_Object, document["annotations"], "annotation", faults), shown, labels, faults)
    folder = pictures or _folder_of(path, [picture.file_name for picture in shown.values()])
    yield from faults
    for picture in shown.values():
        yield from _inputs(picture, things[picture.id], below(folder, picture.file_name, picture.file_name), take)


def _document(path: Path) -> Mapping[str, list[object]]:
    document = whole_json(path)
    lists = {name: document.get(name) for name in _LISTS} if isinstance(document, dict) else {}
    missing = [name for name in _LISTS if not isinstance(lists.get(name), list)]
    if missing:
        raise CorpusError(
            f"{path}: not a COCO instances file (no list {' and '.join(map(repr, missing))}). Captions files have "
            "no labels; name instances_*.json, or use a CSV with the columns path and label."
        )
    return {name: list(entries) for name, entries in lists.items() if isinstance(entries, list)}


def _parsed(kind: type[_Kind], entries: Sequence[object], what: str, faults: list[Fault]) -> Iterator[_Kind]:
    return (found for _, found in _numbered(kind, entries, what, faults))


def _numbered(
    kind: type[_Kind], entries: Sequence[object], what: str, faults: list[Fault]
) -> Iterator[tuple[str, _Kind]]:
    """Yield the entries in form, each with its place: 'annotation 7'."""
    for position, entry in enumerate(entries, start=1):
        try:
            yield f"{what} {position}", kind.model_validate(entry)
        except ValidationError as error:
            faults.append(Fault(Reason.MALFORMED, f"{what} {position}", _first_words(error)))


def _first_words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'entry'}: {first['msg']}"


def _by_id(pictures: Iterator[_Picture]) -> dict[Id, _Picture]:
    return {picture.id: picture for picture in pictures}


def _things(
    objects: Iterator[tuple[str, _Object]],
    shown: Mapping[Id, _Picture],
    labels: Mapping[Id, str],
    faults: list[Fault],
) -> dict[Id, list[_Thing]]:
    """Return the objects by picture; what belongs to no picture or has no label becomes a fault."""
    things: dict[Id, list[_Thing]] = defaultdict(list)
    for place, found in objects:
        if found.image_id not in shown:
            faults.append(Fault(Reason.MISSING, place, f"no image {str(found.image_id)[:40]} in the list"))
        elif not (label := labels.get(found.category_id, "")):
            faults.append(Fault(Reason.NO_LABEL, place, f"no category {str(found.category_id)[:40]}"))
        else:
            name = str(found.id)[:40] if found.id is not None else place
            things[found.image_id].append(_Thing(name, label, found))
    return things


def _inputs(picture: _Picture, things: Sequence[_Thing], source: PictureFile | Fault, take: Take) -> Found:
    if isinstance(source, Fault):
        yield source
    elif take is not Take.OBJECTS:
        yield from _whole(picture, things, source, take)
    else:
        for thing in things:
            key = f"{picture.file_name}#{thing.name}"
            unfit = _unfit(thing, things, picture)
            yield (
                Fault(unfit, key, thing.label)
                if unfit
                else Candidate(key, thing.label, thing.label, source, _crop(thing.found, picture.size), picture.size)
            )


def _whole(picture: _Picture, things: Sequence[_Thing], source: PictureFile, take: Take) -> Found:
    labels = _largest(picture, things) if take is Take.LARGEST else {thing.label for thing in things}
    if not labels:
        yield Fault(Reason.NO_LABEL, picture.file_name, "no object in it")
    elif len(labels) > 1:
        yield Fault(Reason.MIXED, picture.file_name, ", ".join(sorted(labels)[:5]))
    else:
        (label,) = labels
        yield Candidate(picture.file_name, label, label, source, size=picture.size)


def _largest(picture: _Picture, things: Sequence[_Thing]) -> set[str]:
    """Return the label whose boxes cover most; several where they cover equally much."""
    covered: dict[str, float] = defaultdict(float)
    for thing in things:
        left, upper, right, lower = _cut(thing.found.corners, picture.size)
        covered[thing.label] += max(0.0, right - left) * max(0.0, lower - upper)
    return {label for label, area in covered.items() if area == max(covered.values())}


def _unfit(thing: _Thing, things: Sequence[_Thing], picture: _Picture) -> Reason | None:
    if thing.found.iscrowd:
        return Reason.CROWD
    left, upper, right, lower = _cut(thing.found.corners, picture.size)
    if min(right - left, lower - upper) < SMALLEST_SIDE:
        return Reason.SMALL
    others = [other.found for other in things if other.label != thing.label and not other.found.iscrowd]
    return Reason.SHARED if any(_covered(thing.found, other) >= MOST_SHARED for other in others) else None


def _covered(inner: _Object, other: _Object) -> float:
    """Return the share of the first box that lies in the second."""
    a, b = inner.corners, other.corners
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, across) * max(0.0, down) / inner.area


def _crop(found: _Object, size: tuple[int, int] | None) -> Box:
    left, upper, right, lower = found.corners
    across, down = MARGIN * found.bbox[2], MARGIN * found.bbox[3]
    cut = _cut((left - across, upper - down, right + across, lower + down), size)
    return round(cut[0]), round(cut[1]), round(cut[2]), round(cut[3])


def _cut(corners: tuple[float, float, float, float], size: tuple[int, int] | None) -> tuple[float, float, float, float]:
    """Cut a box at the picture's edge, as far as its size is known."""
    width, height = size or (float("inf"), float("inf"))
    left, upper, right, lower = corners
    return max(0.0, left), max(0.0, upper), min(right, width), min(lower, height)


def _folder_of(path: Path, names: Sequence[str]) -> Path:
    """Return the folder in which most of the pictures lie: beside the file, or where COCO puts them."""
    split = path.name.split(".")[0].removeprefix("instances_")
    above = path.parent.parent
    places = [path.parent, path.parent / split, path.parent / "images", path.parent / "images" / split]
    places += [above / split, above / "images", above / "images" / split, above]
    hits = {place: sum((place / name).is_file() for name in _spread(names)) for place in places}
    best = max(places, key=lambda place: hits[place])
    if not hits[best]:
        tried = ", ".join(str(place) for place in places if place.is_dir())
        raise CorpusError(f"{path}: none of its pictures is in {tried}. Say where they are with --pictures DIR.")
    return best


def _spread(names: Sequence[str]) -> Sequence[str]:
    usable = [name for name in names if "\0" not in name and ".." not in name and not name.startswith("/")]
    return usable[:: max(1, len(usable) // _SAMPLE)]
