"""A check as JUnit XML, as continuous integration shows it: one test case a failure, red until it is fixed."""

import io
from typing import TYPE_CHECKING

from faultfinder.agent.suites import check_words as words
from faultfinder.agent.suites.checking import Check, CheckedFailure, Gate
from faultfinder.agent.suites.fate import Fate
from faultfinder.agent.terminal.streams import plain
from faultfinder.memory.records import Outcome, Role

if TYPE_CHECKING:
    from junitparser import TestCase
    from junitparser.junitparser import FinalResult

PAIRS_SHOWN = 10
"""Failing probes quoted in a red test case."""


def to_junit(check: Check, gate: Gate) -> bytes:
    """Return the check as a JUnit XML file; what comes from models and corpora is plain text in it.

    Args:
        check: what was found.
        gate: what makes a test case red: a failure that is not fixed, or only what got worse than the baseline; what
            then still fails without being worse is shown as skipped.
    """
    return _written([_test_case(check, failure, gate) for failure in check.failures], words.facts(check))


def could_not_run(target: str, why: str) -> bytes:
    """Return a file that says that the check could not be run, so that nobody takes an earlier one for its result."""
    from junitparser import Error, TestCase

    case = TestCase("the check could not be run", classname=plain(target))
    lines = [plain(line) for line in why.splitlines()]
    case.result = [Error(lines[0] if lines else "", "could not be run")]
    case.system_out = "\n".join(lines)
    return _written([case], [])


def _written(cases: "list[TestCase]", properties: list[tuple[str, str]]) -> bytes:
    from junitparser import JUnitXml, TestSuite

    suite = TestSuite("faultfinder check")
    for name, value in properties:
        suite.add_property(name, plain(value))
    suite.add_testcases(cases)
    whole, buffer = JUnitXml("faultfinder check"), io.BytesIO()
    whole.add_testsuite(suite)
    whole.update_statistics()
    whole.write(buffer)
    return buffer.getvalue()


def _test_case(check: Check, failure: CheckedFailure, gate: Gate) -> "TestCase":
    from junitparser import TestCase

    case = TestCase(plain(f"{failure.title} ({failure.failure})"), classname=plain(check.target))
    case.result = _results(check, failure, gate)
    case.system_out = "\n".join(_details(failure))
    return case


def _results(check: Check, failure: CheckedFailure, gate: Gate) -> "list[FinalResult]":
    from junitparser import Error, Failure, Skipped

    said = plain(failure.reason)
    if check.alarm or failure.probes.rate is None:
        return [Error(said, "could not be scored")]
    if failure.regressed:
        return [Failure(f"{said}; {words.changed(failure)}", "worse than the baseline")]
    if failure.passes(gate) and failure.fate is Fate.FIXED:
        return []
    if gate is Gate.BASELINE and failure.may_have_regressed:
        return [Error(f"{said}; {words.changed(failure)}", "may be worse than the baseline")]
    return [Skipped(said, failure.fate.value) if gate is Gate.BASELINE else Failure(said, failure.fate.value)]


def _details(failure: CheckedFailure) -> list[str]:
    """Say what is behind a result, a line each: the sentence, the counts, some of the failing pairs."""
    failing = [case for case in failure.cases if case.role is Role.PROBE and case.now is Outcome.FAIL]
    pairs = [f"fails: {plain(case.a)} / {plain(case.b)}" for case in failing[:PAIRS_SHOWN]]
    more = [f"... and {len(failing) - PAIRS_SHOWN} more"] if len(failing) > PAIRS_SHOWN else []
    counts = [f"{name}: {plain(value)}" for name, value in words.counts(failure)]
    return [plain(failure.description), *counts, *pairs, *more]
