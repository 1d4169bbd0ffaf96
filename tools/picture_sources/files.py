"""Picture files: found below a folder and nowhere else, opened with a bound on what they may unfold to."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL.Image import Image

from faultfinder.memory.errors import CorpusError, TargetError
from faultfinder.tools.picture_sources.candidate import Fault, Reason
from faultfinder.tools.targets.checked_pictures import read_picture

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp"})
"""Of files that are taken for pictures where a folder is listed; a table may name others."""

MOST_PIXELS = 50_000_000
"""Of one picture: 150 MB unpacked."""

MOST_BYTES = 64 * 1024 * 1024
"""Of one file."""


@dataclass(frozen=True)
class PictureFile:
    """A picture in a file."""

    path: Path

    @property
    def place(self) -> str:
        """The path."""
        return str(self.path)

    def digest(self) -> str:
        """Return the SHA-256 of the file's bytes.

        Raises:
            CorpusError: the file cannot be read, or is too large.
        """
        try:
            if (size := self.path.stat().st_size) > MOST_BYTES:
                raise CorpusError(f"{self.path}: a file of {size:,} bytes; {MOST_BYTES:,} is the most. Scale it down.")
            with self.path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise CorpusError(f"{self.path}: cannot be read ({error.strerror or error}). Check the file.") from error

    def load(self) -> Image:
        """Return the picture, RGB and upright.

        Raises:
            CorpusError: it is broken, cut short, too large, or no PNG, JPEG or WebP picture.
        """
        try:
            return read_picture(self.path, str(self.path), MOST_PIXELS)
        except TargetError as error:
            raise CorpusError(f"{error}. Repair or remove it.") from error


def below(folder: Path, name: str, place: str) -> PictureFile | Fault:
    """Return the file of that name in a folder or below, or why there is none.

    Args:
        folder: nothing outside of it is opened, wherever a name or a link points to.
        name: relative to the folder, parts separated by slashes.
        place: where the name was read, for the fault.
    """
    relative = PurePosixPath(name)
    shown = name[:200]
    if relative.is_absolute() or ".." in relative.parts or "\0" in name or not relative.parts:
        return Fault(Reason.OUTSIDE, place, f"{shown!r}; paths are relative to {folder}, without '..'")
    path = folder / relative
    try:
        if not path.exists():
            return Fault(Reason.MISSING, place, f"no file {shown!r} in {folder}")
        if not path.resolve().is_relative_to(folder.resolve()):
            return Fault(Reason.OUTSIDE, place, f"{shown!r} is a link to elsewhere")
        return PictureFile(path) if path.is_file() else Fault(Reason.MISSING, place, f"{shown!r} is no file")
    except OSError as error:
        return Fault(Reason.UNREADABLE, place, f"{shown!r}: {error.strerror or error}")


def usable_folder(folder: Path, what: str) -> Path:
    """Return a folder that exists.

    Args:
        folder: where it should be.
        what: what it is, for the message.

    Raises:
        CorpusError: it does not exist, or is no folder.
    """
    if folder.is_dir():
        return folder
    found = "is no folder" if folder.exists() else "does not exist"
    raise CorpusError(f"{folder}: {what} {found}. Check the path.")
