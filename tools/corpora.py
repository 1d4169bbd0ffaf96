"""Corpora: the texts an audit works on, whole, cleaned alike and with a count of everything left out.

A text is kept verbatim but for white space (runs become one blank) and control characters (removed, counted). What it
says is data: markup and instructions in it are never acted upon.
"""

import difflib
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydantic import Field

from faultfinder.memory.errors import CorpusError
from faultfinder.memory.records import Record
from faultfinder.tools.corpus_readers import Entry, RawText, Unusable, reader_for
from faultfinder.tools.ports import World

TEXT_LIMIT = 2000
"""Longest text in characters: about 512 tokens, all that text encoders read; edits beyond are unseen."""

FEWEST_TEXTS = 100
"""An experiment takes 40 probe and 40 control sentences that the scout has not looked at."""

_NOTES = 10
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


class Skipped(Record):
    """What a corpus file held beside the texts that were kept."""

    empty: int = Field(default=0, description="empty lines or texts")
    duplicate: int = Field(default=0, description="repetitions of a text that was kept")
    too_long: int = Field(default=0, description=f"texts of more than {TEXT_LIMIT:,} characters")
    unreadable: int = Field(default=0, description="entries without the text field")
    notes: tuple[str, ...] = Field(
        default=(), description=f"the first {_NOTES} too long or unreadable, with their line"
    )

    @property
    def total(self) -> int:
        """Count everything left out."""
        return self.empty + self.duplicate + self.too_long + self.unreadable

    def __str__(self) -> str:
        """Say it in words: '3 empty, 12 duplicate'."""
        counts = self.model_dump(exclude={"notes"})
        return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count) or "nothing"


@dataclass(frozen=True)
class Corpus:
    """Texts without repetition, in the order of the file.

    Attributes:
        name: The spec it was opened by, or the file's name.
        texts: The texts.
        groups: Per text what it belongs to (the picture it describes), or None. Two of a group make no news.
        world: The judge, rewordings and pictures of a corpus with known truth.
        skipped: What was left out.
        cleaned: How many of the texts had control characters in them, which were removed.
    """

    name: str
    texts: tuple[str, ...]
    groups: tuple[str | None, ...]
    world: World | None = None
    skipped: Skipped = field(default_factory=Skipped)
    cleaned: int = 0

    def __post_init__(self) -> None:
        """Refuse groups that do not match the texts."""
        if len(self.groups) != len(self.texts):
            raise ValueError(f"{len(self.texts)} texts, {len(self.groups)} groups")

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.texts)

    @cached_property
    def identity(self) -> str:
        """SHA-256 of texts and groups, whatever the file was called."""
        digest = hashlib.sha256()
        for entry in zip(self.texts, self.groups, strict=True):
            digest.update(json.dumps(entry).encode() + b"\n")
        return digest.hexdigest()


def open_corpus(spec: str, seed: int = 0, fewest: int = FEWEST_TEXTS) -> Corpus:
    """Open ``lab`` or a file of texts.

    Args:
        spec: ``lab``, or the path of a .txt, .jsonl, .csv, COCO captions .json or SNLI .jsonl file, each also .gz.
        seed: Seeds what the lab draws; files do not depend on it.
        fewest: How many usable texts are needed.

    Raises:
        CorpusError: The file is missing, unreadable (file and line are said) or holds too few usable texts.
    """
    if spec == "lab":
        return _lab_corpus(seed)
    path = Path(spec).expanduser()
    _require_file(spec, path)
    corpus = _gather(path.name, reader_for(path)(path))
    if len(corpus) < fewest:
        raise _too_few(spec, corpus, fewest)
    return corpus


def clean(text: str) -> str:
    """Return the text without control characters, surrogates and superfluous white space."""
    return " ".join(_CONTROL.sub("", text).split())


def _lab_corpus(seed: int) -> Corpus:
    from faultfinder.tools.targets.lab import lab_captions, lab_world

    entries = (RawText(caption.text, caption.group, "lab") for caption in lab_captions(seed))
    return _gather("lab", entries, lab_world())


def _gather(name: str, entries: Iterable[Entry], world: World | None = None) -> Corpus:
    kept: dict[str, str | None] = {}
    counts: Counter[str] = Counter()
    notes: list[str] = []
    for entry in entries:
        text = "" if isinstance(entry, Unusable) else clean(entry.text)
        if fault := _fault(entry, text, kept):
            counts[fault] += 1
            _note(notes, entry, text)
        elif isinstance(entry, RawText):
            kept[text] = entry.group
            counts["cleaned"] += bool(_CONTROL.search(entry.text))
    skipped = Skipped(
        empty=counts["empty"],
        duplicate=counts["duplicate"],
        too_long=counts["too_long"],
        unreadable=counts["unreadable"],
        notes=tuple(notes),
    )
    return Corpus(name, tuple(kept), tuple(kept.values()), world, skipped, counts["cleaned"])


def _fault(entry: Entry, text: str, kept: dict[str, str | None]) -> str | None:
    if isinstance(entry, Unusable):
        return entry.reason
    if not text:
        return "empty"
    if len(text) > TEXT_LIMIT:
        return "too_long"
    return "duplicate" if text in kept else None


def _note(notes: list[str], entry: Entry, text: str) -> None:
    if len(notes) >= _NOTES:
        return
    if isinstance(entry, Unusable):
        notes.append(f"{entry.place}: {entry.detail}")
    elif len(text) > TEXT_LIMIT:
        notes.append(f"{entry.place}: a text of {len(text):,} characters")


def _require_file(spec: str, path: Path) -> None:
    try:
        if path.is_file():
            return
        is_folder, exists = path.is_dir(), path.exists()
    except (OSError, ValueError) as error:
        raise CorpusError(f"{spec[:200]!r}: not a usable path ({error}). Give 'lab' or a file of texts.") from error
    if is_folder:
        raise CorpusError(f"{spec}: a folder. Name a file in it{_suggest(_names(path)[:5])}.")
    if exists:
        raise CorpusError(f"{spec}: not a regular file. Save the texts to a file first.")
    near = difflib.get_close_matches(path.name, _names(path.parent), n=3, cutoff=0.5)
    raise CorpusError(f"{spec}: no such corpus. Give 'lab' or a file of texts{_suggest(near)}.")


def _names(folder: Path) -> list[str]:
    """List the files of a folder that could be corpora; none when it cannot be read."""
    endings = (".txt", ".jsonl", ".csv", ".json")
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:
        return []
    return sorted(name for name in names if name.lower().removesuffix(".gz").endswith(endings))


def _suggest(names: list[str]) -> str:
    return f"; did you mean {' or '.join(names)}?" if names else ""


def _too_few(spec: str, corpus: Corpus, fewest: int) -> CorpusError:
    usable = f"{len(corpus):,} usable text{'' if len(corpus) == 1 else 's'}" if len(corpus) else "no usable text"
    notes = f" For example {corpus.skipped.notes[0]}." if corpus.skipped.notes else ""
    return CorpusError(
        f"{spec}: {usable} (left out: {corpus.skipped}).{notes} At least {fewest} are needed, because the sentences of "
        "an experiment must be others than those that suggested it. Give more texts."
    )
