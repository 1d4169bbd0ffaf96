"""Pictures made elsewhere, by hand or by a service without an interface: ``folder:DIR``.

Faultfinder writes the prompts it wants into ``DIR/prompts.csv``; a person has them painted and drops the pictures into
the folder under the names that the sheet gives. File names are computed here, never read back from the sheet.
"""

import csv
import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image as Images
from PIL import UnidentifiedImageError
from PIL.Image import Image

from faultfinder.memory.errors import SpecError, TargetError, Waiting

SHEET = "prompts.csv"
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
MOST_PIXELS = 8192 * 8192
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class PictureFolder:
    """Finds the pictures that a person put into a folder."""

    batch = None

    def __init__(self, name: str, folder: Path) -> None:
        """Look into a folder, which exists."""
        self.name = name
        self._folder = folder
        self.settings = {"made": "elsewhere; the seed only numbers the picture"}

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """Return the picture of every prompt, in order.

        Raises:
            Waiting: some are not there yet; the sheet lists them all.
            TargetError: a file is no picture, too large, or leads out of the folder.
        """
        wanted = [(picture_name(prompt, seed), prompt, seed) for prompt, seed in zip(prompts, seeds, strict=True)]
        found = {stem: self._find(stem) for stem, _, _ in wanted}
        missing = [row for row in wanted if found[row[0]] is None]
        self._write_sheet(missing)
        if missing:
            raise Waiting(
                f"waiting for {len(missing)} pictures: paint the prompts of {self._folder / SHEET}, drop them into "
                f"{self._folder} under the names it gives, then resume"
            )
        return [_open(path) for stem, _, _ in wanted if (path := found[stem])]

    def _find(self, stem: str) -> Path | None:
        for suffix in SUFFIXES:
            path = self._folder / f"{stem}{suffix}"
            if path.is_symlink():
                raise TargetError(f"{path} is a link; put the picture itself into the folder")
            if path.is_file():
                return path
        return None

    def _write_sheet(self, missing: Sequence[tuple[str, str, int]]) -> None:
        text = io.StringIO()
        sheet = csv.writer(text)
        sheet.writerow(("file", "prompt", "seed"))
        sheet.writerows((f"{stem}.png", _plain(prompt), seed) for stem, prompt, seed in missing)
        draft = self._folder / f".{SHEET}.draft"
        try:
            draft.write_text(text.getvalue(), encoding="utf-8", newline="")
            os.replace(draft, self._folder / SHEET)
        except OSError as error:
            raise TargetError(f"cannot write {self._folder / SHEET} ({error.strerror})") from error


def open_generator(rest: str) -> PictureFolder:
    """Open the folder that follows ``folder:``, making it if it is not there.

    Raises:
        SpecError: it cannot be made, or is a file.
    """
    folder = Path(rest).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SpecError(f"folder:{rest} cannot be used ({error.strerror}); name a folder you may write to") from error
    return PictureFolder(f"folder:{rest}", folder)


def picture_name(prompt: str, seed: int) -> str:
    """Return the file name, without its ending, of the picture of a prompt and a seed."""
    return "p-" + hashlib.sha256(f"{seed}\n{prompt}".encode()).hexdigest()[:12]


def _open(path: Path) -> Image:
    try:
        image = Images.open(path, formats=("PNG", "JPEG", "WEBP"))
        if image.width * image.height > MOST_PIXELS:
            raise TargetError(f"{path} has {image.width} x {image.height} pixels, too many")
        return image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise TargetError(f"{path} is no whole PNG, JPEG or WebP picture ({type(error).__name__})") from error


def _plain(cell: str) -> str:
    """Keep a spreadsheet from taking a prompt for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
