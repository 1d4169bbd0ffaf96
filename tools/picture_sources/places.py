"""From a spec to what it names: one file or folder of labelled pictures, or several, each read by its format."""

from dataclasses import replace
from pathlib import Path

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.picture_sources.candidate import Candidate, Found
from faultfinder.tools.picture_sources.coco import Take, read_coco_objects
from faultfinder.tools.picture_sources.files import usable_folder
from faultfinder.tools.picture_sources.folder import read_folder
from faultfinder.tools.picture_sources.table import read_table
from faultfinder.tools.several import names, several


def read_places(spec: str, pictures: Path | None, take: Take) -> Found:
    """Yield what the places of a spec hold; where there are several, keys begin with the place.

    Args:
        spec: a folder, table or COCO file, or several with commas between them; a COCO file may end in ``@whole`` or
            ``@largest``.
        pictures: the folder of the pictures that tables and COCO files name; None for beside them.
        take: what becomes an input of COCO files whose spec does not say.

    Raises:
        CorpusError: one of them is missing, unreadable, or of no known format.
    """
    folder = usable_folder(pictures.expanduser(), "the folder of the pictures") if pictures else None
    places = several(spec)
    found = [_read(place, folder, take) for place in places]
    if len(found) == 1:
        return found[0]
    return (each for name, inputs in zip(names(places), found, strict=True) for each in _told_apart(name, inputs))


def _told_apart(name: str, found: Found) -> Found:
    for each in found:
        if isinstance(each, Candidate):
            yield replace(each, key=f"{name}/{each.key}")
        else:
            yield replace(each, place=f"{name}/{each.place}")


def _read(spec: str, pictures: Path | None, take: Take) -> Found:
    bare, said = _taking(spec)
    path = Path(bare).expanduser()
    _require(bare, path)
    name = path.name.lower().removesuffix(".gz")
    if path.is_file() and name.endswith(".json"):
        return read_coco_objects(path, pictures, said or take)
    if said:
        raise CorpusError(f"{spec}: @{said} is for COCO files, which say what is in a picture. Leave it out.")
    if path.is_dir():
        return read_folder(path)
    if name.endswith((".csv", ".jsonl")):
        return read_table(path, pictures)
    raise CorpusError(
        f"{spec}: cannot tell the format from the name. Give 'lab', a folder with one sub-folder per label, a .csv or "
        ".jsonl table with the columns path and label, or a COCO instances .json."
    )


def _taking(spec: str) -> tuple[str, Take | None]:
    """Split off what is to be taken of a COCO file."""
    bare, _, said = spec.rpartition("@")
    return (bare, Take(said)) if bare and said in set(Take) else (spec, None)


def _require(spec: str, path: Path) -> None:
    try:
        if path.is_file() or path.is_dir():
            return
        exists = path.exists()
    except (OSError, ValueError) as error:
        raise CorpusError(f"{spec[:200]!r}: not a usable path ({error}). Give 'lab', a folder or a file.") from error
    what = "neither a file nor a folder" if exists else "no such file or folder"
    raise CorpusError(f"{spec}: {what}. Give 'lab', a folder with one sub-folder per label, a table or a COCO file.")
