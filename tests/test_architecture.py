"""The house rules that a linter does not know: arrows, cycles, vendors, sizes, and where exceptions end.

Every rule is a table in `tests/support/house_rules.py` and a test here; a failing test lists each offence as
``file:line: what, and what to do``.
"""

import ast
import graphlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from itertools import chain
from pathlib import Path

import pytest

from tests.support.house_rules import (
    ARROWS,
    CATCHES_EVERYTHING,
    HEAVY,
    HEAVY_AT_MODULE_LEVEL,
    LAB_ADAPTERS,
    VENDORS,
    WALL_CLOCK,
)

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("agent", "tools", "prompts", "memory", "lab")

LONGEST_FILE = 350
LONGEST_FUNCTION = 60
SHARES = {20: 0.85, 35: 0.95}

# Written so that this file does not contain what it forbids.
MACHINE_WORDS = re.compile(r"/(?:work|root|home|opt|Users)" + r"/\w|(?:pypi|pythonhosted|npmjs|pytorch)" + r"\.org\b")
TEXT_SUFFIXES = {".py", ".md", ".toml", ".txt", ".j2", ".css", ".json", ""}


@dataclass(frozen=True)
class Import:
    """One imported name, in full, and where."""

    name: str
    line: int
    at_module_level: bool


@dataclass(frozen=True)
class Function:
    """One function and the number of its body lines, docstring not counted."""

    where: str
    name: str
    lines: int


class Source:
    """A Python file of the project, parsed."""

    def __init__(self, path: Path) -> None:
        self.path = path.relative_to(ROOT).as_posix()
        self.folder = self.path.split("/")[0]
        self.text = path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        """Dotted name below ``faultfinder``: ``tools.targets.lab``."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def imports(self) -> list[Import]:
        """Every import, those within functions too; names guarded by TYPE_CHECKING count as not at module level."""
        eager = set(map(id, _eager_nodes(self.tree)))
        return [
            Import(name, node.lineno, id(node) in eager)
            for node in ast.walk(self.tree)
            for name in _imported_names(node)
        ]

    @cached_property
    def functions(self) -> list[Function]:
        definitions = [n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        return [Function(f"{self.path}:{n.lineno}", n.name, _body_lines(n)) for n in definitions]


def _eager_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when the module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _eager_nodes(child)


def _imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def _sources(*folders: str) -> list[Source]:
    return [Source(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


HOUSE = _sources(*FOLDERS)
EVERYTHING = [*HOUSE, *_sources("tests", "bench")]
MODULES = {source.module for source in HOUSE}


def _own_module(name: str) -> str | None:
    """Resolve ``faultfinder.memory.records.Pair`` to the module ``memory.records``; None when it is not ours."""
    if not name.startswith("faultfinder."):
        return None
    dotted = name.removeprefix("faultfinder.")
    while dotted not in MODULES and "." in dotted:
        dotted = dotted.rpartition(".")[0]
    return dotted


def _is_among(path: str, places: tuple[str, ...]) -> bool:
    return any(fnmatch(path, place) for place in places)


def _refuse(offences: list[str]) -> None:
    if offences:
        pytest.fail("\n".join(offences), pytrace=False)


def _arrow_allowed(source: Source, target: str) -> bool:
    if target.split(".")[0] == "lab" and source.path in LAB_ADAPTERS:
        return True
    return any(target == allowed or target.startswith(f"{allowed}.") for allowed in ARROWS[source.folder])


def test_the_house_is_not_empty():
    assert {source.folder for source in HOUSE} == set(FOLDERS)


def test_imports_follow_the_arrows():
    _refuse(
        [
            f"{source.path}:{found.line}: {source.folder}/ must not import {target}; ARROWS says what it may"
            for source in HOUSE
            for found in source.imports
            if (target := _own_module(found.name)) is not None and not _arrow_allowed(source, target)
        ]
    )


@pytest.mark.parametrize(("what", "depth", "late"), [("modules", None, False), ("folders of agent/", 2, True)])
def test_nothing_imports_itself_in_a_circle(what, depth, late):
    """Of folders, imports within functions count too; a file beside them stands for itself."""
    graph: dict[str, set[str]] = {}
    for source, found in ((house, each) for house in HOUSE for each in house.imports):
        here, there = (".".join(m.split(".")[:depth]) for m in (source.module, _own_module(found.name) or ""))
        if there not in ("", here) and (source.folder == "agent" if late else found.at_module_level):
            graph.setdefault(here, set()).add(there)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"{what} import each other in a circle: " + " <- ".join(error.args[1]), pytrace=False)


def test_each_vendor_stays_in_its_file():
    _refuse(
        [
            f"{source.path}:{found.line}: {vendor} belongs in {', '.join(VENDORS[vendor]) or 'no file yet'}; "
            "go through that file, or extend VENDORS in this test and say why in the change"
            for source in HOUSE
            for found in source.imports
            if (vendor := found.name.split(".")[0]) in VENDORS and not _is_among(source.path, VENDORS[vendor])
        ]
    )


def test_heavy_imports_wait_until_they_are_needed():
    _refuse(
        [
            f"{source.path}:{found.line}: import {found.name.split('.')[0]} inside the function that needs it"
            for source in HOUSE
            for found in source.imports
            if found.at_module_level
            and found.name.split(".")[0] in HEAVY
            and not _is_among(source.path, HEAVY_AT_MODULE_LEVEL)
        ]
    )


def _swallows_everything(handler: ast.ExceptHandler) -> bool:
    """Tell a handler of any exception at all; cleaning up and raising it again is no swallowing."""
    caught = (
        {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else {"Exception"}
    )
    raises_again = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
    return bool(caught & {"Exception", "BaseException"}) and not raises_again


def test_only_the_tool_boundary_catches_every_exception():
    _refuse(
        [
            f"{source.path}:{node.lineno}: name the exceptions you expect"
            for source in HOUSE
            if source.path not in CATCHES_EVERYTHING
            for node in ast.walk(source.tree)
            if isinstance(node, ast.ExceptHandler) and _swallows_everything(node)
        ]
    )


def test_time_is_measured_by_a_clock_that_never_goes_back():
    offences = [
        f"{source.path}:{node.lineno}: time.monotonic measures; the wall clock only stamps, in the files of WALL_CLOCK"
        for source in HOUSE
        if source.folder != "lab" and not _is_among(source.path, WALL_CLOCK)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.time", "datetime.now", "datetime.utcnow")
    ]
    _refuse(offences)


def test_no_file_is_too_long():
    lengths = [(source.path, source.text.count("\n")) for source in EVERYTHING]
    _refuse([f"{path}:{n}: {n} lines; split it, {LONGEST_FILE} is the most" for path, n in lengths if n > LONGEST_FILE])


def test_no_function_is_too_long():
    functions = chain.from_iterable(source.functions for source in EVERYTHING)
    _refuse(
        [
            f"{function.where}: {function.name} has {function.lines} body lines; {LONGEST_FUNCTION} is the most"
            for function in functions
            if function.lines > LONGEST_FUNCTION
        ]
    )


@pytest.mark.parametrize(("lines", "share"), SHARES.items())
def test_most_functions_are_short(lines, share):
    functions = list(chain.from_iterable(source.functions for source in HOUSE))
    longer = sorted((f for f in functions if f.lines > lines), key=lambda f: -f.lines)
    measured = 1 - len(longer) / len(functions)
    listing = "\n".join(f"{f.where}: {f.name} has {f.lines}" for f in longer)
    assert measured >= share, (
        f"{measured:.0%} of functions have at most {lines} body lines, {share:.0%} must\n{listing}"
    )


def _texts() -> Iterator[Path]:
    places = [ROOT.glob("*"), *((ROOT / f).rglob("*") for f in (*FOLDERS, "tests", "bench", "docs", ".ci"))]
    return (
        p
        for p in chain.from_iterable(places)
        if p.is_file() and p.suffix in TEXT_SUFFIXES and p.name not in (".coverage", ".git")  # a worktree's .git
    )


def test_nothing_names_a_machine_or_a_host():
    lines = ((path, n, text) for path in _texts() for n, text in enumerate(path.read_text("utf-8").splitlines(), 1))
    _refuse(
        [
            f"{path.relative_to(ROOT)}:{n}: '{found.group()}' belongs to one machine; the project must not name it"
            for path, n, text in lines
            if (found := MACHINE_WORDS.search(text))
        ]
    )
