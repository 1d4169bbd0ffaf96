"""Audits of generators from outside: what is planted in them is found, and one that paints the truth yields nothing."""

from pathlib import Path

import pytest

from faultfinder.agent.findings import FindingsFile, Status
from faultfinder.memory.records import Outcome
from tests.support.audits import audit, settings

pytestmark = pytest.mark.slow


def audited(place: Path, painter: str, **changes: object) -> FindingsFile:
    chosen = settings(place, f"tests.support.painters:{painter}", corpus="lab", **changes)
    return audit(place, chosen.model_copy(update={"target": f"python:tests.support.painters:{painter}"}))


@pytest.mark.parametrize("seed", [0, 1])
def test_one_that_paints_the_truth_yields_nothing(tmp_path: Path, seed: int) -> None:
    found = audited(tmp_path, "truthful", seed=seed)
    assert found.with_status(Status.CONFIRMED) == []
    assert found.budget.spent.images > 100


@pytest.mark.parametrize(
    ("painter", "words", "never"),
    [
        ("one_fewer", {"two", "three", "four"}, {"left", "red", "small"}),
        ("mirrored", {"left", "right"}, {"two", "red", "above", "small"}),
        ("on_white", {"white", "grey", "beige"}, {"two", "red", "left", "small"}),
    ],
)
def test_a_planted_failure_is_found_and_nothing_else(
    tmp_path: Path, painter: str, words: set[str], never: set[str]
) -> None:
    found = audited(tmp_path, painter)
    proven = found.with_status(Status.CONFIRMED)
    named = " ".join(finding.description for finding in proven).replace(",", " ").replace(".", " ").split()
    assert words <= set(named)
    differing = {
        word for finding in proven for case in finding.cases for word in set(case.a.split()) ^ set(case.b.split())
    }
    assert words <= differing
    failing = [case for finding in proven for case in finding.cases if case.outcome is Outcome.FAIL]
    blamed = {word for case in failing if case.role == "probe" for word in set(case.a.split()) ^ set(case.b.split())}
    assert not never & blamed
    assert all(case.painted_a and case.painted_b and case.painted_a.seed == case.painted_b.seed for case in failing)
