"""Pictures made elsewhere, by hand or by a service without an interface: ``folder:DIR``.

Faultfinder writes the prompts it wants into ``DIR/prompts.csv``; a person has them painted and drops the pictures into
the folder under the names that the sheet gives. File names are computed here, never read back from the sheet. A file
may say more after its name (``p-0a1b2c3d4e5f (1).JPG``); one that is no whole picture counts as missing, so that it can
be replaced; where a prompt was refused, a text file of the name says why (``p-0a1b2c3d4e5f.txt``).
"""

import csv
import hashlib
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL.Image import Image

from faultfinder.memory.errors import PictureRefused, SpecError, TargetError, Waiting
from faultfinder.tools.targets.checked_pictures import LARGEST, read_picture

SHEET = "prompts.csv"
PICTURES, REFUSED = (".png", ".jpg", ".jpeg", ".webp"), ".txt"
MOST_PIXELS = LARGEST * LARGEST
MOST_BYTES = 200_000_000

_NAMED = re.compile(r"(p-[0-9a-f]{12})(?![0-9a-f]).*", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST_REASON = 300


@dataclass(frozen=True)
class _Found:
    """What lies under a name: a picture, else a refusal, else what is wrong with it."""

    picture: Image | None = None
    refused: str = ""
    note: str = ""


@dataclass(frozen=True)
class _Wanted:
    """A picture that is wanted and is not there, or not whole."""

    stem: str
    prompt: str
    seed: int
    note: str


class PictureFolder:
    """Finds the pictures that a person put into a folder."""

    def __init__(self, name: str, folder: Path) -> None:
        """Look into a folder, which exists."""
        self.name = name
        self._folder = folder
        self.settings = {"made": "elsewhere; whether the seed was used is not known"}

    def commission(self, prompts: Sequence[str], seeds: Sequence[int]) -> None:
        """Write the sheet of what is still missing.

        Raises:
            Waiting: something is.
            TargetError: the folder cannot be read, or the sheet not written.
        """
        files = self._files()
        missing: dict[str, _Wanted] = {}
        for prompt, seed in zip(prompts, seeds, strict=True):
            stem = picture_name(prompt, seed)
            found = _look_up(files.get(stem, ()))
            if not found.picture and not found.refused:
                missing[stem] = _Wanted(stem, prompt, seed, found.note)
        self._write_sheet(list(missing.values()))
        if missing:
            raise Waiting(self._what_to_do(list(missing.values())))

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """Return the picture of every prompt, in order.

        Raises:
            Waiting: some are not there yet, or not whole; the sheet lists them.
            PictureRefused: a text file says that a prompt was refused.
            TargetError: the folder cannot be read, or the sheet not written.
        """
        files = self._files()
        found = [_look_up(files.get(picture_name(*wanted), ())) for wanted in zip(prompts, seeds, strict=True)]
        if not all(each.picture or each.refused for each in found):
            self.commission(prompts, seeds)
        for each in found:
            if each.refused:
                raise PictureRefused(f"{self.name}: {each.refused}")
        return [each.picture for each in found if each.picture]

    def _files(self) -> dict[str, list[Path]]:
        """Return the files that carry a name of ours, by that name; the plainest name first."""
        try:
            names = sorted(os.listdir(self._folder), key=lambda name: (len(name), name))
        except OSError as error:
            raise TargetError(f"{self.name} cannot be read ({error.strerror})") from error
        files: dict[str, list[Path]] = {}
        for name in names:
            named = _NAMED.fullmatch(name)
            if named and Path(name).suffix.lower() in (*PICTURES, REFUSED):
                files.setdefault(named[1].lower(), []).append(self._folder / name)
        return files

    def _what_to_do(self, missing: Sequence[_Wanted]) -> str:
        broken = [each for each in missing if each.note]
        count = f"{len(missing)} picture{'s' if len(missing) > 1 else ''}"
        again = f"; to be replaced: {len(broken)}, such as {broken[0].note}" if broken else ""
        return (
            f"waiting for {count}: {self._folder / SHEET} lists prompts and file names; have them painted, put the "
            f"files into {self._folder}, for a refused prompt a text file ({missing[0].stem}{REFUSED}) that says "
            f"why{again}"
        )

    def _write_sheet(self, missing: Sequence[_Wanted]) -> None:
        text = io.StringIO()
        sheet = csv.writer(text)
        sheet.writerow(("file", "prompt", "seed", "note"))
        sheet.writerows((f"{each.stem}.png", _plain(each.prompt), each.seed, _plain(each.note)) for each in missing)
        draft = self._folder / f".{SHEET}.draft"
        try:
            draft.write_text(text.getvalue(), encoding="utf-8-sig", newline="")  # the mark tells spreadsheets so
            os.replace(draft, self._folder / SHEET)
        except OSError as error:
            raise TargetError(f"cannot write {self._folder / SHEET} ({error.strerror})") from error


def open_generator(rest: str) -> PictureFolder:
    """Open the folder that follows ``folder:``, making it if it is not there.

    Raises:
        SpecError: it cannot be made or written to, or is a file.
    """
    folder = Path(rest).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SpecError(f"folder:{rest} cannot be used ({error.strerror}); name a folder you may write to") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SpecError(f"folder:{rest} cannot be written to; name a folder you may write to")
    return PictureFolder(f"folder:{rest}", folder)


def picture_name(prompt: str, seed: int) -> str:
    """Return the file name, without its ending, of the picture of a prompt and a seed."""
    return "p-" + hashlib.sha256(f"{seed}\n{prompt}".encode()).hexdigest()[:12]


def _look_up(files: Sequence[Path]) -> _Found:
    """Take the first whole picture, else a refusal; a broken picture beside a refusal is to be replaced first."""
    notes, refusals = [], []
    for path in files:
        try:
            _check_file(path)
            if path.suffix.lower() in PICTURES:
                return _Found(picture=read_picture(path, path.name, MOST_PIXELS))
            refusals.append(_reason(path))
        except TargetError as error:
            notes.append(str(error))
    if notes:
        return _Found(note=notes[0])
    return _Found(refused=refusals[0]) if refusals else _Found()


def _reason(path: Path) -> str:
    try:
        with path.open("rb") as file:
            said = file.read(4 * _LONGEST_REASON).decode("utf-8", errors="replace")
    except OSError as error:
        raise TargetError(f"{path.name} cannot be read ({error.strerror})") from error
    return " ".join(said.split())[:_LONGEST_REASON] or "refused where it was to be painted"


def _check_file(path: Path) -> None:
    """Refuse what is no plain file of a sane size.

    Raises:
        TargetError: it is so.
    """
    if path.is_symlink():
        raise TargetError(f"{path.name} is a link; put the picture itself into the folder")
    if not path.is_file():
        raise TargetError(f"{path.name} is no file")
    if path.stat().st_size > MOST_BYTES:
        raise TargetError(f"{path.name} is larger than {MOST_BYTES:,} bytes")


def _plain(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
