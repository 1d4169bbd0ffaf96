"""Suites and checks for tests: made of letters, or left by a real audit."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from faultfinder.agent import cli
from faultfinder.agent.report.suite import Bar, Origin, SuiteCase, to_jsonl
from faultfinder.agent.suites.checking import Check, assess
from faultfinder.agent.suites.files import Suite, read_suites
from faultfinder.agent.suites.replaying import Replayed
from faultfinder.memory.records import Observation, Outcome, Role
from tests.support.sample_audit import OUTCOMES

BEFORE, NOW = "2026-01-01T10:00:00+00:00", "2026-01-01T10:01:00+00:00"


def case(failure: str, role: Role, number: int, outcome: Outcome = Outcome.FAIL) -> SuiteCase:
    """Return one line of a suite."""
    text = f"{failure} {role.value} {number}"
    return SuiteCase(
        failure=failure,
        title=f"{failure} is confused",
        description=f"what {failure} says",
        case=f"{failure.rpartition('/')[2]}-{role.value[0]}{number:02d}",
        role=role,
        a=f"a {text}",
        b=f"b {text}",
        judgement="lexicon: antonyms: left, right",
        outcome=outcome,
        target_similarity=0.99,
        bar=Bar(method="rewordings", value=0.98, rewordings=(f"see a {text}", f"shows a {text}")),
        settings=Origin(target="lab:clip", reference=None, corpus="captions.txt", agreement=None, seed=7),
    )


def suite_of(failures: Mapping[str, tuple[str, str]]) -> Suite:
    """Return a suite: per failure the outcomes of its probes and controls in the audit, a letter each (f, p)."""
    cases = [
        case(failure, role, number, OUTCOMES[letter])
        for failure, arms in failures.items()
        for role, letters in zip((Role.PROBE, Role.CONTROL), arms, strict=True)
        for number, letter in enumerate(letters)
    ]
    return Suite("suite.jsonl", "0" * 64, tuple(cases))


def check_of(suite: Suite, now: Mapping[str, tuple[str, str]], target: str = "lab:new") -> Check:
    """Return the check in which a suite's cases came out so, a letter each (f, p, u, e)."""
    letters = {failure: iter(arms[0] + arms[1]) for failure, arms in now.items()}
    seen = {
        each.key: Observation(case=each.key, outcome=OUTCOMES[next(letters[each.failure])], detail="as it was written")
        for each in suite.cases
    }
    return assess(suite, target, Replayed(seen, None), BEFORE, NOW)


def write(path: Path, suite: Suite) -> Path:
    """Write a suite as an audit does."""
    path.write_text(to_jsonl(suite.cases))
    return path


def suite_left_by(folder: Path) -> Suite:
    """Read the suite of an audit."""
    return read_suites([folder / "suite.jsonl"])


def run(*arguments: str) -> int:
    """Run a command of the command line in this process and return its exit code."""
    hook = sys.excepthook
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
    finally:
        sys.excepthook = hook
    assert isinstance(ended.value.code, int)
    return ended.value.code


@contextmanager
def user_folders(place: Path) -> Iterator[None]:
    """Keep what is shared by the tests of a module out of the user's folders; those of a test are kept out anyway."""
    kept = {f"XDG_{name}_HOME": str(place / name.lower()) for name in ("DATA", "CACHE", "CONFIG", "STATE")}
    before = {name: os.environ.get(name) for name in kept}
    os.environ.update(kept)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
