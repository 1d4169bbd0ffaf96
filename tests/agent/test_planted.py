"""Planted blindness in the lab's real encoders: every failure confirmed is in what was planted."""

from pathlib import Path

import pytest

from faultfinder.agent.report.findings import Status, TriedCase
from faultfinder.memory.records import Outcome, Role
from tests.support.audits import audit, settings

PLANTED = {
    "left-right": {"left", "right"},
    "red-green": {"red", "green"},
}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_confirmed_and_nothing_else(name: str, tmp_path: Path) -> None:
    found = audit(tmp_path, settings(tmp_path, f"lab:planted/{name}", corpus="lab", goal="what does it not notice?"))
    proven = found.with_status(Status.CONFIRMED)
    assert proven
    for finding in proven:
        failed = [case for case in finding.cases if case.role is Role.PROBE and case.outcome is Outcome.FAIL]
        strangers = [case for case in failed if not PLANTED[name] & differing(case)]
        assert len(strangers) <= len(failed) / 10, (finding.title, strangers[0])


def differing(case: TriedCase) -> set[str]:
    """Return the words in whose place the other text has another word: for a swap, the two that changed places."""
    a, b = case.a.split(), case.b.split()
    return {word for pair in zip(a, b, strict=False) if pair[0] != pair[1] for word in pair}
