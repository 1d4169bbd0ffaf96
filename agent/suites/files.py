"""Reading suites: a file of cases, or an audit that left one. Every line is checked before the target is opened."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from faultfinder.agent.folder.names import DATABASE
from faultfinder.agent.report.suite import SCHEMAS, SuiteCase
from faultfinder.memory.errors import SuiteError

FILE = "suite.jsonl"
LARGEST_FILE = 256 * 1024 * 1024
_MOST_TROUBLES = 5
_ASKS = {
    "texts": "is asked of an encoder",
    "pictures": "is asked of a generator",
    "changes": "is asked about a changed input",
}


@dataclass(frozen=True)
class Suite:
    """The cases of one or several suites.

    Attributes:
        name: What it was read from.
        sha256: Of the files' content.
        cases: In the order of the files.
    """

    name: str
    sha256: str
    cases: tuple[SuiteCase, ...]

    @property
    def kind(self) -> Literal["texts", "pictures", "changes"]:
        """Tell what a target is asked."""
        return self.cases[0].kind

    @property
    def paints(self) -> bool:
        """Tell whether it asks for pictures."""
        return self.cases[0].paints

    @property
    def audits(self) -> list[str]:
        """Return the names of the audits that its failures come from."""
        return list(dict.fromkeys(case.failure.rpartition("/")[0] for case in self.cases))

    def by_failure(self) -> dict[str, list[SuiteCase]]:
        """Return the cases of each failure, in the order of the file."""
        grouped: dict[str, list[SuiteCase]] = {}
        for case in self.cases:
            grouped.setdefault(case.failure, []).append(case)
        return grouped


def find_suite(said: str, out: Path) -> Path:
    """Return the file of a suite: the path given, the suite in a folder given, or that of an audit by name.

    Args:
        said: what the user typed.
        out: the folder that holds the audits.

    Raises:
        SuiteError: there is none.
    """
    for place in (Path(said), Path(said) / FILE, out / said / FILE):
        if place.is_file():
            return place
    for folder in (Path(said), out / said):
        if (folder / DATABASE).is_file():
            raise SuiteError(f"the audit in {folder} left no {FILE}; `faultfinder report {folder.name}` writes it")
    raise SuiteError(
        f"no suite {said!r}: neither a file, nor an audit in {out}; `faultfinder audits` lists the audits, and each "
        f"leaves its {FILE}"
    )


def read_suites(paths: Sequence[Path]) -> Suite:
    """Read the suites of several files as one.

    Raises:
        SuiteError: one cannot be read, holds nothing, or the same case is in it twice; file and line are said.
    """
    cases: list[SuiteCase] = []
    digest = hashlib.sha256()
    for path in paths:
        content = _content(path)
        digest.update(content)
        cases += _cases(path, content)
    _require_single(cases)
    _require_one_kind(cases)
    return Suite(", ".join(map(str, paths)), digest.hexdigest(), tuple(cases))


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SuiteError(f"{path} is larger than {LARGEST_FILE // 1024 // 1024} MB and no suite; name another file")
        return path.read_bytes()
    except OSError as error:
        raise SuiteError(f"cannot read {path} ({error.strerror})") from error


def _cases(path: Path, content: bytes) -> list[SuiteCase]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SuiteError(f"{path} is not UTF-8 text (byte {error.start}), so it is no suite") from error
    cases: list[SuiteCase] = []
    troubles: list[str] = []
    for number, line in _lines(text):
        try:
            cases.append(_case(line))
        except ValueError as trouble:
            troubles.append(f"{path}:{number}: {trouble}")
    if troubles:
        more = f"\n... and {len(troubles) - _MOST_TROUBLES} more lines" if len(troubles) > _MOST_TROUBLES else ""
        raise SuiteError("\n".join(troubles[:_MOST_TROUBLES]) + more)
    if not cases:
        raise SuiteError(f"{path} holds no case, so there is nothing to ask: the audit it comes from proved nothing")
    return cases


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their number. Only a line feed ends a line, as JSON lines have it."""
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _case(line: str) -> SuiteCase:
    """Read one line.

    Raises:
        ValueError: it is no case of a schema that can be read; the sentence says what is wrong.
    """
    try:
        said = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON ({error.msg} at column {error.colno})") from error
    schema = said.get("schema") if isinstance(said, dict) else None
    if schema not in SCHEMAS:
        raise ValueError(
            f"its schema is {str(schema)[:60]!r}, and this version reads {' and '.join(SCHEMAS)}; a newer Faultfinder "
            "may have written it"
        )
    try:
        return SuiteCase.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place or 'line'}: {first['msg']} ({error.error_count()} such in this line)") from error


def _require_single(cases: Sequence[SuiteCase]) -> None:
    key, times = Counter(case.key for case in cases).most_common(1)[0]
    if times > 1:
        raise SuiteError(
            f"the case {key} comes {times} times: the same suite was named twice, or two audits share a name; each "
            "case is to be asked once"
        )


def _require_one_kind(cases: Sequence[SuiteCase]) -> None:
    odd = next((case for case in cases if case.kind != cases[0].kind), None)
    if odd is not None:
        raise SuiteError(
            f"{odd.key} and {cases[0].key} are not of one kind: one {_ASKS[odd.kind]}, the other "
            f"{_ASKS[cases[0].kind]}. Check them as two suites"
        )
