"""Whole audits: the same seed, limits, a warm cache, a memory that knows, hostile inputs, false alarms."""

import sqlite3
from pathlib import Path

import pytest

from faultfinder.agent.assembly import open_memory
from faultfinder.agent.context import Known
from faultfinder.agent.report.findings import Status
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.errors import TargetError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Failure, Limits, MinedPair, Outcome, Role, Source
from tests.support.audits import assert_single, audit, confirmed, findings_of, settings, statuses, timeless
from tests.support.encoders import POISON


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An undisturbed audit of the blind encoder, and the memory it leaves."""
    place = tmp_path_factory.mktemp("first")
    audit(place, settings(place))
    return place


def remembered(place: Path) -> list[Failure]:
    with open_memory(str(place / "memory"), None) as memory:
        return memory.all()


def test_what_was_planted_is_confirmed(first: Path) -> None:
    titles = " / ".join(sorted(confirmed(findings_of(first / "small"))))
    for planted in ("left and right", "colours", "kissing"):
        assert planted in titles
    assert_single(first / "small", remembered(first))


def test_the_same_seed_gives_the_same_findings(first: Path, tmp_path: Path) -> None:
    audit(tmp_path, settings(tmp_path))
    assert timeless(tmp_path / "small") == timeless(first / "small")


def test_another_seed_tries_other_inputs(first: Path, tmp_path: Path) -> None:
    other = audit(tmp_path, settings(tmp_path, seed=1))
    ours = {case.a for finding in findings_of(first / "small").findings for case in finding.cases}
    theirs = {case.a for finding in other.findings for case in finding.cases}
    assert len(ours & theirs) < len(ours) / 2


def test_a_warm_cache_changes_nothing(tmp_path: Path) -> None:
    for name in ("cold", "warm"):
        audit(tmp_path / name, settings(tmp_path / name, "blind_and_known"))
    assert timeless(tmp_path / "warm" / "small") == timeless(tmp_path / "cold" / "small")
    (cache,) = (tmp_path / "user" / "cache").glob("**/embeddings.db")
    assert sqlite3.connect(cache).execute("SELECT COUNT(*) FROM vectors").fetchone()[0] > 1000


def test_a_second_audit_knows_what_the_first_confirmed_and_doubles_nothing(first: Path, tmp_path: Path) -> None:
    before = remembered(first)
    assert {failure.title for failure in before} == confirmed(findings_of(first / "small"))
    again = settings(first, name="again")
    found = audit(tmp_path, again)
    assert statuses(found) == statuses(findings_of(first / "small"))
    with Ledger.open(tmp_path / "again" / "audit.db") as ledger:
        known = ledger.get(Known, "known")
    assert known is not None
    assert [failure.id for failure in known.failures] == [failure.id for failure in before]
    page = (tmp_path / "again" / "report.html").read_text()
    assert "memory" in page
    assert all(failure.title in page for failure in before)
    after = remembered(first)
    assert [failure.id for failure in after] == [failure.id for failure in before]
    assert all(failure.audits == ("small", "again") for failure in after)
    assert_single(tmp_path / "again", after)


def test_an_audit_of_the_same_name_keeps_what_it_finds_beside_what_was_kept(tmp_path: Path) -> None:
    """The numbers of its hypotheses mean something else than those of its namesake."""
    audit(tmp_path / "one", settings(tmp_path, "blind"))
    audit(tmp_path / "two", settings(tmp_path, "blind", seed=1, limits=Limits(hypotheses=1)))
    kept = remembered(tmp_path)
    for place in ("one", "two"):
        assert_single(tmp_path / place / "small", kept)


def test_a_limit_on_hypotheses_is_a_wall_and_raising_it_goes_on_to_the_same_end(first: Path, tmp_path: Path) -> None:
    chosen = settings(tmp_path, limits=Limits(hypotheses=2))
    cut = audit(tmp_path, chosen)
    assert cut.hypotheses_tested == len(cut.findings) == 2
    assert cut.audit.stopped_by == "max_hypotheses"
    whole = findings_of(first / "small")
    with Audit.open(tmp_path / "small", limits=Limits(hypotheses=1000)) as raised:
        assert raised.run() == whole.audit.stopped_by
    raised_to = findings_of(tmp_path / "small")
    assert set(statuses(raised_to)) == set(statuses(whole)), "the same hypotheses; the inputs they are tried on differ"
    planted = {f.description for f in whole.with_status(Status.CONFIRMED) if f.title.endswith("are confused")}
    assert planted
    assert planted <= {f.description for f in raised_to.with_status(Status.CONFIRMED)}
    assert_single(tmp_path / "small", remembered(tmp_path))


def test_a_limit_that_still_holds_stops_a_resumed_audit_at_once(tmp_path: Path) -> None:
    audit(tmp_path, settings(tmp_path, limits=Limits(hypotheses=1)))
    before = timeless(tmp_path / "small")
    with Audit.open(tmp_path / "small") as again:
        assert again.run() == "max_hypotheses"
    assert timeless(tmp_path / "small") == before


def test_a_tool_that_fails_keeps_those_after_it_from_running(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger.open(first / "small" / "audit.db") as ledger:
        edited = next(pair.b for pair in ledger.all(MinedPair) if pair.source is Source.EDITS)
    monkeypatch.setenv(POISON, edited)
    with Audit.create(settings(tmp_path, "allergic"), tmp_path / "small") as begun, pytest.raises(TargetError):
        begun.run()
    with Ledger.open(tmp_path / "small" / "audit.db") as ledger:
        assert ledger.all(MinedPair) == []  # neither the scan that failed nor the join that was to follow
    monkeypatch.setenv(POISON, "no such text")
    with Audit.open(tmp_path / "small") as again:
        again.run()
    assert statuses(findings_of(tmp_path / "small")) == statuses(findings_of(first / "small"))


def test_a_limit_on_minutes_stops_and_raising_it_goes_on_to_the_same_end(first: Path, tmp_path: Path) -> None:
    found = audit(tmp_path, settings(tmp_path, "slow", limits=Limits(minutes=0.02)))
    assert found.audit.stopped_by == "max_minutes"
    with Audit.open(tmp_path / "small", limits=Limits(minutes=60)) as raised:
        raised.run()
    assert timeless(tmp_path / "small")["findings"] == timeless(first / "small")["findings"]


def test_resuming_a_finished_audit_changes_nothing(first: Path) -> None:
    before = timeless(first / "small")
    with Audit.open(first / "small") as again:
        assert again.run() == findings_of(first / "small").audit.stopped_by
    assert timeless(first / "small") == before


def test_a_probe_the_target_fails_on_is_one_error_and_not_the_end(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = findings_of(first / "small")
    poisoned = next(finding for finding in healthy.findings if finding.status is Status.CONFIRMED)
    poison = next(case for case in poisoned.cases if case.role is Role.PROBE)
    monkeypatch.setenv(POISON, poison.b)
    found = audit(tmp_path, settings(tmp_path, "allergic"))
    errors = [case for finding in found.findings for case in finding.cases if case.outcome is Outcome.ERROR]
    assert [(case.a, case.b) for case in errors] == [(poison.a, poison.b)]
    (same,) = (finding for finding in found.findings if finding.id == poisoned.id)
    assert same.probes.error == 1
    assert same.probes.n == poisoned.probes.n
    assert statuses(found) == statuses(healthy)


@pytest.mark.parametrize(
    ("factory", "corpus", "seed"),
    [("sound", None, 0), ("sound", None, 1), ("sound", "lab", 0), *(("lab:oracle", "lab", seed) for seed in range(3))],
)
def test_a_sound_encoder_raises_no_alarm(factory: str, corpus: str | None, seed: int, tmp_path: Path) -> None:
    chosen = settings(tmp_path, factory, seed=seed)
    found = audit(tmp_path, chosen.model_copy(update={"corpus": corpus or chosen.corpus}))
    assert found.hypotheses_tested == len(found.findings)
    assert confirmed(found) == set()


def test_one_blindness_gives_one_kind_of_failure(tmp_path: Path) -> None:
    found = audit(tmp_path, settings(tmp_path, "sideless"))
    assert found.with_status(Status.CONFIRMED)
    for finding in found.with_status(Status.CONFIRMED):
        for case in finding.cases:
            if case.outcome is Outcome.FAIL:
                assert {"left", "right"} & set(case.a.split()), case
