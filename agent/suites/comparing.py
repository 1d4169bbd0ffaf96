"""Failures by models: the same suites asked of several targets, side by side. One that cannot be asked is told so."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.suites.checking import Check, CheckedFailure
from faultfinder.agent.suites.fate import Fate
from faultfinder.agent.suites.files import Suite
from faultfinder.agent.suites.replaying import ASKING, Conditions
from faultfinder.agent.suites.runs import checked, now
from faultfinder.memory.errors import FaultfinderError, SuiteError
from faultfinder.memory.records import Counts
from faultfinder.tools.people.exchange import defused

WORDS = {Fate.FAILS: "fails", Fate.FIXED: "does not fail", Fate.UNCLEAR: "unclear"}
"""A fate, said of a model that need not be a version of the audited one."""

COLUMNS = (
    "failure", "title", "found_in", "target", "verdict", "probes_failing", "probes_scored", "probes_not_scored", "rate",
    "interval_low", "interval_high", "controls_failing", "controls_scored", "controls_not_scored", "trouble",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One target: its check, or why there is none."""

    target: str
    check: Check | None
    trouble: str = ""

    def failure(self, key: str) -> CheckedFailure | None:
        """Return what became of a failure here; None where nothing was asked."""
        failures = self.check.failures if self.check else ()
        return next((each for each in failures if each.failure == key), None)


@dataclass(frozen=True)
class Comparison:
    """Every failure of the suites on every target."""

    suite: Suite
    columns: tuple[Column, ...]
    started: str
    finished: str

    @property
    def asked(self) -> list[Column]:
        """Return the targets that were asked and of which enough could be scored."""
        return [column for column in self.columns if column.check and not column.check.alarm]

    @property
    def troubles(self) -> list[str]:
        """Say, a line each, which targets have no or too few results."""
        return [
            f"{column.target}: {column.trouble or (column.check and column.check.alarm)}"
            for column in self.columns
            if column not in self.asked
        ]


def compare(suite: Suite, targets: Sequence[str], how: Conditions, listen: Listener) -> Comparison:
    """Ask every target every case, one target after another.

    Raises:
        SuiteError: a target is named twice.
    """
    started = now()
    if len(set(targets)) < len(targets):
        raise SuiteError("a --target is named twice; a model beside itself says nothing")
    columns = []
    for number, target in enumerate(targets, 1):
        listen(Event(kind=EventKind.NOTE, text=f"model {number} of {len(targets)}: {target}"))
        columns.append(_column(suite, target, how, _added_up(listen, number - 1, len(targets))))
    return Comparison(suite, tuple(columns), started, now())


def to_csv(comparison: Comparison) -> bytes:
    """Return a row per failure and model; a cell that a spreadsheet could take for a formula is defused."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for key, cases in comparison.suite.by_failure().items():
        for column in comparison.columns:
            head = (key, cases[0].title, cases[0].settings.target, column.target)
            cells = (*head, *_numbers(column.failure(key)), column.trouble)
            writer.writerow([defused(cell) if isinstance(cell, str) else cell for cell in cells])
    return buffer.getvalue().encode("utf-8-sig")


def _added_up(listen: Listener, before: int, models: int) -> Listener:
    """Return a listener that counts the cases of all models together, so that the time left is that of the whole."""

    def hear(event: Event) -> None:
        if event.kind is EventKind.PROGRESS and event.text == ASKING and event.total:
            done = before * event.total + (event.done or 0)
            event = event.model_copy(update={"done": done, "total": models * event.total})
        listen(event)

    return hear


def _column(suite: Suite, target: str, how: Conditions, listen: Listener) -> Column:
    try:
        return Column(target, checked(suite, target, how, listen))
    except FaultfinderError as error:
        listen(Event(kind=EventKind.WARNING, text=f"{target} is left out: {error}"))
        return Column(target, None, str(error))


def _numbers(failure: CheckedFailure | None) -> tuple[object, ...]:
    """Return verdict and counts of one failure on one model; empty where it was not asked."""
    if failure is None:
        return ("not asked", *[""] * 9)
    probes, control = failure.probes, failure.control
    low, high = (round(bound, 4) for bound in probes.interval)
    rate = "" if probes.rate is None else round(probes.rate, 4)
    return (WORDS[failure.fate], *_arm(probes), rate, low, high, *_arm(control))


def _arm(counts: Counts) -> tuple[int, int, int]:
    scored = counts.fail + counts.passed
    return counts.fail, scored, counts.n - scored
