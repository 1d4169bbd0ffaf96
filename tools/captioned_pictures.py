"""Pictures with captions from files: a COCO captions JSON near its pictures, or a CSV of pictures and captions.

A name in a file is data: it is looked for in the folders near the file and nowhere else. A picture is opened when it is
needed, and never kept.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.corpora import TEXT_LIMIT, clean
from faultfinder.tools.ports import Lesson

_CSV_NAMES, _JSON_NAMES = ("captions.csv", "metadata.csv"), ("captions.json",)
_PICTURE_COLUMNS, _CAPTION_COLUMNS = ("picture", "image", "file_name"), ("caption", "text")
_BESIDE = (".", "images", "pictures")


@dataclass(frozen=True)
class Captioned:
    """What was read.

    Attributes:
        lessons: The pairs, in the order of the file, without repetition.
        missing: Pairs left out because their picture is not there.
        unusable: Pairs left out because their caption or the picture's name is none.
    """

    lessons: tuple[Lesson, ...]
    missing: int
    unusable: int


def read_captioned(path: Path) -> Captioned:
    """Read a file of pictures with captions, or a folder that holds one (captions.csv, metadata.csv, captions.json).

    Raises:
        CorpusError: it is missing or no such file, or names no picture that is there.
    """
    file = _file_in(path)
    rows = list(_rows(file))
    places = _Places(file)
    found = [(places.find(name), clean(caption)) for name, caption in rows if name and caption]
    usable = [(where, said) for where, said in found if where and said and len(said) <= TEXT_LIMIT]
    if not usable:
        raise CorpusError(
            f"{file}: none of its {len(rows):,} pairs has a caption and a picture that is there; pictures are looked "
            f"for in {', '.join(str(place) for place in places.folders)}"
        )
    unique = dict.fromkeys(usable)
    keys = {where: _identity(where) for where in dict.fromkeys(where for where, _ in unique)}
    lessons = tuple(Lesson(said, keys[where], partial(open_picture, where)) for where, said in unique)
    missing = sum(where is None for where, _ in found)
    return Captioned(lessons, missing, len(rows) - missing - len(usable))


def open_picture(path: Path) -> Image.Image:
    """Open a picture as RGB.

    Raises:
        CorpusError: the file is no picture.
    """
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise CorpusError(
            f"{path} is no picture that can be read ({error}); mend it, or take it out of the file"
        ) from error


def _identity(path: Path) -> str:
    """Return the SHA-256 of a picture's file: the same wherever it lies, and of every copy of it.

    Raises:
        CorpusError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error}); mend it, or take it out of the file") from error


def _file_in(path: Path) -> Path:
    if path.is_file():
        return path
    for name in (*_CSV_NAMES, *_JSON_NAMES):
        if (path / name).is_file():
            return path / name
    said = f"holds none of {', '.join((*_CSV_NAMES, *_JSON_NAMES))}" if path.is_dir() else "does not exist"
    raise CorpusError(
        f"{path} {said}. Give a COCO captions .json, a .csv with the columns 'picture' and 'caption', or a folder with "
        "such a file"
    )


def _rows(file: Path) -> Iterator[tuple[str, str]]:
    """Yield picture name and caption of every pair; empty where one is missing."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{file} cannot be read ({error})") from error
    return _csv_rows(file, text) if file.suffix.lower() == ".csv" else _coco_rows(file, text)


def _csv_rows(file: Path, text: str) -> Iterator[tuple[str, str]]:
    rows = csv.DictReader(text.splitlines())
    columns = {name.strip().lower(): name for name in rows.fieldnames or () if name}
    picture = next((columns[name] for name in _PICTURE_COLUMNS if name in columns), None)
    caption = next((columns[name] for name in _CAPTION_COLUMNS if name in columns), None)
    if picture is None or caption is None:
        raise CorpusError(f"{file}, line 1: the columns 'picture' and 'caption' are wanted; found {list(columns)[:10]}")
    try:
        for row in rows:
            yield (row.get(picture) or "").strip(), row.get(caption) or ""
    except csv.Error as error:
        raise CorpusError(f"{file}, line {rows.line_num}: not readable as CSV ({error})") from error


def _coco_rows(file: Path, text: str) -> Iterator[tuple[str, str]]:
    try:
        document = json.loads(text)
        names = {image["id"]: image["file_name"] for image in document["images"]}
        pairs = [(names.get(each.get("image_id")), each.get("caption")) for each in document["annotations"]]
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{file}: not a COCO captions file with 'images' and 'annotations' ({error!r})") from error
    for name, caption in pairs:
        yield name if isinstance(name, str) else "", caption if isinstance(caption, str) else ""


class _Places:
    """The folders near a file in which its pictures may lie; COCO's are named after the file: captions_val2017."""

    def __init__(self, file: Path) -> None:
        parts = [part for part in re.split(r"[_.]", file.stem) if part not in ("captions", "metadata", "")]
        beside = dict.fromkeys([*_BESIDE, *(part for part in parts if part not in ("..",))])
        folders = [base / name for base in (file.parent, file.parent.parent) for name in beside]
        self.folders = [folder.resolve() for folder in dict.fromkeys(folders) if folder.is_dir()]

    def find(self, name: str) -> Path | None:
        """Return where a picture of this name lies, links followed and not out of the folder; None where nowhere."""
        if "\0" in name:
            return None
        for folder in self.folders:
            place = (folder / name).resolve()
            if place.is_relative_to(folder) and place.is_file():
                return place
        return None
