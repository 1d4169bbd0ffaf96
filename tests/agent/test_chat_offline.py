"""Questions without a model: what is measured for them, what it may cost, and what is left alone."""

from pathlib import Path

import pytest

from faultfinder.agent.report.rewriting import rewrite_outputs
from faultfinder.agent.restricting import is_within_bounds
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Case, Hypothesis, Limits, Verdict
from tests.support.talking import ask, copied, findings_file, lab_audit, texts_of


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lab_audit(tmp_path_factory.mktemp("audits"))


@pytest.fixture
def night(audited: Path, tmp_path: Path) -> Path:
    return copied(audited, tmp_path)


def test_what_needs_a_model_is_said_to(night: Path) -> None:
    (reply,) = ask(night, "what should I eat tonight?")
    assert "needs a model" in reply.answer
    assert "What failed?" in reply.answer
    assert (reply.tools, reply.removed) == ((), ())


def test_an_experiment_on_a_part_is_real_and_fresh(night: Path) -> None:
    with Ledger.open(night / "audit.db") as ledger:
        before, verdicts = ledger.spent_texts(), len(ledger.all(Verdict))
    _, reply = ask(night, "explain left and right", "does it hold for stars?")
    with Ledger.open(night / "audit.db") as ledger:
        (asked,) = [h for h in ledger.all(Hypothesis) if h.asked]
        cases = [case for case in ledger.all(Case) if case.hypothesis == asked.id]
        (verdict,) = [v for v in ledger.all(Verdict) if v.hypothesis == asked.id]
    assert (asked.id, asked.asked) == ("q1", "does it hold for stars?")
    assert len(cases) >= 30
    assert not texts_of(cases) & before
    assert all(is_within_bounds(asked, case.a, case.b) for case in cases)
    assert all("star" in f"{case.a} {case.b}" for case in cases)
    assert verdict.test_number == verdicts + 1
    assert verdict.alpha == pytest.approx(0.05 / (verdict.test_number * (verdict.test_number + 1)))
    assert reply.cost.hypotheses == 1
    assert "“stars”" in reply.answer


def test_an_experiment_changes_nothing_of_the_audits_own_findings(night: Path) -> None:
    before = findings_file(night)
    suite = (night / "suite.jsonl").read_text()
    ask(night, "does it hold for stars?", "does it confuse big and small?")
    assert findings_file(night) == before
    report = rewrite_outputs(night).report.read_text()
    after = findings_file(night)
    assert after["findings"] == before["findings"]
    assert after["hypotheses_tested"] == before["hypotheses_tested"]
    assert [finding["id"] for finding in after["asked"]] == ["q1", "q2"]
    assert (night / "suite.jsonl").read_text() == suite
    assert "Asked afterwards" in report
    assert "does it hold for stars?" in report


def test_what_was_tested_is_not_tested_again(night: Path) -> None:
    first, second = ask(night, "does h1 hold for stars?", "does h1 hold for star too?")
    assert (first.cost.hypotheses, second.cost.hypotheses) == (1, 0)
    assert "q1" in second.citations
    assert "It was tested when “does h1 hold for stars?” was asked" in second.answer


def test_a_limit_is_a_wall_for_questions_too(night: Path) -> None:
    with Ledger.open(night / "audit.db") as ledger:
        tested = ledger.spend().hypotheses
    refused, granted = (
        ask(night, "does h1 hold for stars?", limits=Limits(hypotheses=tested + more))[0] for more in (0, 1)
    )
    assert "the limit on hypotheses (--max-hypotheses) was reached" in refused.answer
    assert "[q1]" in granted.answer


def test_what_the_corpus_does_not_have_is_not_tested(night: Path) -> None:
    with Ledger.open(night / "audit.db") as ledger:
        before = ledger.spend().hypotheses
    (reply,) = ask(night, "does h1 hold for vans?")
    assert "no text of the corpus lab speaks of 'vans'" in reply.answer
    assert reply.spent.hypotheses == before


def test_history_holds_across_sittings(night: Path) -> None:
    ask(night, "how sure are you about left and right?")
    (reply,) = ask(night, "why do you believe that?")
    assert "left and right" in reply.answer


def test_the_audit_does_not_run_into_what_was_asked(night: Path) -> None:
    ask(night, "does h1 hold for stars?")
    with Ledger.open(night / "audit.db") as ledger:
        ids = [hypothesis.id for hypothesis in ledger.all(Hypothesis)]
    assert len(ids) == len(set(ids))
    assert ids[-1] == "q1"


def test_a_restriction_of_a_restriction_holds_both(night: Path) -> None:
    ask(night, "does h1 hold for stars?", "does q1 hold for a grey background?")
    with Ledger.open(night / "audit.db") as ledger:
        first, second = (hypothesis for hypothesis in ledger.all(Hypothesis) if hypothesis.asked)
        cases = [case for case in ledger.all(Case) if case.hypothesis == second.id]
    assert (second.parent, second.within[: len(first.within)]) == ("h1", first.within)
    assert cases
    assert all("star" in case.a and "grey background" in case.a for case in cases)
