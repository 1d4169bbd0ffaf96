"""Which of a classifier's labels are right for a picture: names are matched, or a map says so.

A name is compared in four ways, and the first that fits anything decides: as it is, as one of the synonyms that a label
lists ('tench, Tinca tinca') or its aliases, and both again without regard to case, underscores and hyphens. Where it
fits several labels (ImageNet has two cranes) nothing is guessed.
"""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.corpus_readers import Unusable, csv_rows
from faultfinder.tools.labelled import LabelledPictures
from faultfinder.tools.picture_sources.candidate import clean_label
from faultfinder.tools.ports import Classifier

LabelMap = Mapping[str, tuple[str, ...]]
"""For a label of the pictures those labels of the classifier that are right; none: leave its pictures out."""

_NAMED = 20  # labels in a message
_COLUMNS = ("truth", "label")


@dataclass(frozen=True)
class Matched:
    """Pictures that a classifier can be tried on.

    Attributes:
        pictures: Without those that the map leaves out.
        right: For every picture the columns of the classifier's answers that are right; at least one each.
    """

    pictures: LabelledPictures
    right: tuple[frozenset[int], ...]


def match(pictures: LabelledPictures, classifier: Classifier, label_map: LabelMap | None = None) -> Matched:
    """Find out what is right for every picture.

    Raises:
        CorpusError: labels fit none or several of the classifier's; each is said with names that are near.
    """
    given = label_map or {}
    kept = pictures.without([label for label in pictures.labels if given.get(label) == ()]) if given else pictures
    names = _Names(classifier)
    columns = {label: names.columns(label, given.get(label, (label,))) for label in kept.labels}
    names.complain(kept.name, classifier.name)
    return Matched(kept, tuple(columns[example.truth] for example in kept.examples))


def zero_shot_labels(pictures: LabelledPictures, label_map: LabelMap | None = None) -> list[str]:
    """Return what an encoder is to choose among: the pictures' labels, or what the map makes of them, each once."""
    given = label_map or {}
    return sorted({name for label in pictures.labels for name in given.get(label, (label,))})


def read_label_map(path: Path) -> LabelMap:
    """Read a CSV with the columns ``truth`` and ``label``, a line for each label that is right; an empty one: none is.

    Raises:
        CorpusError: the file is missing, cannot be read, lacks a column, or leaves out and keeps the same label.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; a label map is a CSV with the columns truth and label.")
    found: dict[str, list[str]] = defaultdict(list)
    for row in csv_rows(path, lambda columns: _require_columns(path, columns)):
        if isinstance(row, Unusable):
            raise CorpusError(f"{path}, {row.place}: {row.detail}. Repair or remove the line.")
        if isinstance(row.fields, Mapping):
            truth, label = (clean_label(row.fields.get(column)) for column in _COLUMNS)
            if not truth:
                raise CorpusError(f"{path}, {row.place}: no label in the column 'truth'. Repair or remove the line.")
            found[truth].append(label)
    for truth, labels in found.items():
        if "" in labels and len(set(labels)) > 1:
            raise CorpusError(f"{path}: {truth!r} is left out by one line and has labels in others. Remove either.")
    return {truth: tuple(label for label in dict.fromkeys(labels) if label) for truth, labels in found.items()}


def _require_columns(path: Path, columns: list[str]) -> None:
    if missing := [column for column in _COLUMNS if column not in columns]:
        raise CorpusError(f"{path}, line 1: no column {' and '.join(map(repr, missing))}. A label map has truth,label.")


class _Names:
    """A classifier's labels under all their names, and what could not be found among them."""

    def __init__(self, classifier: Classifier) -> None:
        self._labels = tuple(classifier.labels)
        aliases: Sequence[Sequence[str]] = getattr(classifier, "aliases", ()) or [()] * len(self._labels)
        self._synonyms = [
            [*(part.strip() for part in label.split(",")), *also]
            for label, also in zip(self._labels, aliases, strict=True)
        ]
        self._missing: list[str] = []

    def columns(self, truth: str, wanted: Iterable[str]) -> frozenset[int]:
        """Return the columns of some names; what is not found is remembered."""
        found = {name: self._find(name) for name in wanted}
        for name, columns in found.items():
            if len(columns) != 1:
                self._missing.append(self._told(truth, name, columns))
        return frozenset(column for columns in found.values() for column in columns)

    def complain(self, pictures: str, classifier: str) -> None:
        """Refuse to go on where something was not found.

        Raises:
            CorpusError: something was not.
        """
        if not self._missing:
            return
        more = f" and {len(self._missing) - _NAMED} more" if len(self._missing) > _NAMED else ""
        raise CorpusError(
            f"{pictures}: labels that are not {classifier}'s: {'; '.join(self._missing[:_NAMED])}{more}. Rename "
            "them, or say what is right in a label map (a CSV with the columns truth,label); an empty label leaves the "
            "truth's pictures out."
        )

    def _find(self, name: str) -> tuple[int, ...]:
        for table, key in self._tables:
            if columns := table.get(key(name)):
                return tuple(columns)
        return ()

    def _told(self, truth: str, name: str, columns: Sequence[int]) -> str:
        said = repr(name) if name == truth else f"{name!r} (for {truth!r})"
        if columns:
            return f"{said} may be {' or '.join(repr(self._labels[column]) for column in columns)}"
        known = {_folded(synonym): synonym for synonyms in self._synonyms for synonym in synonyms}
        near = difflib.get_close_matches(_folded(name), known, n=3, cutoff=0.6)
        return f"{said} (near: {', '.join(known[each] for each in near)})" if near else said

    @cached_property
    def _tables(self) -> list[tuple[dict[str, list[int]], Callable[[str], str]]]:
        whole = [[label] for label in self._labels]
        return [(_table(names, key), key) for key in (str, _folded) for names in (whole, self._synonyms)]


def _table(names: Sequence[Sequence[str]], key: Callable[[str], str]) -> dict[str, list[int]]:
    table: dict[str, list[int]] = defaultdict(list)
    for column, synonyms in enumerate(names):
        for name in dict.fromkeys(map(key, synonyms)):
            table[name].append(column)
    return table


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
