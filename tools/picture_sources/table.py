"""A table of labelled pictures: a CSV or JSON-lines file with a column for the path and one for the label.

JSON lines may also name a part of a picture (``box``: left, upper, right and lower pixel) and what finds it (``key``).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.corpus_readers import Row, Unusable, csv_rows, json_rows
from faultfinder.tools.picture_sources.candidate import Box, Candidate, Fault, Found, Reason, clean_label
from faultfinder.tools.picture_sources.files import below

PATHS = ("path", "file", "image", "file_name", "filename")
LABELS = ("label", "class", "category")
"""Names of a column; the first that is there counts. ``topic`` and ``group`` (what stays together) may follow."""


def read_table(path: Path, pictures: Path | None = None) -> Found:
    """Yield the pictures that a table names.

    Args:
        path: a .csv or .jsonl file.
        pictures: the folder that paths are relative to; None for the table's own.

    Raises:
        CorpusError: the file cannot be read (file and line are said), or lacks a column.
    """
    folder = pictures or path.parent
    for row in _rows(path):
        if isinstance(row, Unusable):
            yield Fault(Reason.MALFORMED, row.place, row.detail)
        elif row.fields is not None:
            yield _candidate(folder, row)


def _rows(path: Path) -> Iterator[Row | Unusable]:
    if path.name.lower().removesuffix(".gz").endswith(".csv"):
        return csv_rows(path, lambda columns: _require_columns(path, columns))
    return json_rows(path)


def _require_columns(path: Path, columns: list[str]) -> None:
    for names in (PATHS, LABELS):
        if not set(names) & set(columns):
            found = ", ".join(repr(column[:40]) for column in columns[:10]) or "nothing"
            raise CorpusError(
                f"{path}, line 1: no column {' or '.join(map(repr, names))} (found {found}). Name the column, separate "
                "by commas."
            )


def _candidate(folder: Path, row: Row) -> Candidate | Fault:
    if not isinstance(row.fields, Mapping):
        return Fault(Reason.MALFORMED, row.place, "not a JSON object")
    name, label = _first(row.fields, PATHS), clean_label(_first(row.fields, LABELS))
    if not isinstance(name, str) or not name.strip():
        return Fault(Reason.MALFORMED, row.place, f"no path in {' or '.join(map(repr, PATHS))}")
    if not label:
        return Fault(Reason.NO_LABEL, row.place, name[:200])
    source = below(folder, name.strip(), row.place)
    if isinstance(source, Fault):
        return source
    topic = clean_label(row.fields.get("topic")) or label
    group = clean_label(row.fields.get("group"))
    box = _box(row.fields.get("box"))
    if isinstance(box, str):
        return Fault(Reason.MALFORMED, row.place, box)
    key = clean_label(row.fields.get("key")) or name.strip()
    return Candidate(key, label, topic, source, box=box, group=group)


def _box(said: object) -> Box | str | None:
    """Return a part of a picture; None for all of it; what is wrong where it is none."""
    if said is None:
        return None
    wrong = "a box is four whole numbers: left, upper, right and lower pixel"
    if not isinstance(said, list) or len(said) != 4 or not all(type(side) is int and side >= 0 for side in said):
        return wrong
    left, upper, right, lower = said
    return (left, upper, right, lower) if left < right and upper < lower else wrong


def _first(fields: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((fields[name] for name in names if fields.get(name) not in (None, "")), None)
