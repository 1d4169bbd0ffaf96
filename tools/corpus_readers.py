"""Reading corpus files: each format as a stream of raw texts, each with the place it came from.

A reader knows nothing of what makes a text usable (`corpora.py` decides that). What it cannot read at all it raises as
`CorpusError` with file and line; a single entry it cannot use it hands on as `Unusable`, to be counted.
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal, TextIO, cast

from faultfinder.memory.errors import CorpusError

LINE_LIMIT = 1 << 17
"""Characters of a line that are held at once: what the csv module takes for one field. Longer lines are skipped."""

_HEAD = 8192
_TRUTHS = ("truth", "reference", "summary")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UNDECODABLE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class RawText:
    """A text as the file has it, with what is right to answer where the file says so."""

    text: str
    group: str | None
    place: str
    truth: str | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """An entry of the file that holds no text to work with."""

    reason: Literal["too_long", "unreadable"]
    place: str
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """A JSON line or a line of a table, as columns and values; `fields` is no mapping where a JSON line is none."""

    fields: object
    place: str


Entry = RawText | Unusable
Reader = Callable[[Path], Iterator[Entry]]


def reader_for(path: Path) -> Reader:
    """Return the reader for a file name such as ``captions.json.gz``.

    Raises:
        CorpusError: The ending is none of those that can be read.
    """
    name = path.name.lower().removesuffix(".gz")
    for ending, reader in _READERS.items():
        if name.endswith(ending):
            return reader
    raise CorpusError(
        f"{path}: cannot tell the format from the name. Give a .txt (one text per line), .jsonl or .csv (field "
        "'text'), COCO captions .json or SNLI .jsonl file; each may end in .gz."
    )


def read_lines(path: Path) -> Iterator[Entry]:
    """Yield every line of a text file as a text."""
    with _open_text(path) as stream:
        for number, line in _lines(path, stream):
            yield line if isinstance(line, Unusable) else RawText(line, None, f"line {number}")


def read_json_lines(path: Path) -> Iterator[Entry]:
    """Yield the text of every JSON line: field ``text`` with ``group``, or the premise of an SNLI entry."""
    for row in json_rows(path):
        yield row if isinstance(row, Unusable) else _from_row(row)


def read_csv(path: Path) -> Iterator[Entry]:
    """Yield the column ``text`` of a comma-separated file, with the column ``group`` when there is one."""
    for row in csv_rows(path, lambda columns: _require_text_column(path, columns)):
        yield row if isinstance(row, Unusable) else _from_row(row)


def json_rows(path: Path) -> Iterator[Row | Unusable]:
    """Yield every JSON line; of an empty one the fields are None.

    Raises:
        CorpusError: the file cannot be read, or a line is no JSON.
    """
    with _open_text(path) as stream:
        for number, line in _lines(path, stream):
            if isinstance(line, Unusable):
                yield line
            else:
                yield Row(_parse_json(path, line, number) if line.strip() else None, f"line {number}")


def csv_rows(path: Path, check: Callable[[list[str]], None]) -> Iterator[Row | Unusable]:
    """Yield every line of a comma-separated file by its columns, in lower case; of an empty one the fields are None.

    Args:
        path: the file.
        check: told the columns; raises where one is missing.

    Raises:
        CorpusError: the file cannot be read, or is no CSV.
    """
    skipped: list[Unusable] = []
    with _open_text(path) as stream:
        rows = csv.reader(_usable_lines(path, stream, skipped))
        try:
            columns = [column.strip().lower() for column in next(rows, [])]
            check(columns)
            for row in rows:
                fields = dict(zip(columns, row, strict=False)) if row else None
                yield Row(fields, f"line {rows.line_num + len(skipped)}")
        except csv.Error as error:
            place = f"line {rows.line_num + len(skipped)}"
            raise CorpusError(
                f"{path}, {place}: not readable as CSV ({error}). Is a quotation mark left open?"
            ) from error
    yield from skipped


def whole_json(path: Path) -> object:
    """Return what a JSON file holds.

    Raises:
        CorpusError: the file cannot be read, or is no JSON.
    """
    with _open_text(path) as stream:
        text = _read_whole(path, stream)
    return _parse_json(path, text, None)


def read_coco(path: Path) -> Iterator[Entry]:
    """Yield the captions of a COCO captions file, grouped by image."""
    document = whole_json(path)
    annotations = document.get("annotations") if isinstance(document, dict) else None
    if not isinstance(annotations, list):
        raise CorpusError(
            f"{path}: not a COCO captions file (no list 'annotations'). For texts of your own use .jsonl, one "
            'object such as {"text": "..."} per line, or .txt.'
        )
    for position, annotation in enumerate(annotations, start=1):
        yield _from_annotation(annotation, f"annotation {position}")


_READERS: dict[str, Reader] = {
    ".txt": read_lines,
    ".jsonl": read_json_lines,
    ".csv": read_csv,
    ".json": read_coco,
}


def _from_row(row: Row) -> Entry:
    return RawText("", None, row.place) if row.fields is None else _from_fields(row.fields, row.place)


def _from_fields(fields: object, place: str) -> Entry:
    if not isinstance(fields, dict):
        return Unusable("unreadable", place, "not a JSON object")
    if isinstance(text := fields.get("text"), str):
        return RawText(text, _group_name(fields.get("group", fields.get("topic"))), place, _truth(fields))
    if isinstance(premise := fields.get("sentence1"), str):
        return RawText(premise, _snli_image(fields.get("captionID")), place)
    return Unusable("unreadable", place, "no string in field 'text' (nor 'sentence1', as SNLI has it)")


def _from_annotation(annotation: object, place: str) -> Entry:
    caption = annotation.get("caption") if isinstance(annotation, dict) else None
    if not isinstance(annotation, dict) or not isinstance(caption, str):
        return Unusable("unreadable", place, "no string in field 'caption'")
    return RawText(caption, _group_name(annotation.get("image_id")), place)


def _truth(fields: dict[str, object]) -> str | None:
    """Return what one of the fields for it says: a reference answer, a summary."""
    told = (fields.get(name) for name in _TRUTHS)
    return next((truth for truth in told if isinstance(truth, str) and truth.strip()), None)


def _group_name(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None


def _snli_image(caption_id: object) -> str | None:
    """Return the picture of an SNLI premise: ``3416050480.jpg`` of ``3416050480.jpg#4``."""
    return caption_id.split("#")[0] or None if isinstance(caption_id, str) else None


def _require_text_column(path: Path, columns: list[str]) -> None:
    if "text" not in columns:
        found = ", ".join(repr(column[:40]) for column in columns[:10]) or "nothing"
        raise CorpusError(f"{path}, line 1: no column 'text' (found {found}). Name the column, separate by commas.")


def _parse_json(path: Path, text: str, line: int | None) -> object:
    try:
        return cast(object, json.loads(text))
    except json.JSONDecodeError as error:
        place = f"line {line or error.lineno}, column {error.colno}"
        raise CorpusError(f"{path}, {place}: not valid JSON ({error.msg}). Repair or remove it.") from error
    except (ValueError, RecursionError) as error:
        place = f", line {line}" if line else ""
        raise CorpusError(f"{path}{place}: JSON that cannot be read ({error}). Repair or remove it.") from error


def _open_text(path: Path) -> TextIO:
    """Open a file, unpacked, as UTF-8 with or without mark, any line ends; refuse what is no text."""
    head = _head(path)
    if head.startswith(_UTF16_MARKS):
        raise CorpusError(f"{path}, line 1: UTF-16, not UTF-8. Convert it: iconv -f UTF-16 -t UTF-8.")
    if b"\0" in head:
        raise CorpusError(f"{path}: a binary file, not text. Give a text file, or name it .gz if it is packed.")
    return io.TextIOWrapper(cast(BinaryIO, _opener(path)(path, "rb")), encoding="utf-8-sig", errors="surrogateescape")


def _head(path: Path) -> bytes:
    try:
        with _opener(path)(path, "rb") as stream:
            return stream.read(_HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error


def _opener(path: Path) -> Callable[..., IO[bytes]]:
    return cast(Callable[..., IO[bytes]], gzip.open if path.name.lower().endswith(".gz") else open)


def _lines(path: Path, stream: TextIO) -> Iterator[tuple[int, str | Unusable]]:
    """Yield numbered lines, never holding more than `LINE_LIMIT` characters of one."""
    number = 0
    while line := _read(path, stream, LINE_LIMIT):
        number += 1
        _require_utf8(path, line, number)
        if len(line) < LINE_LIMIT or line.endswith("\n"):
            yield number, line
            continue
        length = len(line)  # without the line's end
        while line and not line.endswith("\n"):
            line = _read(path, stream, LINE_LIMIT)
            length += len(line.rstrip("\n"))
        yield number, Unusable("too_long", f"line {number}", f"a line of {length:,} characters")


def _usable_lines(path: Path, stream: TextIO, skipped: list[Unusable]) -> Iterator[str]:
    for _, line in _lines(path, stream):
        if isinstance(line, Unusable):
            skipped.append(line)
        else:
            yield line


def _read(path: Path, stream: TextIO, limit: int) -> str:
    try:
        return stream.readline(limit)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error


def _read_whole(path: Path, stream: TextIO) -> str:
    try:
        text = stream.read()
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error
    _require_utf8(path, text, 1)
    return text


def _require_utf8(path: Path, text: str, first_line: int) -> None:
    if fault := _UNDECODABLE.search(text):
        line = first_line + text.count("\n", 0, fault.start())
        byte = ord(fault.group()) - 0xDC00
        raise CorpusError(
            f"{path}, line {line}: byte 0x{byte:02x} is not UTF-8. If the file is Latin-1 or Windows-1252, convert it: "
            f"iconv -f WINDOWS-1252 -t UTF-8; else repair the line."
        )


def _unreadable(path: Path, error: Exception) -> CorpusError:
    if isinstance(error, EOFError):
        return CorpusError(f"{path}: the gzip file ends too early. It was not copied whole: fetch it again.")
    if isinstance(error, gzip.BadGzipFile | zlib.error):
        return CorpusError(
            f"{path}: not a sound gzip file ({error}). Fetch it again, or drop .gz from an unpacked one."
        )
    reason = error.strerror if isinstance(error, OSError) else None
    return CorpusError(f"{path}: cannot be read ({reason or error}). Check the path and its permissions.")
