"""A folder with one sub-folder per label, as image classification sets come: ``pets/cat/tabby.jpg``."""

from collections.abc import Iterator
from pathlib import Path

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.picture_sources.candidate import Candidate, Fault, Found, Reason, clean_label
from faultfinder.tools.picture_sources.files import ENDINGS, PictureFile, below


def read_folder(folder: Path) -> Found:
    """Yield the pictures that lie directly in the sub-folders; a sub-folder's name is the label.

    Raises:
        CorpusError: there are no sub-folders with pictures, or the labels lie a level deeper.
    """
    labels = [entry for entry in _visible(folder) if entry.is_dir()]
    if not labels:
        raise CorpusError(f"{folder}: has no sub-folders. Make one for each label and put its pictures there.")
    _refuse_deeper(folder, labels)
    yield from (_loose(entry) for entry in _visible(folder) if not entry.is_dir())
    for label in labels:
        yield from _of_label(folder, label)


def _of_label(folder: Path, entry: Path) -> Found:
    if not (label := clean_label(entry.name)):
        yield Fault(Reason.MALFORMED, entry.name, "the folder's name is no label")
        return
    found = False
    for file in _visible(entry):
        if file.suffix.lower() not in ENDINGS:
            yield Fault(Reason.NO_PICTURE, f"{entry.name}/{file.name}")
            continue
        key = f"{entry.name}/{file.name}"
        source = below(folder, key, key)
        found = True
        yield Candidate(key, label, label, source) if isinstance(source, PictureFile) else source
    if not found:
        yield Fault(Reason.EMPTY_LABEL, entry.name)


def _loose(file: Path) -> Fault:
    picture = file.suffix.lower() in ENDINGS
    return Fault(Reason.NO_LABEL if picture else Reason.NO_PICTURE, file.name)


def _refuse_deeper(folder: Path, labels: list[Path]) -> None:
    """Refuse a folder such as ``set/train/cat``, whose labels would be 'train' and 'val'."""
    if any(_has_pictures(label) for label in labels):
        return
    deeper = [label.name for label in labels if any(child.is_dir() for child in _visible(label))]
    if deeper:
        raise CorpusError(
            f"{folder}: its sub-folders hold no pictures but further folders. Name the one that holds the labels, such "
            f"as {folder / deeper[0]}."
        )


def _has_pictures(folder: Path) -> bool:
    return any(file.suffix.lower() in ENDINGS for file in _visible(folder))


def _visible(folder: Path) -> Iterator[Path]:
    """Return what lies in a folder, by name, without what is hidden.

    Raises:
        CorpusError: it cannot be listed.
    """
    try:
        return iter(sorted(entry for entry in folder.iterdir() if not entry.name.startswith(".")))
    except OSError as error:
        raise CorpusError(f"{folder}: cannot be listed ({error.strerror or error}). Check its permissions.") from error
