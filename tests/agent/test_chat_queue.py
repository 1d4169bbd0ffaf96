"""What people want tested waits, and is tested first when the audit goes on; other audits can be begun."""

from pathlib import Path

from faultfinder.agent.running.audits import Audit
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Hypothesis, Verdict, Waitlisted
from tests.support.audits import findings_of
from tests.support.talking import ask, lab_audit


def test_a_waiting_hypothesis_is_tested_when_the_audit_goes_on(tmp_path: Path) -> None:
    night = lab_audit(tmp_path)
    before = findings_of(night)
    (reply,) = ask(night, "queue whether it confuses big and small")
    assert "on the waiting list" in reply.answer
    assert reply.removed == ()
    with Audit.open(night) as audit:
        audit.run()
    after = findings_of(night)
    (new,) = {finding.id for finding in after.findings} - {finding.id for finding in before.findings}
    (found,) = [finding for finding in after.findings if finding.id == new]
    assert found.title == "big and small are confused"
    assert found.probes.n >= 20
    with Ledger.open(night / "audit.db") as ledger:
        assert len(ledger.all(Waitlisted)) == 1
        assert sum(v.hypothesis == new for v in ledger.all(Verdict)) >= 1
    with Audit.open(night) as audit:
        audit.run()
    assert [f.id for f in findings_of(night).findings] == [f.id for f in after.findings]


def test_another_audit_is_begun_and_ends(tmp_path: Path) -> None:
    night = lab_audit(tmp_path, limits={"hypotheses": 1})
    (reply,) = ask(night, "start another audit of lab:oracle about “can it count?”")
    assert "“can-it-count”" in reply.answer
    assert reply.removed == ()
    assert findings_of(tmp_path / "can-it-count").audit.target == "lab:oracle"
    with Ledger.open(night / "audit.db") as ledger:
        assert [h.id for h in ledger.all(Hypothesis)] == ["h1"]
