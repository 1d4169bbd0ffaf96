"""The command `chat`: one question, a pipe, JSON for machines, one message per mistake."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from faultfinder.agent import cli
from faultfinder.agent.report.outputs import write_outputs
from tests.support.audits import ROOT, environment
from tests.support.sample_audit import FINISHED, SETTINGS, sample_ledger


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run every command in an empty folder, without colours, and give the interpreter's hook back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    before = sys.excepthook
    yield
    sys.excepthook = before


@pytest.fixture(autouse=True)
def finished(tmp_path: Path) -> Path:
    """A finished audit in the folder where the command line looks."""
    folder = tmp_path / "audits" / SETTINGS.name
    folder.mkdir(parents=True)
    with sample_ledger(folder / "audit.db") as ledger:
        ledger.save([SETTINGS])
        write_outputs(folder, ledger, SETTINGS, "max_hypotheses", None, (), FINISHED)
    return folder


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def piped(folder: Path, said: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Put questions to the chat through a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "faultfinder.agent.cli", "chat", SETTINGS.name, "--out", str(folder.parent), *more],
        input=said, capture_output=True, text=True, timeout=300, check=False, env=environment(), cwd=ROOT,
    )  # fmt: skip


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("chat", "--help") == 0
    shown = capsys.readouterr().out
    for said in ("does it hold for stars?", "--json", "--llm", "--max-hypotheses", "Exit codes"):
        assert said in shown


def test_one_question_is_answered_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("chat", SETTINGS.name, "what failed?") == 0
    shown = capsys.readouterr()
    assert "proven" in shown.out
    assert "[audit]" in shown.out
    assert shown.err == ""


def test_json_is_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("chat", SETTINGS.name, "what did it cost?", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["question"] == "what did it cost?"
    assert shown["citations"] == ["audit"]
    assert [tool["name"] for tool in shown["tools"]] == ["audit_facts"]
    assert shown["cost"]["llm_calls"] == 0
    assert shown["removed"] == []


def test_a_pipe_asks_one_question_a_line(finished: Path) -> None:
    ended = piped(finished, "what failed?\n\nwhat did it cost?\nquit\nwhat failed?\n", "--json")
    assert ended.returncode == 0, ended.stderr
    asked = [json.loads(line)["question"] for line in ended.stdout.splitlines()]
    assert asked == ["what failed?", "what did it cost?"]


def test_mistakes_are_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("chat", "nothing-here", "what failed?") == 2
    assert "no audit in" in capsys.readouterr().err
    assert run("chat", "../elsewhere", "what failed?") == 2
    assert run("chat", SETTINGS.name, "what failed?", "--llm", "nonsense") == 2
    assert "openai:MODEL" in capsys.readouterr().err


def test_a_question_left_by_a_kill_is_answered_first(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        "import os; from pathlib import Path\n"
        "from faultfinder.agent.chat.chatting import open_chat\n"
        "from faultfinder.memory.records import Limits\n"
        "def die(event): os._exit(9)\n"
        f"with open_chat(Path({str(finished)!r}), die, Limits(), None, None) as chat:\n"
        "    chat.ask('what is near “a red ring”?')\n"
    )
    died = subprocess.run([sys.executable, "-c", program], timeout=300, env=environment(), cwd=ROOT, check=False)
    assert died.returncode == 9
    assert run("chat", SETTINGS.name, "what failed?", "--json") == 0
    asked = [json.loads(line)["question"] for line in capsys.readouterr().out.splitlines()]
    assert asked == ["what is near “a red ring”?", "what failed?"]


def test_a_question_that_ends_in_an_error_does_not_stand_in_the_way(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(finished / "audit.db", isolation_level=None)) as database:
        database.execute("UPDATE records SET body = replace(body, 'lab:clip', 'lab:gone') WHERE kind = 'AuditSettings'")
    assert run("chat", SETTINGS.name, "what is near “a red ring”?") == 2
    assert "lab:gone" in capsys.readouterr().err
    assert run("chat", SETTINGS.name, "what failed?") == 0
    assert "proven" in capsys.readouterr().out


def test_text_from_an_audit_cannot_steer_the_terminal(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("chat", SETTINGS.name, "what \x1b[31mfailed?") == 0
    assert "\x1b" not in capsys.readouterr().out
