"""Several files or folders in one spec, with commas between them."""

from pathlib import Path

from faultfinder.memory.errors import CorpusError


def several(spec: str) -> list[str]:
    """Return what a spec names: itself where it is there or has no comma, else what stands between the commas.

    Raises:
        CorpusError: nothing stands between two commas, or the same twice.
    """
    if "," not in spec or _is_there(spec):
        return [spec]
    parts = [part.strip() for part in spec.split(",")]
    if not all(parts):
        raise CorpusError(f"{spec[:200]!r}: nothing stands before or after a comma. Write FILE,FILE or FOLDER,FOLDER.")
    if len(set(parts)) < len(parts):
        raise CorpusError(f"{spec[:200]!r} names the same twice. Name each file or folder once.")
    return parts


def names(parts: list[str]) -> list[str]:
    """Return what to call several files or folders, each differently: their last names, else as they are written."""
    last = [Path(part).name or part for part in parts]
    return last if len(set(last)) == len(last) else parts


def _is_there(spec: str) -> bool:
    try:
        return Path(spec).expanduser().exists()
    except (OSError, ValueError):
        return False
