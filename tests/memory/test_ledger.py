"""The ledger: written once, never lost, adds up."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from faultfinder.memory.errors import AuditError
from faultfinder.memory.ledger import CallRecord, Ledger
from faultfinder.memory.records import Brief, Case, Hypothesis, Judgement, Meaning, Observation, Outcome, Role


def hypothesis(number: int, title: str = "t") -> Hypothesis:
    return Hypothesis(id=f"h{number}", title=title, description="d")


def test_records_come_back_in_the_order_of_writing(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "a.db") as ledger:
        ledger.save([hypothesis(2), hypothesis(1)])
        ledger.save([Brief(goal="g")])
        assert [h.id for h in ledger.all(Hypothesis)] == ["h2", "h1"]
        assert ledger.all(Brief) == [Brief(goal="g")]
        assert ledger.get(Hypothesis, "h1") == hypothesis(1)
        assert ledger.get(Hypothesis, "h9") is None


def test_what_is_written_stays_as_it_was_written(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "a.db") as ledger:
        ledger.save([hypothesis(1, "first")])
        ledger.save([hypothesis(1, "second")])
        assert [h.title for h in ledger.all(Hypothesis)] == ["first"]


def test_every_kind_of_record_survives_reopening(tmp_path: Path) -> None:
    case = Case(
        id="h1-p1", hypothesis="h1", role=Role.PROBE, a="<b>", b="'; DROP TABLE records; --",
        judgement=Judgement(meaning=Meaning.DIFFERENT, reason="r", judge="j"),
    )  # fmt: skip
    seen = Observation(case="h1-p1", outcome=Outcome.PASS, target_similarity=0.5)
    with Ledger.open(tmp_path / "a.db") as ledger:
        ledger.save([case, seen], spent=["a text"])
    with Ledger.open(tmp_path / "a.db") as ledger:
        assert ledger.all(Case) == [case]
        assert ledger.all(Observation) == [seen]
        assert ledger.spent_texts() == {"a text"}


def test_a_call_is_paid_once(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "a.db") as ledger:
        call = CallRecord(key="k", purpose="brief", reply="{}", tokens=10, usd=0.5)
        ledger.save_call(call)
        ledger.save_call(call.model_copy(update={"reply": "other"}))
        assert ledger.reply("k") == "{}"
        assert ledger.reply("unknown") is None
        assert (ledger.spend().llm_calls, ledger.spend().tokens, ledger.spend().usd) == (1, 10, 0.5)


def test_time_adds_up_over_sittings(tmp_path: Path) -> None:
    for seconds in (60, 30):
        with Ledger.open(tmp_path / "a.db") as ledger:
            ledger.begin_sitting("2026-01-01T00:00:00+00:00")
            ledger.tick(seconds)
    with Ledger.open(tmp_path / "a.db") as ledger:
        assert ledger.spend().minutes == pytest.approx(1.5)
        assert ledger.started() == "2026-01-01T00:00:00+00:00"


def test_many_threads_may_write(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "a.db") as ledger:
        threads = [threading.Thread(target=lambda n=n: ledger.save([hypothesis(n)])) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ledger.all(Hypothesis)) == 20


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("not a database, but long enough to be taken for one " * 50)
    with pytest.raises(AuditError, match="cannot use"):
        Ledger.open(tmp_path / "a.db")


WRITER = """
import sys
from pathlib import Path
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Hypothesis
ledger = Ledger.open(Path(sys.argv[1]))
n = len(ledger.all(Hypothesis))
while True:
    ledger.save([Hypothesis(id=f"h{n + i}", title="t", description="d" * 2000) for i in range(5)])
    n += 5
    print(n, flush=True)
"""


def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path) -> None:
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "a.db")], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            written = [int(process.stdout.readline()) for _ in range(7)][-1]
            os.kill(process.pid, signal.SIGKILL)
        with Ledger.open(tmp_path / "a.db") as ledger:
            kept = [h.id for h in ledger.all(Hypothesis)]
        assert len(kept) >= written
        assert len(kept) % 5 == 0
        assert kept == [f"h{i}" for i in range(len(kept))]


def announced(key: str, tokens: int = 10) -> CallRecord:
    return CallRecord(key=key, purpose="brief", reply="", tokens=tokens, usd=0.5)


def test_a_call_that_was_cut_off_is_counted_at_the_next_sitting_each_time(tmp_path: Path) -> None:
    for sitting in range(3):
        with Ledger.open(tmp_path / "a.db") as ledger:
            ledger.begin_sitting("2026-01-01T00:00:00Z")
            assert (ledger.spend().llm_calls, ledger.spend().usd) == (sitting, sitting * 0.5)
            ledger.announce_call(announced("k"))
            assert ledger.spend().llm_calls == sitting  # under way, not yet counted
    with Ledger.open(tmp_path / "a.db") as ledger:
        ledger.begin_sitting("2026-01-01T00:00:00Z")
        assert ledger.reply("k") is None
        ledger.announce_call(announced("k"))
        ledger.save_call(announced("k").model_copy(update={"reply": "{}"}))
        ledger.begin_sitting("2026-01-01T00:00:00Z")
        assert (ledger.reply("k"), ledger.spend().llm_calls) == ("{}", 4)


def test_a_call_ends_as_saved_lost_or_withdrawn(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "a.db") as ledger:
        for key in ("lost", "lost", "refused"):
            ledger.announce_call(announced(key, 7))
            (ledger.lose_call if key == "lost" else ledger.withdraw_call)(key)
        ledger.begin_sitting("2026-01-01T00:00:00Z")
        assert (ledger.spend().llm_calls, ledger.spend().tokens) == (2, 14)


def test_a_database_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "a.db") as ledger:
        ledger._connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(AuditError, match="is the disk full"):
            ledger.save([hypothesis(number, "t" * 5_000) for number in range(50)])
        assert ledger.all(Hypothesis) == []
        ledger._connection.execute("PRAGMA max_page_count = 100000")
        ledger.save([hypothesis(1)])
        assert ledger.all(Hypothesis) == [hypothesis(1)]
