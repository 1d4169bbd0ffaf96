"""What a folder says it is, read before anything of it is loaded: a pipeline of known classes, weights without code."""

import importlib.util
import json
import re
from pathlib import Path

from faultfinder.memory.errors import SpecError

INDEX = "model_index.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_TRUSTED = ("diffusers", "transformers")
_WORD = re.compile(r"\w+")


def parts_of(rest: str) -> tuple[str, str]:
    """Split what follows ``diffusers:`` into a folder or name and its options; a folder's name may hold an @."""
    if Path(rest).expanduser().is_dir():
        return str(Path(rest).expanduser()), ""
    where, at, written = rest.rpartition("@")
    where, written = (where, written) if at else (rest, "")
    folder = Path(where).expanduser()
    return (str(folder), written) if folder.is_dir() else (where, written)


def check_folder(where: str, spec: str, advice: str) -> None:
    """Refuse a folder that is no pipeline, or that could run code of its own; what is no folder is left alone.

    Raises:
        SpecError: it is so; the message says what to do.
    """
    folder = Path(where)
    if not folder.is_dir():
        if not where or folder.is_absolute() or where.startswith((".", "~")):
            raise SpecError(f"{spec}: there is no folder {where}; {advice}")
        return
    index = _index(folder, spec, advice)
    for part, named in index.items():
        if not part.startswith("_") or part == "_class_name":
            _check_part(part, named, spec)
            _check_weights(folder / part, spec)


def _index(folder: Path, spec: str, advice: str) -> dict[str, object]:
    try:
        index = json.loads((folder / INDEX).read_bytes())
    except FileNotFoundError as error:
        raise SpecError(f"{spec}: {folder} has no {INDEX}, so it is no diffusers pipeline; {advice}") from error
    except (OSError, ValueError) as error:
        raise SpecError(f"{spec}: {folder / INDEX} cannot be read; {advice}") from error
    if not isinstance(index, dict):
        raise SpecError(f"{spec}: {folder / INDEX} does not list a pipeline's parts; {advice}")
    return index


def _check_part(part: str, named: object, spec: str) -> None:
    """Refuse classes that are not of diffusers or transformers: the folder, or a module of that name, would run."""
    if part == "_class_name":
        if not isinstance(named, str):
            raise SpecError(f"{spec} brings a pipeline class of its own, whose code would run; it is not loaded")
        return
    if isinstance(named, list) and len(named) == 2 and named[0] is not None and not _is_trusted(named[0]):
        raise SpecError(
            f"{spec}: its {part} is of {named[0]!r}, whose code would run; only parts of diffusers and transformers "
            "are loaded"
        )


def _check_weights(part: Path, spec: str) -> None:
    files = sorted(part.iterdir()) if part.is_dir() else []
    pickles = [file.name for file in files if file.suffix in _PICKLES]
    if pickles and not any(file.suffix == ".safetensors" for file in files):
        raise SpecError(
            f"{spec}: the weights of its {part.name} are pickles ({pickles[0]}), which run code when loaded; save it "
            "again with safe_serialization=True"
        )


def _is_trusted(library: object) -> bool:
    if not isinstance(library, str) or not _WORD.fullmatch(library):
        return False
    return library in _TRUSTED or importlib.util.find_spec(f"diffusers.pipelines.{library}") is not None
