"""`faultfinder review`: people overturn what machines said, at the terminal, on the page and by files."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from faultfinder.agent import cli
from faultfinder.agent.assembly import open_memory
from faultfinder.agent.folder.holding import hold_audit
from faultfinder.agent.people.review_conclusion import told
from faultfinder.agent.people.review_desk import LedgerDesk, ask_about
from faultfinder.agent.recording import Recorded
from faultfinder.agent.report.outputs import write_outputs
from faultfinder.agent.strategist import Kinship, Relation
from faultfinder.memory.errors import AuditError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Answer, Ask, Label, Question
from faultfinder.tools.people.raters import raters_agreement
from tests.support.audits import command, environment, findings_of
from tests.support.reviewing import label, question, waiting_audit
from tests.support.sample_audit import FINISHED, KNOWN, SETTINGS, sample_ledger

pytestmark = pytest.mark.enable_socket
NAME = SETTINGS.name


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    before = sys.excepthook
    yield
    sys.excepthook = before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished audit of an encoder, where commands look for it."""
    made = tmp_path / "audits" / NAME
    made.mkdir(parents=True)
    with sample_ledger(made / "audit.db") as ledger:
        write_outputs(made, ledger, SETTINGS, "max_hypotheses", None, (), FINISHED)
    return made


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["review", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def at_the_terminal(typed: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    made = command("review", *arguments, "--terminal", "--rater", "Ann")
    return subprocess.run(
        made, input=typed, capture_output=True, text=True, timeout=120, check=False, env=environment()
    )


def test_a_person_overturns_a_finding_nobody_asked_about(folder: Path) -> None:
    before = {finding.id: finding.status for finding in findings_of(folder).findings}
    shown = at_the_terminal("2\n" * 76 + "q\n", NAME, "--finding", "h1")
    assert shown.returncode == 0
    assert "76 answers now; 76 of 80 questions answered by 1 rater." in shown.stdout
    assert "Changed: h1 (left and right are confused) was supported, is" in shown.stdout
    assert "Report: audits/where-things-are/report.html" in shown.stdout
    found = next(finding for finding in findings_of(folder).findings if finding.id == "h1")
    assert found.status != before["h1"]
    assert found.human is not None
    assert found.human.machine_decision == "supported"
    assert {each.people for each in found.human.overturned} == {"invalid"}
    assert findings_of(folder).audit.stopped_by == "max_hypotheses"


def test_the_memory_notes_what_people_overturned_and_what_they_took_back(folder: Path) -> None:
    kept = KNOWN[0].model_copy(update={"audits": (NAME,)})
    with open_memory(None, None) as memory:
        memory.add(kept)
    with Ledger.open(folder / "audit.db") as ledger:
        ledger.save([Recorded(id="h1", failure=kept.id, relation=Relation(kinship=Kinship.NEW))])
    for typed, says, stands in (("2\n" * 76, "was overturned by people", False), ("1\n" * 76, "stands again", True)):
        shown = at_the_terminal(typed + "q\n", NAME, "--finding", "h1")
        assert f"The failure memory notes: {kept.title} {says}." in shown.stdout
        with open_memory(None, None) as memory:
            (now,) = memory.all()
            assert now.stands is stands
    assert "The failure memory" not in at_the_terminal("1\nq\n", NAME, "--case", "h4-p03").stdout


def test_a_single_case_is_asked_about_first_and_again(folder: Path) -> None:
    for number, typed in enumerate(("2\nq\n", "1\nq\n")):
        shown = at_the_terminal(typed, NAME, "--case", "h4-p03")
        assert "1 of 1   Do these two mean visibly different things?" in shown.stdout
        with Ledger.open(folder / "audit.db") as ledger:
            assert [each.answer for each in ledger.all(Label)] == [Answer.SAME, Answer.DIFFERENT][: number + 1]
            assert ledger.all(Question)[0].case == "h4-p03"
    shown = at_the_terminal("q\n", NAME)
    assert "All 1 answered" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing-here"], "no audit in"),
        (["../x"], "cannot be an audit's name"),
        ([NAME, "--case", "h99-p01"], "has no case 'h99-p01'"),
        ([NAME, "--case", "h1-p40"], "judged invalid and never shown"),
        ([NAME, "--finding", "h99"], "has no hypothesis 'h99'"),
        ([NAME, "--rater", "\x1b[2J"], "is no name"),
        ([NAME, "--export", "labels.txt"], "name it .csv, .jsonl or .json"),
        ([NAME, "--import", "none.csv"], "cannot read none.csv"),
        ([NAME, "--host", "203.0.113.7", "--no-open"], "choose another --port"),
    ],
)
def test_a_mistake_is_one_message(
    folder: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err
    assert "\x1b" not in said.err


def test_a_taken_port_is_a_message(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from faultfinder.tools.people.server import bind

    with bind("127.0.0.1", 0) as taken:
        assert run(NAME, "--no-open", "--port", str(taken.getsockname()[1])) == 2
    assert "choose another --port" in capsys.readouterr().err


def test_answers_go_out_and_come_back_once(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Ledger.open(folder / "audit.db") as ledger:
        asked = ask_about(ledger, ["h1-p00", "h1-p01"], [])
    lines = "".join(f"{key},{rater},different\n" for key in sorted(asked) for rater in ("Ann", "Bob"))
    (tmp_path / "in.csv").write_text("question,rater,answer\n" + lines)
    for new in (4, 0):
        assert run(NAME, "--import", "in.csv") == 0
        assert f"in.csv: 4 answers, {new} of them new" in capsys.readouterr().out
    assert run(NAME, "--export", "out.jsonl") == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["rater"], row["answer"], row["case"]) for row in rows] == [
        (rater, "different", row["case"]) for row, rater in zip(rows, ["Ann", "Bob"] * 2, strict=True)
    ]
    assert run(NAME, "--import", "out.jsonl", "--export", "tasks.json") == 0
    assert (tmp_path / "tasks.config.xml").is_file()
    with Ledger.open(folder / "audit.db") as ledger:
        assert len(ledger.all(Label)) == 4


def test_a_running_audit_takes_answers_and_writes_its_report_itself(folder: Path) -> None:
    before = (folder / "report.html").read_bytes()
    with hold_audit(folder):
        shown = at_the_terminal("2\nq\n", NAME, "--case", "h1-p00")
    assert shown.returncode == 0
    assert "The report was not written anew" in shown.stdout
    assert f"faultfinder report {NAME}" in shown.stdout
    assert (folder / "report.html").read_bytes() == before
    with Ledger.open(folder / "audit.db") as ledger:
        assert len(ledger.all(Label)) == 1


def test_an_audit_that_waits_is_told_how_to_go_on(tmp_path: Path) -> None:
    waiting_audit(tmp_path / "audits", pairs=1)
    shown = at_the_terminal("1\nq\n", "left-and-right")
    assert "The audit waits for 3 more answers. Without them: faultfinder resume left-and-right --people later" in (
        shown.stdout
    )
    shown = at_the_terminal("1\n" * 3, "left-and-right")
    assert "All 4 answered" in shown.stdout
    assert "Go on with: faultfinder resume left-and-right" in shown.stdout


def test_painted_cases_are_asked_about_by_their_pictures(tmp_path: Path) -> None:
    made = waiting_audit(tmp_path / "audits", pairs=2, eyes=None)
    with Ledger.open(made / "audit.db") as ledger:
        whole = ask_about(ledger, [], ["h1"])
        kinds = {each.id: each.kind for each in ledger.all(Question)}
        assert {kinds[key] for key in whole} == {Ask.WHICH}
        assert len(whole) == 2 * 2 * 2
        single = ask_about(ledger, ["h1-p01"], [])
        kinds = {each.id: each.kind for each in ledger.all(Question)}
        assert sorted(kinds[key] for key in single) == [Ask.MEANING, Ask.WHICH, Ask.WHICH]
        desk = LedgerDesk(made, ledger)
        assert all(desk.picture(key) for key in whole)
        assert desk.picture("q-none") is None
        for path in (made / "images").glob("*.png"):
            path.write_bytes(b"not what it was")
        assert not any(desk.picture(key) for key in whole)


def test_the_page_is_served_until_interrupted(folder: Path, tmp_path: Path) -> None:
    made = command("review", NAME, "--no-open", "--case", "h1-p00", "--rater", "Ann Lee")
    serving = subprocess.Popen(
        made, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), cwd=tmp_path
    )
    assert serving.stdout is not None
    url = serving.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    home = url.partition("?")[0]
    asked = json.load(urllib.request.urlopen(f"{home}api/turn?rater=Ann"))["item"]
    body = json.dumps({"id": "a" * 16, "question": asked["question"], "rater": "Ann", "answer": "same", "note": ""})
    headers = {"Origin": home.rsplit("/", 2)[0], "Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{home}api/labels", body.encode(), headers)).read()
    os.kill(serving.pid, signal.SIGINT)
    said, complaints = serving.communicate(timeout=60)
    assert serving.returncode == 0
    assert "1 answer now; 1 of 1 question answered by 1 rater." in said
    assert "Ctrl-C ends the review" in complaints
    assert "Traceback" not in complaints
    assert home.split("/")[3] not in complaints


def test_a_ledger_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "audit.db") as ledger:
        desk = LedgerDesk(tmp_path, ledger)
        ledger._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(AuditError, match=r"cannot use .* as an audit.s database"):
            desk.append([label(question(1), "Ann", Answer.FIRST)])


def test_labels_of_two_processes_are_all_kept(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "audit.db") as one, Ledger.open(tmp_path / "audit.db") as other:
        desks = [LedgerDesk(tmp_path, one), LedgerDesk(tmp_path, other)]
        for number in range(20):
            desks[number % 2].append([label(question(number), "Ann", Answer.FIRST)])
        assert len(desks[0].labels()) == 20
    assert sqlite3.connect(tmp_path / "audit.db").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_agreement_is_told_to_the_digit() -> None:
    asked = [question(number) for number in range(10)]
    answers = [Answer.FIRST, Answer.NEITHER] * 5
    said = [label(asked[n], rater, answers[n]) for n in range(10) for rater in "AB"]
    said[0] = label(asked[0], "A", Answer.CANNOT_TELL)
    found = raters_agreement(said, asked)
    assert found.alpha is not None
    assert f"alpha {found.alpha:.3f}, 95 % interval" in told(found)
    assert told(raters_agreement([], asked)) == "Agreement between raters: not defined (nobody has answered)."
